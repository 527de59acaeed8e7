/**
 * HOT. The system's own sockets as sockets towards servers (Linux; native/ has the calls): a third of the time Node's take,
 * and all of them are watched as one.
 */
import type { ServerAddress } from '../dns/address.js';
import type { Libc } from '../native/libc.js';
import { ReadableSet } from '../native/readable-set.js';
import { ignorePathMtu, newUdpSocket, sockaddrOf, systemError } from '../native/udp-socket.js';
import type { Clock } from '../ports/clock.js';
import type { Random } from '../ports/random.js';
import { randomLocalPort } from './local-port.js';
import { Received } from './received.js';
import { PORT_TRIES, type SocketEvents, type UpstreamSocket, type UpstreamSockets } from './upstream-socket.js';

/** Of socket addresses of both families. */
const PORT_OFFSET = 2;
/** Any address of ours. The port is written anew for each socket. */
const LOCAL: Readonly<Record<4 | 6, Buffer>> = {
  4: sockaddrOf({ address: '0.0.0.0', port: 0 }),
  6: sockaddrOf({ address: '::', port: 0 }),
};
/** Milliseconds of replies that were read together, after which others have their turn. */
const MAY_TAKE = 2;
/** Linux; see errno(3). */
const EAGAIN = 11;
const EADDRINUSE = 98;

export class NativeSockets implements UpstreamSockets {
  readonly #byDescriptor: (NativeSocket | undefined)[] = [];
  readonly #readable: ReadableSet;
  readonly #received = new Received<NativeSocket>();
  #until = 0;
  readonly #mayGoOn = (): boolean => this.clock.now() < this.#until;

  /** Throws an Error when the system has no set of sockets to offer. */
  constructor(
    private readonly libc: Libc,
    private readonly clock: Pick<Clock, 'now'>,
  ) {
    this.#readable = new ReadableSet(
      libc,
      (fd) => this.#read(fd),
      (isFirst) => this.#handOver(isFirst),
    );
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

  forget(fd: number): void {
    this.#byDescriptor[fd] = undefined;
  }

  close(): void {
    this.#readable.close();
  }

  /** Reads one datagram; those behind it are told of again. */
  #read(fd: number): void {
    const received = this.#received;
    if (received.isFull) received.handOver(hear, always);
    // What was handed over may have closed it.
    const socket = this.#byDescriptor[fd];
    const octets = socket?.read(received.room) ?? -1;
    if (octets >= 0) received.add(socket!, octets);
  }

  /** Whether all were handed over: the rest is in the next turn of the event loop. */
  #handOver(isFirst: boolean): boolean {
    if (isFirst) this.#until = this.clock.now() + MAY_TAKE;
    return !this.#received.handOver(hear, this.#mayGoOn);
  }

  #setUp(fd: number, server: ServerAddress, peer: Buffer, random: Random): Error | undefined {
    const { libc } = this;
    ignorePathMtu(libc, fd, server.family === 6);
    const local = LOCAL[server.family];
    for (let tries = 0; ; tries++) {
      local.writeUInt16BE(tries < PORT_TRIES ? randomLocalPort(random, server.port) : 0, PORT_OFFSET);
      if (libc.bind(fd, local, local.length) === 0) break;
      if (libc.errno() !== EADDRINUSE || tries === PORT_TRIES) return systemError(libc, 'bind', server);
    }
    if (libc.connect(fd, peer, peer.length) < 0) return systemError(libc, 'connect', server);
    return this.#readable.add(fd) ? undefined : systemError(libc, 'epoll_ctl', server);
  }
}

const always = (): boolean => true;

const hear = (socket: NativeSocket, octets: Buffer): void => socket.hear(octets);

class NativeSocket implements UpstreamSocket {
  #isClosed = false;

  constructor(
    private readonly libc: Libc,
    private readonly fd: number,
    private readonly server: ServerAddress,
    private readonly events: SocketEvents,
    private readonly all: NativeSockets,
  ) {}

  send(octets: Buffer): void {
    const sent = this.libc.send(this.fd, octets, octets.length, 0);
    if (sent < 0) this.events.failed(systemError(this.libc, 'send', this.server));
  }

  /** The octets of the datagram that is now in `into`; -1 when there was none. */
  read(into: Buffer): number {
    const octets = this.libc.recv(this.fd, into, into.length, 0);
    if (octets < 0 && this.libc.errno() !== EAGAIN) this.events.failed(systemError(this.libc, 'recv', this.server));
    return octets;
  }

  /** Hands over what was read, unless the socket was closed meanwhile. */
  hear(octets: Buffer): void {
    if (!this.#isClosed) this.events.datagram(octets);
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.all.forget(this.fd);
    this.libc.close(this.fd);
  }
}
