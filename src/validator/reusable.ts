/**
 * Which denial records can deny more than what they were sent for? (RFC 8198 §5) Verified ones that are links of their
 * zone's chain, and that leave room between their two ends.
 *
 * The trap: a record that lies about its place would deny what is not its zone's (CVE-2026-13321, CVE-2026-10723).
 */
import { type DomainName, prepend } from '../dns/name.js';
import { Type } from '../dns/numbers.js';
import type { RRset } from '../dns/rrset.js';
import { isParentSide } from './evidence.js';
import { nsecLink } from './nsec.js';
import { type Nsec3Link, nsec3Links } from './nsec3.js';

/**
 * Additional rounds of hashing above which an NSEC3 record is for its own reply only. RFC 9276 §3.1 asks for none; ten
 * were the usual number before, and a look-up that takes more costs as much as asking.
 */
const MAX_ITERATIONS = 16;

/** Types of which a wildcard has no agreed meaning (RFC 4592 §4), or a meaning for its own name only. */
const NOT_EXPANDED: ReadonlySet<number> = new Set([Type.NS, Type.SOA, Type.DS, Type.DNAME, Type.NSEC, Type.NSEC3]);

/** Octets of two neighbouring hashes that agree by chance in no zone there is: one of 2^64 names would have them. */
const NARROW_OCTETS = 8;

/** Whether a wildcard's records of that type may be given for names nobody asked about. */
export function isExpandable(type: number): boolean {
  return !NOT_EXPANDED.has(type);
}

/** Whether an RRset, verified as of `zone`, may be kept for names nobody asked about. */
export function isReusable(rrset: RRset, zone: DomainName): boolean {
  if (rrset.type === Type.NSEC) return isReusableNsec(rrset, zone);
  const link = nsec3Links(zone, [rrset])[0];
  return link !== undefined && link.iterations <= MAX_ITERATIONS && !isNarrow(link);
}

/** Whether an NSEC or NSEC3 record of `zone` stands at a delegation: of DS it tells, and of nothing else (RFC 6840 §4.1). */
export function isAtDelegation(rrset: RRset, zone: DomainName): boolean {
  const link = rrset.type === Type.NSEC ? nsecLink(rrset, zone) : nsec3Links(zone, [rrset])[0];
  return link !== undefined && isParentSide(link.types);
}

function isReusableNsec(rrset: RRset, zone: DomainName): boolean {
  const link = nsecLink(rrset, zone);
  // RFC 9824 §3.1: with NXNAME the owner does not exist, though the record stands there.
  if (link === undefined || link.types.has(Type.NXNAME)) return false;
  // Made for one question (RFC 9824 §3): nothing is between, and its types may leave out no more than the one asked for.
  return link.next !== prepend('\0', link.owner);
}

/** Made for one question, around one hash (RFC 7129 appendix B). */
function isNarrow({ ownerHash, nextHashed }: Nsec3Link): boolean {
  return ownerHash !== nextHashed && ownerHash.startsWith(nextHashed.slice(0, NARROW_OCTETS));
}
