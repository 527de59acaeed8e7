/** The cache shown to people: entries unpacked, filtered, counted and flushed. Nothing here is on the way of a query. */

import { addressToOctets } from '../dns/address.js';
import { ExtendedErrorCode } from '../dns/extended-error.js';
import { type DomainName, isAtOrBelow } from '../dns/name.js';
import { Class, Type } from '../dns/numbers.js';
import { type Octets, uint16At } from '../dns/octets.js';
import type { ResourceRecord, RRset } from '../dns/rrset.js';
import { recordsOf } from '../dns/rrset.js';
import type { CacheEntryView, CacheFilter, CacheStats, EntryKind } from '../ports/inspection.js';
import type { Steps } from '../ports/turns.js';
import { unpackDelegation, unpackFailure, unpackNegative, unpackRrset } from './bodies.js';
import type { Cache } from './cache.js';
import { denialOfKey } from './denials.js';
import { type Entry, kindOfKey, secondsLeft, sizeOf, TICKS } from './entry.js';
import { securityKindOf, storedAtOf, ttlOriginalOf, unpackProvenance } from './pack.js';
import { atOnce } from './slices.js';

/** Entries that match, lazily, by one hurried reader. */
export function* viewEntries(cache: Cache, filter: CacheFilter): Generator<CacheEntryView> {
  for (const held of matching(cache, filter)) if (held !== undefined) yield viewOf(cache, ...held);
}

/** Keys and entries that match, expired ones too; undefined now and then, so that others get their turn. */
export function* matching(cache: Cache, filter: CacheFilter): Generator<[string, Entry] | undefined, void, undefined> {
  for (const held of cache.store.keys(belowFor(filter))) {
    if (held === undefined) yield undefined;
    else if (keyMatches(held[1], filter)) {
      const entry = cache.store.entryIn(held[0]);
      if (isJudged(kindOfKey(held[1]), entry, filter)) yield [held[1], entry];
    }
  }
}

/** All at once, see flushing. */
export function flushEntries(cache: Cache, filter: CacheFilter): number {
  return atOnce(flushing(cache, filter));
}

/**
 * Removes entries that match, and with those of a name the records it would be denied from: what is flushed is asked
 * anew. Whatever the key tells holds at once, before the first step; what is believed of an entry is looked at when its
 * turn comes. How many went.
 */
export function flushing(cache: Cache, filter: CacheFilter): Steps<undefined, number> {
  if (filter.security !== undefined) return removing(cache, filter, false);
  return cache.store.sweep((key) => isMeant(cache, key, filter), belowFor(filter));
}

/** How many would go. */
export function wouldGo(cache: Cache, filter: CacheFilter): Steps<undefined, number> {
  return removing(cache, filter, true);
}

function* removing(cache: Cache, filter: CacheFilter, dryRun: boolean): Steps<undefined, number> {
  let removed = 0;
  for (const held of cache.store.keys(belowFor(filter))) {
    if (held === undefined) yield undefined;
    else if (isMeant(cache, held[1], filter) && isJudged(kindOfKey(held[1]), cache.store.entryIn(held[0]), filter)) {
      removed++;
      if (!dryRun) cache.store.delete(held[1]);
    }
  }
  return removed;
}

/** The name that all names of a filter are at or below. */
function belowFor({ name, suffix = name }: CacheFilter): DomainName | undefined {
  return suffix;
}

function isMeant(cache: Cache, key: string, filter: CacheFilter): boolean {
  const { kind, name, type } = splitKey(key);
  return matches(kind, name, type, filter) || (kind === 'denial' && wouldDeny(cache, key, filter));
}

/** Whether a flush with that filter is about the entry of that key; records that deny what is flushed go beside. */
export function keyMatches(key: string, filter: CacheFilter): boolean {
  const { kind, name, type } = splitKey(key);
  return matches(kind, name, type, filter);
}

export function cacheStats(cache: Cache): CacheStats {
  return { maxBytes: cache.store.maxBytes, synthesised: { ...cache.denials.synthesised }, byKind: cache.store.stats() };
}

function wouldDeny(cache: Cache, key: string, filter: CacheFilter): boolean {
  const { name = undefined, suffix = name, kind, security } = filter;
  return kind === undefined && security === undefined && suffix !== undefined && cache.denials.mayDeny(key, suffix);
}

/** What a key of the store says. */
export function splitKey(key: string): { kind: EntryKind; name: DomainName; type: number } {
  const kind = kindOfKey(key);
  if (kind === 'nxdomain' || kind === 'delegation') return { kind, name: key.slice(1) as DomainName, type: 0 };
  if (kind === 'denial') return { kind, ...denialOfKey(key) };
  return { kind, name: key.slice(3) as DomainName, type: uint16At(key, 1) };
}

const NEGATIVE: ReadonlySet<EntryKind> = new Set(['nodata', 'nxdomain', 'failure', 'denial']);

/** As far as the key tells; what an entry is believed to be is for isJudged. */
function matches(kind: EntryKind, name: DomainName, type: number, filter: CacheFilter): boolean {
  if (filter.kind !== undefined && filter.kind !== kind) return false;
  if (filter.negative === true && !NEGATIVE.has(kind)) return false;
  if (filter.type !== undefined && filter.type !== type && !standsForAnyType(kind, filter)) return false;
  if (filter.name !== undefined && filter.name !== name) return false;
  return filter.suffix === undefined || isAtOrBelow(name, filter.suffix);
}

function isJudged(kind: EntryKind, entry: Entry, { security }: CacheFilter): boolean {
  if (security === undefined) return true;
  if (kind === 'failure' && security === 'bogus') return unpackFailure(entry).because.some(({ code }) => isBogus(code));
  return securityKindOf(entry.packed) === security;
}

/** The codes of RFC 8914 that tell of data which is bogus: 6 to 12. */
function isBogus(code: number): boolean {
  return code >= ExtendedErrorCode.DNSSEC_BOGUS && code <= ExtendedErrorCode.NSEC_MISSING;
}

/** A name error answers for every type, so asking for (or flushing) one type of one name means it too. */
function standsForAnyType(kind: EntryKind, filter: CacheFilter): boolean {
  return kind === 'nxdomain' && filter.name !== undefined;
}

/** One entry for people. */
export function viewOf(cache: Cache, key: string, entry: Entry): CacheEntryView {
  const { kind, name, type } = splitKey(key);
  const now = cache.now();
  return {
    kind,
    name,
    type,
    records: recordsFor(kind, name, type, entry, now),
    ttlLeft: secondsLeft(entry, now),
    ttlOriginal: ttlOriginalOf(entry.packed),
    security: securityKindOf(entry.packed),
    provenance: unpackProvenance(entry.packed),
    storedAt: cache.clock.wall() - ((now - storedAtOf(entry.packed)) * 1000) / TICKS,
    hits: entry.hits,
    bytes: sizeOf(key, entry),
    because: kind === 'failure' ? unpackFailure(entry).because : [],
  };
}

function recordsFor(kind: EntryKind, name: DomainName, type: number, entry: Entry, now: number): ResourceRecord[] {
  switch (kind) {
    case 'rrset':
    case 'denial':
      return [...recordsOf(unpackRrset(entry, name, type, now), true)];
    case 'nodata':
    case 'nxdomain': {
      const { soa, proof } = unpackNegative(entry, now);
      return [...(soa === undefined ? [] : [soa]), ...proof].flatMap((rrset) => [...recordsOf(rrset, true)]);
    }
    case 'delegation':
      return delegationRecords(entry, name, now);
    case 'failure':
      return [];
    default:
      return kind satisfies never;
  }
}

function delegationRecords(entry: Entry, zone: DomainName, now: number): ResourceRecord[] {
  const { servers, ds, denial, ttl } = unpackDelegation(entry, zone, now);
  const ns: RRset = { name: zone, type: Type.NS, ttl, rdatas: servers.map((s) => s.name as Octets), signatures: [] };
  const glue = servers.flatMap((server) =>
    server.addresses.map((address) => {
      const rdata = addressToOctets(address)!;
      return { name: server.name, type: rdata.length === 4 ? Type.A : Type.AAAA, class: Class.IN, ttl, rdata };
    }),
  );
  return [
    ...recordsOf(ns, false),
    ...[...(ds === undefined ? [] : [ds]), ...denial].flatMap((set) => [...recordsOf(set, true)]),
    ...glue,
  ];
}
