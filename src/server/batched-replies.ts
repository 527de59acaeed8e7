/**
 * HOT. Replies of one socket, many by one system call: those that are made at once leave with their batch, those that
 * had to be waited for leave together when a turn of the event loop ends.
 */
import type { Sending } from '../native/datagrams.js';
import type { Later, Reply } from './client-request.js';
import { Pending } from './pending.js';
import type { SpareWarnings } from './spare-warnings.js';

/** Whom a reply goes to. */
export interface Client {
  readonly address: string;
  readonly port: number;
  /** Its socket address. */
  readonly name: Uint8Array;
  /** Where the query was sent to, on a socket that has several addresses. */
  readonly destination?: Uint8Array | undefined;
}

interface LateReply {
  readonly client: Client;
  readonly octets: Buffer;
}

/** Sends what no slot holds, and tells when it is done, with an error if it was lost. */
export type SendAlone = (reply: Buffer, client: Client, done: (error?: Error | null) => void) => void;

export class BatchedReplies {
  readonly #pending = new Pending();
  #later: LateReply[] = [];
  #closed = false;

  /** @param sending shared by all sockets: emptied by `send` before another uses it */
  constructor(
    private readonly fd: number,
    private readonly sending: Sending,
    private readonly sendAlone: SendAlone,
    private readonly warnings: SpareWarnings,
  ) {}

  /** `later`: the reply will be handed to what `later` returned for the client. */
  answer(reply: Buffer | 'later', client: Client): void {
    if (reply === 'later') this.#pending.enter();
    else if (reply.length > this.sending.octets) this.#sendAlone(reply, client);
    else this.#fill(reply, client);
  }

  later(client: Client): Later {
    return (reply) => this.#answerLate(reply, client);
  }

  /** What is in the slots leaves. */
  send(): void {
    const lost = this.sending.send(this.fd);
    // A reply that cannot be sent is lost, as any datagram may be: the client asks again.
    if (lost > 0) this.warnings.warn(`${lost} of a batch`, 'replies could not be sent over UDP');
  }

  /** Resolves when no reply is waited for. */
  settled(): Promise<void> {
    return this.#pending.whenNone();
  }

  /** Sends what is there; what is still waited for is dropped. */
  close(): void {
    this.#sendLater();
    this.#closed = true;
  }

  #answerLate(reply: Reply, client: Client): void {
    if (reply === undefined || this.#closed) this.#pending.leave();
    else if (reply.length > this.sending.octets) this.#sendAlone(reply, client, true);
    else {
      if (this.#later.length === 0) setImmediate(() => this.#sendLater());
      this.#later.push({ client, octets: reply });
    }
  }

  #sendLater(): void {
    const later = this.#later;
    this.#later = [];
    for (const { octets, client } of later) {
      if (!this.#closed) this.#fill(octets, client);
      this.#pending.leave();
    }
    if (!this.#closed) this.send();
  }

  #fill(octets: Buffer, { name, destination }: Client): void {
    const { sending } = this;
    if (sending.isFull) this.send();
    octets.copy(sending.slots[sending.filled]!);
    sending.address(name, octets.length, destination);
  }

  /** @param wasPending what `answer` entered ends with it */
  #sendAlone(reply: Buffer, client: Client, wasPending = false): void {
    if (!wasPending) this.#pending.enter();
    this.sendAlone(reply, client, (error) => {
      this.#pending.leave();
      if (error) this.warnings.warn(error.message, 'a reply could not be sent over UDP');
    });
  }
}
