/**
 * HOT. Names in a message someone else wrote: labels and compression pointers (RFC 1035 §4.1.4) to uncompressed octets.
 *
 * A pointer must lead to before the label sequence it ends. That is stricter than "backwards": the starts of the
 * sequences of a name strictly fall, so no name loops and none reads itself. The octets reading takes are bounded
 * three times over: by falling starts, by hops, and by 255 octets of name.
 */
import { type DomainName, MAX_LABEL_OCTETS, MAX_NAME_OCTETS, nameFromWire } from '../dns/name.js';
import { NO_OCTETS, type Octets } from '../dns/octets.js';
import { HEADER_OCTETS } from './header.js';
import { WireError } from './wire-error.js';

/** The upper two bits of a pointer's first octet. */
const POINTER = 0xc0;

/**
 * A name of 255 octets holds at most 127 labels, and a writer needs at most one pointer after each. Longer chains
 * exist only as pointers to pointers, which no server makes and an attacker may (hickory #3738).
 */
const MAX_HOPS = 127;

/**
 * Pointers followed in one message: as many as 65535 octets can hold, so that reading is linear in the message however
 * deep its names are chained. 4,000 names of eight pointers each stay within; without it 64 KiB could take 12 ms.
 */
const MAX_HOPS_PER_MESSAGE = 0x8000;

/** Offsets whose name is remembered; a referral with 13 name servers has about 20. A power of two. */
const REMEMBERED = 32;

const scratch = Buffer.allocUnsafe(MAX_NAME_OCTETS);

// The last REMEMBERED names by the offset they start at: owners mostly are pointers to one of few places. Shared by all
// messages, of which one at a time is read: tables for each would be a large part of what reading costs.
const offsets: number[] = new Array(REMEMBERED).fill(-1);
const spelled: Octets[] = new Array(REMEMBERED).fill(NO_OCTETS);
const owners: (DomainName | undefined)[] = new Array(REMEMBERED).fill(undefined);

/**
 * Reads the names of one message; no other may be read meanwhile. `end` tells, after each call, where the octets behind
 * the name start.
 */
export class NameReader {
  end = 0;
  readonly #bytes: Buffer;
  #next = 0;
  #hopsLeft = MAX_HOPS_PER_MESSAGE;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  /**
   * The name at `at` as it is spelled. `limit`: the octets of the name in this place may not reach beyond; what
   * pointers lead to may be anywhere before. Throws WireError.
   */
  read(at: number, limit: number): Octets {
    return spelled[this.#slotOf(at, limit)]!;
  }

  /** The same with letters in lower case. */
  owner(at: number, limit: number): DomainName {
    const slot = this.#slotOf(at, limit);
    const known = owners[slot];
    if (known !== undefined) return known;
    const name = nameFromWire(spelled[slot]!);
    owners[slot] = name;
    return name;
  }

  /** Walks over the octets a name takes in place; whether it ends in a pointer, which is not followed. */
  skip(at: number, limit: number): boolean {
    const bytes = this.#bytes;
    let pos = at;
    while (pos < limit) {
      const length = bytes[pos]!;
      if (length === 0) {
        this.end = pos + 1;
        return false;
      }
      if (length >= POINTER) {
        if (pos + 2 > limit) break;
        this.end = pos + 2;
        return true;
      }
      if (length > MAX_LABEL_OCTETS) throw labelType(length, pos);
      pos += length + 1;
      // The terminal zero is still to come.
      if (pos - at >= MAX_NAME_OCTETS) throw tooLong(at);
    }
    throw pastEnd(at);
  }

  /** Writes the uncompressed name into `out` from `to` on (255 octets must be free); the offset behind it. */
  expand(at: number, limit: number, out: Buffer, to: number): number {
    const last = to + MAX_NAME_OCTETS - 1;
    let start = at;
    let bound = limit;
    let end = 0;
    let written = to;
    for (let hops = 0; hops <= MAX_HOPS; hops++) {
      const compressed = this.skip(start, bound);
      const stop = compressed ? this.end - 2 : this.end - 1;
      if (written + stop - start > last) throw tooLong(at);
      for (let i = start; i < stop; i++) out[written++] = this.#bytes[i]!;
      if (hops === 0) end = this.end;
      if (!compressed) {
        this.end = end;
        out[written++] = 0;
        return written;
      }
      if (--this.#hopsLeft < 0) {
        throw new WireError(`the message makes its reader follow ${MAX_HOPS_PER_MESSAGE} compression pointers`, at);
      }
      start = this.#target(stop, start);
      bound = this.#bytes.length;
    }
    throw new WireError(`a name has more than ${MAX_HOPS} compression pointers`, at);
  }

  /** Where the pointer at `at` leads, checked against the start of the label sequence it ends. */
  #target(at: number, sequence: number): number {
    const target = ((this.#bytes[at]! & 0x3f) << 8) | this.#bytes[at + 1]!;
    if (target >= sequence) throw new WireError('a compression pointer does not lead backwards', at);
    if (target < HEADER_OCTETS) throw new WireError('a compression pointer leads into the header', at);
    return target;
  }

  #slotOf(at: number, limit: number): number {
    if (!this.skip(at, limit)) {
      return this.#remember(at, this.#bytes.latin1Slice(at, this.end) as Octets);
    }
    // A bare pointer is remembered, and found again, as what it leads to.
    const place = this.end - 2 === at ? this.#target(at, at) : at;
    const known = place === at ? -1 : this.#knownAt(place);
    if (known >= 0) return known;
    const length = this.expand(at, limit, scratch, 0);
    return this.#remember(place, scratch.latin1Slice(0, length) as Octets);
  }

  /** The slot of the name that starts there, -1 when it is not remembered. */
  #knownAt(offset: number): number {
    const count = Math.min(this.#next, REMEMBERED);
    for (let slot = 0; slot < count; slot++) if (offsets[slot] === offset) return slot;
    return -1;
  }

  #remember(offset: number, name: Octets): number {
    const slot = this.#next++ & (REMEMBERED - 1);
    offsets[slot] = offset;
    spelled[slot] = name;
    owners[slot] = undefined;
    return slot;
  }
}

function pastEnd(at: number): WireError {
  return new WireError('a name runs past the end of what holds it', at);
}

function tooLong(at: number): WireError {
  return new WireError(`a name is longer than ${MAX_NAME_OCTETS} octets`, at);
}

/** 0x40 and 0x80: extended and reserved label types, never in use (RFC 6891 §5, RFC 1035 §4.1.4). */
function labelType(octet: number, at: number): WireError {
  return new WireError(`0x${octet.toString(16)} is no label length and no pointer`, at);
}
