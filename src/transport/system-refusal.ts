/** What does an error of the sockets mean for a query? That the system refused, said in words people know. */
import type { ExchangeOutcome } from '../ports/exchange.js';

const WORDS: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'connection refused: nothing listens on that port',
  ECONNRESET: 'connection reset by the server',
  EPIPE: 'the server closed the connection',
  ENETUNREACH: 'network unreachable: no route for this address family',
  ENETDOWN: 'network down',
  EHOSTUNREACH: 'host unreachable',
  EHOSTDOWN: 'host down',
  EADDRNOTAVAIL: 'no local address or port to send from',
  EAFNOSUPPORT: 'this system does not speak that address family',
  EACCES: 'sending is not permitted (a broadcast address or a firewall)',
  EPERM: 'sending is not permitted (a firewall on this machine)',
  EMSGSIZE: 'the query is larger than the path takes',
  EMFILE: 'this process has no file descriptor left (raise its limit on open files)',
  ENFILE: 'this system has no file descriptor left',
  ENOBUFS: 'this system has no buffer space left',
  ETIMEDOUT: 'the connection timed out',
};

/** The outcome of a query whose socket failed with `error`. */
export function refusedBySystem(error: unknown): ExchangeOutcome {
  const code = (error as NodeJS.ErrnoException | undefined)?.code;
  const words = code === undefined ? undefined : WORDS[code];
  const scope = scopeOf(code);
  if (words !== undefined) return { kind: 'unreachable', scope, reason: `${code}: ${words}` };
  return { kind: 'unreachable', scope, reason: error instanceof Error ? error.message : String(error) };
}

const NETWORK = new Set(['ENETUNREACH', 'ENETDOWN', 'EHOSTUNREACH', 'EADDRNOTAVAIL', 'EAFNOSUPPORT']);
const SERVER = new Set(['ECONNREFUSED', 'ECONNRESET', 'EPIPE', 'EHOSTDOWN', 'ETIMEDOUT']);

function scopeOf(code: string | undefined): 'server' | 'network' | 'here' {
  if (code === undefined) return 'here';
  return NETWORK.has(code) ? 'network' : SERVER.has(code) ? 'server' : 'here';
}
