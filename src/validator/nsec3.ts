/**
 * What do the NSEC3 records of a zone show? (RFC 5155 §8)
 *
 * Every question costs hashes, which an attacker may make many and dear (CVE-2023-50868): each is charged to the budget
 * before it is made and made once. When none is left nothing more is shown, and `spent` says why.
 */
import { hashFromLabel, hashToLabel, NSEC3_SHA1, type Nsec3, nsec3Of, type TypeBitmap } from '../dns/denial-rdata.js';
import { type DomainName, firstLabel, isAtOrBelow, parentOf, selfAndAncestors } from '../dns/name.js';
import { Type } from '../dns/numbers.js';
import type { Octets } from '../dns/octets.js';
import type { RRset } from '../dns/rrset.js';
import type { WorkBudget } from '../ports/budget.js';
import { type Absence, type Evidence, hidesNamesBelow, nextCloserName, type Witness } from './evidence.js';
import { nsec3Hash } from './nsec3-hash.js';

export interface Nsec3Link extends Nsec3 {
  readonly ownerHash: Octets;
}

/** The usable NSEC3 records among verified RRsets of `zone`, in their order. */
export function nsec3Links(zone: DomainName, rrsets: readonly RRset[]): Nsec3Link[] {
  return rrsets.map((rrset) => linkOf(rrset, zone)).filter((link) => link !== undefined);
}

function linkOf(rrset: RRset, zone: DomainName): Nsec3Link | undefined {
  if (rrset.type !== Type.NSEC3 || rrset.rdatas.length !== 1) return undefined;
  // The owner is one hash directly below the apex of the zone that signed it (RFC 5155 §3, CVE-2026-10723).
  if (parentOf(rrset.name) !== zone) return undefined;
  const ownerHash = hashFromLabel(firstLabel(rrset.name));
  const nsec3 = nsec3Of(rrset.rdatas[0]!);
  if (ownerHash === undefined || nsec3 === undefined) return undefined;
  // RFC 5155 §8.1, §8.2: unknown algorithms and flags make a record one to ignore.
  return nsec3.algorithm === NSEC3_SHA1 && nsec3.flags <= 1 ? { ownerHash, ...nsec3 } : undefined;
}

/** The largest set of links with the same salt and iterations, the first of equals: a proof has one chain (RFC 5155 §8.2). */
export function oneChain(links: readonly Nsec3Link[]): readonly Nsec3Link[] {
  const chains = new Map<string, Nsec3Link[]>();
  for (const link of links) {
    const key = `${link.iterations} ${link.salt}`;
    const chain = chains.get(key);
    if (chain === undefined) chains.set(key, [link]);
    else chain.push(link);
  }
  let largest: readonly Nsec3Link[] = [];
  for (const chain of chains.values()) if (chain.length > largest.length) largest = chain;
  return largest;
}

/** Links of one chain, at least one. */
export class Nsec3Evidence implements Evidence {
  readonly recordType = 'NSEC3';
  readonly #hashes: Map<DomainName, Octets>;
  #spent = false;

  /** `hashes`: those of names made before with the parameters of these links. */
  constructor(
    readonly zone: DomainName,
    readonly links: readonly Nsec3Link[],
    readonly budget: WorkBudget,
    hashes: ReadonlyMap<DomainName, Octets> = new Map(),
  ) {
    this.#hashes = new Map(hashes);
  }

  /** Whether a hash was refused: then what was not shown might have been. */
  get spent(): boolean {
    return this.#spent;
  }

  typesAt(name: DomainName): TypeBitmap | undefined {
    const hash = this.#hashOf(name);
    return hash === undefined ? undefined : this.links.find((link) => link.ownerHash === hash)?.types;
  }

  /**
   * The closest encloser proof, RFC 5155 §8.3, from the apex down: a name that makes labels up cannot make us hash them
   * all. The first name covered below one that is matched is the next closer name.
   */
  absenceOf(name: DomainName): Absence | undefined {
    const path = [...selfAndAncestors(name)].filter((ancestor) => isAtOrBelow(ancestor, this.zone)).reverse();
    let encloser: DomainName | undefined;
    for (const at of path) {
      const types = this.typesAt(at);
      const cover = types === undefined && encloser !== undefined ? this.#covering(at) : undefined;
      if (cover !== undefined && encloser !== undefined) return { closestEncloser: encloser, optOut: cover.optOut };
      if (this.#spent || (types !== undefined && hidesNamesBelow(types))) return undefined;
      encloser = types === undefined ? undefined : at;
    }
    return undefined;
  }

  /** RFC 5155 §8.8: that the next closer name is covered is enough, the encloser being known. */
  absenceBelow(name: DomainName, closestEncloser: DomainName): Absence | undefined {
    const cover = this.#covering(nextCloserName(name, closestEncloser));
    return cover === undefined ? undefined : { closestEncloser, optOut: cover.optOut };
  }

  witnessOf(name: DomainName): Witness | undefined {
    const hash = this.#hashOf(name);
    const match = this.links.find((link) => link.ownerHash === hash);
    const link = match ?? this.#covering(name);
    if (link === undefined) return undefined;
    const text = `NSEC3 ${shortHash(link.ownerHash)} -> ${shortHash(link.nextHashed)}`;
    return { relation: match === undefined ? 'covers' : 'matches', text };
  }

  #covering(name: DomainName): Nsec3Link | undefined {
    const hash = this.#hashOf(name);
    return hash === undefined ? undefined : this.links.find((link) => covers(link, hash));
  }

  #hashOf(name: DomainName): Octets | undefined {
    const known = this.#hashes.get(name);
    if (known !== undefined || this.#spent) return known;
    const { salt, iterations } = this.links[0]!;
    if (!this.budget.charge('nsec3Hashes', hashUnits(iterations))) {
      this.#spent = true;
      return undefined;
    }
    const hash = nsec3Hash(name, salt, iterations);
    this.#hashes.set(name, hash);
    return hash;
  }
}

/** Rounds of SHA-1 that one unit of the budget stands for. */
const ROUNDS_PER_UNIT = 50;

/** What a hash costs grows with its iterations, so the budget does too (CVE-2023-50868): dear zones get fewer of them. */
function hashUnits(iterations: number): number {
  return 1 + Math.floor(iterations / ROUNDS_PER_UNIT);
}

/** Hashes of one length compare as octets. The last record of the chain goes round to the first (RFC 5155 §3.1.7). */
function covers({ ownerHash, nextHashed }: Nsec3Link, hash: Octets): boolean {
  if (ownerHash < nextHashed) return ownerHash < hash && hash < nextHashed;
  return hash > ownerHash || hash < nextHashed;
}

/** Enough of a hash to find it in a list of records; all 32 characters would make sentences unreadable. */
const SHOWN_OF_HASH = 8;

function shortHash(hash: Octets): string {
  return `${hashToLabel(hash).slice(0, SHOWN_OF_HASH)}..`;
}
