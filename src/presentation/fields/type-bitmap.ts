/** The set of types of NSEC, NSEC3 and CSYNC: windows of 256 types, RFC 4034 §4.1.2. */
import { typeToText } from '../../dns/numbers.js';
import type { OctetReader } from '../octet-reader.js';
import { PresentationError } from '../presentation-error.js';
import { fieldOf } from './field-codec.js';
import { typeOfToken } from './number-fields.js';

export const typeBitmap = fieldOf({
  fromTokens: (tokens) => bitmapOf(tokens.rest().map(typeOfToken)),
  take: (octets) => typesOf(octets).map(typeToText),
  text: (value) => value.join(' '),
});

/** Windows in rising order, none empty, trailing zero octets left out (RFC 4034 §4.1.2). */
function bitmapOf(types: readonly number[]): string {
  const windows = new Map<number, number[]>();
  for (const type of types) {
    const bits = windows.get(type >>> 8) ?? [];
    windows.set(type >>> 8, bits);
    const at = (type & 0xff) >>> 3;
    while (bits.length <= at) bits.push(0);
    bits[at]! |= 0x80 >>> (type & 7);
  }
  return [...windows]
    .sort(([a], [b]) => a - b)
    .map(([window, bits]) => String.fromCharCode(window, bits.length, ...bits))
    .join('');
}

/** Refuses what `bitmapOf` would not have written. */
function typesOf(octets: OctetReader): number[] {
  const types: number[] = [];
  for (let previous = -1; octets.remaining > 0; ) {
    const window = octets.uint8();
    const bits = octets.take(octets.uint8());
    const last = bits.charCodeAt(bits.length - 1);
    if (window <= previous || bits.length > 32 || bits.length === 0 || last === 0) {
      throw new PresentationError('a type bitmap is malformed');
    }
    previous = window;
    for (let i = 0; i < bits.length * 8; i++) {
      if (bits.charCodeAt(i >>> 3) & (0x80 >>> (i & 7))) types.push((window << 8) | i);
    }
  }
  return types;
}
