/**
 * HOT. How do questions come in and replies go out over UDP? One socket for each address.
 *
 * Where the system's own calls are to be had, batches are read and sent (batched-udp-listener.ts); here are Node's own
 * sockets. One bound to a wildcard address (0.0.0.0, ::) leaves the source address of replies to the routing table. On a
 * host with several addresses that may be another than the client asked, and the client drops the reply (RFC 2181
 * §4.1). Node offers no IP_PKTINFO, so there the addresses are to be listed under "listen"; start-server.ts says so.
 */
import { createSocket, type RemoteInfo, type Socket } from 'node:dgram';
import { type ServerAddress, serverAddress } from '../dns/address.js';
import { openUdp } from '../native/udp-socket.js';
import { type Batch, type BatchedParts, BatchedUdpListener } from './batched-udp-listener.js';
import type { Reply } from './client-request.js';
import { setUpForClients } from './client-socket.js';
import type { Fronts } from './fronts/fronts.js';
import { ListenError } from './listen-error.js';
import type { Listener } from './listener.js';
import { Pending } from './pending.js';
import { SpareWarnings } from './spare-warnings.js';

/**
 * Room for bursts while the process is busy: 1 MiB takes about 1200 small datagrams (the kernel counts 768 octets or
 * more for each). The system's default of 208 KiB loses queries at start; it may cap this silently (net.core.rmem_max).
 */
const RECEIVE_BUFFER_OCTETS = 1_048_576;

export interface UdpListenerParts extends BatchedParts {
  /** Undefined where datagrams are read and sent one by one. */
  readonly batch: Batch | undefined;
  /** The front threads that read sockets; undefined where this thread does. */
  readonly frontsFor: () => Promise<Fronts | undefined>;
}

/** Binds to the address, or takes over `fd`, a bound socket. Rejects with ListenError. */
export async function listenUdp(address: ServerAddress, parts: UdpListenerParts, fd?: number): Promise<Listener> {
  const fronts = await parts.frontsFor();
  if (fronts !== undefined) {
    return fd === undefined ? fronts.listen(address, RECEIVE_BUFFER_OCTETS) : fronts.adopt(address, fd);
  }
  if (parts.batch?.libc.canWatch) return listenInBatches(address, parts, parts.batch, fd);
  const socket = createSocket({
    type: address.family === 6 ? 'udp6' : 'udp4',
    // RFC 3493 §5.3: the IPv4 addresses are listened on by name or not at all.
    ipv6Only: address.family === 6,
    recvBufferSize: RECEIVE_BUFFER_OCTETS,
    // Replies go to literal addresses; the default looks them up with a trip through the event loop for each.
    lookup: (host, _options, found) => found(null, host, address.family),
  });
  try {
    await bound(socket, address, fd);
  } catch (error) {
    socket.close();
    throw new ListenError(address, 'udp', error);
  }
  return new UdpListener(socket, serverAddress(address.address, socket.address().port), parts);
}

/** The port of the address must not be left to the system. */
function listenInBatches(address: ServerAddress, parts: BatchedParts, batch: Batch, fd: number | undefined): Listener {
  const { libc } = batch;
  let own = fd;
  try {
    own ??= openUdp(libc, address, RECEIVE_BUFFER_OCTETS);
    setUpForClients(libc, own, address);
    return new BatchedUdpListener(own, address, batch, parts);
  } catch (error) {
    if (own !== undefined) libc.close(own);
    throw new ListenError(address, 'udp', error);
  }
}

function bound(socket: Socket, { address, port }: ServerAddress, fd: number | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    socket.once('error', reject);
    socket.once('listening', () => {
      socket.off('error', reject);
      resolve();
    });
    if (fd === undefined) socket.bind({ address, port, exclusive: true });
    else socket.bind({ fd, exclusive: true });
  });
}

class UdpListener implements Listener {
  readonly transport = 'udp';
  readonly #pending = new Pending();
  readonly #warnings: SpareWarnings;
  #stopped = false;
  #closed = false;

  constructor(
    private readonly socket: Socket,
    readonly address: ServerAddress,
    private readonly parts: UdpListenerParts,
  ) {
    this.#warnings = new SpareWarnings(address.key, parts);
    socket.on('message', (octets, from) => this.#onMessage(octets, from));
    socket.on('error', (error) => this.#warnings.warn(error.message, 'receiving over UDP failed'));
  }

  stop(): void {
    this.#stopped = true;
  }

  settled(): Promise<void> {
    return this.#pending.whenNone();
  }

  close(): Promise<void> {
    this.#stopped = true;
    if (this.#closed) return Promise.resolve();
    this.#closed = true;
    return new Promise((resolve) => this.socket.close(() => resolve()));
  }

  #onMessage(octets: Buffer, from: RemoteInfo): void {
    if (this.#stopped) return;
    const request = { octets, transport: 'udp', address: from.address, port: from.port } as const;
    const reply = this.parts.handle(request, (later) => this.#send(later, from));
    if (reply === undefined) return;
    this.#pending.enter();
    if (reply !== 'later') this.#send(reply, from);
  }

  /** Ends what #onMessage entered. */
  #send(reply: Reply, { port, address }: RemoteInfo): void {
    if (reply === undefined || this.#closed) {
      this.#pending.leave();
      return;
    }
    // A reply that cannot be sent is lost, as any datagram may be: the client asks again.
    this.socket.send(reply, port, address, (error) => {
      this.#pending.leave();
      if (error) this.#warnings.warn(error.message, 'a reply could not be sent over UDP');
    });
  }
}
