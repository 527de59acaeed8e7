/**
 * HOT. Many datagrams by one system call: recvmmsg(2), sendmmsg(2). The vectors of `struct mmsghdr` are laid out once
 * and point into buffers that live as long as they do; between calls only lengths change.
 *
 *   mmsghdr (64): name *, namelen u32 + pad, iov *, iovlen, control *, controllen, flags i32 + pad, len u32 + pad
 *   iovec (16): base *, len        sockaddr_in6 (28; sockaddr_in takes the first 16): see ip(7), ipv6(7)
 *   cmsghdr (16): len u64, level i32, type i32; behind it in_pktinfo (12: index, address of ours, address in the header)
 *   or in6_pktinfo (20: address, index)
 */
import type { Libc } from './libc.js';
import { allowFragments, forbidFragments } from './udp-socket.js';

const MMSGHDR = 64;
const NAME_LENGTH = 8;
const CONTROL = 32;
const CONTROL_LENGTH = 40;
const LENGTH = 56;
const IOVEC = 16;
/** sockaddr_in6. Slots are of 32 octets. */
const SOCKADDR = 28;
const SOCKADDR_SLOT = 32;
const SOCKADDR_IN = 16;

/** Octets of a destination at most: one control message with in6_pktinfo, which is the larger. */
export const DESTINATION = 40;
/** Where the network interface stands in it: left out of replies, which then go the way the routing table says. */
const INDEX_OF_V4 = 16;
const INDEX_OF_V6 = 32;
/** Of a control message. */
const LEVEL = 8;
const TYPE = 12;
const IPPROTO_IP = 0;
const IP_PKTINFO = 8;
const IPPROTO_IPV6 = 41;
const IPV6_PKTINFO = 50;

const MSG_DONTWAIT = 0x40;
const EINTR = 4;
const EMSGSIZE = 90;

/** `count` slots for datagrams of up to `octets` octets. */
class Slots {
  readonly vector: Buffer;
  readonly names: Buffer;
  /** The same memory. */
  readonly nameWords: Int32Array;
  readonly iovecs: Buffer;
  /** Control messages: where a datagram was sent to, or is to be sent from. */
  readonly destinations: Buffer;
  /** The octets of each slot. */
  readonly slots: readonly Buffer[];
  protected readonly headers: DataView;

  constructor(
    protected readonly libc: Libc,
    readonly count: number,
    readonly octets: number,
  ) {
    // Each of its own ArrayBuffer: none is moved, and none shares Node's pool.
    this.vector = Buffer.alloc(count * MMSGHDR);
    this.names = Buffer.alloc(count * SOCKADDR_SLOT);
    this.nameWords = new Int32Array(this.names.buffer, this.names.byteOffset, this.names.length >> 2);
    this.iovecs = Buffer.alloc(count * IOVEC);
    this.destinations = Buffer.alloc(count * DESTINATION);
    const slab = Buffer.alloc(count * octets);
    this.slots = Array.from({ length: count }, (_, i) => slab.subarray(i * octets, (i + 1) * octets));
    this.headers = new DataView(this.vector.buffer, this.vector.byteOffset, this.vector.length);
    const [names, iovecs, controls, data] = [this.names, this.iovecs, this.destinations, slab].map((part) =>
      libc.addressOf(part),
    ) as [bigint, bigint, bigint, bigint];
    for (let i = 0; i < count; i++) {
      const at = i * MMSGHDR;
      this.vector.writeBigUInt64LE(names + BigInt(i * SOCKADDR_SLOT), at);
      this.vector.writeUInt32LE(SOCKADDR, at + NAME_LENGTH);
      this.vector.writeBigUInt64LE(iovecs + BigInt(i * IOVEC), at + 16);
      this.vector.writeBigUInt64LE(1n, at + 24);
      this.vector.writeBigUInt64LE(controls + BigInt(i * DESTINATION), at + CONTROL);
      this.iovecs.writeBigUInt64LE(data + BigInt(i * octets), i * IOVEC);
      this.iovecs.writeBigUInt64LE(BigInt(octets), i * IOVEC + 8);
    }
  }
}

export class Receiving extends Slots {
  /** Octets in each slot. */
  readonly lengths = new Uint32Array(this.count);
  /** Slots whose header is as the last call left it. */
  #used = this.count;

  /** How many datagrams were waiting, at most `count`, now in the slots; 0 when there was none, or the socket is gone. */
  receive(fd: number): number {
    for (let i = 0; i < this.#used; i++) {
      this.headers.setUint32(i * MMSGHDR + NAME_LENGTH, SOCKADDR, true);
      this.headers.setUint32(i * MMSGHDR + CONTROL_LENGTH, DESTINATION, true);
    }
    let got = this.libc.recvmmsg(fd, this.vector, this.count, MSG_DONTWAIT, null);
    if (got < 0 && this.libc.errno() === EINTR)
      got = this.libc.recvmmsg(fd, this.vector, this.count, MSG_DONTWAIT, null);
    this.#used = Math.max(0, got);
    for (let i = 0; i < got; i++) this.lengths[i] = this.headers.getUint32(i * MMSGHDR + LENGTH, true);
    return this.#used;
  }

  /**
   * Octets of the destination in a slot of `destinations`; 0 unless the socket tells them (`tellDestinations`). One that
   * was opened by somebody else may tell other things first, say the time, which could not be sent back.
   */
  destinationOctets(slot: number): number {
    const octets = this.headers.getUint32(slot * MMSGHDR + CONTROL_LENGTH, true);
    return octets === 0 || this.#isDestination(slot * DESTINATION) ? octets : 0;
  }

  #isDestination(at: number): boolean {
    const level = this.destinations.readInt32LE(at + LEVEL);
    const type = this.destinations.readInt32LE(at + TYPE);
    return level === IPPROTO_IP ? type === IP_PKTINFO : level === IPPROTO_IPV6 && type === IPV6_PKTINFO;
  }

  /** Offset in `names` of the sender's socket address. */
  nameAt(slot: number): number {
    return slot * SOCKADDR_SLOT;
  }

  /** The sender's port. */
  portAt(slot: number): number {
    const at = slot * SOCKADDR_SLOT + 2;
    return (this.names[at]! << 8) | this.names[at + 1]!;
  }
}

export class Sending extends Slots {
  /** Datagrams in the slots, from the first. */
  filled = 0;

  get isFull(): boolean {
    return this.filled === this.count;
  }

  /** Ends the next slot, filled with `octets` octets, addressed to who sent what lies in a slot of `from`. */
  answer(from: Receiving, slot: number, octets: number): void {
    const source = slot * SOCKADDR_SLOT;
    // An eighth of the time that Buffer.copy takes for so little.
    const word = (this.filled * SOCKADDR_SLOT) >> 2;
    for (let i = 0; i < SOCKADDR >> 2; i++) this.nameWords[word + i] = from.nameWords[(source >> 2) + i]!;
    const told = from.destinationOctets(slot);
    if (told > 0) {
      from.destinations.copy(
        this.destinations,
        this.filled * DESTINATION,
        slot * DESTINATION,
        (slot + 1) * DESTINATION,
      );
    }
    this.#end(from.names[source] === AF_INET ? SOCKADDR_IN : SOCKADDR, told, octets);
  }

  /** The same, to an address kept from `Receiving.names`, from the one kept from `Receiving.destinations`, if any. */
  address(name: Uint8Array, octets: number, destination?: Uint8Array): void {
    this.names.set(name, this.filled * SOCKADDR_SLOT);
    if (destination !== undefined) this.destinations.set(destination, this.filled * DESTINATION);
    this.#end(name.length, destination?.length ?? 0, octets);
  }

  #end(nameOctets: number, destinationOctets: number, octets: number): void {
    const at = this.filled * MMSGHDR;
    this.headers.setUint32(at + NAME_LENGTH, nameOctets, true);
    this.headers.setUint32(at + CONTROL_LENGTH, destinationOctets, true);
    if (destinationOctets > 0) this.#routeAnew(this.filled * DESTINATION);
    this.iovecs.writeUInt32LE(octets, this.filled * IOVEC + 8);
    this.filled++;
  }

  /** The reply leaves from the address that was asked, through whichever interface leads to the client. */
  #routeAnew(at: number): void {
    const isV4 = this.destinations.readInt32LE(at + LEVEL) === IPPROTO_IP;
    this.destinations.writeUInt32LE(0, at + (isV4 ? INDEX_OF_V4 : INDEX_OF_V6));
  }

  /** Hands all to the system and empties the slots. Datagrams it will not take are lost; how many those were. */
  send(fd: number): number {
    let from = 0;
    let lost = 0;
    while (from < this.filled) {
      let sent = this.#sendFrom(from, this.filled - from, fd);
      if (sent < 0 && this.libc.errno() === EMSGSIZE) sent = this.#sendInFragments(from, fd);
      // The first of the rest is to blame, or there is no room: what follows is tried once each.
      if (sent <= 0) lost++;
      from += Math.max(1, sent);
    }
    this.filled = 0;
    return lost;
  }

  /** Datagrams sent, or -1. */
  #sendFrom(slot: number, count: number, fd: number): number {
    const rest = slot === 0 ? this.vector : this.vector.subarray(slot * MMSGHDR);
    return this.libc.sendmmsg(fd, rest, count, MSG_DONTWAIT);
  }

  /** Larger than its interface takes, where forbidFragments was called: what is configured to be sent all the same. */
  #sendInFragments(slot: number, fd: number): number {
    const isV6 = this.names[slot * SOCKADDR_SLOT] !== AF_INET;
    allowFragments(this.libc, fd, isV6);
    const sent = this.#sendFrom(slot, 1, fd);
    forbidFragments(this.libc, fd, isV6);
    return sent;
  }
}

const AF_INET = 2;

/** A copy of the address in a slot, to be answered later. */
export function keptName({ names }: Receiving, slot: number): Uint8Array {
  const at = slot * SOCKADDR_SLOT;
  return Uint8Array.prototype.slice.call(names, at, at + (names[at] === AF_INET ? SOCKADDR_IN : SOCKADDR));
}

/** A copy of the destination in a slot; undefined when none was told. */
export function keptDestination(receiving: Receiving, slot: number): Uint8Array | undefined {
  const octets = receiving.destinationOctets(slot);
  if (octets === 0) return undefined;
  return Uint8Array.prototype.slice.call(receiving.destinations, slot * DESTINATION, slot * DESTINATION + octets);
}
