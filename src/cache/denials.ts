/**
 * What do validated NSEC and NSEC3 records say of names nobody was asked about? They are kept beside the answers they
 * came with, by zone and in the order of their chains, so that the one that speaks of a name is found (RFC 8198).
 *
 * They lie in the store like everything else: its budget, its LRU, its flushing hold for them, and the index follows.
 * What they prove is not for the cache to say. The trap: at a zone cut the parent and the child have an NSEC each with
 * the same owner, so the zone is part of the key.
 */
import { hashFromLabel, nsec3Of, nsecOf } from '../dns/denial-rdata.js';
import {
  canonicalKey,
  type DomainName,
  firstLabel,
  isAtOrBelow,
  labelCount,
  lastLabels,
  parentOf,
} from '../dns/name.js';
import { Type } from '../dns/numbers.js';
import { type Octets, octetsFrom, uint16At } from '../dns/octets.js';
import type { Provenance } from '../dns/provenance.js';
import { effectiveTtl, type RRset, rrsetKey, soaOf } from '../dns/rrset.js';
import type { Security } from '../dns/security.js';
import type { SynthesisedKind } from '../ports/inspection.js';
import { covers, DenialIndex, type HashParameters, type Link } from './denial-index.js';
import { Entry, secondsLeft, storeKey, TICKS } from './entry.js';
import { BodyReader, bodyStart, packHead, packRdatas, readRdatas, storedAtOf, unpackProvenance } from './pack.js';
import type { Store } from './store.js';

/** A record as it lies there. */
export interface DenialRecord {
  /** TTL as left. */
  readonly rrset: RRset;
  readonly link: Link;
  readonly entry: Entry;
}

const SECURE: Security = { kind: 'secure' };

export class Denials {
  /** Answers made of what is here, by kind. */
  readonly synthesised: Record<SynthesisedKind, number> = { nxdomain: 0, nodata: 0, wildcard: 0 };
  readonly #index = new DenialIndex();

  /** `now` in ticks, see TICKS. */
  constructor(
    readonly store: Store,
    readonly now: () => number,
  ) {}

  /** HOT: the deepest zone at or above a name of which anything is held. */
  zoneOf(name: DomainName): DomainName | undefined {
    if (this.#index.isEmpty) return undefined;
    for (let zone: DomainName | undefined = name; zone !== undefined; zone = parentOf(zone)) {
      if (this.#index.has(zone)) return zone;
    }
    return undefined;
  }

  /** The NSEC record of a zone that stands at a name or whose gap holds it. */
  nsecFor(zone: DomainName, name: DomainName): DenialRecord | undefined {
    return this.#read(this.#index.findNsec(zone, name));
  }

  /** The same by the hash of a name, made with the parameters of the chain. */
  nsec3For(zone: DomainName, hash: Octets): DenialRecord | undefined {
    return this.#read(this.#index.findNsec3(zone, hash));
  }

  parametersOf(zone: DomainName): HashParameters | undefined {
    return this.#index.parametersOf(zone);
  }

  soaOf(zone: DomainName): RRset | undefined {
    const entry = this.store.get(denialKey(zone, zone, Type.SOA), this.now());
    return entry && unpack(entry, zone, Type.SOA, this.now());
  }

  /**
   * Keeps what was validated. @param records NSEC and NSEC3 RRsets whose place in the chain of `zone` was checked
   * @param soa of the zone; without it the one held bounds the TTL (RFC 9077 §3)
   * @param maxTtl seconds
   */
  keep(
    zone: DomainName,
    records: readonly RRset[],
    soa: RRset | undefined,
    provenance: Provenance,
    maxTtl: number,
  ): void {
    const minimum = ttlOfDenials(soa ?? this.soaOf(zone));
    const longest = Math.min(maxTtl, minimum);
    if (soa !== undefined) this.#put(zone, soa, provenance, longest);
    for (const rrset of records) {
      const place = placeOf(rrset);
      if (place !== undefined) this.#keepRecord(zone, rrset, place, provenance, longest);
    }
  }

  /** Takes back an entry of kind `denial` that was here before. Whether it was kept. */
  restore(key: string, entry: Entry): boolean {
    const { name, type, zone } = denialOfKey(key);
    const place = type === Type.SOA ? undefined : placeOf(unpack(entry, name, type, this.now()));
    if (type !== Type.SOA && place === undefined) return false;
    if (!this.store.set('denial', key, entry, this.now())) return false;
    if (place !== undefined) this.#link(zone, key, place);
    return true;
  }

  /** The newer of two records that contradict each other is believed; when both came at once, neither. */
  dropOlder(a: DenialRecord, b: DenialRecord): void {
    const younger = storedAtOf(a.entry.packed) - storedAtOf(b.entry.packed);
    if (younger <= 0) this.store.delete(a.link.storeKey);
    if (younger >= 0) this.store.delete(b.link.storeKey);
  }

  /**
   * Whether a denial of the name, or of names below it, could be made with an entry of kind `denial`. Of NSEC3 records
   * that is not known without a hash: all of the zone might.
   */
  mayDeny(key: string, name: DomainName): boolean {
    const { name: owner, type, zone } = denialOfKey(key);
    if (type === Type.NSEC) return isAtOrBelow(owner, name) || this.#index.findNsec(zone, name)?.storeKey === key;
    return type === Type.NSEC3 && isAtOrBelow(name, zone);
  }

  /** The store holds that entry no more. */
  forget(key: string): void {
    const { name, type, zone } = denialOfKey(key);
    if (type === Type.NSEC) this.#index.remove(zone, 'nsec', canonicalKey(name));
    else if (type === Type.NSEC3) this.#index.remove(zone, 'nsec3', hashFromLabel(firstLabel(name))!);
  }

  /** An answer was made from these. */
  countUse(kind: SynthesisedKind, records: readonly DenialRecord[]): void {
    this.synthesised[kind]++;
    for (const { entry } of records) this.store.countHit('denial', entry);
  }

  #keepRecord(zone: DomainName, rrset: RRset, place: Place, provenance: Provenance, longest: number): void {
    const key = this.#put(zone, rrset, provenance, longest);
    if (key !== undefined) this.#link(zone, key, place);
  }

  #link(zone: DomainName, key: string, place: Place): void {
    const link = { at: place.at, next: place.next, storeKey: key };
    const own = this.#index.has(zone) ? zone : ownCopy(zone);
    for (const contradicted of this.#index.add(own, link, place.parameters)) this.store.delete(contradicted);
  }

  /** The key it is kept under; undefined when it is not. */
  #put(zone: DomainName, rrset: RRset, provenance: Provenance, longest: number): string | undefined {
    const now = this.now();
    const key = denialKey(zone, rrset.name, rrset.type);
    const ttl = Math.min(effectiveTtl(rrset.ttl), longest);
    if (ttl <= 0) return undefined;
    const head = packHead({ storedAt: now, ttlOriginal: effectiveTtl(rrset.ttl), security: SECURE, provenance });
    const entry = new Entry(head + packRdatas(rrset), now + ttl * TICKS);
    return this.store.set('denial', key, entry, now) ? key : undefined;
  }

  #read(link: Link | undefined): DenialRecord | undefined {
    if (link === undefined) return undefined;
    const now = this.now();
    const entry = this.store.get(link.storeKey, now);
    if (entry === undefined) return undefined;
    const { name, type } = denialOfKey(link.storeKey);
    return { rrset: unpack(entry, name, type, now), link, entry };
  }
}

/** Where a record came from. */
export function provenanceOf({ entry }: DenialRecord): Provenance {
  return unpackProvenance(entry.packed);
}

/** Whether one says that the owner, or the next name, of the other does not exist. */
export function contradict({ link: a }: DenialRecord, { link: b }: DenialRecord): boolean {
  return covers(a, b.at) || covers(b, a.at) || covers(a, b.next) || covers(b, a.next);
}

interface Place {
  readonly at: string;
  readonly next: string;
  /** Of an NSEC3 record. */
  readonly parameters: HashParameters | undefined;
}

function placeOf({ name, type, rdatas }: RRset): Place | undefined {
  if (type === Type.NSEC) {
    const nsec = nsecOf(rdatas[0]!);
    return nsec && { at: ownCopy(canonicalKey(name)), next: ownCopy(canonicalKey(nsec.next)), parameters: undefined };
  }
  const nsec3 = type === Type.NSEC3 ? nsec3Of(rdatas[0]!) : undefined;
  const at = hashFromLabel(firstLabel(name));
  if (nsec3 === undefined || at === undefined) return undefined;
  const { iterations, salt } = nsec3;
  return { at, next: ownCopy(nsec3.nextHashed), parameters: { iterations, salt: ownCopy(salt) } };
}

/** A slice keeps the string alive that it was cut from: here, for as long as a record is held, the whole message. */
function ownCopy<T extends string>(octets: T): T {
  return Buffer.from(octets, 'latin1').latin1Slice() as T;
}

/** RFC 9077 §3: the lesser of the SOA's TTL and its MINIMUM; unbounded while no SOA is known. Seconds. */
function ttlOfDenials(soa: RRset | undefined): number {
  const fields = soa && soaOf(soa.rdatas[0]!);
  return soa === undefined || fields === undefined
    ? Number.POSITIVE_INFINITY
    : Math.min(effectiveTtl(soa.ttl), effectiveTtl(fields.minimum));
}

function unpack(entry: Entry, name: DomainName, type: number, now: number): RRset {
  const reader = new BodyReader(entry.packed, bodyStart(entry.packed));
  return readRdatas(reader, name, type, Math.max(0, secondsLeft(entry, now)));
}

/** The key of a record of that zone; its SOA is kept under the apex. */
export function denialKey(zone: DomainName, owner: DomainName, type: number): string {
  return storeKey('denial', rrsetKey(owner, type) + octetsFrom(labelCount(zone)));
}

/** What the key of an entry of kind `denial` says. */
export function denialOfKey(key: string): { name: DomainName; type: number; zone: DomainName } {
  const name = key.slice(3, -1) as DomainName;
  return { name, type: uint16At(key, 1), zone: lastLabels(name, key.charCodeAt(key.length - 1)) };
}
