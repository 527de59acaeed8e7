/**
 * HOT. What does a front thread do with the datagrams of a socket? It answers what lies ready and passes the rest to the
 * brain, which replies by itself over the same socket.
 *
 * Before each batch it looks at the generation: when the brain has raised it, everything that lay ready is forgotten and
 * the settings are read anew. While it is at work on a batch its turn is odd, so that the brain can wait until replies
 * made of what is forgotten are out (`Link.forget`), and sockets that are taken away are read no more (`Link.remove`).
 */
import { Receiving, Sending } from '../../native/datagrams.js';
import type { Libc } from '../../native/libc.js';
import type { Clock } from '../../ports/clock.js';
import { AccessList } from '../access.js';
import { BATCH, ROUNDS, SLOT } from '../batched-udp-listener.js';
import { ClientNames } from '../client-names.js';
import { ReadyAnswers } from '../ready-answers.js';
import type { ServerSettings } from '../settings.js';
import { passQuestion, takeAnswer } from './crossing.js';
import { type FrontMemory, GENERATION, TURN, wakeBrain } from './front-memory.js';
import { FrontTally } from './front-tally.js';
import { RingReader, RingWriter } from './octet-ring.js';

export type FrontSettings = Pick<ServerSettings, 'allow' | 'snoop' | 'notify' | 'logQueries'>;

export interface FrontParts {
  readonly libc: Libc;
  readonly memory: FrontMemory;
  readonly settings: FrontSettings;
  /** Octets of the answer cache. */
  readonly answerOctets: number;
  /** The brain's time: both compare what the other noted. */
  readonly clock: Pick<Clock, 'now'>;
  /** What the settings were changed to since the last call, if they were. */
  readonly newSettings: () => FrontSettings | undefined;
}

export class Front {
  readonly #receiving: Receiving;
  readonly #sending: Sending;
  readonly #clients = new ClientNames();
  readonly #control: Int32Array;
  readonly #questions: RingWriter;
  readonly #answers: RingReader;
  readonly #tally: FrontTally;
  readonly #ready: ReadyAnswers;
  readonly #keep: (query: Uint8Array, reply: Buffer, made: number) => void;
  #access: AccessList;
  #logQueries: boolean;
  #generation = 0;
  /** The generation before the wait for sockets. */
  #waitedAt = 0;
  #hasPassed = false;

  constructor(private readonly parts: FrontParts) {
    const { libc, memory, settings, clock, answerOctets } = parts;
    this.#receiving = new Receiving(libc, BATCH, SLOT);
    this.#sending = new Sending(libc, BATCH, SLOT);
    this.#control = new Int32Array(memory.control);
    this.#questions = new RingWriter(memory.questions);
    this.#answers = new RingReader(memory.answers);
    this.#tally = new FrontTally(memory);
    this.#ready = new ReadyAnswers({ clock, stats: this.#tally, octets: answerOctets });
    this.#keep = (query, reply, made) => this.#ready.take(query, reply, made);
    this.#access = new AccessList(settings);
    this.#logQueries = settings.logQueries;
  }

  /** Comes before each wait for sockets. */
  willWait(): void {
    this.#waitedAt = Atomics.load(this.#control, GENERATION);
  }

  /**
   * Reads and answers what waits at a socket, some batches at most. Nothing is read when the generation is another than
   * before the wait: the socket may have been closed since, and its number be another's. @param place which listener it
   * belongs to
   */
  serve(fd: number, place: number): void {
    for (let round = 0; round < ROUNDS; round++) {
      const count = this.#begin() ? this.#batch(fd, place) : 0;
      this.#end();
      if (count < BATCH) return;
    }
  }

  #batch(fd: number, place: number): number {
    const began = this.parts.clock.now();
    const count = this.#receiving.receive(fd);
    if (count > 0) this.#answer(fd, place, count, began);
    return count;
  }

  #answer(fd: number, place: number, count: number, began: number): void {
    let ready = 0;
    for (let slot = 0; slot < count; slot++) {
      if (this.#receiving.portAt(slot) === 0) this.#tally.dropped();
      else if (this.#takeReady(slot, began)) ready++;
      else this.#pass(slot, place, began);
    }
    const lost = this.#sending.send(fd);
    if (lost > 0) this.#tally.unsent(lost);
    if (ready > 0) this.#tally.readyTook(this.parts.clock.now() - began, ready);
  }

  #takeReady(slot: number, now: number): boolean {
    if (this.#logQueries) return false;
    const octets = this.#receiving.slots[slot]!;
    const address = this.#clients.textAt(this.#receiving.names, this.#receiving.nameAt(slot));
    const length = this.#ready.find(octets, this.#receiving.lengths[slot]!, 'udp', address, this.#access, now);
    if (length === 0) return false;
    this.#ready.write(octets, this.#sending.slots[this.#sending.filled]!);
    this.#sending.answer(this.#receiving, slot, length);
    return true;
  }

  #pass(slot: number, place: number, arrived: number): void {
    const uncounted = this.#logQueries ? 0 : this.#ready.takeHits(this.#receiving.slots[slot]!);
    const read = { receiving: this.#receiving, slot };
    if (passQuestion(this.#questions, read, { place, uncounted, arrived })) this.#hasPassed = true;
    else this.#tally.dropped();
  }

  /** Whether sockets may be read. The turn is told first: whoever raises the generation later finds it, and waits. */
  #begin(): boolean {
    Atomics.add(this.#control, TURN, 1);
    const generation = Atomics.load(this.#control, GENERATION);
    if (generation !== this.#waitedAt) return false;
    if (generation !== this.#generation) this.#forget(generation);
    // As many as one batch of questions brings about.
    for (let i = 0; i < BATCH && takeAnswer(this.#answers, generation, this.#keep); i++);
    return true;
  }

  #forget(generation: number): void {
    this.#generation = generation;
    this.#ready.clear();
    const settings = this.parts.newSettings();
    if (settings === undefined) return;
    this.#access = new AccessList(settings);
    this.#logQueries = settings.logQueries;
  }

  #end(): void {
    Atomics.add(this.#control, TURN, 1);
    Atomics.notify(this.#control, TURN);
    if (!this.#hasPassed) return;
    this.#hasPassed = false;
    wakeBrain(this.#control);
  }
}
