/** Which DS records count, and which key does one mean? (RFC 4034 §5, RFC 4509, RFC 6605 §2) */
import { createHash } from 'node:crypto';
import { type Dnskey, type Ds, isZoneKey } from '../dns/dnssec-rdata.js';
import type { DomainName } from '../dns/name.js';
import { bytesOf, concatOctets } from '../dns/octets.js';
import { type Algorithms, DigestType } from './algorithms.js';

/** Names of the hash functions as node:crypto has them. */
const hashOf = new Map<number, string>([
  [DigestType.SHA1, 'sha1'],
  [DigestType.SHA256, 'sha256'],
  [DigestType.SHA384, 'sha384'],
]);

/**
 * Whether `ds` is the digest of that key at that owner name (RFC 4034 §5.1.4). A DS of an unknown digest type or with a
 * digest of another length matches nothing, nor does a key without the zone key flag (RFC 4034 §5.2).
 */
export function dsMatches(ds: Ds, owner: DomainName, key: Dnskey): boolean {
  if (ds.keyTag !== key.keyTag || ds.algorithm !== key.algorithm || !isZoneKey(key)) return false;
  const hash = hashOf.get(ds.digestType);
  if (hash === undefined) return false;
  const digest = createHash(hash)
    .update(bytesOf(concatOctets(owner, key.rdata)))
    .digest();
  return digest.latin1Slice() === ds.digest;
}

/**
 * The DS records a chain of trust may be built on; when none is, the zone is insecure (RFC 4035 §5.2). SHA-1 digests
 * are left aside whenever the set has a usable one of SHA-256 or SHA-384 (RFC 4509 §3, RFC 6605 §2), whatever its key
 * algorithm: BIND and Unbound look at the whole set too, so a forged SHA-1 match cannot be preferred.
 */
export function usableDs(set: readonly Ds[], algorithms: Algorithms): readonly Ds[] {
  const known = set.filter((ds) => algorithms.supports(ds.algorithm) && algorithms.supportsDigest(ds.digestType));
  const strong = known.filter((ds) => ds.digestType !== DigestType.SHA1);
  return strong.length > 0 ? strong : known;
}
