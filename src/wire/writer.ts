/**
 * HOT. Writing a message into one buffer shared by all, with name compression (RFC 1035 §4.1.4).
 *
 * Compression compares octets exactly, so RDATA keeps its spelling to the letter: signatures, 0x20 and people who
 * compare octets are never surprised. Owner names have no spelling of their own and take that of the question.
 */
import { type DomainName, lowerCaseOctets } from '../dns/name.js';
import type { Octets } from '../dns/octets.js';

/** The longest message; TCP's length field has 16 bits (RFC 1035 §4.2.2). */
export const MAX_MESSAGE_OCTETS = 0xffff;

/**
 * Writing may go beyond the longest message by one record and is taken back then: an owner (255), fixed fields (10)
 * and the longest RDATA. Checking once per record is cheaper than once per octet.
 */
const shared = Buffer.allocUnsafe(MAX_MESSAGE_OCTETS + 255 + 10 + 0xffff);

/** Offsets from here on do not fit in the 14 bits of a pointer. */
const POINTER_LIMIT = 0x4000;

/**
 * Suffixes looked up per message; names after that are written in full or to the point found (CVE-2024-8508). A
 * referral with 13 name servers needs about 60. The worst message, of names with 126 labels each, was measured at 0.4 ms.
 */
const MAX_SEARCHES = 512;

/** Where plain loops stop being faster than a call into the runtime: measured 44 ns against 87 at 17 octets. */
const SHORT = 32;

/** One message being written. Only one may be under way at a time: finish with `finished` before the next. */
export class Writer {
  at = 0;
  readonly #suffixes = new Map<string, number>();
  /** Suffixes of the question in lower case, when it is spelled otherwise: for owner names. */
  #folded: Map<string, number> | undefined = undefined;
  #searches = 0;
  #lastOwner = '';
  #lastOwnerAt = 0;

  uint16(value: number): void {
    shared[this.at++] = value >>> 8;
    shared[this.at++] = value;
  }

  uint32(value: number): void {
    shared[this.at++] = value >>> 24;
    shared[this.at++] = value >>> 16;
    shared[this.at++] = value >>> 8;
    shared[this.at++] = value;
  }

  /** Overwrites the 16-bit number at an offset already written. */
  uint16At(offset: number, value: number): void {
    shared[offset] = value >>> 8;
    shared[offset + 1] = value;
  }

  octets(octets: string, start = 0, end: number = octets.length): void {
    if (end - start > SHORT) {
      const part = start === 0 && end === octets.length ? octets : octets.slice(start, end);
      this.at += shared.latin1Write(part, this.at, part.length);
      return;
    }
    for (let i = start; i < end; i++) shared[this.at++] = octets.charCodeAt(i);
  }

  /**
   * The first question's name in the client's spelling: owner names equal to it or ending like it will point to it.
   * It must be the first name written, so that it is written in full.
   */
  spelledName(spelling: Octets): void {
    const start = this.at;
    this.compressed(spelling);
    const name = lowerCaseOctets(spelling);
    if (name === spelling) return;
    this.#folded = new Map();
    for (let at = 0; name.charCodeAt(at) !== 0; at += name.charCodeAt(at) + 1)
      this.#folded.set(name.slice(at), start + at);
  }

  /** The owner name of a record. */
  owner(name: DomainName): void {
    // The records of an RRset follow each other; this saves their lookups.
    if (name === this.#lastOwner) {
      this.uint16(0xc000 | this.#lastOwnerAt);
      return;
    }
    const start = this.at;
    this.#compressed(name, this.#folded);
    const pointed = shared[start]! >= 0xc0;
    const place = pointed ? ((shared[start]! & 0x3f) << 8) | shared[start + 1]! : start;
    if (place >= POINTER_LIMIT || shared[place] === 0) return;
    this.#lastOwner = name;
    this.#lastOwnerAt = place;
  }

  /** A well-formed name, compressed towards names spelled exactly alike. */
  compressed(name: Octets): void {
    this.#compressed(name, undefined);
  }

  #compressed(name: Octets, folded: ReadonlyMap<string, number> | undefined): void {
    for (let at = 0; ; ) {
      const length = name.charCodeAt(at);
      if (length === 0) break;
      if (this.#searches < MAX_SEARCHES) {
        this.#searches++;
        const suffix = at === 0 ? name : name.slice(at);
        const known = this.#suffixes.get(suffix) ?? folded?.get(suffix);
        if (known !== undefined) {
          this.uint16(0xc000 | known);
          return;
        }
        if (this.at < POINTER_LIMIT) this.#suffixes.set(suffix, this.at);
      }
      const next = at + 1 + length;
      for (let i = at; i < next; i++) shared[this.at++] = name.charCodeAt(i);
      at = next;
    }
    shared[this.at++] = 0;
  }

  /** A copy of what was written. */
  finished(): Buffer {
    const bytes = Buffer.allocUnsafe(this.at);
    shared.copy(bytes, 0, 0, this.at);
    return bytes;
  }
}
