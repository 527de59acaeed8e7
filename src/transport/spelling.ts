/**
 * How is a name spelled so that a forger has to guess the spelling too? Each letter's case is one random bit that an
 * honest server echoes (draft-vixie-dnsext-dns0x20).
 */
import type { Random } from '../ports/random.js';

const CASE_BIT = 0x20;
const BITS_PER_DRAW = 32;

/**
 * Gives every ASCII letter of the uncompressed lower-case name from `start` to `end` (exclusive) a case of its own: the
 * same name to DNS (RFC 4343).
 */
export function spellAtRandom(octets: Uint8Array, start: number, end: number, random: Random): void {
  let bits = 0;
  let left = 0;
  for (let at = start; at < end; at++) {
    const octet = octets[at]!;
    // Length octets are below 0x40, so nothing but letters of labels is in this range.
    if (octet < 0x61 || octet > 0x7a) continue;
    if (left === 0) {
      bits = random.below(2 ** BITS_PER_DRAW);
      left = BITS_PER_DRAW;
    }
    if (bits & 1) octets[at] = octet ^ CASE_BIT;
    bits >>>= 1;
    left--;
  }
}
