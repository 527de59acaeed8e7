/**
 * What is already known, and for how long: RRsets, negative answers, failures and delegations in one bounded store.
 *
 * The cache never asks the network and never judges: it is given findings with their verdict and origin, refuses what
 * is less credible than what it holds (RFC 2181 §5.4.1), and gives back what is not past its TTL, counted down.
 * Delegations are a store apart (ghost domains): only a referral from the parent makes one, and it never outlives the
 * parent's own.
 */
import { aliasFromDname } from '../dns/alias.js';
import type { Delegation } from '../dns/delegation.js';
import type { ExtendedError } from '../dns/extended-error.js';
import type { Failure, Finding, Found, NoData, NxDomain } from '../dns/finding.js';
import { type DomainName, isAtOrBelow, isBelow, parentOf, ROOT } from '../dns/name.js';
import { Type } from '../dns/numbers.js';
import { uint16At } from '../dns/octets.js';
import { Credibility, type Provenance } from '../dns/provenance.js';
import { effectiveTtl, type RRset, rrsetKey, targetOf } from '../dns/rrset.js';
import type { Security } from '../dns/security.js';
import { UNCHECKED } from '../dns/security.js';
import type { Clock } from '../ports/clock.js';
import type { EntryKind } from '../ports/inspection.js';
import type { Random } from '../ports/random.js';
import {
  packDelegation,
  packFailure,
  packNegative,
  unpackDelegation,
  unpackFailure,
  unpackNegative,
  unpackPositive,
  unpackRrset,
} from './bodies.js';
import { CachedFound } from './cached-found.js';
import { createShelf, type EvictionPolicy } from './create-shelf.js';
import { Denials } from './denials.js';
import { Entry, kindOfKey, storeKey, TICKS } from './entry.js';
import { ExpiredData } from './expired.js';
import { credibilityOf, packHead, packRdatas, packRrset, securityKindOf, storedAtOf } from './pack.js';
import { Store } from './store.js';
import { keptNegativeTtl, keptTtl, negativeTtl, positiveTtl, type TtlRules } from './ttl.js';
import { WhatIf } from './what-if.js';

export interface CacheSettings extends TtlRules {
  /** Octets, all kinds together. */
  readonly maxSize: number;
  /** Who leaves when there is no room; `lru` unless given. */
  readonly eviction?: EvictionPolicy;
  /** Octets; larger entries are answered and forgotten (CVE-2026-33258). */
  readonly maxEntryBytes: number;
  /** Seconds a failure is kept at first, doubled each time up to failureTtlMax (RFC 9520 §3.2: 1 s to 5 min). */
  readonly failureTtl: number;
  readonly failureTtlMax: number;
}

/** Most names that exist have one of these. */
const COMMON_TYPES = [Type.A, Type.AAAA, Type.CNAME, Type.NS, Type.MX, Type.TXT, Type.SOA, Type.PTR, Type.HTTPS];

export class Cache {
  readonly store: Store;
  /** What lets denials be made that nobody sent. */
  readonly denials: Denials;
  /** What may answer past its TTL. */
  readonly expired: ExpiredData;
  /** What the hit ratio would be at other sizes. */
  readonly whatIf: WhatIf;
  #settings: CacheSettings;
  /** Whether a DNAME was ever stored: without one, no ancestor needs to be searched for it. */
  #dnames = false;

  constructor(
    settings: CacheSettings,
    readonly clock: Clock,
    random: Random,
  ) {
    this.#settings = settings;
    const { maxSize, maxEntryBytes, eviction = 'lru' } = settings;
    const shelf = { maxBytes: maxSize, maxEntryBytes, seed: random.below(2 ** 32) };
    this.store = new Store(maxSize, (onLeaving) => createShelf(eviction, shelf, onLeaving));
    this.whatIf = new WhatIf(this.store, eviction, shelf);
    this.denials = new Denials(this.store, () => this.now());
    this.expired = new ExpiredData(
      this.store,
      () => this.now(),
      () => this.#dnames,
    );
    this.store.watch({
      gone: (kind, key) => {
        if (kind === 'denial') this.denials.forget(key);
      },
    });
  }

  /** New TTL rules apply to what is stored from now on; size and eviction are fixed when the cache is made. */
  reconfigure(settings: CacheSettings): void {
    this.#settings = settings;
  }

  /** Ticks of the monotonic clock, see TICKS. */
  now(): number {
    return Math.floor((this.clock.now() * TICKS) / 1000);
  }

  /**
   * What is known of a name and type. Negative answers of ancestors count (RFC 8020) when they are at or below
   * `floor`: the apex of the deepest zone that is routed elsewhere (CVE-2026-44687).
   */
  find(name: DomainName, type: number, floor: DomainName = ROOT): Found | undefined {
    return this.#search(name, type, floor, this.now());
  }

  /** The RRset of exactly that name and type, no alias nor denial; not counted. */
  findExact(name: DomainName, type: number): Found | undefined {
    return this.#findRrset(name, type, this.now());
  }

  /** Whether the name was seen to have records of a common type. */
  holdsDataAt(name: DomainName): boolean {
    const now = this.now();
    return COMMON_TYPES.some((type) => {
      const entry = this.store.peekFor('rrset', name, type);
      return (
        entry !== undefined && entry.expires > now && credibilityOf(entry.packed) >= Credibility.answerNonAuthoritative
      );
    });
  }

  /** As find, for the question of so many clients, which the counters tell of. */
  findCounted(name: DomainName, type: number, floor: DomainName = ROOT, clients = 1): CachedFound | undefined {
    const now = this.now();
    const found = this.#search(name, type, floor, now);
    this.whatIf.lookedUp(name, type, found?.entry, now, clients);
    if (found === undefined) {
      this.store.countMiss('rrset');
      return undefined;
    }
    this.store.countHit(kindOfFinding(found.finding), found.entry, clients);
    found.isDue = isDue(found.entry, now);
    return found;
  }

  #search(name: DomainName, type: number, floor: DomainName, now: number): CachedFound | undefined {
    return (
      this.#findRrset(name, type, now) ??
      this.#findAlias(name, type, floor, now) ??
      this.#findNoData(name, type, now) ??
      this.#findNameError(name, floor, now)
    );
  }

  #findRrset(name: DomainName, type: number, now: number): CachedFound | undefined {
    const entry = this.store.getFor('rrset', name, type, now);
    if (entry === undefined || credibilityOf(entry.packed) < Credibility.answerNonAuthoritative) return undefined;
    const { rrset, proof } = unpackPositive(entry, name, type, now);
    return new CachedFound(
      proof === undefined ? { kind: 'answer', rrset } : { kind: 'answer', rrset, proof },
      entry,
      name,
    );
  }

  #findAlias(name: DomainName, type: number, floor: DomainName, now: number): CachedFound | undefined {
    if (type !== Type.CNAME) {
      const entry = this.store.getFor('rrset', name, Type.CNAME, now);
      const held = entry && unpackPositive(entry, name, Type.CNAME, now);
      const target = held && targetOf(held.rrset.rdatas[0]!);
      if (entry !== undefined && held !== undefined && target !== undefined) {
        const { rrset, proof } = held;
        return new CachedFound({ kind: 'alias', rrset, target, ...(proof && { proof }) }, entry, name);
      }
    }
    return this.#dnames ? this.#findDname(name, floor, now) : undefined;
  }

  /** RFC 6672 §3.2: a cached DNAME answers for every name below its owner. */
  #findDname(name: DomainName, floor: DomainName, now: number): CachedFound | undefined {
    for (let owner = parentOf(name); owner !== undefined && isAtOrBelow(owner, floor); owner = parentOf(owner)) {
      const entry = this.store.peekFor('rrset', owner, Type.DNAME);
      if (entry === undefined || entry.expires <= now) continue;
      const dname = unpackRrset(entry, owner, Type.DNAME, now);
      const finding = aliasFromDname(name, dname);
      if (finding !== undefined) return new CachedFound(finding, entry, owner);
    }
    return undefined;
  }

  #findNoData(name: DomainName, type: number, now: number): CachedFound | undefined {
    const entry = this.store.getFor('nodata', name, type, now);
    return entry && new CachedFound({ kind: 'nodata', ...unpackNegative(entry, now) }, entry, name);
  }

  #findNameError(name: DomainName, floor: DomainName, now: number): CachedFound | undefined {
    for (let at = this.store.closest('nxdomain', name); at; at = this.#closestAbove('nxdomain', at)) {
      if (at !== name && !isAtOrBelow(at, floor)) return undefined;
      const entry = at === name ? this.store.getFor('nxdomain', at, 0, now) : this.store.peekFor('nxdomain', at, 0);
      if (entry === undefined || entry.expires <= now) continue;
      // RFC 8020 §2 is for denials that are believed: a bogus one speaks of its own name at most.
      if (at !== name && securityKindOf(entry.packed) === 'bogus') continue;
      const denial = unpackNegative(entry, now);
      // RFC 9824 §3.1: nothing below the name exists either, but its proof does not show that.
      if (at === name || !denial.compact) return new CachedFound({ kind: 'nxdomain', ...denial }, entry, at);
    }
    return undefined;
  }

  #closestAbove(kind: EntryKind, name: DomainName): DomainName | undefined {
    const parent = parentOf(name);
    return parent && this.store.closest(kind, parent);
  }

  /** Seconds since it was stored; undefined for what did not come from here. */
  ageOf(found: Found): number | undefined {
    return found instanceof CachedFound ? (this.now() - storedAtOf(found.entry.packed)) / TICKS : undefined;
  }

  /** Milliseconds until what is known of a name and type should be fetched again; undefined when nothing is. */
  dueIn(name: DomainName, type: number, floor: DomainName = ROOT): number | undefined {
    const now = this.now();
    const found = this.#search(name, type, floor, now);
    return found && Math.max(0, ((dueAt(found.entry) - now) * 1000) / TICKS);
  }

  /** What is known of a name and type was fetched before a client had to wait for it: hits on it are that work's gain. */
  fetchedAhead(name: DomainName, type: number, floor: DomainName = ROOT): void {
    const found = this.#search(name, type, floor, this.now());
    if (found !== undefined) this.store.markAhead(found.entry);
  }

  /** The finding with the TTLs it is kept and given out with: the first answer differs in nothing from the next. */
  clamped(finding: Finding): Finding {
    const clamp = (rrset: RRset): RRset => {
      const ttl = positiveTtl(rrset.ttl, this.#settings);
      return ttl === rrset.ttl ? rrset : { ...rrset, ttl };
    };
    switch (finding.kind) {
      case 'answer': {
        // HOT: few TTLs need it.
        const rrset = clamp(finding.rrset);
        return rrset === finding.rrset ? finding : { ...finding, rrset };
      }
      case 'alias':
        return { ...finding, rrset: clamp(finding.rrset), ...(finding.dname && { dname: clamp(finding.dname) }) };
      case 'too-long':
        return { ...finding, dname: clamp(finding.dname) };
      case 'nodata':
      case 'nxdomain': {
        const ttl = this.#negativeTtl(finding);
        const limited = (rrset: RRset): RRset => ({ ...rrset, ttl });
        // RFC 9077: no longer than the denial, and not longer than they were given themselves.
        const shortened = (rrset: RRset): RRset => ({ ...rrset, ttl: Math.min(effectiveTtl(rrset.ttl), ttl) });
        return { ...finding, soa: finding.soa && limited(finding.soa), proof: finding.proof.map(shortened) };
      }
      default:
        return finding satisfies never;
    }
  }

  /** Keeps a finding, `clamped` before, for as long as its TTL allows; TTL 0 is not kept (RFC 1035 §3.2.1). */
  storeFinding(name: DomainName, type: number, finding: Finding, security: Security, provenance: Provenance): void {
    switch (finding.kind) {
      case 'answer':
        this.storeRrset(finding.rrset, security, provenance, finding.proof);
        break;
      case 'alias':
        // The CNAME of a DNAME is made anew for each name: keeping it would be memory for nothing.
        this.storeRrset(finding.dname ?? finding.rrset, security, provenance, finding.proof);
        break;
      case 'too-long':
        this.storeRrset(finding.dname, security, provenance);
        break;
      case 'nodata':
        this.#storeNegative('nodata', rrsetKey(name, type), finding, security, provenance);
        break;
      case 'nxdomain':
        this.#storeNegative('nxdomain', name, finding, security, provenance);
        break;
      default:
        finding satisfies never;
    }
    if (security.kind !== 'bogus' && this.#isNotKept(finding)) this.expired.forget(name, goneTypes(finding, type));
  }

  #isNotKept(finding: Finding): boolean {
    switch (finding.kind) {
      case 'answer':
      case 'alias':
        return keptTtl(finding.rrset.ttl, this.#settings) === 0;
      case 'too-long':
        return false;
      case 'nodata':
      case 'nxdomain':
        return this.#keptNegativeTtl(finding) === 0;
      default:
        return finding satisfies never;
    }
  }

  /** `proof`: what shows that a wildcard's answer is right, kept beside it. */
  storeRrset(rrset: RRset, security: Security, provenance: Provenance, proof: readonly RRset[] = []): void {
    const ttl = keptTtl(rrset.ttl, this.#settings);
    const now = this.now();
    const key = storeKey('rrset', rrsetKey(rrset.name, rrset.type));
    const old = this.store.peekFor('rrset', rrset.name, rrset.type);
    if (old !== undefined && old.expires > now && !mayReplace(old, security, provenance.credibility)) return;
    if (ttl === 0) {
      this.store.delete(key);
      return;
    }
    if (rrset.type === Type.DNAME) this.#dnames = true;
    const head = packHead({ storedAt: now, ttlOriginal: effectiveTtl(rrset.ttl), security, provenance });
    const beside = proof.length === 0 ? '' : proof.map(packRrset).join('');
    this.#put('rrset', key, head + packRdatas(rrset) + beside, now, ttl);
  }

  #storeNegative(
    kind: 'nodata' | 'nxdomain',
    rest: string,
    finding: NoData | NxDomain,
    security: Security,
    provenance: Provenance,
  ): void {
    const ttl = this.#keptNegativeTtl(finding);
    if (ttl === 0) return;
    const now = this.now();
    const ttlOriginal = effectiveTtl((finding.soa ?? finding.proof[0]!).ttl);
    const head = packHead({ storedAt: now, ttlOriginal, security, provenance });
    const compact = finding.kind === 'nxdomain' && finding.compact === true;
    this.#put(kind, storeKey(kind, rest), head + packNegative(finding.soa, finding.proof, compact), now, ttl);
  }

  #keptNegativeTtl(finding: NoData | NxDomain): number {
    return finding.soa === undefined ? this.#negativeTtl(finding) : keptNegativeTtl(finding.soa, this.#settings);
  }

  /** A referral's proof that there is no DS comes without SOA; it lives as long as its records. */
  #negativeTtl(finding: { readonly soa: RRset | undefined; readonly proof: readonly RRset[] }): number {
    if (finding.soa !== undefined || finding.proof.length === 0) return negativeTtl(finding.soa, this.#settings);
    const { maxNegativeTtl } = this.#settings;
    return Math.min(maxNegativeTtl, ...finding.proof.map((rrset) => effectiveTtl(rrset.ttl)));
  }

  /** The failure remembered for a question, or undefined (RFC 9520). */
  findFailure(name: DomainName, type: number): Failure | undefined {
    const entry = this.store.getFor('failure', name, type, this.now());
    if (entry !== undefined) this.store.countHit('failure', entry);
    return entry && { kind: 'failure', because: unpackFailure(entry).because, cacheable: false, remembered: true };
  }

  /** Whether a failure is remembered for a question; not counted. */
  isFailing(name: DomainName, type: number): boolean {
    return this.store.getFor('failure', name, type, this.now()) !== undefined;
  }

  /** Remembers a failure, twice as long as the last time when it comes again within twice its backoff. */
  storeFailure(name: DomainName, type: number, because: readonly ExtendedError[], provenance: Provenance): void {
    const now = this.now();
    const key = storeKey('failure', rrsetKey(name, type));
    const old = this.store.peekFor('failure', name, type);
    const last = old === undefined ? 0 : unpackFailure(old).backoff;
    const again = old !== undefined && now < old.expires + 2 * last * TICKS;
    const backoff = again ? Math.min(last * 2, this.#settings.failureTtlMax) : this.#settings.failureTtl;
    if (backoff <= 0) return;
    const head = packHead({ storedAt: now, ttlOriginal: backoff, security: UNCHECKED, provenance });
    this.#put('failure', key, head + packFailure(backoff, because), now, backoff);
  }

  /** The deepest known zone cut at or above `name` (and below the root's own delegation, which counts too). */
  closestDelegation(name: DomainName): Delegation | undefined {
    const now = this.now();
    for (let zone = this.store.closest('delegation', name); zone; zone = this.#closestAbove('delegation', zone)) {
      const entry = this.store.getFor('delegation', zone, 0, now);
      if (entry === undefined) continue;
      this.store.countHit('delegation', entry);
      return unpackDelegation(entry, zone, now);
    }
    this.store.countMiss('delegation');
    return undefined;
  }

  /**
   * Keeps what a parent said of a zone cut; for at most as long as the parent's own delegation, `parentTtl`, lives.
   * Delegations between the two ends of a referral that jumped over them are forgotten: the parent just said, by
   * jumping, that they no longer stand between (and they would go on referring to servers the parent has given up).
   */
  storeDelegation(delegation: Delegation, parent: DomainName, parentTtl: number, provenance: Provenance): void {
    const ttl = Math.min(positiveTtl(delegation.ttl, this.#settings), parentTtl);
    let between = this.#closestAbove('delegation', delegation.zone);
    for (; between && isBelow(between, parent); between = this.#closestAbove('delegation', between)) {
      this.store.delete(storeKey('delegation', between));
    }
    if (ttl <= 0) return;
    const now = this.now();
    const head = packHead({
      storedAt: now,
      ttlOriginal: effectiveTtl(delegation.ttl),
      security: UNCHECKED,
      provenance,
    });
    this.#put('delegation', storeKey('delegation', delegation.zone), head + packDelegation(delegation), now, ttl);
  }

  /** What the parent of exactly that zone said, not counted as use. */
  delegationOf(zone: DomainName): Delegation | undefined {
    const now = this.now();
    const entry = this.store.peekFor('delegation', zone, 0);
    return entry === undefined || entry.expires <= now ? undefined : unpackDelegation(entry, zone, now);
  }

  /** Whether a zone cut is known that is below `zone`, and at or above `name`. */
  knowsCutBelow(zone: DomainName, name: DomainName): boolean {
    const now = this.now();
    let at = this.store.closest('delegation', name);
    for (; at && isBelow(at, zone); at = this.#closestAbove('delegation', at)) {
      const expires = this.store.expiresFor('delegation', at, 0);
      if (expires !== undefined && expires > now) return true;
    }
    return false;
  }

  /** Forgets a delegation that led nowhere, so that the parent is asked anew. */
  dropDelegation(zone: DomainName): void {
    this.store.delete(storeKey('delegation', zone));
  }

  /**
   * Takes back an entry that was here before, or in another instance (portable.ts). What is known by now stands. Whether
   * it was kept.
   */
  restore(key: string, entry: Entry): boolean {
    const now = this.now();
    if (!this.store.mayServe(key, entry, now)) return false;
    const held = this.store.expiresOf(key);
    if (held !== undefined && held > Math.min(now, entry.expires)) return false;
    const kind = kindOfKey(key);
    if (kind === 'denial') return this.denials.restore(key, entry);
    if (kind === 'rrset' && uint16At(key, 1) === Type.DNAME) this.#dnames = true;
    return this.store.set(kind, key, entry, now);
  }

  #put(kind: EntryKind, key: string, packed: string, now: number, ttl: number): void {
    this.store.set(kind, key, new Entry(packed, now + ttl * TICKS), now);
  }
}

/**
 * RFC 2181 §5.4.1, with a verdict weighing more: data that failed validation never displaces what was judged and stands,
 * so that fetching ahead of time cannot take an answer away.
 */
function mayReplace(old: Entry, security: Security, credibility: Credibility): boolean {
  const oldKind = securityKindOf(old.packed);
  if (security.kind === 'bogus' && oldKind !== 'bogus' && oldKind !== 'unchecked') return false;
  if (oldKind === 'bogus' && security.kind !== 'bogus') return true;
  return credibility >= credibilityOf(old.packed);
}

function kindOfFinding(finding: Finding): EntryKind {
  return finding.kind === 'nodata' || finding.kind === 'nxdomain' ? finding.kind : 'rrset';
}

/** A name error is of every type: those that most names have will do, since the others are seldom asked for. */
function goneTypes(finding: Finding, type: number): readonly number[] {
  return finding.kind === 'nxdomain' ? [type, ...COMMON_TYPES] : [type];
}

/** Hits that make an entry worth fetching again before its time is over. */
const HITS_IN_USE = 2;
/** The share of its time that is left then: as in Unbound, a tenth. */
const LAST_PART = 10;
/** Ticks. A tenth of less is shorter than fetching takes, so that clients would wait all the same. */
const LEAST_LIFETIME = 10 * TICKS;

/** HOT: asked at each hit. */
function isDue(entry: Entry, now: number): boolean {
  if (entry.hits < HITS_IN_USE) return false;
  const lifetime = entry.expires - storedAtOf(entry.packed);
  if ((entry.expires - now) * LAST_PART > lifetime || lifetime < LEAST_LIFETIME) return false;
  // RFC 4035 §4.7: what failed validation is not fetched again any sooner than it must.
  return securityKindOf(entry.packed) !== 'bogus';
}

/** The tick from which on an entry in use is due. */
function dueAt(entry: Entry): number {
  return entry.expires - Math.floor((entry.expires - storedAtOf(entry.packed)) / LAST_PART);
}
