/**
 * Is it proved that something does not exist? The proofs of RFC 4035 §5.4 and RFC 5155 §8, with the corrections of
 * RFC 6840 §4 and the compact form of RFC 9824, from NSEC or NSEC3 records that the caller has verified.
 *
 * The trap: records of the parent and of the child stand at the same name and say different things. A record with NS
 * and without SOA is the parent's and speaks of DS only; one with SOA is the child's and never speaks of DS.
 *
 * Verified means signed by the keys of `zone` and not made from a wildcard. Terms are those of evidence.ts.
 */
import type { TypeBitmap } from '../dns/denial-rdata.js';
import { type ExtendedError, ExtendedErrorCode } from '../dns/extended-error.js';
import { type DomainName, isAtOrBelow, isBelow, nameToText, prepend, ROOT } from '../dns/name.js';
import { Type, typeToText } from '../dns/numbers.js';
import type { Octets } from '../dns/octets.js';
import type { RRset } from '../dns/rrset.js';
import type { WorkBudget } from '../ports/budget.js';
import { type Evidence, isParentSide } from './evidence.js';
import { NsecEvidence } from './nsec.js';
import { Nsec3Evidence, nsec3Links, oneChain } from './nsec3.js';

export interface DenialProof {
  readonly zone: DomainName;
  /** Verified RRsets of the zone; others than NSEC and NSEC3 do no harm. The first MAX_PROOF_RRSETS are looked at. */
  readonly rrsets: readonly RRset[];
  readonly budget: WorkBudget;
  /** NSEC3 iterations above which no hash is made (RFC 9276 §3.2). */
  readonly maxIterations: number;
  /** Puts itself between proof and evidence to tell people which record showed what; nothing on the way of a query. */
  readonly watch?: (evidence: Evidence) => Evidence;
  /** NSEC3 hashes that were made, and charged, before; then all NSEC3 records are of one chain. */
  readonly hashes?: ReadonlyMap<DomainName, Octets>;
}

export type Denial =
  /** `optOut`: it is not signed, and may be there unsigned: the answer is not authentic (RFC 5155 §9.2). */
  | { readonly kind: 'proved'; readonly optOut: boolean }
  /** The proof was not looked into. */
  | { readonly kind: 'insecure'; readonly because: string; readonly ede?: ExtendedError }
  | { readonly kind: 'unproved'; readonly because: string; readonly ede: ExtendedError }
  /** The budget has no NSEC3 hashes left. */
  | { readonly kind: 'spent' };

/** What the absence of DS at a name means for the chain of trust. */
export type DsDenial =
  /** A delegation without DS, or one that opt-out leaves room for: below it nothing is signed. */
  | { readonly kind: 'insecure-delegation' }
  /** The name exists, or is made from a wildcard, and no zone begins there. */
  | { readonly kind: 'no-cut' }
  | { readonly kind: 'name-error' }
  | Exclude<Denial, { kind: 'proved' }>;

/** A name error takes three records and two are the most any other proof takes: the rest is noise. */
const MAX_PROOF_RRSETS = 16;

type Unproved = Extract<Denial, { kind: 'unproved' }>;
type Proved = Extract<Denial, { kind: 'proved' }>;

/** Whether `name` does not exist and no wildcard stands in for it (RFC 4035 §5.4, RFC 5155 §8.4, RFC 9824 §3.1). */
export function denyName(name: DomainName, proof: DenialProof): Denial {
  return weigh<Denial>(name, proof, (evidence) => nameError(name, proof.zone, evidence));
}

/**
 * Whether `name` has neither that type nor a CNAME: it exists without them, is an empty non-terminal, a wildcard that
 * has neither stands in for it (RFC 4035 §5.4, RFC 5155 §8.5 to §8.7), or it does not exist (RFC 9824 §3.1).
 */
export function denyType(name: DomainName, type: number, proof: DenialProof): Denial {
  return weigh<Denial>(name, proof, (evidence) => noData(name, type, proof.zone, evidence));
}

/** What stands at `name`, there being no DS: RFC 4035 §5.2, RFC 5155 §8.9, RFC 6840 §4.4. `zone` is the parent's. */
export function denyDs(name: DomainName, proof: DenialProof): DsDenial {
  return weigh<DsDenial>(name, proof, (evidence) => noDs(name, proof.zone, evidence));
}

/**
 * Whether an answer for `name` was rightly made from the wildcard at `closestEncloser`: that neither the name nor a
 * closer wildcard exists (RFC 4035 §5.3.4, RFC 5155 §8.8).
 */
export function denyCloserMatch(name: DomainName, closestEncloser: DomainName, proof: DenialProof): Denial {
  const { zone } = proof;
  if (!isBelow(name, closestEncloser) || !isAtOrBelow(closestEncloser, zone)) {
    return contradicted(`${wildcardText(closestEncloser)} cannot stand in for ${nameToText(name)}`);
  }
  return weigh<Denial>(name, proof, (evidence) => {
    const absence = evidence.absenceBelow(name, closestEncloser);
    if (absence !== undefined) return { kind: 'proved', optOut: absence.optOut };
    const what = `${nameToText(name)} has no closer match than ${wildcardText(closestEncloser)}`;
    return missing(evidence, zone, what);
  });
}

/** Asks the NSEC records, then the NSEC3 records where those do not prove it. A zone has both while it changes over. */
function weigh<T extends Denial | DsDenial>(
  name: DomainName,
  { zone, rrsets, budget, maxIterations, hashes, watch = unwatched }: DenialProof,
  ask: (evidence: Evidence) => T | Unproved,
): T | Exclude<Denial, Proved> {
  if (!isAtOrBelow(name, zone)) return contradicted(`${nameToText(name)} is not in the zone ${nameToText(zone)}`);
  const looked = rrsets.slice(0, MAX_PROOF_RRSETS);
  const nsec = new NsecEvidence(zone, looked);
  const byNsec = nsec.isEmpty ? undefined : ask(watch(nsec));
  if (byNsec !== undefined && byNsec.kind !== 'unproved') return byNsec;
  const links = nsec3Links(zone, looked);
  if (links.length === 0) return byNsec ?? noRecords(name, zone);
  const affordable = links.filter((link) => link.iterations <= maxIterations);
  if (affordable.length === 0) return tooManyIterations(zone, links[0]!.iterations, maxIterations);
  const nsec3 = new Nsec3Evidence(zone, oneChain(affordable), budget, hashes);
  const byNsec3 = ask(watch(nsec3));
  return nsec3.spent ? { kind: 'spent' } : byNsec3;
}

function unwatched(evidence: Evidence): Evidence {
  return evidence;
}

function nameError(name: DomainName, zone: DomainName, evidence: Evidence): Proved | Unproved {
  const types = evidence.typesAt(name);
  if (types?.has(Type.NXNAME)) return { kind: 'proved', optOut: false };
  if (types !== undefined) return contradicted(`${recordsOf(evidence, zone)} show that ${nameToText(name)} exists`);
  const absence = evidence.absenceOf(name);
  if (absence === undefined) return missing(evidence, zone, `${nameToText(name)} does not exist`);
  const { closestEncloser, optOut } = absence;
  if (evidence.absenceBelow(wildcardAt(closestEncloser), closestEncloser) === undefined) {
    return missing(evidence, zone, `${wildcardText(closestEncloser)} does not exist`);
  }
  return { kind: 'proved', optOut };
}

function noData(name: DomainName, type: number, zone: DomainName, evidence: Evidence): Proved | Unproved {
  const types = evidence.typesAt(name);
  if (types !== undefined) return typeAbsent(name, type, types, evidence, zone);
  const absence = evidence.absenceOf(name);
  if (absence === undefined) {
    return missing(evidence, zone, `${nameToText(name)} has no ${typeToText(type)}`);
  }
  // RFC 5155 §8.6, for DS. An empty non-terminal above nothing but unsigned delegations is left out of the chain with
  // them, so other types are denied by the same records.
  if (absence.optOut) return { kind: 'proved', optOut: true };
  const wildcard = wildcardAt(absence.closestEncloser);
  const wildcardTypes = evidence.typesAt(wildcard);
  if (wildcardTypes !== undefined) return typeAbsent(wildcard, type, wildcardTypes, evidence, zone);
  return missing(evidence, zone, `${wildcardText(absence.closestEncloser)} has no ${typeToText(type)}`);
}

/** Whether the types of a name leave out `type`, and are the right side's to say so. */
function typeAbsent(
  name: DomainName,
  type: number,
  types: TypeBitmap,
  evidence: Evidence,
  zone: DomainName,
): Proved | Unproved {
  const said = `the ${evidence.recordType} of ${nameToText(name)} in ${nameToText(zone)}`;
  if (types.has(Type.NXNAME)) return { kind: 'proved', optOut: false };
  if (type === Type.DS) {
    // RFC 4035 §5.2: with SOA it is the child's, which has no say; the root has no parent to ask.
    if (types.has(Type.SOA) && name !== ROOT) return contradicted(`${said} is the child's and cannot deny DS`);
  } else if (isParentSide(types)) {
    return contradicted(`${said} is a delegation's and cannot deny ${typeToText(type)}`);
  }
  // RFC 6840 §4.3: an alias has no data of its own, but it is not without an answer.
  for (const present of [type, Type.CNAME]) {
    if (types.has(present)) return contradicted(`${said} shows that it has ${typeToText(present)}`);
  }
  return { kind: 'proved', optOut: false };
}

function noDs(name: DomainName, zone: DomainName, evidence: Evidence): DsDenial {
  const types = evidence.typesAt(name);
  if (types !== undefined) return cutAccordingTo(types, name, zone, evidence);
  // RFC 5155 §8.9: a delegation in an opt-out span is one without DS.
  if (evidence.absenceOf(name)?.optOut) return { kind: 'insecure-delegation' };
  if (nameError(name, zone, evidence).kind === 'proved') return { kind: 'name-error' };
  const denial = noData(name, Type.DS, zone, evidence);
  return denial.kind === 'proved' ? { kind: 'no-cut' } : denial;
}

/** RFC 6840 §4.4: only NS without SOA and DS is an unsigned delegation. */
function cutAccordingTo(types: TypeBitmap, name: DomainName, zone: DomainName, evidence: Evidence): DsDenial {
  if (types.has(Type.NXNAME)) return { kind: 'name-error' };
  for (const present of [Type.DS, Type.SOA]) {
    if (!types.has(present)) continue;
    const said = `the ${evidence.recordType} of ${nameToText(name)} in ${nameToText(zone)}`;
    return contradicted(`${said} has ${typeToText(present)} and cannot deny DS`);
  }
  return { kind: types.has(Type.NS) ? 'insecure-delegation' : 'no-cut' };
}

/** An encloser found for a name below it has room for `*`: a label of one octet is the shortest there is. */
function wildcardAt(encloser: DomainName): DomainName {
  return prepend('*', encloser)!;
}

function wildcardText(encloser: DomainName): string {
  return encloser === ROOT ? '*.' : `*.${nameToText(encloser)}`;
}

function recordsOf(evidence: Evidence, zone: DomainName): string {
  return `the ${evidence.recordType} records of ${nameToText(zone)}`;
}

function missing(evidence: Evidence, zone: DomainName, what: string): Unproved {
  return unproved(ExtendedErrorCode.NSEC_MISSING, `${recordsOf(evidence, zone)} do not show that ${what}`);
}

function noRecords(name: DomainName, zone: DomainName): Unproved {
  const because = `no usable NSEC or NSEC3 record of ${nameToText(zone)} came with the denial of ${nameToText(name)}`;
  return unproved(ExtendedErrorCode.NSEC_MISSING, because);
}

function contradicted(because: string): Unproved {
  return unproved(ExtendedErrorCode.DNSSEC_BOGUS, because);
}

function unproved(code: number, because: string): Unproved {
  return { kind: 'unproved', because, ede: { code, text: because } };
}

function tooManyIterations(zone: DomainName, iterations: number, most: number): Extract<Denial, { kind: 'insecure' }> {
  const because = `${nameToText(zone)} has ${iterations} NSEC3 iterations, more than ${most}`;
  return { kind: 'insecure', because, ede: { code: ExtendedErrorCode.UNSUPPORTED_NSEC3_ITERATIONS, text: because } };
}
