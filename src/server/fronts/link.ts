/** The brain's end of one front thread, from its start to its end. Another thread gets a link of its own. */
import { Worker } from 'node:worker_threads';
import type { Libc } from '../../native/libc.js';
import { ReadinessSet } from '../../native/readiness.js';
import type { Clock } from '../../ports/clock.js';
import type { CountedElsewhere } from '../query-stats.js';
import { type CrossedQuestion, nextQuestion, passAnswer } from './crossing.js';
import type { FrontSettings } from './front.js';
import { AWAKE, GENERATION, newFrontMemory, STOP, TURN, wakeBrain } from './front-memory.js';
import { TallyReader } from './front-tally.js';
import type { FrontThreadData, READY } from './front-thread.js';
import { monotonicMs } from './monotonic.js';
import { RingReader, RingWriter } from './octet-ring.js';

export type OpenThread = (data: FrontThreadData) => Worker;

/** The real one: the file beside this. */
export const openFrontThread: OpenThread = (workerData) =>
  new Worker(new URL('./front-thread.js', import.meta.url), { workerData });

export interface LinkParts {
  readonly libc: Libc;
  readonly settings: FrontSettings;
  readonly answerOctets: number;
  readonly clock: Pick<Clock, 'now' | 'schedule'>;
  readonly openThread: OpenThread;
}

/** Milliseconds that the brain waits for a front to end a batch. One takes less than half; a busy processor adds some. */
const BATCH_WAIT = 100;
/** Milliseconds for a thread to end by itself. */
const STOP_WAIT = 1000;

export class Link {
  readonly startedAt: number;
  /** Resolves when sockets are read. Rejects with why it ended when it never came so far. */
  readonly ready: Promise<void>;
  /** Resolves when the thread is no more: to what it threw, undefined when it threw nothing. */
  readonly ended: Promise<unknown>;
  readonly #memory = newFrontMemory();
  readonly #control = new Int32Array(this.#memory.control);
  readonly #questions = new RingReader(this.#memory.questions);
  readonly #answers = new RingWriter(this.#memory.answers);
  readonly #tally = new TallyReader(this.#memory);
  readonly #sockets: ReadinessSet;
  readonly #worker: Worker;
  #lastTurn = 0;
  #hasEnded = false;

  /** Throws when the system has no descriptor or no thread left. */
  constructor(private readonly parts: LinkParts) {
    const { libc, settings, answerOctets, clock } = parts;
    this.startedAt = clock.now();
    this.#sockets = new ReadinessSet(libc);
    const clockOffset = clock.now() - monotonicMs();
    const readinessFd = this.#sockets.fd;
    try {
      this.#worker = parts.openThread({ memory: this.#memory, settings, answerOctets, readinessFd, clockOffset });
    } catch (error) {
      this.#sockets.close();
      throw error;
    }
    this.ended = this.#watchEnd();
    this.ready = this.#watchStart();
    // Whoever starts several may have given up on the others.
    this.ready.catch(() => {});
  }

  get hasEnded(): boolean {
    return this.#hasEnded;
  }

  add(fd: number, place: number): void {
    this.#sockets.add(fd, place);
  }

  /** Once `settle` was called after this it is read no more, though the front may have been told that it is ready. */
  remove(fd: number): void {
    this.#sockets.remove(fd);
    this.forget();
  }

  /** What lies ready is not given out any more once `settle` was called after this. */
  forget(): void {
    Atomics.add(this.#control, GENERATION, 1);
  }

  /**
   * Waits, blocking the brain, until the front is done with the batch it is at work on: some tenths of a millisecond, if
   * it is at work at all. One that takes longer than BATCH_WAIT hangs, or the processor has no time for it.
   */
  settle(): void {
    const turn = Atomics.load(this.#control, TURN);
    if (isAtWork(turn)) Atomics.wait(this.#control, TURN, turn, BATCH_WAIT);
  }

  /** Whether it is still at work on the batch that it was at work on the last time this was asked. */
  isStuck(): boolean {
    const turn = Atomics.load(this.#control, TURN);
    const isStuck = isAtWork(turn) && turn === this.#lastTurn;
    this.#lastTurn = turn;
    return isStuck;
  }

  /** Settings for all batches that begin from now on. */
  reconfigure(settings: FrontSettings): void {
    this.#worker.postMessage(settings);
    this.forget();
  }

  /** A question that nothing lay ready for; undefined when there is none. */
  take(): CrossedQuestion | undefined {
    return nextQuestion(this.#questions);
  }

  /** Resolves when there are questions that were not there before the last `take`, or the thread is no more. */
  async questions(): Promise<void> {
    if (this.#hasEnded) return;
    Atomics.store(this.#control, AWAKE, 0);
    // One that came before that found the brain awake.
    if (this.#questions.next() !== -1) return;
    const waiting = Atomics.waitAsync(this.#control, AWAKE, 0);
    if (waiting.async) await waiting.value;
  }

  /** A reply made just now, in this turn of the event loop, that may lie ready. */
  offer(query: Uint8Array, reply: Buffer): void {
    const generation = Atomics.load(this.#control, GENERATION);
    passAnswer(this.#answers, query, reply, { generation, made: this.parts.clock.now() });
  }

  /** What it counted since the last time. */
  counted(): CountedElsewhere & { readonly unsent: number } {
    return this.#tally.take();
  }

  /** Ends the thread when its batch is done, or soon after. Resolves when it is no more. */
  async stop(): Promise<void> {
    if (this.#hasEnded) return;
    Atomics.store(this.#control, STOP, 1);
    this.#sockets.wake();
    const cancel = this.parts.clock.schedule(STOP_WAIT, () => this.terminate());
    await this.ended;
    cancel();
  }

  /** Ends it wherever it is. */
  terminate(): void {
    if (this.#hasEnded) return;
    this.#sockets.wake();
    void this.#worker.terminate();
  }

  #watchEnd(): Promise<unknown> {
    return new Promise((resolve) => {
      let thrown: unknown;
      this.#worker.on('error', (error) => {
        thrown = error;
      });
      this.#worker.on('exit', () => {
        this.#hasEnded = true;
        this.#sockets.close();
        wakeBrain(this.#control);
        resolve(thrown);
      });
    });
  }

  #watchStart(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#worker.on('message', (_: typeof READY) => resolve());
      void this.ended.then((thrown) => reject(thrown ?? new Error('the thread ended before it was ready')));
    });
  }
}

function isAtWork(turn: number): boolean {
  return (turn & 1) === 1;
}
