/** Which NSEC records does a zone have? One at every name that owns records, in a ring (RFC 4034 §4, RFC 4035 §2.3). */
import { Type } from '../dns/numbers.js';
import { concatOctets } from '../dns/octets.js';
import type { RRset } from '../dns/rrset.js';
import { type AuthoritativeName, typesAt } from './authoritative-names.js';
import { typeBitMaps } from './type-bit-maps.js';

/** The chain over `names`, which are in canonical order with the apex first. `ttl` in seconds. */
export function nsecChain(names: readonly AuthoritativeName[], ttl: number): RRset[] {
  // RFC 4034 §4: an empty non-terminal has none.
  const owners = names.filter((name) => typesAt(name).length > 0);
  return owners.map((owner, index) => {
    const next = owners[(index + 1) % owners.length]!;
    const types = typeBitMaps([...typesAt(owner), Type.NSEC, Type.RRSIG]);
    return { name: owner.name, type: Type.NSEC, ttl, rdatas: [concatOctets(next.name, types)], signatures: [] };
  });
}
