/**
 * The memory of the cache: packed entries of every kind under one budget in octets, the least recently used thrown
 * out first. Knows nothing of DNS beyond the key, whose first char tells the kind.
 */
import { LRUCache } from 'lru-cache';
import { ENTRY_KINDS, type EntryKind, type StoreStats } from '../ports/inspection.js';

/**
 * Ticks in a second: fine enough that nothing expires noticeably early, coarse enough that six years of them are a
 * small integer to V8.
 */
export const TICKS = 10;

/** One packed value. Mutable only in `hits`. */
export class Entry {
  hits = 0;

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

type Counters = { -readonly [K in keyof StoreStats]: number };

const KIND_CHARS: Readonly<Record<EntryKind, string>> = {
  rrset: 'r',
  nodata: 'n',
  nxdomain: 'x',
  failure: 'f',
  delegation: 'd',
  denial: 'p',
};
const KIND_OF_CHAR = new Map(ENTRY_KINDS.map((kind) => [KIND_CHARS[kind], kind]));

/** The key of an entry; `rest` is rrsetKey() or a bare name. */
export function storeKey(kind: EntryKind, rest: string): string {
  return KIND_CHARS[kind] + rest;
}

/** The kind a key belongs to. */
export function kindOfKey(key: string): EntryKind {
  return KIND_OF_CHAR.get(key.charAt(0))!;
}

export function sizeOf(key: string, entry: Entry): number {
  const indexed = key.startsWith(KIND_CHARS.denial) ? INDEX_OCTETS + 2 * key.length : 0;
  return key.length + entry.packed.length + OVERHEAD_OCTETS + indexed;
}

export class Store {
  readonly #lru: LRUCache<string, Entry>;
  readonly #counters: Record<EntryKind, Counters>;
  /** The latest time seen: tells an eviction for space from the removal of what had expired anyway. */
  #now = 0;

  /**
   * @param maxBytes budget in octets; an entry larger than `maxEntryBytes` is not kept
   * @param onGone told of every entry that leaves, also when another takes its key
   */
  constructor(
    readonly maxBytes: number,
    maxEntryBytes: number,
    readonly onGone: (kind: EntryKind, key: string) => void = () => undefined,
  ) {
    this.#counters = Object.fromEntries(ENTRY_KINDS.map((kind) => [kind, zeroCounters()])) as Record<
      EntryKind,
      Counters
    >;
    this.#lru = new LRUCache<string, Entry>({
      maxSize: maxBytes,
      maxEntrySize: Math.min(maxEntryBytes, maxBytes),
      sizeCalculation: (entry, key) => sizeOf(key, entry),
      dispose: (entry, key, reason) => this.#disposed(entry, key, reason),
    });
  }

  /** An unexpired entry, made young; not counted, see countHit. */
  get(key: string, now: number): Entry | undefined {
    this.#now = now;
    const entry = this.#lru.get(key);
    if (entry === undefined || entry.expires > now) return entry;
    // A failure is kept past its time: how long it lasted decides how long the next one will (RFC 9520 §3.2).
    if (!key.startsWith(KIND_CHARS.failure)) this.#lru.delete(key);
    return undefined;
  }

  /** A question was answered from that entry. */
  countHit(kind: EntryKind, entry: Entry): void {
    this.#counters[kind].hits++;
    entry.hits++;
  }

  countMiss(kind: EntryKind): void {
    this.#counters[kind].misses++;
  }

  /** As it lies there, expired or not; neither counted nor made young. */
  peek(key: string): Entry | undefined {
    return this.#lru.peek(key);
  }

  set(kind: EntryKind, key: string, entry: Entry, now: number): void {
    this.#now = now;
    const old = this.#lru.peek(key);
    const counters = this.#counters[kind];
    if (old !== undefined) {
      if (old.expires <= now) counters.expirations++;
      else entry.hits = old.hits;
    }
    this.#lru.set(key, entry);
    const kept = this.#lru.peek(key) === entry;
    if (kept) {
      counters.inserts++;
      counters.entries++;
      counters.bytes += sizeOf(key, entry);
    }
  }

  /** Whether there was such an entry. */
  delete(key: string): boolean {
    return this.#lru.delete(key);
  }

  /** Every entry; safe against changes made while reading. */
  *entries(): Generator<[string, Entry]> {
    yield* this.#lru.entries() as Generator<[string, Entry]>;
  }

  stats(): Record<EntryKind, StoreStats> {
    return Object.fromEntries(ENTRY_KINDS.map((kind) => [kind, { ...this.#counters[kind] }])) as Record<
      EntryKind,
      StoreStats
    >;
  }

  #disposed(entry: Entry, key: string, reason: LRUCache.DisposeReason): void {
    const kind = kindOfKey(key);
    const counters = this.#counters[kind];
    counters.entries--;
    counters.bytes -= sizeOf(key, entry);
    this.onGone(kind, key);
    if (reason === 'set') return;
    if (entry.expires <= this.#now) counters.expirations++;
    else if (reason === 'evict') counters.evictions++;
    else counters.flushed++;
  }
}

function zeroCounters(): Counters {
  return {
    hits: 0,
    misses: 0,
    staleHits: 0,
    inserts: 0,
    expirations: 0,
    evictions: 0,
    flushed: 0,
    entries: 0,
    bytes: 0,
  };
}
