/**
 * Asking one server one thing: the seam between the resolver and the network. Real sockets (transport/) and the
 * simulated internet (test/sim/) both fill it, under the same contract tests.
 */
import type { ServerAddress } from '../dns/address.js';
import type { Edns, Message } from '../dns/message.js';
import type { DomainName } from '../dns/name.js';
import type { Continuation } from './continuation.js';

export interface ExchangeQuery {
  readonly server: ServerAddress;
  readonly name: DomainName;
  readonly type: number;
  /** RD: set towards forwarders only. */
  readonly recursionDesired: boolean;
  readonly checkingDisabled: boolean;
  /** Undefined: no OPT record (for servers that dislike EDNS). */
  readonly edns: Edns | undefined;
  readonly transport: 'udp' | 'tcp';
  /** Randomise the case of the name (0x20) and demand it back. UDP only. */
  readonly caseRandomisation: boolean;
  /** Milliseconds until the outcome is `timeout`. */
  readonly timeout: number;
}

export type ExchangeOutcome =
  /** A reply to this very query: address, port, ID, question and spelling match. It may still be nonsense inside. */
  | { readonly kind: 'reply'; readonly message: Message; readonly rtt: number; readonly octets: number }
  | { readonly kind: 'timeout'; readonly waited: number }
  /**
   * The system refused, known at once. `scope` says whose trouble it is: the server's (connection refused), the
   * network's (no route), or this process' own (no descriptor, a full queue), which says nothing of the server.
   */
  | { readonly kind: 'unreachable'; readonly scope: 'server' | 'network' | 'here'; readonly reason: string }
  /** A matching reply that is no DNS message; `reason` says where it breaks. */
  | { readonly kind: 'malformed'; readonly reason: string }
  /** Several replies came that did not match: someone may be guessing. Ask again over TCP. */
  | { readonly kind: 'suspicious'; readonly reason: string };

export interface Exchange {
  /** Rejects with RangeError for a query that cannot be encoded, and never else. */
  ask(query: ExchangeQuery): Promise<ExchangeOutcome>;
  /** The same without a promise. Throws that RangeError, or hands it to `waiting`. */
  begin(query: ExchangeQuery, waiting: Continuation<ExchangeOutcome>): void;
  /** Closes idle connections; later asks fail as unreachable. */
  close(): Promise<void>;
}
