/** One packed value of the cache and what it weighs. Ticks are those of the monotonic clock. */
import { ENTRY_KINDS, type EntryKind } from '../ports/inspection.js';
import { footprintOf } from './table/slabs.js';

/**
 * Ticks in a second: fine enough that nothing expires noticeably early, coarse enough that six years of them are a
 * small integer to V8.
 */
export const TICKS = 10;

/** A copy of what lies in the store, or of what is about to: the store counts uses itself. */
export class Entry {
  hits = 0;
  /** It was fetched before its predecessor's time was over, so that no client waited. */
  isAhead = false;
  /** Where it was copied from, and which of all that lay there it was; -1: from nowhere. For the table. */
  slot = -1;
  stamp = 0;

  constructor(
    readonly packed: string,
    /** The tick of the monotonic clock from which on the entry is past its TTL. */
    readonly expires: number,
  ) {}
}

/** Seconds left, begun ones counted: what is in the cache is never given out with TTL 0. Negative once expired. */
export function secondsLeft(entry: Entry, now: number): number {
  return Math.ceil((entry.expires - now) / TICKS);
}

/** What an entry costs beside its octets: a place in each column of its table and shelf (measured). */
const OVERHEAD_OCTETS = 48;
/** What the place of a denial record in its chain costs beside the two names it is between (measured). */
const INDEX_OCTETS = 150;

const KIND_CHARS: Readonly<Record<EntryKind, string>> = {
  rrset: 'r',
  nodata: 'n',
  nxdomain: 'x',
  failure: 'f',
  delegation: 'd',
  denial: 'p',
};
/** By the code of the char. */
const KIND_OF_CODE: EntryKind[] = [];
for (const kind of ENTRY_KINDS) KIND_OF_CODE[KIND_CHARS[kind].charCodeAt(0)] = kind;

/** The key of an entry; `rest` is rrsetKey() or a bare name. */
export function storeKey(kind: EntryKind, rest: string): string {
  return KIND_CHARS[kind] + rest;
}

/** HOT: the octet that keys of that kind begin with. */
export function codeOf(kind: EntryKind): number {
  return KIND_CHARS[kind].charCodeAt(0);
}

/** The kind of a key that begins with that octet. */
export function kindOfCode(code: number): EntryKind {
  return KIND_OF_CODE[code]!;
}

/** The kind a key belongs to. */
export function kindOfKey(key: string): EntryKind {
  return KIND_OF_CODE[key.charCodeAt(0)]!;
}

const DENIAL = codeOf('denial');

/** Octets of memory an entry is charged with. */
export function sizeOf(key: string, entry: Entry): number {
  const indexed = key.charCodeAt(0) === DENIAL ? INDEX_OCTETS + 2 * key.length : 0;
  return footprintOf(key.length + entry.packed.length + 2) + OVERHEAD_OCTETS + indexed;
}
