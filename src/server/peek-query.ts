/**
 * HOT. Is this a plain question whose answer may lie ready, and under which key? Read from the octets, nothing made.
 *
 * Plain is what nearly all clients send: RD=1, one question of class IN, no record but an OPT of version 0 that is empty
 * or holds one well-formed COOKIE, which is read and ignored here as on the long way (RFC 7873 §5.2.1). All else goes
 * the long way, malformed queries included. The key is the question, letters lower-cased, and what of the flags shows in
 * a reply; the size a client takes is no part of it, but compared.
 */
import { EdnsCode, Type } from '../dns/numbers.js';

/** What shows in a reply, in `PeekedQuery.flags`. */
const AD = 1;
const CD = 2;
const EDNS = 4;
const DNSSEC_OK = 8;
const COMPACT_OK = 16;

/** RFC 1035 §4.2.1 and RFC 6891 §6.2.3: no client takes less over UDP. */
const LEAST_UDP_OCTETS = 512;
const HEADER_OCTETS = 12;
const MAX_NAME_OCTETS = 255;
const MAX_LABEL_OCTETS = 63;
const CLASS_IN = 1;
/** Root label, type, size, TTL, length. */
const OPT_OCTETS = 11;

/** One is made and filled anew for each query. */
export class PeekedQuery {
  /** Offset behind the question: type and class are the four octets before it. */
  end = 0;
  /** Of lower-cased question and flags. */
  hash = 0;
  flags = 0;
  /** Octets the client takes over UDP, 512 or more. */
  udpSize = LEAST_UDP_OCTETS;
}

/** Fills `into` from the first `length` octets; false: not a plain question. */
export function peekQuery(bytes: Uint8Array, length: number, into: PeekedQuery): boolean {
  // QR, opcode, AA and TC zero, RD one; RA, Z and RCODE zero; one question, no answer nor authority.
  if (length < HEADER_OCTETS + 5 || bytes[2] !== 1 || (bytes[3]! & 0xcf) !== 0) return false;
  if (bytes[4] !== 0 || bytes[5] !== 1 || (bytes[6]! | bytes[7]! | bytes[8]! | bytes[9]! | bytes[10]!) !== 0)
    return false;
  const end = hashQuestion(bytes, length, into);
  if (end === 0) return false;
  into.end = end;
  into.flags = (bytes[3]! & 0x20 ? AD : 0) | (bytes[3]! & 0x10 ? CD : 0);
  into.udpSize = LEAST_UDP_OCTETS;
  if (bytes[11] === 0 ? length !== end : bytes[11] !== 1 || !peekOpt(bytes, length, end, into)) return false;
  into.hash = mix(into.hash ^ into.flags);
  return true;
}

/** Offset behind the question, its hash left in `into`; 0 when it is malformed or not of class IN. */
function hashQuestion(bytes: Uint8Array, length: number, into: PeekedQuery): number {
  let hash = 0;
  let at = HEADER_OCTETS;
  for (;;) {
    const label = bytes[at]!;
    const next = at + label + 1;
    if (label > MAX_LABEL_OCTETS || next + 4 > length || next - HEADER_OCTETS > MAX_NAME_OCTETS) return 0;
    // A length octet is below "A": the whole label goes the same way.
    for (; at < next; at++) hash = Math.imul(hash ^ lower(bytes[at]!), 0x01000193);
    if (label === 0) break;
  }
  if (bytes[at + 2] !== 0 || bytes[at + 3] !== CLASS_IN) return 0;
  into.hash = Math.imul(hash ^ ((bytes[at]! << 8) | bytes[at + 1]!), 0x85ebca6b);
  return at + 4;
}

/** An octet with ASCII letters lower-cased (RFC 4343). */
export function lower(octet: number): number {
  return octet >= 0x41 && octet <= 0x5a ? octet | 0x20 : octet;
}

function peekOpt(bytes: Uint8Array, length: number, at: number, into: PeekedQuery): boolean {
  const options = length - at - OPT_OCTETS;
  if (options < 0 || bytes[at] !== 0 || uint16(bytes, at + 1) !== Type.OPT || uint16(bytes, at + 9) !== options) {
    return false;
  }
  // RFC 6891 §6.1.3: extended RCODE and version zero; of the flags only DO and CO.
  if (uint16(bytes, at + 5) !== 0 || (bytes[at + 7]! & 0x3f) !== 0 || bytes[at + 8] !== 0) return false;
  if (options > 0 && !isOneCookie(bytes, at + OPT_OCTETS, options)) return false;
  const flags = bytes[at + 7]!;
  into.flags |= EDNS | (flags & 0x80 ? DNSSEC_OK : 0) | (flags & 0x40 ? COMPACT_OK : 0);
  into.udpSize = Math.max(LEAST_UDP_OCTETS, uint16(bytes, at + 3));
  return true;
}

/** RFC 7873 §4: 8 octets of a client alone, or with 8 to 32 of a server. */
function isOneCookie(bytes: Uint8Array, at: number, octets: number): boolean {
  if (octets < 12 || uint16(bytes, at) !== EdnsCode.COOKIE || uint16(bytes, at + 2) !== octets - 4) return false;
  return octets === 12 || (octets >= 20 && octets <= 44);
}

/** Spreads the entropy to the low bits, which choose the place. */
function mix(hash: number): number {
  const folded = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d);
  return folded ^ (folded >>> 13);
}

function uint16(bytes: Uint8Array, at: number): number {
  return (bytes[at]! << 8) | bytes[at + 1]!;
}
