/** A bound UDP socket of our own making, whose file descriptor both Node and libc.ts may use. */
import { getSystemErrorName } from 'node:util';
import { addressToOctets } from '../dns/address.js';
import type { Libc } from './libc.js';

const AF_INET = 2;
const AF_INET6 = 10;
const SOCK_DGRAM = 2;
const SOCK_NONBLOCK = 0x800;
const SOCK_CLOEXEC = 0x80000;
const SOL_SOCKET = 1;
const SO_RCVBUF = 8;
const IPPROTO_IPV6 = 41;
const IPV6_V6ONLY = 26;

export interface UdpAddress {
  readonly address: string;
  /** 0: the system picks one. */
  readonly port: number;
}

/** A socket address as the kernel lays it out (ip(7), ipv6(7)); an address of a zone (%eth0) loses it. */
export function sockaddrOf({ address, port }: UdpAddress): Buffer {
  const octets = addressToOctets(address)!;
  const isV4 = octets.length === 4;
  const name = Buffer.alloc(isV4 ? 16 : 28);
  name.writeUInt16LE(isV4 ? AF_INET : AF_INET6, 0);
  name.writeUInt16BE(port, 2);
  name.latin1Write(octets, isV4 ? 4 : 8);
  return name;
}

/**
 * The file descriptor. Throws an Error like Node's own (code, syscall) when it cannot be had.
 * @param receiveOctets wanted of the receive buffer; the system may cap it silently
 */
export function openUdp(libc: Libc, at: UdpAddress, receiveOctets: number): number {
  const name = sockaddrOf(at);
  const isV6 = name.length > 16;
  const fd = libc.socket(isV6 ? AF_INET6 : AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd < 0) throw systemError(libc, 'socket', at);
  const option = (level: number, number: number, value: number): void => {
    const octets = Buffer.alloc(4);
    octets.writeInt32LE(value);
    libc.setsockopt(fd, level, number, octets, 4);
  };
  option(SOL_SOCKET, SO_RCVBUF, receiveOctets);
  // RFC 3493 §5.3: the IPv4 addresses are listened on by name or not at all.
  if (isV6) option(IPPROTO_IPV6, IPV6_V6ONLY, 1);
  if (libc.bind(fd, name, name.length) < 0) {
    const error = systemError(libc, 'bind', at);
    libc.close(fd);
    throw error;
  }
  return fd;
}

function systemError(libc: Libc, syscall: string, { address, port }: UdpAddress): Error {
  const errno = libc.errno();
  const code = getSystemErrorName(-errno);
  return Object.assign(new Error(`${syscall} ${code} ${address}:${port}`), { code, errno: -errno, syscall });
}
