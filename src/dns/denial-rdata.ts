/** What do NSEC and NSEC3 records say? Their RDATA taken apart (RFC 4034 §4, RFC 5155 §3). */
import { type DomainName, nameAt } from './name.js';
import { NO_OCTETS, type Octets, octetAt, sliceOctets, uint16At } from './octets.js';

/** Octets of bits a window of types can have: 256 types (RFC 4034 §4.1.2). */
const MAX_WINDOW_OCTETS = 32;

/** The types present at a name: windows of 256 types each, as they stand in the RDATA (RFC 4034 §4.1.2). */
export class TypeBitmap {
  readonly #windows: Octets;

  private constructor(windows: Octets) {
    this.#windows = windows;
  }

  /** No types at all: what an empty non-terminal has. */
  static readonly NONE = new TypeBitmap(NO_OCTETS);

  /**
   * The bitmap in RDATA from `start` to its end; undefined when its windows are out of order, empty, too long or cut
   * short. Zero octets that should have been left off are taken: what they say is not in doubt.
   */
  static at(rdata: Octets, start: number): TypeBitmap | undefined {
    if (start > rdata.length) return undefined;
    let last = -1;
    for (let at = start; at < rdata.length; ) {
      const window = octetAt(rdata, at);
      const length = octetAt(rdata, at + 1);
      if (window <= last || length < 1 || length > MAX_WINDOW_OCTETS) return undefined;
      last = window;
      at += 2 + length;
      if (at > rdata.length) return undefined;
    }
    return new TypeBitmap(sliceOctets(rdata, start));
  }

  /** `type` is 0..65535. */
  has(type: number): boolean {
    const windows = this.#windows;
    for (let at = 0; at < windows.length; at += 2 + octetAt(windows, at + 1)) {
      if (octetAt(windows, at) !== type >>> 8) continue;
      const index = (type & 0xff) >>> 3;
      return index < octetAt(windows, at + 1) && (octetAt(windows, at + 2 + index) & (0x80 >>> (type & 7))) !== 0;
    }
    return false;
  }

  /** The types in rising order. */
  *types(): Generator<number> {
    const windows = this.#windows;
    for (let at = 0; at < windows.length; at += 2 + octetAt(windows, at + 1)) {
      for (let bit = 0; bit < octetAt(windows, at + 1) * 8; bit++) {
        const type = (octetAt(windows, at) << 8) | bit;
        if (this.has(type)) yield type;
      }
    }
  }
}

/** NSEC RDATA, RFC 4034 §4.1. */
export interface Nsec {
  /** The next name of the zone in canonical order; the apex, in the last one. */
  readonly next: DomainName;
  readonly types: TypeBitmap;
}

/** NSEC RDATA taken apart; undefined when it is malformed. */
export function nsecOf(rdata: Octets): Nsec | undefined {
  const next = nameAt(rdata, 0);
  const types = next && TypeBitmap.at(rdata, next.length);
  return next === undefined || types === undefined ? undefined : { next, types };
}

/** NSEC3 RDATA, RFC 5155 §3.2. */
export interface Nsec3 {
  /** 1 is SHA-1, and there is no other (RFC 5155 §11). */
  readonly algorithm: number;
  readonly flags: number;
  /** Additional rounds of hashing, 0..65535. */
  readonly iterations: number;
  /** At most MAX_SALT_OCTETS. */
  readonly salt: Octets;
  /** 20 octets for SHA-1, 1..255 for what is unknown. */
  readonly nextHashed: Octets;
  readonly types: TypeBitmap;
  /** Unsigned delegations may stand between this and the next without a record of their own (RFC 5155 §6). */
  readonly optOut: boolean;
}

/** The only NSEC3 hash algorithm (RFC 5155 §11). */
export const NSEC3_SHA1 = 1;
/** Octets of a SHA-1 digest. */
export const SHA1_OCTETS = 20;
/** RFC 5155 §3.1.2.1 */
const OPT_OUT = 0x01;
/** Octets. The format allows 255, which only makes hashing dearer (CVE-2026-1519); nobody signs with more than 64. */
const MAX_SALT_OCTETS = 64;
/** Octets before the salt, its length included. */
const SALT_AT = 5;

/**
 * NSEC3 RDATA taken apart; undefined when it is malformed, its salt is longer than 64 octets or its hash has not the
 * length of its algorithm. Unknown algorithms and flags are for the caller to ignore (RFC 5155 §8.1, §8.2).
 */
export function nsec3Of(rdata: Octets): Nsec3 | undefined {
  const saltLength = octetAt(rdata, SALT_AT - 1);
  if (saltLength < 0 || saltLength > MAX_SALT_OCTETS) return undefined;
  const hashAt = SALT_AT + saltLength + 1;
  const hashLength = octetAt(rdata, hashAt - 1);
  const algorithm = octetAt(rdata, 0);
  if (hashLength < 1 || (algorithm === NSEC3_SHA1 && hashLength !== SHA1_OCTETS)) return undefined;
  const types = TypeBitmap.at(rdata, hashAt + hashLength);
  if (types === undefined) return undefined;
  const flags = octetAt(rdata, 1);
  return {
    algorithm,
    flags,
    iterations: uint16At(rdata, 2),
    salt: sliceOctets(rdata, SALT_AT, SALT_AT + saltLength),
    nextHashed: sliceOctets(rdata, hashAt, hashAt + hashLength),
    types,
    optOut: (flags & OPT_OUT) !== 0,
  };
}

/** Characters of a SHA-1 digest in base32hex without padding: 160 bits, five in each. */
const HASH_LABEL_OCTETS = 32;

/** The hash that the first label of an NSEC3 owner stands for (RFC 5155 §3.3), lower case; undefined when it is none. */
export function hashFromLabel(label: string): Octets | undefined {
  if (label.length !== HASH_LABEL_OCTETS) return undefined;
  let hash = '';
  let bits = 0;
  let held = 0;
  for (let i = 0; i < label.length; i++) {
    const digit = base32hexDigit(label.charCodeAt(i));
    if (digit < 0) return undefined;
    held = ((held << 5) | digit) & 0xfff;
    bits += 5;
    if (bits >= 8) {
      bits -= 8;
      hash += String.fromCharCode((held >>> bits) & 0xff);
    }
  }
  return hash as Octets;
}

/** The first label of the NSEC3 owner for a hash: base32hex without padding (RFC 5155 §3.3). */
export function hashToLabel(hash: Octets): string {
  let label = '';
  let bits = 0;
  let held = 0;
  for (let i = 0; i < hash.length; i++) {
    held = ((held << 8) | hash.charCodeAt(i)) & 0xfff;
    bits += 8;
    for (; bits >= 5; bits -= 5) label += BASE32HEX.charAt((held >>> (bits - 5)) & 0x1f);
  }
  return label;
}

const BASE32HEX = '0123456789abcdefghijklmnopqrstuv';

/** RFC 4648 §7: 0-9, then a-v. -1 for anything else. */
function base32hexDigit(code: number): number {
  if (code >= 0x30 && code <= 0x39) return code - 0x30;
  return code >= 0x61 && code <= 0x76 ? code - 0x61 + 10 : -1;
}
