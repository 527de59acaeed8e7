/**
 * Which of the NSEC and NSEC3 records held matches or covers a name? One chain of each kind for a zone, in its order:
 * canonical for NSEC (RFC 4034 §6.1), that of the hashes for NSEC3 (RFC 5155 §7.1).
 *
 * A chain is a ring: its last record goes round to the first. The trap: records of one zone may be of two versions of
 * it. One that stands in the gap of another, or whose gap holds others, contradicts them: the newer one is believed.
 *
 * Holds places and keys only; the records are in the store, which tells when one is gone.
 */
import { canonicalKey, type DomainName } from '../dns/name.js';
import type { Octets } from '../dns/octets.js';
import { OrderedMap } from './ordered-map.js';

/** A record of a chain: where it stands and the next place after it, as keys of the chain's order. */
export interface Link {
  readonly at: string;
  readonly next: string;
  readonly storeKey: string;
}

/** How the names of an NSEC3 chain are hashed. */
export interface HashParameters {
  readonly iterations: number;
  readonly salt: Octets;
}

/** Records that a newer one contradicts and that are told of at once; what is left of them is found out by use. */
const MAX_CONTRADICTED = 32;

export class DenialIndex {
  readonly #zones = new Map<DomainName, { nsec: Chain; nsec3: Chain; parameters: HashParameters | undefined }>();

  /** HOT: on every question that the cache cannot answer. */
  get isEmpty(): boolean {
    return this.#zones.size === 0;
  }

  has(zone: DomainName): boolean {
    return this.#zones.has(zone);
  }

  /** The NSEC record that stands at a name or whose gap holds it. */
  findNsec(zone: DomainName, name: DomainName): Link | undefined {
    const chain = this.#zones.get(zone)?.nsec;
    return chain === undefined || chain.isEmpty ? undefined : chain.find(canonicalKey(name));
  }

  /** The same among the NSEC3 records by the hash of a name, made with their parameters. */
  findNsec3(zone: DomainName, hash: Octets): Link | undefined {
    return this.#zones.get(zone)?.nsec3.find(hash);
  }

  /** Undefined when no NSEC3 record of the zone is held. */
  parametersOf(zone: DomainName): HashParameters | undefined {
    const held = this.#zones.get(zone);
    return held === undefined || held.nsec3.isEmpty ? undefined : held.parameters;
  }

  /** Adds a record, in place of one that stood there. The store keys of those that it contradicts: drop them. */
  add(zone: DomainName, link: Link, parameters: HashParameters | undefined): readonly string[] {
    let held = this.#zones.get(zone);
    if (held === undefined) {
      held = { nsec: new Chain(), nsec3: new Chain(), parameters: undefined };
      this.#zones.set(zone, held);
    }
    if (parameters === undefined) return held.nsec.add(link);
    const { iterations, salt } = parameters;
    if (held.parameters?.iterations !== iterations || held.parameters.salt !== salt) {
      // A zone changes its salt at once and has one chain (RFC 5155 §10.2). Records of the old one are left to expire.
      held.nsec3 = new Chain();
      held.parameters = parameters;
    }
    return held.nsec3.add(link);
  }

  /** The store holds no record there any more. */
  remove(zone: DomainName, kind: 'nsec' | 'nsec3', at: string): void {
    const held = this.#zones.get(zone);
    if (held === undefined) return;
    held[kind].remove(at);
    if (held.nsec.isEmpty && held.nsec3.isEmpty) this.#zones.delete(zone);
  }
}

class Chain {
  readonly #links = new OrderedMap<Link>();

  get isEmpty(): boolean {
    return this.#links.size === 0;
  }

  find(key: string): Link | undefined {
    const link = this.#links.atOrBefore(key) ?? this.#links.last();
    return link !== undefined && (link.at === key || covers(link, key)) ? link : undefined;
  }

  add(link: Link): string[] {
    const contradicted: string[] = [];
    const before = this.#links.get(link.at) === undefined ? this.find(link.at) : undefined;
    if (before !== undefined) contradicted.push(before.storeKey);
    for (let at = link.at; contradicted.length < MAX_CONTRADICTED; ) {
      const inside = this.#links.after(at) ?? this.#links.first();
      if (inside === undefined || inside.at === at || !covers(link, inside.at)) break;
      if (inside !== before) contradicted.push(inside.storeKey);
      at = inside.at;
    }
    this.#links.set(link.at, link);
    return contradicted;
  }

  remove(at: string): void {
    this.#links.delete(at);
  }
}

/** Whether the place is in the gap after a record. */
export function covers({ at, next }: Pick<Link, 'at' | 'next'>, key: string): boolean {
  return at < next ? at < key && key < next : key > at || key < next;
}
