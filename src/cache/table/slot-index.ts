/**
 * Which slots may hold what has that hash? Linear hashing (Litwin 1980): with each slot that comes one bucket is split, so
 * that growing never takes longer than a single insertion does. Holds numbers only; whoever asks compares the keys.
 */
import { IntColumn } from './column.js';

const FIRST_BUCKETS = 64;

export class SlotIndex {
  /** The first slot of each bucket plus one; 0: none. */
  readonly #first = new IntColumn();
  /** Of each slot its hash and, beside it in memory, the slot after it in its bucket plus one; 0: none. */
  readonly #links = new IntColumn();
  #length = 0;
  /** Buckets below #split were split already: their hashes are told apart by one bit more than #mask has. */
  #mask = FIRST_BUCKETS - 1;
  #split = 0;

  constructor() {
    this.#first.reserve(FIRST_BUCKETS);
  }

  /** Slots in it. */
  get length(): number {
    return this.#length;
  }

  /** Makes room for the slots below `length`. */
  reserve(length: number): void {
    this.#links.reserve(length * 2);
  }

  /** HOT: the first slot that may have a hash of 32 bits, or -1; the others by nextOf. */
  firstOf(hash: number): number {
    return this.#seek(this.#first.get(this.#bucketOf(hash)) - 1, hash);
  }

  /** HOT: the one after `slot` that may have the same hash, or -1. */
  nextOf(slot: number): number {
    return this.#seek(this.#links.get(slot * 2 + 1) - 1, this.#links.get(slot * 2));
  }

  #seek(from: number, hash: number): number {
    let slot = from;
    while (slot >= 0 && this.#links.get(slot * 2) !== (hash | 0)) slot = this.#links.get(slot * 2 + 1) - 1;
    return slot;
  }

  /** The hash that a slot was added with, as 32 bits signed. */
  hashOf(slot: number): number {
    return this.#links.get(slot * 2);
  }

  /** A slot that is not in it. */
  add(slot: number, hash: number): void {
    this.#links.set(slot * 2, hash);
    this.#link(slot, this.#bucketOf(hash));
    if (++this.#length > this.#mask + this.#split) this.#splitNext();
  }

  /** A slot that is in it. */
  remove(slot: number): void {
    const bucket = this.#bucketOf(this.#links.get(slot * 2));
    const after = this.#links.get(slot * 2 + 1);
    this.#length--;
    let at = this.#first.get(bucket) - 1;
    if (at === slot) {
      this.#first.set(bucket, after);
      return;
    }
    while (this.#links.get(at * 2 + 1) - 1 !== slot) at = this.#links.get(at * 2 + 1) - 1;
    this.#links.set(at * 2 + 1, after);
  }

  #bucketOf(hash: number): number {
    const bucket = hash & this.#mask;
    return bucket < this.#split ? hash & (this.#mask * 2 + 1) : bucket;
  }

  #link(slot: number, bucket: number): void {
    this.#links.set(slot * 2 + 1, this.#first.get(bucket));
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
      const next = this.#links.get(slot * 2 + 1) - 1;
      this.#link(slot, this.#bucketOf(this.#links.get(slot * 2)));
      slot = next;
    }
    if (this.#split > this.#mask) {
      this.#mask = this.#mask * 2 + 1;
      this.#split = 0;
    }
  }
}
