/** What can be done with a socket that takes questions, whichever transport it is? */
import type { ServerAddress } from '../dns/address.js';

export interface Listener {
  readonly transport: 'udp' | 'tcp';
  /** As bound: port 0 has become the one the system picked. */
  readonly address: ServerAddress;
  /** Takes no more questions; those under way are still answered. */
  stop(): void;
  /** Resolves when nothing is under way any more; meant for after `stop`. */
  settled(): Promise<void>;
  /** Closes the socket, dropping what is still under way. */
  close(): Promise<void>;
}
