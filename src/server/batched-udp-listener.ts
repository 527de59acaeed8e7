/**
 * HOT. Questions in and replies out over UDP, many by one system call (Linux; native/ has the calls). What lies ready is
 * written straight into the slots that are sent. The rest is set aside, ten times the work each, and answered a few in
 * each turn of the event loop: so who asks what is known hardly waits for those who do not.
 *
 * Node's event loop tells when there is something to read and reads nothing itself: its own sockets read the first
 * datagram of a burst alone, and lose where it was sent to.
 */
import type { ServerAddress } from '../dns/address.js';
import { keptDestination, keptName, Receiving, Sending } from '../native/datagrams.js';
import type { Libc, Watch } from '../native/libc.js';
import type { Clock } from '../ports/clock.js';
import type { Log } from '../ports/log.js';
import { HEADER_OCTETS } from '../wire/header.js';
import { BatchedReplies, type SendAlone } from './batched-replies.js';
import { ClientNames } from './client-names.js';
import type { RequestHandler } from './client-request.js';
import type { Listener } from './listener.js';
import { SetAside } from './set-aside.js';
import { SpareWarnings } from './spare-warnings.js';
import { TurnShare } from './turn-share.js';

/** Datagrams by one call: more save little, and the others wait while those are answered. */
export const BATCH = 64;
/** Calls in a row before the rest of the process has its turn. */
export const ROUNDS = 4;
/** Milliseconds of such calls after which there is no further one. */
const READY_MAY_TAKE = 0.5;
/** Questions set aside at most: the work of 0.2 s. As many small datagrams again wait in the socket's own buffer. */
const MOST_ASIDE = 2048;
/** Octets of a query at most; what is longer is cut, and malformed. Also of replies sent in batches. */
export const SLOT = 4096;
/** QR in the third octet of a header (RFC 1035 §4.1.1). */
const QR = 0x80;
/** Octets of a datagram at most. */
const LARGEST = 65_535;

/** The slots of all listeners: one batch is done with before the next begins. */
export class Batch {
  readonly receiving: Receiving;
  readonly sending: Sending;
  readonly clients = new ClientNames();

  constructor(readonly libc: Libc) {
    this.receiving = new Receiving(libc, BATCH, SLOT);
    this.sending = new Sending(libc, BATCH, SLOT);
  }
}

export interface BatchedParts {
  readonly handle: RequestHandler;
  /**
   * Writes what lies ready at `now` (Clock.now()) for the query in the first `length` octets; octets written, 0: nothing
   * lies ready.
   */
  readonly ready: (query: Buffer, length: number, address: string, now: number, into: Buffer) => number;
  /** So many replies were ready and took so many milliseconds together, until `now`. */
  readonly readyTook: (ms: number, count: number, now: number) => void;
  /** A datagram was dropped: no query, or one too many to wait. */
  readonly dropped: () => void;
  readonly clock: Pick<Clock, 'now'>;
  readonly log: Log;
}

export class BatchedUdpListener implements Listener {
  readonly transport = 'udp';
  readonly #replies: BatchedReplies;
  readonly #watch: Watch;
  readonly #aside = new SetAside(MOST_ASIDE);
  readonly #share: TurnShare;
  #isDue = false;
  /** Clock.now() when this turn of the event loop began to read, if it set aside anything and has not come to that yet. */
  #turnBegan: number | undefined;
  #stopped = false;
  #closed = false;

  /** @param fd a bound socket, which is closed with the listener. Throws when Node's event loop cannot watch it. */
  constructor(
    private readonly fd: number,
    readonly address: ServerAddress,
    private readonly batch: Batch,
    private readonly parts: BatchedParts,
  ) {
    const warnings = new SpareWarnings(address.key, parts);
    this.#share = new TurnShare(parts.clock);
    this.#replies = new BatchedReplies(fd, batch.sending, sendAlone(batch.libc, fd), warnings);
    this.#watch = batch.libc.watch(fd, () => this.#readable());
  }

  /** What was read is answered. */
  stop(): void {
    if (this.#stopped) return;
    this.#stopped = true;
    this.#watch.close();
    this.#answerAside();
  }

  settled(): Promise<void> {
    return this.#replies.settled();
  }

  async close(): Promise<void> {
    this.stop();
    if (this.#closed) return;
    this.#closed = true;
    this.#replies.close();
    this.batch.libc.close(this.fd);
  }

  /**
   * The watch calls from outside of JavaScript, where promises would not go on and errors are lost: what lies ready needs
   * no promise, what is set aside and what is thrown have an immediate of the same turn.
   */
  #readable(): void {
    if (this.#stopped) return;
    try {
      this.#read();
    } catch (error) {
      setImmediate(() => {
        throw error;
      });
    }
  }

  #read(): void {
    this.#turnBegan = this.parts.clock.now();
    this.#drain(this.#turnBegan);
    if (this.#aside.size > 0) this.#wake();
    else this.#turnBegan = undefined;
  }

  #wake(): void {
    if (this.#isDue) return;
    this.#isDue = true;
    setImmediate(() => {
      this.#isDue = false;
      if (!this.#stopped) this.#turn();
    });
  }

  #turn(): void {
    this.#share.begin(this.#turnBegan ?? this.parts.clock.now());
    this.#turnBegan = undefined;
    this.#answerAside(this.#share);
    const isLeft = this.#aside.size > 0;
    this.#share.end(isLeft);
    // The next turn of the event loop, in which clients are looked at first.
    if (isLeft) this.#wake();
  }

  #drain(began: number): void {
    const { receiving } = this.batch;
    let now = began;
    for (let round = 0; round < ROUNDS && now - began < READY_MAY_TAKE; round++) {
      const count = receiving.receive(this.fd);
      let ready = 0;
      for (let slot = 0; slot < count; slot++) if (this.#take(slot, now)) ready++;
      if (ready > 0) {
        this.#replies.send();
        const sent = this.parts.clock.now();
        this.parts.readyTook(sent - now, ready, sent);
        now = sent;
      }
      // Who asks that fast has asked again meanwhile, and a call that finds nothing costs less than another turn.
      if (count < BATCH && ready < 2) return;
      if (ready === 0) now = this.parts.clock.now();
    }
  }

  /** Whether the reply lay ready; the question is set aside otherwise. */
  #take(slot: number, arrived: number): boolean {
    const { receiving, sending, clients } = this.batch;
    const octets = receiving.slots[slot]!;
    const length = receiving.lengths[slot]!;
    const address = clients.textAt(receiving.names, receiving.nameAt(slot));
    const port = receiving.portAt(slot);
    if (port !== 0) {
      const ready = this.parts.ready(octets, length, address, arrived, sending.slots[sending.filled]!);
      if (ready > 0) {
        sending.answer(receiving, slot, ready);
        return true;
      }
    }
    if (this.#aside.isFull || isNeverAnswered(octets, length, port)) {
      this.parts.dropped();
      return false;
    }
    const client = {
      address,
      port,
      name: keptName(receiving, slot),
      destination: keptDestination(receiving, slot),
    };
    // The slot is filled anew while the question waits.
    this.#aside.put({ octets: Buffer.from(octets.subarray(0, length)), client, arrived });
    return false;
  }

  /** Answers the questions that were set aside, or as many as this turn allows, those that came first. */
  #answerAside(share?: TurnShare): void {
    let answered = 0;
    for (; share?.allows(answered) ?? true; answered++) {
      const question = this.#aside.take();
      if (question === undefined) break;
      const { octets, client, arrived } = question;
      const { address, port } = client;
      const request = { octets, transport: 'udp', address, port, arrived } as const;
      const reply = this.parts.handle(request, this.#replies.later(client));
      if (reply !== undefined) this.#replies.answer(reply, client);
    }
    if (answered > 0) this.#replies.send();
  }
}

/** No query with a header, a response, or from where nothing can be sent: it takes no place of those that wait. */
function isNeverAnswered(octets: Buffer, length: number, port: number): boolean {
  return length < HEADER_OCTETS || (octets[2]! & QR) !== 0 || port === 0;
}

/** Replies that no slot of a batch holds are rare: their slot is made when the first is to be sent. */
export function sendAlone(libc: Libc, fd: number): SendAlone {
  let sending: Sending | undefined;
  return (reply, { name, destination }, done) => {
    sending ??= new Sending(libc, 1, LARGEST);
    reply.copy(sending.slots[0]!);
    sending.address(name, reply.length, destination);
    done(sending.send(fd) > 0 ? new Error('the system did not take it') : null);
  };
}
