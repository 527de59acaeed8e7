/**
 * HOT. Questions in and replies out over UDP, many by one system call (Linux; native/ has the calls). What lies ready is
 * written straight into the slots that are sent; for the rest this does as udp-listener.ts does.
 *
 * Node watches the socket and reads the first datagram of a burst; those behind it are fetched here. When datagrams come
 * one by one that second look would find nothing, so it is left out.
 */
import type { RemoteInfo, Socket } from 'node:dgram';
import type { ServerAddress } from '../dns/address.js';
import { keptName, Receiving, Sending } from '../native/datagrams.js';
import type { Libc } from '../native/libc.js';
import { sockaddrOf } from '../native/udp-socket.js';
import type { Clock } from '../ports/clock.js';
import type { Log } from '../ports/log.js';
import { BatchedReplies, type SendAlone } from './batched-replies.js';
import { ClientNames } from './client-names.js';
import type { RequestHandler } from './client-request.js';
import type { Listener } from './listener.js';
import { SpareWarnings } from './spare-warnings.js';

/** Datagrams by one call: more save little, and the others wait while those are answered. */
export const BATCH = 64;
/** Calls in a row before the rest of the process has its turn. */
export const ROUNDS = 4;
/** Octets of a query at most; what is longer is cut, and malformed. Also of replies sent in batches. */
export const SLOT = 4096;
/** Milliseconds between two datagrams that belong to one burst. */
const BURST = 1;

/** The slots of all listeners: one batch is done with before the next begins. */
export class Batch {
  readonly receiving: Receiving;
  readonly sending: Sending;
  readonly clients = new ClientNames();

  constructor(readonly libc: Libc) {
    this.receiving = new Receiving(libc, BATCH, SLOT);
    // Beside a batch: the datagram that Node read.
    this.sending = new Sending(libc, BATCH + 1, SLOT);
  }
}

export interface BatchedParts {
  readonly handle: RequestHandler;
  /** Writes what lies ready for the query in the first `length` octets; octets written, 0: nothing lies ready. */
  readonly ready: (query: Buffer, length: number, address: string, into: Buffer) => number;
  /** So many replies were ready and took so many milliseconds together, until `now`. */
  readonly readyTook: (ms: number, count: number, now: number) => void;
  readonly clock: Pick<Clock, 'now'>;
  readonly log: Log;
}

export class BatchedUdpListener implements Listener {
  readonly transport = 'udp';
  readonly #replies: BatchedReplies;
  #lastAt = Number.NEGATIVE_INFINITY;
  #stopped = false;
  #closed = false;

  /** @param fd of `socket`, which is bound */
  constructor(
    private readonly socket: Socket,
    private readonly fd: number,
    readonly address: ServerAddress,
    private readonly batch: Batch,
    private readonly parts: BatchedParts,
  ) {
    const warnings = new SpareWarnings(address.key, parts);
    const alone: SendAlone = (reply, client, done) => socket.send(reply, client.port, client.address, done);
    this.#replies = new BatchedReplies(fd, batch.sending, alone, warnings);
    socket.on('message', (octets, from) => this.#onMessage(octets, from));
    socket.on('error', (error) => warnings.warn(error.message, 'receiving over UDP failed'));
  }

  stop(): void {
    this.#stopped = true;
  }

  settled(): Promise<void> {
    return this.#replies.settled();
  }

  close(): Promise<void> {
    this.#stopped = true;
    if (this.#closed) return Promise.resolve();
    this.#closed = true;
    this.#replies.close();
    return new Promise((resolve) => this.socket.close(() => resolve()));
  }

  #onMessage(octets: Buffer, from: RemoteInfo): void {
    if (this.#stopped) return;
    const now = this.parts.clock.now();
    const isBurst = now - this.#lastAt < BURST;
    this.#lastAt = now;
    const { address, port } = from;
    const reply = this.parts.handle({ octets, transport: 'udp', address, port });
    if (reply !== undefined) {
      const name = address.includes('%') ? undefined : sockaddrOf(from);
      this.#replies.answer(reply, { address, port, name });
    }
    if (isBurst) this.#drain();
    else this.#replies.send();
  }

  #drain(): void {
    const { receiving } = this.batch;
    for (let round = 0; round < ROUNDS; round++) {
      const began = this.parts.clock.now();
      const count = receiving.receive(this.fd);
      let ready = 0;
      for (let slot = 0; slot < count; slot++) if (this.#take(slot)) ready++;
      this.#replies.send();
      const now = this.parts.clock.now();
      if (ready > 0) this.parts.readyTook(now - began, ready, now);
      if (count < BATCH) return;
    }
  }

  /** Whether the reply lay ready. */
  #take(slot: number): boolean {
    const { receiving, sending, clients } = this.batch;
    const octets = receiving.slots[slot]!;
    const length = receiving.lengths[slot]!;
    const address = clients.textAt(receiving.names, receiving.nameAt(slot));
    const port = receiving.portAt(slot);
    if (port !== 0) {
      const ready = this.parts.ready(octets, length, address, sending.slots[sending.filled]!);
      if (ready > 0) {
        sending.answer(receiving, slot, ready);
        return true;
      }
    }
    // The slot is filled anew while the reply is made.
    const own = Buffer.from(octets.subarray(0, length));
    const reply = this.parts.handle({ octets: own, transport: 'udp', address, port });
    if (reply !== undefined) this.#replies.answer(reply, { address, port, name: keptName(receiving, slot) });
    return false;
  }
}
