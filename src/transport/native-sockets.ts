/**
 * HOT. The system's own sockets as sockets towards servers (Linux; native/ has the calls): a third of the time Node's take,
 * and all of them are watched as one.
 */
import type { ServerAddress } from '../dns/address.js';
import type { Libc } from '../native/libc.js';
import { ReadableSet } from '../native/readable-set.js';
import { ignorePathMtu, newUdpSocket, sockaddrOf, systemError } from '../native/udp-socket.js';
import type { Random } from '../ports/random.js';
import { randomLocalPort } from './local-port.js';
import { PORT_TRIES, type SocketEvents, type UpstreamSocket, type UpstreamSockets } from './upstream-socket.js';

const MAX_DATAGRAM = 65_535;
/** Queries that wait to be sent at most: with more the first would wait for long. */
const MOST_LEAVING = 64;
/** Of socket addresses of both families. */
const PORT_OFFSET = 2;
const ANY: Readonly<Record<4 | 6, string>> = { 4: '0.0.0.0', 6: '::' };
/** Linux; see errno(3). */
const EAGAIN = 11;
const EADDRINUSE = 98;

export class NativeSockets implements UpstreamSockets {
  readonly #byDescriptor: (NativeSocket | undefined)[] = [];
  readonly #readable: ReadableSet;
  /** What is read is judged and decoded before the next is read. */
  readonly #received = Buffer.alloc(MAX_DATAGRAM);
  #leaving: NativeSocket[] = [];
  #isDue = false;

  /** Throws an Error when the system has no set of sockets to offer. */
  constructor(private readonly libc: Libc) {
    this.#readable = new ReadableSet(libc, (fd) => this.#byDescriptor[fd]?.read(this.#received));
  }

  open(server: ServerAddress, random: Random, events: SocketEvents): UpstreamSocket {
    const { libc } = this;
    const peer = sockaddrOf(server);
    const fd = newUdpSocket(libc, peer);
    if (fd < 0) throw systemError(libc, 'socket', server);
    const refused = this.#setUp(fd, server, peer, random);
    if (refused !== undefined) {
      libc.close(fd);
      throw refused;
    }
    const socket = new NativeSocket(libc, fd, server, events, this);
    this.#byDescriptor[fd] = socket;
    return socket;
  }

  /**
   * Has the socket send when this turn of the event loop ends. System calls empty the caches of the processor: the code of
   * a turn runs faster in one piece, and so does the system's.
   */
  sendLater(socket: NativeSocket): void {
    if (this.#leaving.push(socket) === MOST_LEAVING) this.#sendAll();
    else if (!this.#isDue) {
      this.#isDue = true;
      process.nextTick(this.#sendDue);
    }
  }

  forget(fd: number): void {
    this.#byDescriptor[fd] = undefined;
  }

  close(): void {
    this.#readable.close();
  }

  readonly #sendDue = (): void => {
    this.#isDue = false;
    this.#sendAll();
  };

  #sendAll(): void {
    const leaving = this.#leaving;
    this.#leaving = [];
    for (const socket of leaving) socket.sendNow();
  }

  #setUp(fd: number, server: ServerAddress, peer: Buffer, random: Random): Error | undefined {
    const { libc } = this;
    ignorePathMtu(libc, fd, server.family === 6);
    const local = sockaddrOf({ address: ANY[server.family], port: 0 });
    for (let tries = 0; ; tries++) {
      local.writeUInt16BE(tries < PORT_TRIES ? randomLocalPort(random) : 0, PORT_OFFSET);
      if (libc.bind(fd, local, local.length) === 0) break;
      if (libc.errno() !== EADDRINUSE || tries === PORT_TRIES) return systemError(libc, 'bind', server);
    }
    if (libc.connect(fd, peer, peer.length) < 0) return systemError(libc, 'connect', server);
    return this.#readable.add(fd) ? undefined : systemError(libc, 'epoll_ctl', server);
  }
}

class NativeSocket implements UpstreamSocket {
  #isClosed = false;
  #unsent: Buffer | undefined;

  constructor(
    private readonly libc: Libc,
    private readonly fd: number,
    private readonly server: ServerAddress,
    private readonly events: SocketEvents,
    private readonly all: NativeSockets,
  ) {}

  send(octets: Buffer): void {
    this.#unsent = octets;
    this.all.sendLater(this);
  }

  /** Sends what waits, unless the socket was closed meanwhile. */
  sendNow(): void {
    const octets = this.#unsent;
    if (octets === undefined) return;
    this.#unsent = undefined;
    this.events.leaves();
    const sent = this.libc.send(this.fd, octets, octets.length, 0);
    if (sent < 0) this.events.failed(systemError(this.libc, 'send', this.server));
  }

  /** Reads one datagram; those behind it are told of again. */
  read(into: Buffer): void {
    const octets = this.libc.recv(this.fd, into, into.length, 0);
    if (octets >= 0) this.events.datagram(into.subarray(0, octets));
    else if (this.libc.errno() !== EAGAIN) this.events.failed(systemError(this.libc, 'recv', this.server));
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#unsent = undefined;
    this.all.forget(this.fd);
    this.libc.close(this.fd);
  }
}
