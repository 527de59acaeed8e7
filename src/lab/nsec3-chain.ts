/** Which NSEC3 records does a zone have? One for every name, in the order of their hashes (RFC 5155 §7.1). */
import { type DomainName, prepend } from '../dns/name.js';
import { Type } from '../dns/numbers.js';
import { concatOctets, type Octets, octets16, octetsFrom } from '../dns/octets.js';
import type { RRset } from '../dns/rrset.js';
import { type AuthoritativeName, isInsecureDelegation, typesAt } from './authoritative-names.js';
import { base32hex, type Nsec3Parameters, nsec3Hash } from './nsec3-hash.js';
import { typeBitMaps } from './type-bit-maps.js';

export interface Nsec3Style extends Nsec3Parameters {
  /** RFC 5155 §6: insecure delegations have no record, and every record says so. */
  readonly optOut: boolean;
}

/** RFC 5155 §11: SHA-1 is number 1. */
const SHA1 = 1;
const OPT_OUT = 1;
const HASH_OCTETS = 20;

/** The chain over `names`, the empty non-terminals among them; the apex's own types must be complete. `ttl` in seconds. */
export function nsec3Chain(
  names: readonly AuthoritativeName[],
  apex: DomainName,
  style: Nsec3Style,
  ttl: number,
): RRset[] {
  const owners = names
    .filter((name) => !(style.optOut && isInsecureDelegation(name)))
    .map((name) => ({ hash: nsec3Hash(name.name, style), types: typesOf(name) }))
    .sort((a, b) => (a.hash < b.hash ? -1 : 1));
  const start = fixedFields(style, style.optOut ? OPT_OUT : 0);
  return owners.map(({ hash, types }, index) => {
    const next = owners[(index + 1) % owners.length]!.hash;
    const rdata = concatOctets(start, octetsFrom(HASH_OCTETS), next, typeBitMaps(types));
    return { name: ownerOf(hash, apex), type: Type.NSEC3, ttl, rdatas: [rdata], signatures: [] };
  });
}

/** RFC 5155 §4: how to hash, for the servers of the zone. Its opt-out flag stays clear (§4.1.2). */
export function nsec3Param(apex: DomainName, parameters: Nsec3Parameters, ttl: number): RRset {
  return { name: apex, type: Type.NSEC3PARAM, ttl, rdatas: [fixedFields(parameters, 0)], signatures: [] };
}

/** Hash algorithm, flags, iterations and salt: how NSEC3 and NSEC3PARAM begin (RFC 5155 §3.2, §4.2). */
function fixedFields({ iterations, salt }: Nsec3Parameters, flags: number): Octets {
  return concatOctets(octetsFrom(SHA1, flags), octets16(iterations), octetsFrom(salt.length), salt);
}

/** RFC 5155 §7.1: RRSIG is among them where something is signed; NSEC3 never, its owner is another name. */
function typesOf(name: AuthoritativeName): number[] {
  return name.signed.length > 0 ? [...typesAt(name), Type.RRSIG] : typesAt(name);
}

function ownerOf(hash: Octets, apex: DomainName): DomainName {
  const owner = prepend(base32hex(hash), apex);
  if (owner === undefined) throw new RangeError('the name of the zone is too long for NSEC3 (RFC 5155 §3)');
  return owner;
}
