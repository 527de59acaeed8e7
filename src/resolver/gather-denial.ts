/**
 * Which of the denial records held could prove that a name does not exist, or what it has? At most three: what stands at
 * the name; or what covers it, what covers or stands at the wildcard, and with NSEC3 what stands at the closest encloser.
 * Whether they prove anything is for validator/denial.ts. (RFC 8198 §5; terms as in validator/evidence.ts)
 *
 * NSEC3 takes a hash for every ancestor at worst. They are bounded for each look-up and charged to the question that has
 * a budget (CVE-2026-42923, CVE-2026-11605); those made last are remembered, the apex of a busy zone among them.
 */
import type { HashParameters } from '../cache/denial-index.js';
import { contradict, type DenialRecord, type Denials } from '../cache/denials.js';
import { type DomainName, isAtOrBelow, prepend, selfAndAncestors } from '../dns/name.js';
import type { Octets } from '../dns/octets.js';
import type { WorkBudget } from '../ports/budget.js';
import { NsecEvidence } from '../validator/nsec.js';
import { nsec3Hash } from '../validator/nsec3-hash.js';

/** What was found for one name. */
export interface Gathered {
  /** All that may be of use, the most telling first. At least one. */
  readonly records: readonly DenialRecord[];
  /** Of a name that is covered. */
  readonly closestEncloser: DomainName | undefined;
  /** Covers the name or, with NSEC3, its next closer name. */
  readonly cover: DenialRecord | undefined;
}

/** NSEC3 hashes made for one look-up: a name of a dozen labels below its zone is served, a longer one asked for. */
const MAX_HASHES = 12;
/** Hashes remembered, of one chain: some look-ups' worth. */
const MAX_REMEMBERED = 64;

/** NSEC3 hashes of one chain, made where they are needed and allowed. */
export class Hashes {
  readonly made = new Map<DomainName, Octets>();
  #zone: DomainName | undefined;
  #parameters: HashParameters | undefined;
  #budget: WorkBudget | undefined;
  #left = 0;
  /** Hashes made since start. */
  total = 0;

  /** Begins a look-up in a chain. */
  begin(zone: DomainName, parameters: HashParameters, budget: WorkBudget | undefined): void {
    if (zone !== this.#zone || parameters !== this.#parameters || this.made.size > MAX_REMEMBERED) this.made.clear();
    this.#zone = zone;
    this.#parameters = parameters;
    this.#budget = budget;
    this.#left = MAX_HASHES;
  }

  /** Undefined when none may be made any more. */
  of(name: DomainName): Octets | undefined {
    const known = this.made.get(name);
    if (known !== undefined) return known;
    if (this.#left === 0 || this.#budget?.charge('nsec3Hashes') === false) return undefined;
    this.#left--;
    this.total++;
    const { salt, iterations } = this.#parameters!;
    const hash = nsec3Hash(name, salt, iterations);
    this.made.set(name, hash);
    return hash;
  }
}

/** The NSEC records of a zone that speak of a name. */
export function gatherNsec(denials: Denials, zone: DomainName, name: DomainName): Gathered | undefined {
  const record = denials.nsecFor(zone, name);
  if (record === undefined) return undefined;
  const evidence = new NsecEvidence(zone, [record.rrset]);
  const closestEncloser = evidence.absenceOf(name)?.closestEncloser;
  if (closestEncloser === undefined) return { records: [record], closestEncloser: undefined, cover: undefined };
  const wildcard = prepend('*', closestEncloser);
  return consistent(denials, {
    records: distinct([record, wildcard && denials.nsecFor(zone, wildcard)]),
    closestEncloser,
    cover: record,
  });
}

/** The NSEC3 records of a zone that speak of a name; `hashes` has begun with its chain. */
export function gatherNsec3(
  denials: Denials,
  zone: DomainName,
  name: DomainName,
  hashes: Hashes,
): Gathered | undefined {
  const match = denialAt(denials, zone, name, hashes);
  if (match !== undefined && isAt(match, name, hashes)) {
    return { records: [match], closestEncloser: undefined, cover: undefined };
  }
  // From the apex down, as validator/nsec3.ts goes: labels that were made up cost nothing.
  const path = [...selfAndAncestors(name)].filter((at) => isAtOrBelow(at, zone)).reverse();
  let encloser: { readonly name: DomainName; readonly record: DenialRecord } | undefined;
  for (const at of path) {
    const record = denialAt(denials, zone, at, hashes);
    const stands = record !== undefined && isAt(record, at, hashes);
    if (!stands && record !== undefined && encloser !== undefined) {
      return belowEncloser(denials, zone, encloser, record, hashes);
    }
    encloser = stands ? { name: at, record } : undefined;
  }
  return undefined;
}

function belowEncloser(
  denials: Denials,
  zone: DomainName,
  encloser: { readonly name: DomainName; readonly record: DenialRecord },
  cover: DenialRecord,
  hashes: Hashes,
): Gathered | undefined {
  const wildcard = prepend('*', encloser.name);
  const atWildcard = wildcard && denialAt(denials, zone, wildcard, hashes);
  const records = distinct([cover, encloser.record, atWildcard]);
  return consistent(denials, { records, closestEncloser: encloser.name, cover });
}

/** The NSEC3 record that stands at a name or covers it. */
export function denialAt(
  denials: Denials,
  zone: DomainName,
  name: DomainName,
  hashes: Hashes,
): DenialRecord | undefined {
  const hash = hashes.of(name);
  return hash === undefined ? undefined : denials.nsec3For(zone, hash);
}

function isAt(record: DenialRecord, name: DomainName, hashes: Hashes): boolean {
  return record.link.at === hashes.made.get(name);
}

function distinct(records: readonly (DenialRecord | undefined)[]): DenialRecord[] {
  const found = records.filter((record) => record !== undefined);
  return found.filter((record, i) => found.findIndex((other) => other.link === record.link) === i);
}

/** Records of two versions of a zone prove nothing together: the older is dropped, and a server asked. */
function consistent(denials: Denials, gathered: Gathered): Gathered | undefined {
  const { records } = gathered;
  for (const [i, a] of records.entries()) {
    for (const b of records.slice(i + 1)) {
      if (!contradict(a, b)) continue;
      denials.dropOlder(a, b);
      return undefined;
    }
  }
  return gathered;
}
