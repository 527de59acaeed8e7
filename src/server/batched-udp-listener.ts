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
import { ClientNames } from './client-names.js';
import type { Reply, RequestHandler } from './client-request.js';
import type { Listener } from './listener.js';
import { Pending } from './pending.js';
import { SpareWarnings } from './spare-warnings.js';

/** Datagrams by one call: more save little, and the others wait while those are answered. */
const BATCH = 64;
/** Calls in a row before the rest of the process has its turn. */
const ROUNDS = 4;
/** Octets of a query at most; what is longer is cut, and malformed. Also of replies sent in batches. */
const SLOT = 4096;
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

/** Whom a reply goes to. */
interface Client {
  readonly address: string;
  readonly port: number;
  /** Undefined for an address with a zone (fe80::1%eth0), which only Node's own way of sending takes. */
  readonly name: Uint8Array | undefined;
}

interface Later {
  readonly name: Uint8Array;
  readonly octets: Buffer;
}

export class BatchedUdpListener implements Listener {
  readonly transport = 'udp';
  readonly #pending = new Pending();
  readonly #warnings: SpareWarnings;
  /** Replies that had to be waited for, to be sent when this turn of the event loop ends. */
  #later: Later[] = [];
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
    socket.on('message', (octets, from) => this.#onMessage(octets, from));
    this.#warnings = new SpareWarnings(address.key, parts);
    socket.on('error', (error) => this.#warnings.warn(error.message, 'receiving over UDP failed'));
  }

  stop(): void {
    this.#stopped = true;
  }

  settled(): Promise<void> {
    return this.#pending.whenNone();
  }

  close(): Promise<void> {
    this.#stopped = true;
    if (this.#closed) return Promise.resolve();
    this.#sendLater();
    this.#closed = true;
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
      this.#answer(reply, { address, port, name });
    }
    if (isBurst) this.#drain();
    else this.#send();
  }

  #drain(): void {
    const { receiving } = this.batch;
    for (let round = 0; round < ROUNDS; round++) {
      const began = this.parts.clock.now();
      const count = receiving.receive(this.fd);
      let ready = 0;
      for (let slot = 0; slot < count; slot++) if (this.#take(slot)) ready++;
      this.#send();
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
    if (reply !== undefined) this.#answer(reply, { address, port, name: keptName(receiving, slot) });
    return false;
  }

  #answer(reply: Buffer | Promise<Reply>, client: Client): void {
    if (reply instanceof Promise) {
      this.#pending.enter();
      void reply.then((later) => this.#answerLate(later, client));
    } else if (client.name === undefined || reply.length > SLOT) this.#sendAlone(reply, client);
    else this.#fill(reply, client.name);
  }

  /** Replies made in one turn of the event loop leave together at its end. */
  #answerLate(reply: Reply, client: Client): void {
    if (reply === undefined || this.#closed) this.#pending.leave();
    else if (client.name === undefined || reply.length > SLOT) this.#sendAlone(reply, client, true);
    else {
      if (this.#later.length === 0) setImmediate(() => this.#sendLater());
      this.#later.push({ name: client.name, octets: reply });
    }
  }

  #sendLater(): void {
    const later = this.#later;
    this.#later = [];
    for (const { octets, name } of later) {
      if (!this.#closed) this.#fill(octets, name);
      this.#pending.leave();
    }
    if (!this.#closed) this.#send();
  }

  #fill(octets: Buffer, name: Uint8Array): void {
    const { sending } = this.batch;
    if (sending.isFull) this.#send();
    octets.copy(sending.slots[sending.filled]!);
    sending.address(name, octets.length);
  }

  #send(): void {
    const lost = this.batch.sending.send(this.fd);
    // A reply that cannot be sent is lost, as any datagram may be: the client asks again.
    if (lost > 0) this.#warnings.warn(`${lost} of a batch`, 'replies could not be sent over UDP');
  }

  /** @param wasPending what #answer entered ends with it */
  #sendAlone(reply: Buffer, { address, port }: Client, wasPending = false): void {
    if (!wasPending) this.#pending.enter();
    this.socket.send(reply, port, address, (error) => {
      this.#pending.leave();
      if (error) this.#warnings.warn(error.message, 'a reply could not be sent over UDP');
    });
  }
}
