/**
 * Octet strings: immutable bytes as one-byte (latin1) JavaScript strings, one char per octet.
 *
 * RDATA, packed cache values and names travel as strings because V8 stores such strings in one byte a char, compares
 * and hashes them natively and never copies them to share them; a Buffer of 20 octets costs about 100.
 */
declare const brand: unique symbol;

declare global {
  /** Long part of Node, absent from its type declarations: twice as fast as toString('latin1') on short slices. */
  interface Buffer<TArrayBuffer extends ArrayBufferLike = ArrayBufferLike> extends Uint8Array<TArrayBuffer> {
    latin1Slice(start?: number, end?: number): string;
    latin1Write(text: string, offset?: number, length?: number): number;
  }
}

/** Bytes, one char (0..255) each. Minted here, by the wire reader and by the presentation parser only. */
export type Octets = string & { readonly [brand]: 'Octets' };

export const NO_OCTETS = '' as Octets;

/** The octets of a buffer, or of its part from `start` to `end` (exclusive). */
export function octetsOf(bytes: Uint8Array, start = 0, end: number = bytes.length): Octets {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).latin1Slice(start, end) as Octets;
}

/** A fresh buffer holding the octets. */
export function bytesOf(octets: Octets): Buffer {
  return Buffer.from(octets, 'latin1');
}

/** Octets from numbers 0..255. */
export function octetsFrom(...values: readonly number[]): Octets {
  return String.fromCharCode(...values.map((v) => v & 0xff)) as Octets;
}

/** Two octets, big-endian. */
export function octets16(value: number): Octets {
  return String.fromCharCode((value >>> 8) & 0xff, value & 0xff) as Octets;
}

/** Four octets, big-endian. */
export function octets32(value: number): Octets {
  return String.fromCharCode(
    (value >>> 24) & 0xff,
    (value >>> 16) & 0xff,
    (value >>> 8) & 0xff,
    value & 0xff,
  ) as Octets;
}

export function concatOctets(...parts: readonly Octets[]): Octets {
  return parts.join('') as Octets;
}

/** The octets from `start` to `end` (exclusive). */
export function sliceOctets(octets: Octets, start: number, end: number = octets.length): Octets {
  return octets.slice(start, end) as Octets;
}

/** The octet at `at`; -1 past the end, so that a comparison with a real value fails. */
export function octetAt(octets: string, at: number): number {
  return at < octets.length ? octets.charCodeAt(at) : -1;
}

/** The big-endian 16-bit number at `at`. The caller has checked the length. */
export function uint16At(octets: string, at: number): number {
  return (octets.charCodeAt(at) << 8) | octets.charCodeAt(at + 1);
}

/** The big-endian 32-bit number at `at`, 0..2^32-1. The caller has checked the length. */
export function uint32At(octets: string, at: number): number {
  return ((uint16At(octets, at) << 16) | uint16At(octets, at + 2)) >>> 0;
}

export function hexOf(octets: string): string {
  return Buffer.from(octets, 'latin1').toString('hex');
}

/** Octets from hexadecimal digits; undefined when the text is not an even number of them. */
export function octetsFromHex(hex: string): Octets | undefined {
  if (hex.length % 2 !== 0 || !/^[0-9a-fA-F]*$/.test(hex)) return undefined;
  return Buffer.from(hex, 'hex').toString('latin1') as Octets;
}
