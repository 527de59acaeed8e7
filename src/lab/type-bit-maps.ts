/** How are the types of a name written in NSEC and NSEC3? As windows of bits, RFC 4034 §4.1.2. */
import { type Octets, octetsFrom } from '../dns/octets.js';

/** The Type Bit Maps field for these types, 0..65535, in any order; empty for none. */
export function typeBitMaps(types: Iterable<number>): Octets {
  const windows = new Map<number, number[]>();
  for (const type of [...new Set(types)].sort((a, b) => a - b)) {
    const window = windows.get(type >>> 8) ?? [];
    windows.set(type >>> 8, window);
    const at = (type & 0xff) >>> 3;
    while (window.length <= at) window.push(0);
    window[at]! |= 0x80 >>> (type & 7);
  }
  let field = '';
  for (const [number, octets] of windows) field += octetsFrom(number, octets.length, ...octets);
  return field as Octets;
}
