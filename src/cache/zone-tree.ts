/**
 * Over which zone cuts does the cache know a way down to a name, and what is missing on it? A zone is shown when the
 * parent's referral to it is held, or data that only its own servers or its parent's give out: SOA, NS, DS, DNSKEY.
 */
import { type DomainName, ROOT, selfAndAncestors } from '../dns/name.js';
import { Type } from '../dns/numbers.js';
import { rrsetKey } from '../dns/rrset.js';
import type { KeyLink, ZoneOnTheWay, ZoneTree } from '../ports/cache-inspection.js';
import type { CacheEntryView, EntryKind } from '../ports/inspection.js';
import type { Steps } from '../ports/turns.js';
import { unpackDelegation, unpackNegative, unpackRrset } from './bodies.js';
import type { Cache } from './cache.js';
import { type Entry, kindOfKey, secondsLeft, storeKey } from './entry.js';
import { matching, viewOf } from './inspect.js';
import { securityKindOf } from './pack.js';

/** What only a zone of its own has. */
const APEX_TYPES = [Type.SOA, Type.NS, Type.DNSKEY, Type.DS];

/** The zones above a name, and the entries of the name itself: for those the whole cache is walked over. */
export function* zoneTree(cache: Cache, name: DomainName): Steps<undefined, ZoneTree> {
  const entries: CacheEntryView[] = [];
  for (const held of matching(cache, { name })) {
    if (held === undefined) yield undefined;
    else if (held[1].expires > cache.now() && kindOfKey(held[0]) !== 'delegation') entries.push(viewOf(cache, ...held));
  }
  const zones: ZoneOnTheWay[] = [];
  let deniedAt: DomainName | undefined;
  for (const at of [...selfAndAncestors(name)].reverse()) {
    if (at === ROOT || isZone(cache, at)) zones.push(zoneAt(cache, at));
    if (at !== name && deniedAt === undefined && isDenied(cache, at)) deniedAt = at;
  }
  return { name, zones, entries, deniedAt };
}

function isZone(cache: Cache, at: DomainName): boolean {
  return (
    living(cache, 'delegation', at) !== undefined || APEX_TYPES.some((type) => rrsetAt(cache, at, type) !== undefined)
  );
}

/** RFC 8020 §2, as Cache.find has it: a bogus denial, or a compact one (RFC 9824 §3.1), speaks of its own name only. */
function isDenied(cache: Cache, at: DomainName): boolean {
  const entry = living(cache, 'nxdomain', at);
  if (entry === undefined || securityKindOf(entry.packed) === 'bogus') return false;
  return unpackNegative(entry, cache.now()).compact !== true;
}

function zoneAt(cache: Cache, zone: DomainName): ZoneOnTheWay {
  const entry = living(cache, 'delegation', zone);
  const delegation = entry && viewOf(cache, storeKey('delegation', zone), entry);
  const servers = entry === undefined ? [] : unpackDelegation(entry, zone, cache.now()).servers;
  return {
    zone,
    delegation,
    servers: servers.map(({ name, addresses }) => ({
      name,
      glue: addresses,
      known: addressCount(cache, name),
    })),
    ds: zone === ROOT ? undefined : (keyLink(cache, zone, Type.DS) ?? dsOfReferral(cache, zone, entry)),
    dnskey: keyLink(cache, zone, Type.DNSKEY),
  };
}

function addressCount(cache: Cache, server: DomainName): number {
  const count = (type: number): number => {
    const entry = rrsetAt(cache, server, type);
    return entry === undefined ? 0 : unpackRrset(entry, server, type, cache.now()).rdatas.length;
  };
  return count(Type.A) + count(Type.AAAA);
}

function keyLink(cache: Cache, zone: DomainName, type: number): KeyLink | undefined {
  const held = rrsetAt(cache, zone, type);
  if (held !== undefined) {
    return link(cache, 'held', held, unpackRrset(held, zone, type, cache.now()).rdatas.length);
  }
  const denied = living(cache, 'nodata', rrsetKey(zone, type));
  return denied && link(cache, 'denied', denied, 0);
}

function dsOfReferral(cache: Cache, zone: DomainName, entry: Entry | undefined): KeyLink | undefined {
  if (entry === undefined) return undefined;
  const { ds, denial } = unpackDelegation(entry, zone, cache.now());
  if (ds !== undefined) return link(cache, 'held', entry, ds.rdatas.length);
  return denial.length === 0 ? undefined : link(cache, 'denied', entry, 0);
}

function link(cache: Cache, kind: KeyLink['kind'], entry: Entry, count: number): KeyLink {
  return { kind, count, security: securityKindOf(entry.packed), ttlLeft: secondsLeft(entry, cache.now()) };
}

function rrsetAt(cache: Cache, name: DomainName, type: number): Entry | undefined {
  return living(cache, 'rrset', rrsetKey(name, type));
}

/** Not counted as use. */
function living(cache: Cache, kind: EntryKind, rest: string): Entry | undefined {
  const entry = cache.store.peek(storeKey(kind, rest));
  return entry === undefined || entry.expires <= cache.now() ? undefined : entry;
}
