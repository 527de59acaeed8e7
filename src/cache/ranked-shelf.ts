/**
 * The lowest rank leaves first, exactly: a binary heap of slots. Three policies rank:
 *
 * - `ttl`: by expiry, so that what would be useless soonest goes first;
 * - `lfu`: by uses, counted from the rank of what left last (LFU with dynamic aging, Arlitt 2000), so that yesterday's
 *   star is overtaken;
 * - `none`: by expiry, and only what has expired leaves. A full shelf keeps what it has.
 */
import { type Newcomer, type OnLeaving, Shelf, type ShelfOptions } from './shelf.js';
import { FloatColumn, IntColumn } from './table/column.js';

export type Ranking = 'ttl' | 'lfu' | 'none';

/** Octets for each entry: the columns are half as many again as those of a list. */
const BESIDE = 12;
const BESIDE_USES = 16;

export class RankedShelf extends Shelf {
  /** Slots, the lowest rank first. */
  readonly #heap = new IntColumn();
  #length = 0;
  /** By slot: where it is in the heap. */
  readonly #at = new IntColumn();
  readonly #ranks = new FloatColumn();
  /** Of two with the same rank the one used longer ago leaves first. */
  readonly #turns = new FloatColumn();
  /** For `lfu` alone. */
  readonly #uses = new IntColumn();
  #age = 0;
  #turn = 0;

  constructor(
    readonly ranking: Ranking,
    options: ShelfOptions,
    onLeaving: OnLeaving,
  ) {
    super(options, options.maxBytes, onLeaving, ranking === 'lfu' ? BESIDE_USES : BESIDE);
  }

  protected touched(slot: number): void {
    if (this.ranking !== 'lfu') return;
    const uses = this.#uses.get(slot) + 1;
    this.#uses.set(slot, uses);
    this.#ranks.set(slot, this.#age + uses);
    this.#turns.set(slot, this.#turn++);
    this.#sink(slot);
  }

  protected override usesOf(slot: number): number {
    return slot < 0 || this.ranking !== 'lfu' ? 0 : this.#uses.get(slot);
  }

  protected admit({ size }: Newcomer, now: number): boolean {
    while (this.used + size + this.beside > this.budget) {
      const first = this.#heap.get(0);
      if (this.ranking === 'none' && this.table.expiresOf(first) > now) return false;
      if (this.ranking === 'lfu') this.#age = this.#ranks.get(first);
      this.take(first, 'evicted');
    }
    return true;
  }

  protected placed(slot: number, { entry, uses }: Newcomer): void {
    for (const column of [this.#at, this.#heap, this.#ranks, this.#turns]) column.reserve(slot + 1);
    if (this.ranking === 'lfu') {
      this.#uses.reserve(slot + 1);
      this.#uses.set(slot, uses);
    }
    this.#ranks.set(slot, this.ranking === 'lfu' ? this.#age + uses : entry.expires);
    this.#turns.set(slot, this.#turn++);
    this.#put(slot, this.#length++);
    this.#rise(slot);
  }

  protected removed(slot: number): void {
    const last = this.#heap.get(--this.#length);
    if (last === slot) return;
    this.#put(last, this.#at.get(slot));
    this.#rise(last);
    this.#sink(last);
  }

  #rise(slot: number): void {
    for (let at = this.#at.get(slot); at > 0; ) {
      const above = (at - 1) >> 1;
      const parent = this.#heap.get(above);
      if (!this.#leavesBefore(slot, parent)) return;
      this.#put(parent, at);
      this.#put(slot, above);
      at = above;
    }
  }

  #sink(slot: number): void {
    for (let at = this.#at.get(slot); ; ) {
      const left = 2 * at + 1;
      if (left >= this.#length) return;
      const right = left + 1;
      const isRight = right < this.#length && this.#leavesBefore(this.#heap.get(right), this.#heap.get(left));
      const below = isRight ? right : left;
      const first = this.#heap.get(below);
      if (!this.#leavesBefore(first, slot)) return;
      this.#put(first, at);
      this.#put(slot, below);
      at = below;
    }
  }

  #put(slot: number, at: number): void {
    this.#heap.set(at, slot);
    this.#at.set(slot, at);
  }

  #leavesBefore(a: number, b: number): boolean {
    const rank = this.#ranks.get(a);
    const other = this.#ranks.get(b);
    return rank === other ? this.#turns.get(a) < this.#turns.get(b) : rank < other;
  }
}
