/** Which bounds does the transport keep? Those of `limits:` that concern it, and a few nobody needs to change. */
import type { Limits } from '../config/limits.js';

export interface TransportSettings {
  /** UDP queries in flight at once, one socket each: 1..60000. */
  readonly udpSockets: number;
  /** UDP queries waiting for a socket beyond those; more are refused at once. */
  readonly udpQueue: number;
  /** Replies that match nothing before a UDP query is called suspicious: 1..100. */
  readonly wrongReplies: number;
  /** Milliseconds an idle TCP connection is kept for the next query (RFC 7766 §6.2.3). */
  readonly tcpIdle: number;
  /** Queries sent over one TCP connection before it is given up: 1..60000, since each has an ID of its own. */
  readonly tcpQueriesPerConnection: number;
  /** TCP connections to one server address at once (RFC 7766 §6.2.2 asks for few). */
  readonly tcpConnectionsPerServer: number;
  /** TCP connections to all servers at once. */
  readonly tcpConnections: number;
  /** TCP queries waiting for a connection beyond those; more are refused at once. */
  readonly tcpQueue: number;
}

/**
 * The bounds under which createExchange works. Three wrong replies are three chances in 65536 for who guesses IDs, then
 * TCP is asked for. Two connections to a server, so that one that hangs is not the end.
 */
export function transportSettings(limits: Limits): TransportSettings {
  return {
    udpSockets: limits.upstreamSockets,
    udpQueue: 4096,
    wrongReplies: 3,
    tcpIdle: limits.tcpUpstreamIdle,
    tcpQueriesPerConnection: Math.min(limits.tcpUpstreamQueries, 60_000),
    tcpConnectionsPerServer: 2,
    tcpConnections: 256,
    tcpQueue: 1024,
  };
}
