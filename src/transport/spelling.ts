/**
 * How is a name spelled so that a forger has to guess the spelling too? Each letter's case is one random bit that an
 * honest server echoes (draft-vixie-dnsext-dns0x20).
 */
import type { DomainName } from '../dns/name.js';
import type { Octets } from '../dns/octets.js';
import type { Random } from '../ports/random.js';

const CASE_BIT = 0x20;
const BITS_PER_DRAW = 32;

/** `name` with every ASCII letter in a case of its own; the same name to DNS (RFC 4343). */
export function randomSpelling(name: DomainName, random: Random): Octets {
  const spelled = Buffer.allocUnsafe(name.length);
  let bits = 0;
  let left = 0;
  for (let i = 0; i < name.length; i++) {
    let octet = name.charCodeAt(i);
    // Length octets are below 0x40, so nothing but letters of labels is in this range.
    if (octet >= 0x61 && octet <= 0x7a) {
      if (left === 0) {
        bits = random.below(2 ** BITS_PER_DRAW);
        left = BITS_PER_DRAW;
      }
      if (bits & 1) octet ^= CASE_BIT;
      bits >>>= 1;
      left--;
    }
    spelled[i] = octet;
  }
  return spelled.latin1Slice() as Octets;
}
