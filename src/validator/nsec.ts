/** What do the NSEC records of a zone show? (RFC 4034 §4, RFC 4035 §5.4, RFC 6840 §4.1) */
import { nsecOf, TypeBitmap } from '../dns/denial-rdata.js';
import { compareCanonical, type DomainName, isAtOrBelow, isBelow, nameToText, selfAndAncestors } from '../dns/name.js';
import { Type } from '../dns/numbers.js';
import type { RRset } from '../dns/rrset.js';
import { type Absence, type Evidence, hidesNamesBelow, nextCloserName, type Witness } from './evidence.js';

/** A record of the chain of a zone. */
export interface NsecLink {
  readonly owner: DomainName;
  readonly next: DomainName;
  readonly types: TypeBitmap;
}

/** The NSEC records among verified RRsets of `zone`. Those that are no link of its chain are left out. */
export class NsecEvidence implements Evidence {
  readonly recordType = 'NSEC';
  readonly #links: readonly NsecLink[];

  constructor(
    readonly zone: DomainName,
    rrsets: readonly RRset[],
  ) {
    this.#links = rrsets.map((rrset) => nsecLink(rrset, zone)).filter((link) => link !== undefined);
  }

  get isEmpty(): boolean {
    return this.#links.length === 0;
  }

  typesAt(name: DomainName): TypeBitmap | undefined {
    const match = this.#links.find((link) => link.owner === name);
    if (match !== undefined) return match.types;
    const cover = this.#covering(name);
    // RFC 4035 §3.1.3.2: a name is there without records when the next name in order is below it.
    return cover !== undefined && isBelow(cover.next, name) ? TypeBitmap.NONE : undefined;
  }

  absenceOf(name: DomainName): Absence | undefined {
    const cover = this.#covering(name);
    if (cover === undefined || isBelow(cover.next, name)) return undefined;
    // Owner and next exist, and with them all their ancestors; nothing between them does.
    const besideOwner = commonAncestor(name, cover.owner);
    const besideNext = commonAncestor(name, cover.next);
    const closestEncloser = besideOwner.length > besideNext.length ? besideOwner : besideNext;
    return { closestEncloser, optOut: false };
  }

  absenceBelow(name: DomainName, closestEncloser: DomainName): Absence | undefined {
    const absence = this.absenceOf(name);
    if (absence === undefined) return undefined;
    // RFC 4035 §5.3.4: no closer match. An encloser found at or below the next closer name would be one.
    const nextCloser = nextCloserName(name, closestEncloser);
    return isAtOrBelow(absence.closestEncloser, nextCloser) ? undefined : { closestEncloser, optOut: false };
  }

  witnessOf(name: DomainName): Witness | undefined {
    const match = this.#links.find((link) => link.owner === name);
    const link = match ?? this.#covering(name);
    if (link === undefined) return undefined;
    const text = `NSEC ${nameToText(link.owner)} -> ${nameToText(link.next)}`;
    return { relation: match === undefined ? 'covers' : 'matches', text };
  }

  /** The record whose gap holds `name`, if it may speak about that name. */
  #covering(name: DomainName): NsecLink | undefined {
    if (!isAtOrBelow(name, this.zone)) return undefined;
    return this.#links.find((link) => covers(link, name, this.zone) && !isHiddenFrom(link, name));
  }
}

/** The link a verified RRset of `zone` is; undefined when it is none. */
export function nsecLink(rrset: RRset, zone: DomainName): NsecLink | undefined {
  if (rrset.type !== Type.NSEC || rrset.rdatas.length !== 1 || !isAtOrBelow(rrset.name, zone)) return undefined;
  const nsec = nsecOf(rrset.rdatas[0]!);
  // A next name outside the zone would deny what is not this zone's (CVE-2026-13321).
  if (nsec === undefined || !isAtOrBelow(nsec.next, zone)) return undefined;
  // Only the last record goes back, and it goes back to the apex (RFC 4034 §4.1.1).
  if (nsec.next !== zone && compareCanonical(rrset.name, nsec.next) >= 0) return undefined;
  return { owner: rrset.name, next: nsec.next, types: nsec.types };
}

function covers({ owner, next }: NsecLink, name: DomainName, zone: DomainName): boolean {
  return compareCanonical(owner, name) < 0 && (next === zone || compareCanonical(name, next) < 0);
}

/** The record of a delegation or of a DNAME says nothing of names below it (RFC 6840 §4.1). */
function isHiddenFrom({ owner, types }: NsecLink, name: DomainName): boolean {
  return isBelow(name, owner) && hidesNamesBelow(types);
}

function commonAncestor(name: DomainName, other: DomainName): DomainName {
  for (const ancestor of selfAndAncestors(name)) if (isAtOrBelow(other, ancestor)) return ancestor;
  throw new RangeError('all names have the root in common');
}
