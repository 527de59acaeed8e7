/** One packed value of the cache and what it weighs. Ticks are those of the monotonic clock. */
import { ENTRY_KINDS, type EntryKind } from '../ports/inspection.js';

/**
 * Ticks in a second: fine enough that nothing expires noticeably early, coarse enough that six years of them are a
 * small integer to V8.
 */
export const TICKS = 10;

/** Mutable only in `hits` and `isAhead`. */
export class Entry {
  hits = 0;
  /** It was fetched before its predecessor's time was over, so that no client waited. */
  isAhead = false;

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

/** What an entry costs beside its key and value: Map slot, list links, two string headers, the Entry object (measured). */
const OVERHEAD_OCTETS = 190;
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

/** The kind a key belongs to. */
export function kindOfKey(key: string): EntryKind {
  return KIND_OF_CODE[key.charCodeAt(0)]!;
}

/** Octets of memory an entry is charged with. */
export function sizeOf(key: string, entry: Entry): number {
  const indexed = key.startsWith(KIND_CHARS.denial) ? INDEX_OCTETS + 2 * key.length : 0;
  return key.length + entry.packed.length + OVERHEAD_OCTETS + indexed;
}
