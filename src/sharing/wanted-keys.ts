/**
 * What could be in the store that answers this name and type, or shortens the way to an answer? A handful of keys, asked
 * in one round trip: data, alias, denials, and zone cuts and DNAMEs between the closest cut known here and the name.
 */
import type { Cache } from '../cache/cache.js';
import { storeKey } from '../cache/entry.js';
import { type DomainName, parentOf } from '../dns/name.js';
import { Type } from '../dns/numbers.js';
import { rrsetKey } from '../dns/rrset.js';

/** Names above the one asked for that are looked for; those highest up, since cuts are there. */
const MAX_NAMES_ABOVE = 5;

/** Keys of the local store, those that could answer first. */
export function wantedKeys(cache: Cache, name: DomainName, type: number): string[] {
  const keys = [storeKey('rrset', rrsetKey(name, type))];
  if (type !== Type.CNAME) keys.push(storeKey('rrset', rrsetKey(name, Type.CNAME)));
  keys.push(storeKey('nodata', rrsetKey(name, type)), storeKey('nxdomain', name));
  // DS lies with the parent (RFC 4035 §3.1.4.1): the cut at the name itself leads past it.
  const start = type === Type.DS ? parentOf(name) : name;
  for (const zone of unknownNames(cache, start)) {
    keys.push(storeKey('delegation', zone));
    if (zone !== name) keys.push(storeKey('rrset', rrsetKey(zone, Type.DNAME)));
  }
  return keys;
}

function unknownNames(cache: Cache, start: DomainName | undefined): DomainName[] {
  const now = cache.now();
  const names: DomainName[] = [];
  for (let at = start; at !== undefined; at = parentOf(at)) {
    const known = cache.store.peek(storeKey('delegation', at));
    if (known !== undefined && known.expires > now) break;
    names.push(at);
  }
  return names.slice(-MAX_NAMES_ABOVE);
}
