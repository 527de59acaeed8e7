/** How are servers asked in earnest? The production Exchange: UDP sockets of the system or of Node.js, TCP of Node.js. */
import type { Libc } from '../native/libc.js';
import { promised, resumed } from '../ports/continuation.js';
import type { Exchange, ExchangeOutcome } from '../ports/exchange.js';
import { dgramSockets } from './dgram-sockets.js';
import { NativeSockets } from './native-sockets.js';
import type { TcpParts } from './tcp-connection.js';
import { TcpExchange } from './tcp-exchange.js';
import type { UdpParts } from './udp-attempt.js';
import { UdpExchange } from './udp-exchange.js';
import type { UpstreamSockets } from './upstream-socket.js';

export type ExchangeParts = UdpParts &
  TcpParts & {
    /** Asks through the system's own sockets; without it Node's do. */
    readonly libc?: Libc | undefined;
  };

const LAST_PORT = 65_535;
const CLOSED: ExchangeOutcome = { kind: 'unreachable', scope: 'here', reason: 'the exchange was closed' };

/**
 * An Exchange over real sockets. ask() rejects for EDNS that cannot be encoded, and never else. close() lets queries under way come to their outcome, which their
 * timeouts bound, and resolves when no socket is left.
 */
export function createExchange(parts: ExchangeParts): Exchange {
  const udp = new UdpExchange(parts, socketsFor(parts));
  const tcp = new TcpExchange(parts);
  let closing: Promise<unknown> | undefined;
  const begin: Exchange['begin'] = (query, waiting) => {
    const { address, port } = query.server;
    if (closing !== undefined) resumed(waiting, CLOSED);
    else if (!(Number.isInteger(port) && port >= 1 && port <= LAST_PORT)) {
      const reason = `${address} has port ${port}: ports are 1 to ${LAST_PORT}`;
      resumed(waiting, { kind: 'unreachable', scope: 'here', reason });
    } else if (query.transport === 'udp') udp.ask(query, waiting);
    else tcp.ask(query, waiting);
  };
  return {
    begin,
    ask: (query) => promised((waiting) => begin(query, waiting)),
    async close() {
      closing ??= Promise.all([udp.close(), tcp.close()]);
      await closing;
    },
  };
}

function socketsFor({ libc, clock, log }: ExchangeParts): UpstreamSockets {
  if (libc === undefined) return dgramSockets;
  try {
    return new NativeSockets(libc, clock);
  } catch (error) {
    const because = error instanceof Error ? error.message : String(error);
    log.info({ because }, "servers are asked through Node's own sockets");
    return dgramSockets;
  }
}
