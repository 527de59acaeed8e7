/** The sockets of Node.js as sockets towards servers: they are there on every system. */
import { createSocket, type Socket, type SocketOptions } from 'node:dgram';
import type { ServerAddress } from '../dns/address.js';
import type { Random } from '../ports/random.js';
import { randomLocalPort } from './local-port.js';
import { PORT_TRIES, type SocketEvents, type UpstreamSocket, type UpstreamSockets } from './upstream-socket.js';

/** Addresses are literals: answering at once keeps bind() and connect() synchronous, and no file or server is asked. */
const lookup: NonNullable<SocketOptions['lookup']> = (address, options, callback) => {
  callback(null, address, typeof options === 'number' ? options : (options.family as number));
};
const SOCKET_OPTIONS: Readonly<Record<4 | 6, SocketOptions>> = {
  4: { type: 'udp4', lookup },
  // IPv6 only: otherwise the port would have to be free for IPv4 too.
  6: { type: 'udp6', lookup, ipv6Only: true },
};

export const dgramSockets: UpstreamSockets = {
  open: (server, random, events) => new DgramSocket(server, random, events),
  close: () => {},
};

class DgramSocket implements UpstreamSocket {
  readonly #socket: Socket;
  #isConnected = false;
  #isClosed = false;
  /** Sent when the socket is connected. */
  #first: Buffer | undefined;
  #isBinding = false;
  #bindError: NodeJS.ErrnoException | undefined;

  constructor(
    server: ServerAddress,
    random: Random,
    private readonly events: SocketEvents,
  ) {
    const socket = createSocket(SOCKET_OPTIONS[server.family]);
    this.#socket = socket;
    socket.on('message', (octets) => {
      if (!this.#isClosed) events.datagram(octets);
    });
    socket.on('error', (error) => this.#failed(error));
    socket.on('connect', () => this.#connected());
    try {
      this.#bind(random, server.port);
      socket.connect(server.port, server.address);
    } catch (error) {
      this.close();
      throw error;
    }
  }

  send(octets: Buffer): void {
    if (!this.#isConnected) {
      this.#first = octets;
      return;
    }
    this.#socket.send(octets, (error) => {
      if (error !== null) this.#failed(error);
    });
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#socket.close();
  }

  /** Throws the error that leaves the socket without a port. bind() reports by emitting 'error' before it returns. */
  #bind(random: Random, serverPort: number): void {
    this.#isBinding = true;
    for (let tries = 0; tries <= PORT_TRIES; tries++) {
      this.#bindError = undefined;
      const port = tries < PORT_TRIES ? randomLocalPort(random, serverPort) : 0;
      this.#socket.bind({ port, exclusive: true });
      if ((this.#bindError as NodeJS.ErrnoException | undefined)?.code !== 'EADDRINUSE') break;
    }
    this.#isBinding = false;
    if (this.#bindError !== undefined) throw this.#bindError;
  }

  #connected(): void {
    if (this.#isClosed) return;
    this.#isConnected = true;
    if (this.#first !== undefined) this.send(this.#first);
    this.#first = undefined;
  }

  #failed(error: NodeJS.ErrnoException): void {
    if (this.#isBinding) this.#bindError = error;
    else if (!this.#isClosed) this.events.failed(error);
  }
}
