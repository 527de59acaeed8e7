/**
 * Is everything held of a zone of this version? A cache holds bits of a zone fetched one at a time, so that an SOA with
 * the right serial says nothing of what was fetched before it.
 */
import type { DomainName } from '../dns/name.js';
import { isAtOrBelow } from '../dns/name.js';
import { Type } from '../dns/numbers.js';
import { type Soa, soaOf } from '../dns/rrset.js';
import type { Cache } from './cache.js';
import { TICKS } from './entry.js';
import { splitKey } from './inspect.js';
import { storedAtOf } from './pack.js';

/** Whether the SOA held is that one, and nothing at or below the zone was stored before it. Looks at every entry. */
export function isOfVersion(cache: Cache, zone: DomainName, soa: Soa): boolean {
  const found = cache.findExact(zone, Type.SOA);
  if (found?.finding.kind !== 'answer' || found.security.kind === 'bogus') return false;
  const held = soaOf(found.finding.rrset.rdatas[0]!);
  if (held === undefined || !isSameSoa(held, soa)) return false;
  const since = cache.now() - Math.round(cache.ageOf(found)! * TICKS);
  for (const held of cache.store.keys(zone)) {
    if (held === undefined || !isDataOf(zone, held[1])) continue;
    if (storedAtOf(cache.store.entryIn(held[0]).packed) < since) return false;
  }
  return true;
}

function isSameSoa(a: Soa, b: Soa): boolean {
  return (
    a.serial === b.serial &&
    a.mname === b.mname &&
    a.rname === b.rname &&
    a.refresh === b.refresh &&
    a.retry === b.retry &&
    a.expire === b.expire &&
    a.minimum === b.minimum
  );
}

/** What the zone, or one below it, said: the delegation to the zone and its DS are its parent's. */
function isDataOf(zone: DomainName, key: string): boolean {
  const { kind, name, type } = splitKey(key);
  if (name === zone && (kind === 'delegation' || type === Type.DS)) return false;
  return isAtOrBelow(name, zone);
}
