/**
 * Which entries were flushed after they had been written down? A flush is kept as its filter, not as the keys it met:
 * files hold entries that memory had lost by then. Found by name, so that a million entries are not held against
 * thousands of flushes each.
 */
import { type DomainName, parentOf } from '../../dns/name.js';
import type { CacheFilter } from '../../ports/inspection.js';
import { denialOfKey } from '../denials.js';
import { kindOfKey } from '../entry.js';
import { keyMatches } from '../inspect.js';

interface Flush {
  readonly filter: CacheFilter;
  /** As text, to tell equal ones. */
  readonly text: string;
  /** Place in the order of records. */
  at: number;
}

export class FlushLog {
  #isEmpty = true;
  readonly #byName = new Map<DomainName, Flush[]>();
  readonly #bySuffix = new Map<DomainName, Flush[]>();
  readonly #others: Flush[] = [];
  /** Zones at or below which something was flushed, and when last: their denial records go too. */
  readonly #zones = new Map<DomainName, number>();

  add(filter: CacheFilter, at: number): void {
    this.#isEmpty = false;
    const { name, suffix, kind } = filter;
    if (name !== undefined) put(listed(this.#byName, name), filter, at);
    else if (suffix !== undefined) put(listed(this.#bySuffix, suffix), filter, at);
    else put(this.#others, filter, at);
    if (kind !== undefined) return;
    for (let zone = name ?? suffix; zone !== undefined; zone = parentOf(zone)) {
      this.#zones.set(zone, Math.max(at, this.#zones.get(zone) ?? 0));
    }
  }

  /** Whether an entry written down at that place was flushed later. */
  covers(key: string, at: number): boolean {
    if (this.#isEmpty) return false;
    const isDenial = kindOfKey(key) === 'denial';
    const name = isDenial ? denialOfKey(key).name : nameOfKey(key);
    if (isDenial && this.#mayDenyFlushed(key, at)) return true;
    if (anyCovers(this.#others, key, at) || anyCovers(this.#byName.get(name), key, at)) return true;
    if (this.#bySuffix.size === 0) return false;
    for (let suffix: DomainName | undefined = name; suffix !== undefined; suffix = parentOf(suffix)) {
      if (anyCovers(this.#bySuffix.get(suffix), key, at)) return true;
    }
    return false;
  }

  /** What a denial record denies is not known before it is in its chain: all of its zone might be. */
  #mayDenyFlushed(key: string, at: number): boolean {
    return (this.#zones.get(denialOfKey(key).zone) ?? -1) > at;
  }
}

/** Of a key that is not of a denial record; see storeKey. */
function nameOfKey(key: string): DomainName {
  const kind = kindOfKey(key);
  return key.slice(kind === 'nxdomain' || kind === 'delegation' ? 1 : 3) as DomainName;
}

function listed(map: Map<DomainName, Flush[]>, name: DomainName): Flush[] {
  let list = map.get(name);
  if (list === undefined) {
    list = [];
    map.set(name, list);
  }
  return list;
}

/** Of equal ones the last counts: what is repeated takes no room. */
function put(list: Flush[], filter: CacheFilter, at: number): void {
  const text = JSON.stringify(filter);
  const same = list.find((flush) => flush.text === text);
  if (same === undefined) list.push({ filter, text, at });
  else same.at = Math.max(same.at, at);
}

function anyCovers(list: readonly Flush[] | undefined, key: string, at: number): boolean {
  return list?.some((flush) => flush.at > at && keyMatches(key, flush.filter)) ?? false;
}

export function filterToOctets(filter: CacheFilter): Buffer {
  return Buffer.from(JSON.stringify(filter), 'utf8');
}

/** A filter that cannot be read stands for everything: to forget too much is safe. */
export function filterFromOctets(octets: Buffer): CacheFilter {
  try {
    const filter: unknown = JSON.parse(octets.toString('utf8'));
    return typeof filter === 'object' && filter !== null ? (filter as CacheFilter) : {};
  } catch {
    return {};
  }
}
