/**
 * An address that front threads read: one socket for each of them, among which the system divides the clients by their
 * addresses and ports (SO_REUSEPORT). All are opened, and closed, by the brain, which replies over the first.
 */
import type { ServerAddress } from '../../dns/address.js';
import type { Libc } from '../../native/libc.js';
import { openUdp } from '../../native/udp-socket.js';
import { BatchedReplies, type Client } from '../batched-replies.js';
import { type Batch, sendAlone } from '../batched-udp-listener.js';
import type { Later } from '../client-request.js';
import { setUpForClients } from '../client-socket.js';
import { ListenError } from '../listen-error.js';
import type { Listener } from '../listener.js';
import type { SpareWarnings } from '../spare-warnings.js';

/** What it needs of the fronts. */
export interface SocketReaders {
  /** Ends the reading of these sockets, and takes over what was read of them. */
  leave(fds: readonly number[]): void;
  /** The listener of that place is no more. */
  closed(place: number): void;
}

/** One socket for each front. Throws ListenError, and none is open then. @param receiveOctets see openUdp */
export function openShared(libc: Libc, address: ServerAddress, count: number, receiveOctets: number): number[] {
  const fds: number[] = [];
  try {
    for (let i = 0; i < count; i++) fds.push(openUdp(libc, address, receiveOctets, true));
    for (const fd of fds) setUpForClients(libc, fd, address);
    return fds;
  } catch (error) {
    for (const fd of fds) libc.close(fd);
    throw new ListenError(address, 'udp', error);
  }
}

export interface FrontedParts {
  readonly fds: readonly number[];
  readonly place: number;
  readonly batch: Batch;
  readonly readers: SocketReaders;
  readonly warnings: SpareWarnings;
}

export class FrontedUdpListener implements Listener {
  readonly transport = 'udp';
  readonly #replies: BatchedReplies;
  #stopped = false;
  #closed = false;

  constructor(
    readonly address: ServerAddress,
    private readonly parts: FrontedParts,
  ) {
    const { batch, fds, warnings } = parts;
    this.#replies = new BatchedReplies(fds[0]!, batch.sending, sendAlone(batch.libc, fds[0]!), warnings);
  }

  /** `send` must follow before another listener answers. */
  answer(reply: Buffer | 'later', client: Client): void {
    this.#replies.answer(reply, client);
  }

  /** Where a reply of that client goes that is not there at once. */
  later(client: Client): Later {
    return this.#replies.later(client);
  }

  send(): void {
    this.#replies.send();
  }

  stop(): void {
    if (this.#stopped) return;
    this.#stopped = true;
    this.parts.readers.leave(this.parts.fds);
  }

  settled(): Promise<void> {
    return this.#replies.settled();
  }

  async close(): Promise<void> {
    this.stop();
    if (this.#closed) return;
    this.#closed = true;
    this.#replies.close();
    this.parts.readers.closed(this.parts.place);
    for (const fd of this.parts.fds) this.parts.batch.libc.close(fd);
  }
}
