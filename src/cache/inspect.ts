/** The cache shown to people: entries unpacked, filtered, counted and flushed. Nothing here is on the way of a query. */

import { addressToOctets } from '../dns/address.js';
import { type DomainName, isAtOrBelow } from '../dns/name.js';
import { Class, Type } from '../dns/numbers.js';
import { type Octets, uint16At } from '../dns/octets.js';
import type { ResourceRecord, RRset } from '../dns/rrset.js';
import { recordsOf } from '../dns/rrset.js';
import type { CacheEntryView, CacheFilter, CacheStats, EntryKind } from '../ports/inspection.js';
import { unpackDelegation, unpackFailure, unpackNegative, unpackRrset } from './bodies.js';
import type { Cache } from './cache.js';
import { denialOfKey } from './denials.js';
import { type Entry, kindOfKey, secondsLeft, sizeOf, TICKS } from './entry.js';
import { securityKindOf, storedAtOf, ttlOriginalOf, unpackProvenance } from './pack.js';

/** Entries that match, lazily. */
export function* viewEntries(cache: Cache, filter: CacheFilter): Generator<CacheEntryView> {
  for (const [key, entry] of cache.store.entries()) {
    const { kind, name, type } = splitKey(key);
    if (matches(kind, name, type, filter)) yield viewOf(cache, key, entry);
  }
}

/**
 * Removes entries that match, and with those of a name the records it would be denied from: what is flushed is asked
 * anew. How many went.
 */
export function flushEntries(cache: Cache, filter: CacheFilter): number {
  const keys: string[] = [];
  for (const [key] of cache.store.entries()) {
    const { kind, name, type } = splitKey(key);
    if (matches(kind, name, type, filter) || (kind === 'denial' && wouldDeny(cache, key, filter))) keys.push(key);
  }
  for (const key of keys) cache.store.delete(key);
  return keys.length;
}

/** Whether a flush with that filter would take the entry; denial records that deny what is flushed go beside. */
export function isCovered(key: string, filter: CacheFilter): boolean {
  const { kind, name, type } = splitKey(key);
  return matches(kind, name, type, filter);
}

export function cacheStats(cache: Cache): CacheStats {
  return { maxBytes: cache.store.maxBytes, synthesised: { ...cache.denials.synthesised }, byKind: cache.store.stats() };
}

function wouldDeny(cache: Cache, key: string, { name = undefined, suffix = name, kind }: CacheFilter): boolean {
  return kind === undefined && suffix !== undefined && cache.denials.mayDeny(key, suffix);
}

function splitKey(key: string): { kind: EntryKind; name: DomainName; type: number } {
  const kind = kindOfKey(key);
  if (kind === 'nxdomain' || kind === 'delegation') return { kind, name: key.slice(1) as DomainName, type: 0 };
  if (kind === 'denial') return { kind, ...denialOfKey(key) };
  return { kind, name: key.slice(3) as DomainName, type: uint16At(key, 1) };
}

function matches(kind: EntryKind, name: DomainName, type: number, filter: CacheFilter): boolean {
  if (filter.kind !== undefined && filter.kind !== kind) return false;
  if (filter.type !== undefined && filter.type !== type && !standsForAnyType(kind, filter)) return false;
  if (filter.name !== undefined && filter.name !== name) return false;
  return filter.suffix === undefined || isAtOrBelow(name, filter.suffix);
}

/** A name error answers for every type, so asking for (or flushing) one type of one name means it too. */
function standsForAnyType(kind: EntryKind, filter: CacheFilter): boolean {
  return kind === 'nxdomain' && filter.name !== undefined;
}

function viewOf(cache: Cache, key: string, entry: Entry): CacheEntryView {
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
