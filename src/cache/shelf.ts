/**
 * Where entries lie, and which of them leaves when there is no room: one body for each eviction policy. A shelf knows
 * neither kinds nor time to live beyond what its policy needs; it never holds more than its budget in octets.
 */
import type { DomainName } from '../dns/name.js';
import type { EntryKind } from '../ports/inspection.js';
import type { Entry } from './entry.js';
import { EntryTable } from './table/entry-table.js';
import { MOST_OCTETS } from './table/slabs.js';

/** `replaced`: another took its key; `evicted`: no room; `deleted`: it was told to. */
export type Leaving = 'replaced' | 'evicted' | 'deleted';

/** Told of each entry that leaves, once, when it is out of reach: its slot in the table can be read until it returns. */
export type OnLeaving = (table: EntryTable, slot: number, why: Leaving) => void;

export interface ShelfOptions {
  /** Octets. */
  readonly maxBytes: number;
  /** Octets; larger entries are not kept. */
  readonly maxEntryBytes: number;
  /** 32 bits of chance: who sends names must not foresee what shares a place with what. */
  readonly seed: number;
}

/** An entry that asks to be kept. */
export interface Newcomer {
  readonly key: string;
  /** Of the key, 32 bits. */
  readonly hash: number;
  readonly entry: Entry;
  /** Octets that it is charged with. */
  readonly size: number;
  /** Of the key, this one included, as far as the policy remembers. */
  readonly uses: number;
}

/** Slots passed over between two places where a walk may be interrupted: microseconds' worth. */
const STRIDE = 32;

export abstract class Shelf {
  protected readonly table: EntryTable;
  /** Octets that entries may be charged with, all together. */
  protected readonly budget: number;
  /** Octets that they are charged with, `beside` included. */
  protected used = 0;
  readonly #largest: number;
  readonly #onLeaving: OnLeaving;

  /**
   * @param budget octets: what is left of maxBytes for entries
   * @param beside octets that the policy's own columns take for each entry, beyond what sizeOf() counts for them
   */
  constructor(
    { maxEntryBytes, seed }: ShelfOptions,
    budget: number,
    onLeaving: OnLeaving,
    protected readonly beside = 0,
  ) {
    this.table = new EntryTable(budget, seed);
    this.budget = Math.min(budget, MOST_OCTETS) - this.table.fixedOctets;
    this.#largest = Math.min(maxEntryBytes, this.budget - beside);
    this.#onLeaving = onLeaving;
  }

  /** HOT: see EntryTable.find and findFor. */
  slotOf(key: string): number {
    return this.table.find(key);
  }

  slotFor(kind: EntryKind, name: DomainName, type: number): number {
    return this.table.findFor(kind, name, type);
  }

  /** HOT: see EntryTable.closest. */
  closest(kind: EntryKind, name: DomainName): DomainName | undefined {
    return this.table.closest(kind, name);
  }

  /** HOT: as it lies there, expired or not; for the policy that was use. */
  get(key: string): Entry | undefined {
    const slot = this.table.find(key);
    return slot < 0 ? undefined : this.use(slot);
  }

  /** HOT: the same of what is in a slot. */
  use(slot: number): Entry {
    this.touched(slot);
    return this.table.entryOf(slot);
  }

  /** HOT: the same, which was no use. */
  peek(key: string): Entry | undefined {
    const slot = this.table.find(key);
    return slot < 0 ? undefined : this.table.entryOf(slot);
  }

  /**
   * Whether it is kept; when it is not, what lay under the key is gone all the same. `size` in octets, `now` in ticks.
   * Others may leave for it.
   */
  set(key: string, entry: Entry, size: number, now: number): boolean {
    const held = this.table.find(key);
    const hash = this.table.hashOfKey(key);
    const uses = this.usesOf(held, hash) + 1;
    if (held >= 0) {
      // The same data again, as far as its users are concerned.
      if (this.table.expiresOf(held) > now) entry.hits = this.table.hitsOf(held);
      this.take(held, 'replaced');
    }
    if (size > this.#largest || !EntryTable.mayHold(key, entry.packed)) return false;
    const newcomer = { key, hash, entry, size, uses };
    if (!this.admit(newcomer, now)) return false;
    const slot = this.table.add(key, hash, entry, size);
    this.used += size + this.beside;
    this.placed(slot, newcomer);
    return true;
  }

  /** Whether there was one. */
  delete(key: string): boolean {
    const slot = this.table.find(key);
    if (slot >= 0) this.deleteIn(slot);
    return slot >= 0;
  }

  deleteIn(slot: number): void {
    this.take(slot, 'deleted');
  }

  /** Ticks. */
  expiresIn(slot: number): number {
    return this.table.expiresOf(slot);
  }

  /** The key of an entry got from here, if it lies there still: what was got is a copy. */
  keyOf({ slot, stamp }: Entry): string | undefined {
    return this.table.isOf(slot, stamp) ? this.table.keyOf(slot) : undefined;
  }

  /** An entry got from here was used so often more, if it lies there still; what was got may be an older copy. */
  addHits({ slot, stamp }: Entry, hits: number): void {
    if (this.table.isOf(slot, stamp)) this.table.setHits(slot, this.table.hitsOf(slot) + hits);
  }

  /** An entry got from here counts as use. */
  touch({ slot, stamp }: Entry): void {
    if (this.table.isOf(slot, stamp)) this.touched(slot);
  }

  /** An entry got from here was fetched ahead of time. */
  markAhead({ slot, stamp }: Entry): void {
    if (this.table.isOf(slot, stamp)) this.table.markAhead(slot);
  }

  /**
   * Every entry that is there all the while, once; safe against all changes, uses included, made while reading, also when
   * the reader pauses for seconds. (An entry stored anew under its key may come again.)
   */
  *entries(): Generator<[string, Entry]> {
    for (const slot of this.slots()) if (slot >= 0) yield [this.table.keyOf(slot), this.table.entryOf(slot)];
  }

  /**
   * The slots of the same; a negative number now and then, so that others get their turn. `isMeant`: those to leave out
   * are passed over.
   */
  *slots(isMeant: (slot: number, table: EntryTable) => boolean = () => true): Generator<number> {
    for (let slot = 0; slot < this.table.reach; slot++) {
      if (this.table.isUsed(slot) && isMeant(slot, this.table)) yield slot;
      if (slot % STRIDE === STRIDE - 1) yield -1;
    }
  }

  keyIn(slot: number): string {
    return this.table.keyOf(slot);
  }

  entryIn(slot: number): Entry {
    return this.table.entryOf(slot);
  }

  /** Octets of memory that keys and values take. */
  get octets(): number {
    return this.table.octets;
  }

  protected take(slot: number, why: Leaving): void {
    this.removed(slot);
    this.used -= this.table.sizeOf(slot) + this.beside;
    this.table.unlink(slot);
    this.#onLeaving(this.table, slot, why);
    this.table.free(slot);
  }

  /** Uses of what is in a slot, or of the key with that hash when it is in none (-1), as far as the policy remembers. */
  protected usesOf(_slot: number, _hash: number): number {
    return 0;
  }

  /** HOT: what is in a slot was used. */
  protected abstract touched(slot: number): void;

  /** Takes others away until there is room; false when the newcomer is turned away. */
  protected abstract admit(newcomer: Newcomer, now: number): boolean;

  /** The newcomer is in that slot. */
  protected abstract placed(slot: number, newcomer: Newcomer): void;

  /** What is in a slot is about to leave. */
  protected abstract removed(slot: number): void;
}
