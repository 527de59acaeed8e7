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
