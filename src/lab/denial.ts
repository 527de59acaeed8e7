/**
 * Which NSEC or NSEC3 records prove that a signed zone does not have something? (RFC 4035 §3.1.3, RFC 5155 §7.2)
 *
 * Terms of RFC 5155 §1.3: a record matches a name when the name is (or hashes to) its owner; it covers a name that
 * falls between its owner and its next name. The next closer name is one label longer than the closest encloser.
 * An unsigned zone has no proof to give: the list is empty.
 */
import {
  compareCanonical,
  type DomainName,
  firstLabel,
  labelCount,
  lastLabels,
  parentOf,
  prepend,
} from '../dns/name.js';
import { Type } from '../dns/numbers.js';
import { octetAt, sliceOctets, uint16At } from '../dns/octets.js';
import type { RRset } from '../dns/rrset.js';
import { type Nsec3Parameters, nsec3Label } from './nsec3-hash.js';
import type { Zone } from './zone.js';

/** What is denied. `encloser` is the closest encloser of `name`. */
export type Denied =
  /** The name (or zone cut) exists without that type. */
  | { readonly kind: 'nodata'; readonly name: DomainName }
  | { readonly kind: 'nxdomain'; readonly name: DomainName; readonly encloser: DomainName }
  /** The answer came from a wildcard: the name itself must be shown not to exist. */
  | { readonly kind: 'wildcard-answer'; readonly name: DomainName; readonly encloser: DomainName }
  | { readonly kind: 'wildcard-nodata'; readonly name: DomainName; readonly encloser: DomainName };

/** The NSEC or NSEC3 RRsets of the proof, no two alike. */
export function proofOf(zone: Zone, denied: Denied): readonly RRset[] {
  const chain = chainOf(zone);
  if (chain === undefined) return [];
  const proof = chain.kind === 'nsec' ? nsecProof(chain, denied) : nsec3Proof(chain, zone.apex, denied);
  return [...new Set(proof.filter((rrset) => rrset !== undefined))];
}

interface NsecChain {
  readonly kind: 'nsec';
  /** In canonical order of owners. */
  readonly links: readonly RRset[];
}

interface Nsec3Chain extends Nsec3Parameters {
  readonly kind: 'nsec3';
  /** In order of their hashes. */
  readonly links: readonly { readonly hash: string; readonly rrset: RRset }[];
}

const chains = new WeakMap<Zone, NsecChain | Nsec3Chain>();

/** Zones never change, so a chain is put in order once. */
function chainOf(zone: Zone): NsecChain | Nsec3Chain | undefined {
  const first = zone.denials[0];
  if (first === undefined) return undefined;
  const known = chains.get(zone);
  if (known !== undefined) return known;
  const chain = first.type === Type.NSEC ? nsecChain(zone) : nsec3Chain(zone, first);
  chains.set(zone, chain);
  return chain;
}

function nsecChain(zone: Zone): NsecChain {
  const links = zone.denials.filter((rrset) => rrset.type === Type.NSEC);
  return { kind: 'nsec', links: links.sort((a, b) => compareCanonical(a.name, b.name)) };
}

function nsecProof(chain: NsecChain, denied: Denied): (RRset | undefined)[] {
  // An empty non-terminal has no NSEC of its own; the one before it covers it, so one search serves both cases.
  const at = matchingOrCovering(chain, denied.name);
  switch (denied.kind) {
    case 'nodata':
    case 'wildcard-answer':
      return [at];
    case 'nxdomain':
    case 'wildcard-nodata':
      return [at, matchingOrCovering(chain, wildcardOf(denied.encloser))];
    default:
      return denied satisfies never;
  }
}

/** The last NSEC whose owner is not after the name; the apex owns the first, so inside the zone there is always one. */
function matchingOrCovering(chain: NsecChain, name: DomainName): RRset | undefined {
  return lastWhere(chain.links, (rrset) => compareCanonical(rrset.name, name) <= 0);
}

function wildcardOf(encloser: DomainName): DomainName {
  return prepend('*', encloser) ?? encloser;
}

/** The last of a sorted list for which `holds`, which is true for a first part of the list and false for the rest. */
function lastWhere<T>(sorted: readonly T[], holds: (item: T) => boolean): T | undefined {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (holds(sorted[middle]!)) low = middle + 1;
    else high = middle;
  }
  return sorted[low - 1];
}

/** RFC 5155 §3.2: algorithm, flags, iterations and salt are the same in all records of a chain. */
function nsec3Chain(zone: Zone, first: RRset): Nsec3Chain {
  const rdata = first.rdatas[0]!;
  const links = zone.denials
    .filter((rrset) => rrset.type === Type.NSEC3)
    .map((rrset) => ({ hash: firstLabel(rrset.name), rrset }))
    .sort((a, b) => (a.hash < b.hash ? -1 : 1));
  return { kind: 'nsec3', iterations: uint16At(rdata, 2), salt: sliceOctets(rdata, 5, 5 + octetAt(rdata, 4)), links };
}

function nsec3Proof(chain: Nsec3Chain, apex: DomainName, denied: Denied): (RRset | undefined)[] {
  const { name } = denied;
  switch (denied.kind) {
    case 'nodata':
      // RFC 5155 §7.2.4, §7.2.7: with opt-out an unsigned delegation has no record: its closest provable encloser has.
      return [matching(chain, name) ?? closestProvableEncloser(chain, apex, name)].flat();
    case 'wildcard-answer':
      return [covering(chain, nextCloser(name, denied.encloser))];
    case 'nxdomain':
      return [...closestEncloserProof(chain, name, denied.encloser), covering(chain, wildcardOf(denied.encloser))];
    case 'wildcard-nodata':
      return [...closestEncloserProof(chain, name, denied.encloser), matching(chain, wildcardOf(denied.encloser))];
    default:
      return denied satisfies never;
  }
}

/** RFC 5155 §7.2.1 */
function closestEncloserProof(chain: Nsec3Chain, name: DomainName, encloser: DomainName): (RRset | undefined)[] {
  return [matching(chain, encloser), covering(chain, nextCloser(name, encloser))];
}

function closestProvableEncloser(chain: Nsec3Chain, apex: DomainName, name: DomainName): (RRset | undefined)[] {
  let at = parentOf(name);
  while (at !== undefined && at !== apex && matching(chain, at) === undefined) at = parentOf(at);
  return at === undefined ? [] : closestEncloserProof(chain, name, at);
}

function nextCloser(name: DomainName, encloser: DomainName): DomainName {
  return lastLabels(name, labelCount(encloser) + 1);
}

function matching(chain: Nsec3Chain, name: DomainName): RRset | undefined {
  const hash = nsec3Label(name, chain);
  const link = lastWhere(chain.links, (each) => each.hash <= hash);
  return link?.hash === hash ? link.rrset : undefined;
}

/** The last record covers what comes before the first: the chain is a ring. */
function covering(chain: Nsec3Chain, name: DomainName): RRset | undefined {
  const hash = nsec3Label(name, chain);
  return (lastWhere(chain.links, (each) => each.hash < hash) ?? chain.links.at(-1))?.rrset;
}
