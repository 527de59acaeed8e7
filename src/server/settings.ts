/** Which figures and lists govern the client-facing edge? cli/compose.ts makes them from the configuration. */
import type { Limits } from '../config/limits.js';

export interface ServerSettings {
  /** Prefixes that are answered; all others are REFUSED. */
  readonly allow: readonly string[];
  /** Prefixes that may look into the cache with RD=0. */
  readonly snoop: readonly string[];
  /** Prefixes whose NOTIFY counts (RFC 1996). */
  readonly notify: readonly string[];
  /** Octets of a UDP reply at most, and what our OPT record says we take; 512..65535. */
  readonly ednsBufferSize: number;
  /** One log line for each query answered. */
  readonly logQueries: boolean;
  readonly limits: ServerLimits;
}

export type ServerLimits = Pick<
  Limits,
  'tcpClients' | 'tcpClientsPerAddress' | 'tcpIdle' | 'tcpPipeline' | 'inFlight' | 'perClientInFlight' | 'udpLate'
>;
