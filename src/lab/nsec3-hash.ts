/** Under which hash does a name stand in an NSEC3 chain? (RFC 5155 §5) */
import { createHash } from 'node:crypto';
import type { DomainName } from '../dns/name.js';
import { bytesOf, type Octets, octetAt, octetsOf } from '../dns/octets.js';

export interface Nsec3Parameters {
  /** Additional rounds of hashing, 0..65535 (RFC 9276 §3.1 wants 0). */
  readonly iterations: number;
  /** At most 255 octets. */
  readonly salt: Octets;
}

/** 20 octets, SHA-1, the only algorithm there is. */
export function nsec3Hash(name: DomainName, parameters: Nsec3Parameters): Octets {
  const salt = bytesOf(parameters.salt);
  let digest = createHash('sha1').update(bytesOf(name)).update(salt).digest();
  for (let i = 0; i < parameters.iterations; i++) digest = createHash('sha1').update(digest).update(salt).digest();
  return octetsOf(digest);
}

/** The hash as the label NSEC3 owners carry: base32hex without padding, lower case. */
export function nsec3Label(name: DomainName, parameters: Nsec3Parameters): string {
  return base32hex(nsec3Hash(name, parameters));
}

const DIGITS = '0123456789abcdefghijklmnopqrstuv';

/** RFC 4648 §7; 20 octets are 32 digits exactly. */
export function base32hex(octets: Octets): string {
  let text = '';
  let bits = 0;
  let held = 0;
  for (let i = 0; i < octets.length; i++) {
    held = ((held << 8) | octetAt(octets, i)) & 0xfff;
    for (bits += 8; bits >= 5; bits -= 5) text += DIGITS[(held >>> (bits - 5)) & 31];
  }
  return text;
}
