/**
 * Which names does a zone answer for itself, and what there is signed? (RFC 4035 §2.2)
 *
 * Below a zone cut nothing is the zone's own, and below a DNAME nothing should be. At a cut DS is signed and NS is not;
 * what else stands there (glue) is left aside.
 */
import { compareCanonical, type DomainName } from '../dns/name.js';
import { Type } from '../dns/numbers.js';
import type { RRset } from '../dns/rrset.js';
import type { Zone } from './zone.js';

export interface AuthoritativeName {
  readonly name: DomainName;
  /** Empty at an empty non-terminal and at an insecure delegation. */
  readonly signed: readonly RRset[];
  /** The NS RRset of a zone cut. */
  readonly cut: RRset | undefined;
}

/** In canonical order, so the apex comes first; zone cuts and empty non-terminals are among them. */
export function authoritativeNames(zone: Zone): AuthoritativeName[] {
  const names: AuthoritativeName[] = [];
  for (const name of [...zone.names()].sort(compareCanonical)) {
    const location = zone.locate(name);
    if (location.kind === 'node') names.push({ name, signed: [...location.node.values()], cut: undefined });
    if (location.kind !== 'cut' || location.ns.name !== name) continue;
    const ds = zone.rrset(name, Type.DS);
    names.push({ name, signed: ds === undefined ? [] : [ds], cut: location.ns });
  }
  return names;
}

/** The types the zone has at the name by its own authority, its NSEC or NSEC3 and their signatures apart. */
export function typesAt(name: AuthoritativeName): number[] {
  const rrsets = name.cut === undefined ? name.signed : [name.cut, ...name.signed];
  return rrsets.map((rrset) => rrset.type);
}

/** RFC 5155 §6: a zone cut without DS, which an opt-out chain passes over. */
export function isInsecureDelegation(name: AuthoritativeName): boolean {
  return name.cut !== undefined && name.signed.length === 0;
}
