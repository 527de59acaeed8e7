/**
 * HOT. What does the start of a message say? Reads that build nothing, throw nothing and decide before any decoding:
 * to admit or drop, to find the exchange a reply belongs to, to look a question up in the answer cache.
 */
import type { Header, Question } from '../dns/message.js';
import { MAX_LABEL_OCTETS, MAX_NAME_OCTETS, nameFromWire } from '../dns/name.js';
import type { Octets } from '../dns/octets.js';
import { Flag, HEADER_OCTETS } from './header.js';
import { asBuffer } from './reader.js';

export interface PeekedHeader extends Header {
  readonly questions: number;
  readonly answers: number;
  readonly authorities: number;
  readonly additionals: number;
}

/** The header and its counts, which may lie; undefined under 12 octets. `rcode` is the 4-bit one. */
export function peekHeader(bytes: Uint8Array): PeekedHeader | undefined {
  if (bytes.length < HEADER_OCTETS) return undefined;
  const flags = uint16(bytes, 2);
  return {
    id: uint16(bytes, 0),
    opcode: (flags >>> 11) & 0xf,
    rcode: flags & 0xf,
    qr: (flags & Flag.QR) !== 0,
    aa: (flags & Flag.AA) !== 0,
    tc: (flags & Flag.TC) !== 0,
    rd: (flags & Flag.RD) !== 0,
    ra: (flags & Flag.RA) !== 0,
    ad: (flags & Flag.AD) !== 0,
    cd: (flags & Flag.CD) !== 0,
    questions: uint16(bytes, 4),
    answers: uint16(bytes, 6),
    authorities: uint16(bytes, 8),
    additionals: uint16(bytes, 10),
  };
}

/**
 * The first question's name as it is spelled, uncompressed; undefined when there is none or it is not well formed.
 * Nothing stands before it to point to, so a pointer in it is malformed.
 */
export function questionSpelling(bytes: Uint8Array): Octets | undefined {
  const end = questionNameEnd(bytes);
  return end === 0 ? undefined : (asBuffer(bytes).latin1Slice(HEADER_OCTETS, end) as Octets);
}

export interface PeekedQuestion extends Question {
  /** Offset of the first octet behind the question. */
  readonly end: number;
}

/** The first question; undefined when there is none or it is not well formed. What follows it is not looked at. */
export function peekQuestion(bytes: Uint8Array): PeekedQuestion | undefined {
  const at = questionNameEnd(bytes);
  if (at === 0 || at + 4 > bytes.length) return undefined;
  const name = nameFromWire(asBuffer(bytes).latin1Slice(HEADER_OCTETS, at) as Octets);
  return { name, type: uint16(bytes, at), class: uint16(bytes, at + 2), end: at + 4 };
}

/** The offset behind the first question's name, 0 when there is no well-formed one. */
function questionNameEnd(bytes: Uint8Array): number {
  if (bytes.length < HEADER_OCTETS || uint16(bytes, 4) === 0) return 0;
  for (let at = HEADER_OCTETS; at < bytes.length; ) {
    const length = bytes[at]!;
    at += length + 1;
    if (length > MAX_LABEL_OCTETS || at - HEADER_OCTETS > MAX_NAME_OCTETS) return 0;
    if (length === 0) return at;
  }
  return 0;
}

function uint16(bytes: Uint8Array, at: number): number {
  return (bytes[at]! << 8) | bytes[at + 1]!;
}
