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
const SO_REUSEPORT = 15;
const IPPROTO_IP = 0;
const IP_PKTINFO = 8;
const IP_MTU_DISCOVER = 10;
const IPPROTO_IPV6 = 41;
const IPV6_MTU_DISCOVER = 23;
const PMTUDISC_PROBE = 3;
const PMTUDISC_INTERFACE = 4;
const PMTUDISC_OMIT = 5;
const IPV6_V6ONLY = 26;
const IPV6_RECVPKTINFO = 49;

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
 * @param sharesPort more such sockets may have this address: the system gives each flow of datagrams to one of them
 */
export function openUdp(libc: Libc, at: UdpAddress, receiveOctets: number, sharesPort = false): number {
  const name = sockaddrOf(at);
  const fd = newUdpSocket(libc, name);
  if (fd < 0) throw systemError(libc, 'socket', at);
  setOption(libc, fd, SOL_SOCKET, SO_RCVBUF, receiveOctets);
  if (sharesPort) setOption(libc, fd, SOL_SOCKET, SO_REUSEPORT, 1);
  if (libc.bind(fd, name, name.length) < 0) {
    const error = systemError(libc, 'bind', at);
    libc.close(fd);
    throw error;
  }
  return fd;
}

/** A socket for addresses like `name`, bound to none; -1 when there is none to be had. */
export function newUdpSocket(libc: Libc, name: Uint8Array): number {
  const isV6 = name.length > 16;
  const fd = libc.socket(isV6 ? AF_INET6 : AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  // RFC 3493 §5.3: IPv4 addresses are used by name or not at all.
  if (isV6 && fd >= 0) setOption(libc, fd, IPPROTO_IPV6, IPV6_V6ONLY, 1);
  return fd;
}

/**
 * ICMP messages about the path's MTU, which anybody can forge, leave no trace outside of the socket: their effect on the
 * routing cache told off-path attackers which port was connected to a server (Man, Zhou and Qian, CCS 2021).
 */
export function ignorePathMtu(libc: Libc, fd: number, isV6: boolean): void {
  if (isV6) setOption(libc, fd, IPPROTO_IPV6, IPV6_MTU_DISCOVER, PMTUDISC_OMIT);
  else setOption(libc, fd, IPPROTO_IP, IP_MTU_DISCOVER, PMTUDISC_OMIT);
}

/**
 * No datagram is fragmented, whatever ICMP messages say: not here, and over IPv4 not on its way either (DF), where others
 * could put fragments of theirs in (RFC 9715 §3.1). One larger than the MTU of its interface is not sent: EMSGSIZE. Over
 * IPv4 such messages still reach the routing cache of the host, which only those ways of sending prevent that set no DF.
 */
export function forbidFragments(libc: Libc, fd: number, isV6: boolean): void {
  setFragmenting(libc, fd, isV6, PMTUDISC_PROBE, PMTUDISC_INTERFACE);
}

/** What an interface does not take whole leaves in fragments, what it does take without DF. */
export function allowFragments(libc: Libc, fd: number, isV6: boolean): void {
  setFragmenting(libc, fd, isV6, PMTUDISC_OMIT, PMTUDISC_OMIT);
}

/** A socket of IPv6 that somebody else opened may have clients of IPv4 as well. */
function setFragmenting(libc: Libc, fd: number, isV6: boolean, ofV4: number, ofV6: number): void {
  setOption(libc, fd, IPPROTO_IP, IP_MTU_DISCOVER, ofV4);
  if (isV6) setOption(libc, fd, IPPROTO_IPV6, IPV6_MTU_DISCOVER, ofV6);
}

/** Has each datagram tell where it was sent to (`Receiving` with destinations), on a socket bound to a wildcard. */
export function tellDestinations(libc: Libc, fd: number, family: 4 | 6): void {
  if (family === 4) setOption(libc, fd, IPPROTO_IP, IP_PKTINFO, 1);
  else setOption(libc, fd, IPPROTO_IPV6, IPV6_RECVPKTINFO, 1);
}

const optionValue = Buffer.alloc(4);

function setOption(libc: Libc, fd: number, level: number, option: number, value: number): void {
  optionValue.writeInt32LE(value);
  libc.setsockopt(fd, level, option, optionValue, 4);
}

/** An Error like Node's own for the call that has just failed. */
export function systemError(libc: Libc, syscall: string, { address, port }: UdpAddress): NodeJS.ErrnoException {
  const errno = libc.errno();
  const code = getSystemErrorName(-errno);
  return Object.assign(new Error(`${syscall} ${code} ${address}:${port}`), { code, errno: -errno, syscall });
}
