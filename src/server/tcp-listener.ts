/** How do questions come in over TCP? One listening socket for each address; its connections see to themselves. */
import { createServer, type Server, type Socket } from 'node:net';
import { type ServerAddress, serverAddress } from '../dns/address.js';
import type { Clock } from '../ports/clock.js';
import type { Log } from '../ports/log.js';
import type { RequestHandler } from './client-request.js';
import { ListenError } from './listen-error.js';
import type { Listener } from './listener.js';
import { Pending } from './pending.js';
import type { ServerLimits } from './settings.js';
import type { TcpClients } from './tcp-clients.js';
import { TcpConnection } from './tcp-connection.js';

/** Connections the system accepts on its own; it caps the figure (net.core.somaxconn). RFC 7766 gives none. */
const BACKLOG = 511;

export interface TcpListenerParts {
  readonly handle: RequestHandler;
  readonly clock: Clock;
  readonly log: Log;
  /** As configured now. */
  readonly limits: () => ServerLimits;
  /** Of all listeners together: the bounds are the server's. */
  readonly clients: TcpClients<TcpConnection>;
}

/** Binds to the address, or takes over `fd`, a listening socket. Rejects with ListenError. */
export async function listenTcp(address: ServerAddress, parts: TcpListenerParts, fd?: number): Promise<Listener> {
  // A client that has closed its side still waits for its answers (RFC 7766 §6.2.4).
  const server = createServer({ allowHalfOpen: true, noDelay: true });
  const listener = new TcpListener(server, address, parts);
  try {
    await listening(server, address, fd);
  } catch (error) {
    throw new ListenError(address, 'tcp', error);
  }
  server.on('error', (error) => parts.log.warn({ listen: address.key, reason: error.message }, 'accepting failed'));
  return listener;
}

function listening(server: Server, { address, port }: ServerAddress, fd: number | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.once('listening', () => {
      server.off('error', reject);
      resolve();
    });
    if (fd === undefined) server.listen({ host: address, port, ipv6Only: true, exclusive: true, backlog: BACKLOG });
    else server.listen({ fd, exclusive: true, backlog: BACKLOG });
  });
}

class TcpListener implements Listener {
  readonly transport = 'tcp';
  readonly #connections = new Set<TcpConnection>();
  readonly #open = new Pending();

  constructor(
    private readonly server: Server,
    private readonly wanted: ServerAddress,
    private readonly parts: TcpListenerParts,
  ) {
    server.on('connection', (socket) => this.#onConnection(socket));
  }

  get address(): ServerAddress {
    const bound = this.server.address();
    const port = bound !== null && typeof bound === 'object' ? bound.port : this.wanted.port;
    return serverAddress(this.wanted.address, port);
  }

  stop(): void {
    if (this.server.listening) this.server.close();
    for (const connection of this.#connections) connection.stop();
  }

  settled(): Promise<void> {
    return this.#open.whenNone();
  }

  close(): Promise<void> {
    this.stop();
    for (const connection of this.#connections) connection.destroy();
    return this.#open.whenNone();
  }

  #onConnection(socket: Socket): void {
    // Undefined when the client is gone again: it has no address any more.
    const address = socket.remoteAddress;
    if (address === undefined || !this.parts.clients.makeRoom(address, this.parts.limits())) {
      socket.on('error', () => {});
      socket.destroy();
      return;
    }
    const { clients, handle, clock, limits } = this.parts;
    const connection = new TcpConnection(socket, { handle, clock, limits, onChange: (self) => clients.changed(self) });
    clients.add(connection);
    this.#connections.add(connection);
    this.#open.enter();
    socket.once('close', () => {
      clients.remove(connection);
      this.#connections.delete(connection);
      this.#open.leave();
    });
  }
}
