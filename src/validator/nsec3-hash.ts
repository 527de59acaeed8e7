/** Under which hash does a name stand in an NSEC3 chain? (RFC 5155 §5) */
import crypto from 'node:crypto';
import { SHA1_OCTETS } from '../dns/denial-rdata.js';
import type { DomainName } from '../dns/name.js';
import { bytesOf, concatOctets, type Octets } from '../dns/octets.js';

/** One call without a Hash object costs a sixth of createHash; it came with Node 20.12. */
const sha1: (bytes: Buffer) => string =
  typeof crypto.hash === 'function'
    ? (bytes) => crypto.hash('sha1', bytes, 'binary')
    : (bytes) => crypto.createHash('sha1').update(bytes).digest('binary');

/** The hashed owner name, 20 octets of SHA-1. `iterations` are the additional rounds, 0..65535: bounded by the caller. */
export function nsec3Hash(name: DomainName, salt: Octets, iterations: number): Octets {
  let digest = sha1(bytesOf(concatOctets(name, salt)));
  if (iterations === 0) return digest as Octets;
  const salted = Buffer.alloc(SHA1_OCTETS + salt.length);
  salted.latin1Write(salt, SHA1_OCTETS);
  for (let i = 0; i < iterations; i++) {
    salted.latin1Write(digest, 0);
    digest = sha1(salted);
  }
  return digest as Octets;
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
