/**
 * Does a denial of data say that the name itself does not exist? A server that signs as it answers says "no data" for a
 * name that is not there, with NXNAME among the types of its NSEC (RFC 9824 §3.1).
 *
 * Of NSEC3 only what is matched by the name may say so (RFC 9824 §4): with one record that is the one, with more the
 * hash would have to be made again, and compact denials have one.
 */
import { nsec3Of, nsecOf } from '../dns/denial-rdata.js';
import type { DomainName } from '../dns/name.js';
import { Type } from '../dns/numbers.js';
import type { RRset } from '../dns/rrset.js';

/** @param proof verified denial records that prove that `name` lacks the type asked for */
export function isCompactNameError(name: DomainName, proof: readonly RRset[]): boolean {
  for (const { name: owner, type, rdatas } of proof) {
    if (type === Type.NSEC && owner === name) return nsecOf(rdatas[0]!)?.types.has(Type.NXNAME) === true;
  }
  const hashed = proof.filter(({ type }) => type === Type.NSEC3);
  return hashed.length === 1 && nsec3Of(hashed[0]!.rdatas[0]!)?.types.has(Type.NXNAME) === true;
}
