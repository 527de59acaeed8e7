/**
 * Which slots may hold what has that hash? Linear hashing (Litwin 1980): with each slot that comes one bucket is split, so
 * that growing never takes longer than a single insertion does. Holds numbers only; whoever asks compares the keys.
 */
import { IntColumn, type IntRows } from './column.js';

const FIRST_BUCKETS = 64;

/** The hash of a slot, and the slot after it in its bucket plus one; 0: none. */
const HASH = 0;
const NEXT = 1;
/** The fields of a row from here on are for others. */
export const FIRST_FREE_FIELD = 2;

export class SlotIndex {
  /** The first slot of each bucket plus one; 0: none. */
  readonly #first = new IntColumn();
  readonly #rows: IntRows;
  #length = 0;
  /** Buckets below #split were split already: their hashes are told apart by one bit more than #mask has. */
  #mask = FIRST_BUCKETS - 1;
  #split = 0;

  /** @param rows whose fields HASH and NEXT are for the index */
  constructor(rows: IntRows) {
    this.#rows = rows;
    this.#first.reserve(FIRST_BUCKETS);
  }

  /** Slots in it. */
  get length(): number {
    return this.#length;
  }

  /** Makes room for the slots below `length`. */
  reserve(length: number): void {
    this.#rows.reserve(length);
  }

  /** HOT: the first slot that may have a hash of 32 bits, or -1; the others by nextOf. */
  firstOf(hash: number): number {
    return this.#seek(this.#first.get(this.#bucketOf(hash)) - 1, hash);
  }

  /** HOT: the one after `slot` that may have the same hash, or -1. */
  nextOf(slot: number): number {
    return this.#seek(this.#rows.get(slot, NEXT) - 1, this.#rows.get(slot, HASH));
  }

  #seek(from: number, hash: number): number {
    let slot = from;
    while (slot >= 0 && this.#rows.get(slot, HASH) !== (hash | 0)) slot = this.#rows.get(slot, NEXT) - 1;
    return slot;
  }

  /** The hash that a slot was added with, as 32 bits signed. */
  hashOf(slot: number): number {
    return this.#rows.get(slot, HASH);
  }

  /** A slot that is not in it. */
  add(slot: number, hash: number): void {
    this.#rows.set(slot, HASH, hash);
    this.#link(slot, this.#bucketOf(hash));
    if (++this.#length > this.#mask + this.#split) this.#splitNext();
  }

  /** A slot that is in it. */
  remove(slot: number): void {
    const bucket = this.#bucketOf(this.#rows.get(slot, HASH));
    const after = this.#rows.get(slot, NEXT);
    this.#length--;
    let at = this.#first.get(bucket) - 1;
    if (at === slot) {
      this.#first.set(bucket, after);
      return;
    }
    while (this.#rows.get(at, NEXT) - 1 !== slot) at = this.#rows.get(at, NEXT) - 1;
    this.#rows.set(at, NEXT, after);
  }

  #bucketOf(hash: number): number {
    const bucket = hash & this.#mask;
    return bucket < this.#split ? hash & (this.#mask * 2 + 1) : bucket;
  }

  #link(slot: number, bucket: number): void {
    this.#rows.set(slot, NEXT, this.#first.get(bucket));
    this.#first.set(bucket, slot + 1);
  }

  #splitNext(): void {
    const old = this.#split;
    let slot = this.#first.get(old) - 1;
    this.#first.reserve(old + this.#mask + 2);
    this.#first.set(old, 0);
    this.#first.set(old + this.#mask + 1, 0);
    this.#split++;
    while (slot >= 0) {
      const next = this.#rows.get(slot, NEXT) - 1;
      this.#link(slot, this.#bucketOf(this.#rows.get(slot, HASH)));
      slot = next;
    }
    if (this.#split > this.#mask) {
      this.#mask = this.#mask * 2 + 1;
      this.#split = 0;
    }
  }
}
