/**
 * The memory of the cache: packed entries of every kind under one budget in octets, counted by kind. Which entry leaves
 * for want of room is the shelf's affair. Knows nothing of DNS beyond the key, whose first char tells the kind.
 */
import type { DomainName } from '../dns/name.js';
import { ENTRY_KINDS, type EntryKind, type StoreStats } from '../ports/inspection.js';
import type { Steps } from '../ports/turns.js';
import { type Entry, kindOfCode, kindOfKey, sizeOf, TICKS } from './entry.js';
import type { Leaving, OnLeaving, Shelf } from './shelf.js';
import type { EntryTable } from './table/entry-table.js';

/** Why an entry is there no more. `replaced`: another took its key. `swept`: flushed, with others, see sweep(). */
export type Departure = 'replaced' | 'expired' | 'evicted' | 'flushed' | 'swept';

/** Told of changes as they happen; must not change the store itself. `gone` is for what was flushed and for denials. */
export interface StoreWatcher {
  stored?(kind: EntryKind, key: string, entry: Entry): void;
  gone?(kind: EntryKind, key: string, why: Departure): void;
}

/** A flush that holds, and whose entries are not all out of memory yet. */
interface Sweep {
  isMeant(key: string): boolean;
  /** Stored since it began. */
  readonly spared: Set<string>;
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
  /** Those under way, hardly ever any. */
  readonly #sweeps: Sweep[] = [];
  #isSweeping = false;
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

  /**
   * HOT: the name, or the deepest of its ancestors, of which an entry of that kind may be held, expired or not; there is
   * none of those between. Not for `denial`.
   */
  closest(kind: EntryKind, name: DomainName): DomainName | undefined {
    return this.#shelf.closest(kind, name);
  }

  /** An unexpired entry, made young; not counted, see countHit. */
  get(key: string, now: number): Entry | undefined {
    this.#now = now;
    const slot = this.#isSwept(key) ? -1 : this.#shelf.slotOf(key);
    return slot < 0 ? undefined : this.#use(slot, kindOfKey(key), now);
  }

  /**
   * HOT: the same of what is known of a name, and a type, 0 where entries of the kind have none. Cheaper, since no key is
   * made: above all of names of which nothing is held. Not for `denial`, nor are peekFor and expiresFor.
   */
  getFor(kind: EntryKind, name: DomainName, type: number, now: number): Entry | undefined {
    this.#now = now;
    const slot = this.#slotFor(kind, name, type);
    return slot < 0 ? undefined : this.#use(slot, kind, now);
  }

  #slotFor(kind: EntryKind, name: DomainName, type: number): number {
    const slot = this.#shelf.slotFor(kind, name, type);
    if (slot < 0 || this.#sweeps.length === 0) return slot;
    return this.#isSwept(this.#shelf.keyIn(slot)) ? -1 : slot;
  }

  #use(slot: number, kind: EntryKind, now: number): Entry | undefined {
    const entry = this.#shelf.use(slot);
    if (entry.expires > now) return entry;
    // A failure is kept past its time: how long it lasted decides how long the next one will (RFC 9520 §3.2).
    if (kind === 'failure' || now < entry.expires + this.#graceOf(kind)) return undefined;
    this.#shelf.deleteIn(slot);
    return undefined;
  }

  /** HOT: an entry past its TTL, not by more than keepExpired allows; neither counted nor made young. */
  staleFor(kind: EntryKind, name: DomainName, type: number, now: number): Entry | undefined {
    const slot = this.#slotFor(kind, name, type);
    if (slot < 0) return undefined;
    const expires = this.#shelf.expiresIn(slot);
    return expires <= now && now < expires + this.#graceOf(kind) ? this.#shelf.entryIn(slot) : undefined;
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
    this.#shelf.addHits(entry, times);
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
    return this.#isSwept(key) ? undefined : this.#shelf.peek(key);
  }

  /** HOT: the same by name and type, see getFor. */
  peekFor(kind: EntryKind, name: DomainName, type: number): Entry | undefined {
    const slot = this.#slotFor(kind, name, type);
    return slot < 0 ? undefined : this.#shelf.entryIn(slot);
  }

  /** When what lies under the key is past its TTL, in ticks; undefined when nothing does. */
  expiresOf(key: string): number | undefined {
    const slot = this.#isSwept(key) ? -1 : this.#shelf.slotOf(key);
    return slot < 0 ? undefined : this.#shelf.expiresIn(slot);
  }

  /** HOT: the same by name and type, see getFor. */
  expiresFor(kind: EntryKind, name: DomainName, type: number): number | undefined {
    const slot = this.#slotFor(kind, name, type);
    return slot < 0 ? undefined : this.#shelf.expiresIn(slot);
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
    // What a denial says is known once it is in its chain only.
    for (const sweep of this.#sweeps) if (kind === 'denial' || sweep.isMeant(key)) sweep.spared.add(key);
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
  *entries(): Generator<[string, Entry]> {
    for (const held of this.#shelf.entries()) if (!this.#isSwept(held[0])) yield held;
  }

  /**
   * The slot and key of every entry, for entryIn() before the next change; undefined now and then, so that others get
   * their turn. `below`: names that are not at or below it are passed over, but for those of denials.
   */
  *keys(below?: DomainName): Generator<[number, string] | undefined> {
    for (const slot of this.#slots(below)) {
      const key = slot < 0 ? undefined : this.#shelf.keyIn(slot);
      if (key === undefined) yield undefined;
      else if (!this.#isSwept(key)) yield [slot, key];
    }
  }

  #slots(below: DomainName | undefined): Generator<number> {
    if (below === undefined) return this.#shelf.slots();
    return this.#shelf.slots((slot, table) => {
      const isDenial = kindOfCode(table.keyCodeOf(slot)) === 'denial';
      return isDenial || table.keyEndsIn(slot, below, 0);
    });
  }

  entryIn(slot: number): Entry {
    return this.#shelf.entryIn(slot);
  }

  /**
   * From now on everything `isMeant` holds for is gone, as far as anybody who asks is concerned; what is stored from now
   * on is not meant, nor names that are not at or below `below`, but for those of denials. The steps give the memory back and count what went; they have to be taken to the end.
   */
  sweep(isMeant: (key: string) => boolean, below?: DomainName): Steps<undefined, number> {
    const sweep = { isMeant, spared: new Set<string>() };
    this.#sweeps.push(sweep);
    return this.#carryOut(sweep, below);
  }

  *#carryOut(sweep: Sweep, below: DomainName | undefined): Steps<undefined, number> {
    let removed = 0;
    for (const slot of this.#slots(below)) {
      if (slot < 0) {
        yield undefined;
        continue;
      }
      const key = this.#shelf.keyIn(slot);
      if (sweep.isMeant(key) && !sweep.spared.has(key)) {
        this.#isSweeping = true;
        this.#shelf.delete(key);
        this.#isSweeping = false;
        removed++;
      }
    }
    this.#sweeps.splice(this.#sweeps.indexOf(sweep), 1);
    return removed;
  }

  /** HOT */
  #isSwept(key: string): boolean {
    if (this.#sweeps.length === 0) return false;
    return this.#sweeps.some(({ isMeant, spared }) => isMeant(key) && !spared.has(key));
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
    const why = this.#departure(kind, table.expiresOf(slot), leaving);
    const isFlushed = why === 'flushed' || why === 'swept';
    if (why === 'expired') counters.expirations++;
    else if (why === 'evicted') counters.evictions++;
    else if (isFlushed) counters.flushed++;
    // Most leave for want of room, and most of these are nobody's business.
    if (!isFlushed && kind !== 'denial') return;
    const key = table.keyOf(slot);
    for (const watcher of this.#watchers) watcher.gone?.(kind, key, why);
  }

  #departure(kind: EntryKind, expires: number, leaving: Leaving): Departure {
    // What might have been given out past its time is taken back like anything else: it must not return from a file.
    const over = leaving === 'deleted' ? expires + this.#graceOf(kind) : expires;
    if (over <= this.#now) return 'expired';
    if (leaving === 'replaced') return 'replaced';
    if (leaving === 'evicted') return 'evicted';
    return this.#isSweeping ? 'swept' : 'flushed';
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
