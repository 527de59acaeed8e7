/**
 * The memory of the cache: packed entries of every kind under one budget in octets, counted by kind. Which entry leaves
 * for want of room is the shelf's affair. Knows nothing of DNS beyond the key, whose first char tells the kind.
 */
import { ENTRY_KINDS, type EntryKind, type StoreStats } from '../ports/inspection.js';
import { type Entry, kindOfKey, sizeOf, TICKS } from './entry.js';
import type { Leaving, OnLeaving, Shelf } from './shelf.js';

/** Why an entry is there no more. `replaced`: another took its key. */
export type Departure = 'replaced' | 'expired' | 'evicted' | 'flushed';

/** Told of changes as they happen; must not change the store itself. */
export interface StoreWatcher {
  stored?(kind: EntryKind, key: string, entry: Entry): void;
  gone?(kind: EntryKind, key: string, entry: Entry, why: Departure): void;
}

type Counters = { -readonly [K in keyof StoreStats]: number };

/** Kinds whose entries may answer after their time (RFC 8767): never what says whom to ask, nor what proves. */
const MAY_BE_STALE: ReadonlySet<EntryKind> = new Set(['rrset', 'nodata', 'nxdomain']);

export class Store {
  readonly #shelf: Shelf;
  readonly #counters: Record<EntryKind, Counters>;
  readonly #watchers: StoreWatcher[] = [];
  /** The latest time seen: tells an eviction for space from the removal of what had expired anyway. */
  #now = 0;
  /** Hits on entries that were fetched ahead of time. */
  hitsAhead = 0;
  /** Ticks that entries are kept past their time. */
  #grace = 0;

  /** @param maxBytes budget in octets @param shelfFor the shelf of the eviction policy */
  constructor(
    readonly maxBytes: number,
    shelfFor: (onLeaving: OnLeaving) => Shelf,
  ) {
    this.#counters = Object.fromEntries(ENTRY_KINDS.map((kind) => [kind, zeroCounters()])) as Record<
      EntryKind,
      Counters
    >;
    this.#shelf = shelfFor((key, entry, why) => this.#left(key, entry, why));
  }

  watch(watcher: StoreWatcher): void {
    this.#watchers.push(watcher);
  }

  /** Seconds that data and denials are kept past their TTL, for getStale. */
  keepExpired(seconds: number): void {
    this.#grace = seconds * TICKS;
  }

  /** An unexpired entry, made young; not counted, see countHit. */
  get(key: string, now: number): Entry | undefined {
    this.#now = now;
    const entry = this.#shelf.get(key);
    if (entry === undefined || entry.expires > now) return entry;
    const kind = kindOfKey(key);
    // A failure is kept past its time: how long it lasted decides how long the next one will (RFC 9520 §3.2).
    if (kind === 'failure' || now < entry.expires + this.#graceOf(kind)) return undefined;
    this.#shelf.delete(key);
    return undefined;
  }

  /** An entry past its TTL, not by more than keepExpired allows; neither counted nor made young. */
  getStale(key: string, now: number): Entry | undefined {
    const entry = this.#shelf.peek(key);
    if (entry === undefined || entry.expires > now) return undefined;
    return now < entry.expires + this.#graceOf(kindOfKey(key)) ? entry : undefined;
  }

  /** Whether an entry is within its TTL, or past it by no more than keepExpired allows. */
  mayServe(key: string, entry: Entry, now: number): boolean {
    return now < entry.expires + this.#graceOf(kindOfKey(key));
  }

  #graceOf(kind: EntryKind): number {
    return MAY_BE_STALE.has(kind) ? this.#grace : 0;
  }

  /** So many questions were answered from that entry. */
  countHit(kind: EntryKind, entry: Entry, times = 1): void {
    this.#counters[kind].hits += times;
    entry.hits += times;
    if (entry.isAhead) this.hitsAhead += times;
  }

  /** A question was answered from that entry past its TTL: use, which keeps it, but no hit. */
  countStale(kind: EntryKind, key: string, entry: Entry): void {
    this.#counters[kind].staleHits++;
    if (this.#shelf.peek(key) === entry) this.#shelf.get(key);
  }

  countMiss(kind: EntryKind): void {
    this.#counters[kind].misses++;
  }

  /** As it lies there, expired or not; neither counted nor made young. */
  peek(key: string): Entry | undefined {
    return this.#shelf.peek(key);
  }

  /** Whether it was kept. */
  set(kind: EntryKind, key: string, entry: Entry, now: number): boolean {
    return this.setOver(this.#shelf.peek(key), kind, key, entry, now);
  }

  /** As set, for who has just looked what lies under the key. */
  setOver(old: Entry | undefined, kind: EntryKind, key: string, entry: Entry, now: number): boolean {
    this.#now = now;
    const counters = this.#counters[kind];
    if (old !== undefined) {
      if (old.expires <= now) counters.expirations++;
      else entry.hits = old.hits;
    }
    const size = sizeOf(key, entry);
    if (!this.#shelf.set(key, entry, size, now)) {
      counters.rejected++;
      return false;
    }
    counters.inserts++;
    counters.entries++;
    counters.bytes += size;
    for (const watcher of this.#watchers) watcher.stored?.(kind, key, entry);
    return true;
  }

  /** Whether there was such an entry. */
  delete(key: string): boolean {
    return this.#shelf.delete(key);
  }

  /** Every entry; safe against changes made while reading. */
  entries(): Iterable<[string, Entry]> {
    return this.#shelf.entries();
  }

  stats(): Record<EntryKind, StoreStats> {
    return Object.fromEntries(ENTRY_KINDS.map((kind) => [kind, { ...this.#counters[kind] }])) as Record<
      EntryKind,
      StoreStats
    >;
  }

  #left(key: string, entry: Entry, leaving: Leaving): void {
    const kind = kindOfKey(key);
    const counters = this.#counters[kind];
    counters.entries--;
    counters.bytes -= sizeOf(key, entry);
    const why = this.#departure(entry, leaving);
    if (why === 'expired') counters.expirations++;
    else if (why === 'evicted') counters.evictions++;
    else if (why === 'flushed') counters.flushed++;
    for (const watcher of this.#watchers) watcher.gone?.(kind, key, entry, why);
  }

  #departure(entry: Entry, leaving: Leaving): Departure {
    if (leaving === 'replaced') return 'replaced';
    if (entry.expires <= this.#now) return 'expired';
    return leaving === 'evicted' ? 'evicted' : 'flushed';
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
    rejected: 0,
    flushed: 0,
    entries: 0,
    bytes: 0,
  };
}
