/**
 * What is a socket towards a server? Connected, so that only that server's address and port are heard and ICMP errors
 * find their way back (RFC 5452 §9), and bound to a port drawn at random. Two bodies: Node's sockets and the system's own.
 */
import type { ServerAddress } from '../dns/address.js';
import type { Random } from '../ports/random.js';

export interface UpstreamSocket {
  /** What the system refuses is told to `failed`, now or later. */
  send(octets: Buffer): void;
  /** Nothing is told of it any more. */
  close(): void;
}

/** What a socket tells its owner. */
export interface SocketEvents {
  /** The octets are the owner's until it returns: the next datagram may be read into the same memory. */
  datagram(octets: Buffer): void;
  failed(error: unknown): void;
}

export interface UpstreamSockets {
  /** A socket for datagrams to and from `server`. Throws the system's error when it will not give one. */
  open(server: ServerAddress, random: Random, events: SocketEvents): UpstreamSocket;
  /** When every socket is closed. */
  close(): void;
}

/** Ports tried before the kernel chooses: only a machine with most ports taken gets there. */
export const PORT_TRIES = 8;
