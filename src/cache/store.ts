/**
 * The memory of the cache: packed entries of every kind under one budget in octets, counted by kind. Which entry leaves
 * for want of room is the shelf's affair. Knows nothing of DNS beyond the key, whose first char tells the kind.
 */
import { ENTRY_KINDS, type EntryKind, type StoreStats } from '../ports/inspection.js';
import { type Entry, kindOfCode, kindOfKey, sizeOf, TICKS } from './entry.js';
import type { Leaving, OnLeaving, Shelf } from './shelf.js';
import type { EntryTable } from './table/entry-table.js';

/** Why an entry is there no more. `replaced`: another took its key. */
export type Departure = 'replaced' | 'expired' | 'evicted' | 'flushed';

/** Told of changes as they happen; must not change the store itself. `gone` is for what was flushed and for denials. */
export interface StoreWatcher {
  stored?(kind: EntryKind, key: string, entry: Entry): void;
  gone?(kind: EntryKind, key: string, why: Departure): void;
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
    this.#shelf = shelfFor((table, slot, why) => this.#left(table, slot, why));
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
    this.#shelf.setHits(entry, entry.hits);
    if (entry.isAhead) this.hitsAhead += times;
  }

  /** A question was answered from that entry past its TTL: use, which keeps it, but no hit. */
  countStale(kind: EntryKind, entry: Entry): void {
    this.#counters[kind].staleHits++;
    this.#shelf.touch(entry);
  }

  /** An entry was fetched before a client had to wait for it. */
  markAhead(entry: Entry): void {
    this.#shelf.markAhead(entry);
  }

  countMiss(kind: EntryKind): void {
    this.#counters[kind].misses++;
  }

  /** As it lies there, expired or not; neither counted nor made young. */
  peek(key: string): Entry | undefined {
    return this.#shelf.peek(key);
  }

  /** When what lies under the key is past its TTL, in ticks; undefined when nothing does. */
  expiresOf(key: string): number | undefined {
    return this.#shelf.expiresOf(key);
  }

  /** The key of an entry that was got from here and is there still. */
  keyOf(entry: Entry): string | undefined {
    return this.#shelf.keyOf(entry);
  }

  /** Whether it was kept. */
  set(kind: EntryKind, key: string, entry: Entry, now: number): boolean {
    this.#now = now;
    const counters = this.#counters[kind];
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

  #left(table: EntryTable, slot: number, leaving: Leaving): void {
    const kind = kindOfCode(table.keyCodeOf(slot));
    const counters = this.#counters[kind];
    counters.entries--;
    counters.bytes -= table.sizeOf(slot);
    const why = this.#departure(table.expiresOf(slot), leaving);
    if (why === 'expired') counters.expirations++;
    else if (why === 'evicted') counters.evictions++;
    else if (why === 'flushed') counters.flushed++;
    // Most leave for want of room, and most of these are nobody's business.
    if (why !== 'flushed' && kind !== 'denial') return;
    const key = table.keyOf(slot);
    for (const watcher of this.#watchers) watcher.gone?.(kind, key, why);
  }

  #departure(expires: number, leaving: Leaving): Departure {
    if (expires <= this.#now) return 'expired';
    if (leaving === 'replaced') return 'replaced';
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
