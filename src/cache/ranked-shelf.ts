/**
 * The lowest rank leaves first, exactly: a binary heap beside a Map. Three policies rank:
 *
 * - `ttl`: by expiry, so that what would be useless soonest goes first;
 * - `lfu`: by uses, counted from the rank of what left last (LFU with dynamic aging, Arlitt 2000), so that yesterday's
 *   star is overtaken;
 * - `none`: by expiry, and only what has expired leaves. A full shelf keeps what it has.
 */
import type { Entry } from './entry.js';
import type { Leaving, OnLeaving, Shelf } from './shelf.js';

export type Ranking = 'ttl' | 'lfu' | 'none';

interface Ranked {
  readonly key: string;
  readonly entry: Entry;
  readonly size: number;
  uses: number;
  rank: number;
  /** Of two with the same rank the one used longer ago leaves first. */
  turn: number;
  /** In the heap. */
  at: number;
}

export class RankedShelf implements Shelf {
  readonly #byKey = new Map<string, Ranked>();
  readonly #heap: Ranked[] = [];
  #used = 0;
  #age = 0;
  #turn = 0;

  /** @param maxBytes budget in octets; an entry larger than `maxEntryBytes` is not kept */
  constructor(
    readonly ranking: Ranking,
    readonly maxBytes: number,
    readonly maxEntryBytes: number,
    readonly onLeaving: OnLeaving,
  ) {}

  get(key: string): Entry | undefined {
    const ranked = this.#byKey.get(key);
    if (ranked === undefined) return undefined;
    if (this.ranking === 'lfu') {
      ranked.uses++;
      ranked.rank = this.#age + ranked.uses;
      ranked.turn = this.#turn++;
      this.#sink(ranked);
    }
    return ranked.entry;
  }

  peek(key: string): Entry | undefined {
    return this.#byKey.get(key)?.entry;
  }

  set(key: string, entry: Entry, size: number, now: number): boolean {
    const held = this.#byKey.get(key);
    const uses = (held?.uses ?? 0) + 1;
    if (held !== undefined) this.#take(held, 'replaced');
    if (size > Math.min(this.maxEntryBytes, this.maxBytes) || !this.#makeRoom(size, now)) return false;
    const rank = this.ranking === 'lfu' ? this.#age + uses : entry.expires;
    const ranked = { key, entry, size, uses, rank, turn: this.#turn++, at: this.#heap.length };
    this.#byKey.set(key, ranked);
    this.#heap.push(ranked);
    this.#rise(ranked);
    this.#used += size;
    return true;
  }

  delete(key: string): boolean {
    const ranked = this.#byKey.get(key);
    if (ranked !== undefined) this.#take(ranked, 'deleted');
    return ranked !== undefined;
  }

  *entries(): Iterable<[string, Entry]> {
    for (const [key, { entry }] of this.#byKey) yield [key, entry];
  }

  #makeRoom(size: number, now: number): boolean {
    while (this.#used + size > this.maxBytes) {
      const first = this.#heap[0]!;
      if (this.ranking === 'none' && first.entry.expires > now) return false;
      if (this.ranking === 'lfu') this.#age = first.rank;
      this.#take(first, 'evicted');
    }
    return true;
  }

  #take(ranked: Ranked, why: Leaving): void {
    const last = this.#heap.pop()!;
    if (last !== ranked) {
      last.at = ranked.at;
      this.#heap[last.at] = last;
      this.#rise(last);
      this.#sink(last);
    }
    this.#byKey.delete(ranked.key);
    this.#used -= ranked.size;
    this.onLeaving(ranked.key, ranked.entry, why);
  }

  #rise(ranked: Ranked): void {
    while (ranked.at > 0) {
      const parent = this.#heap[(ranked.at - 1) >> 1]!;
      if (!leavesBefore(ranked, parent)) return;
      this.#swap(ranked, parent);
    }
  }

  #sink(ranked: Ranked): void {
    for (;;) {
      const left = this.#heap[2 * ranked.at + 1];
      const right = this.#heap[2 * ranked.at + 2];
      const first = left !== undefined && right !== undefined && leavesBefore(right, left) ? right : left;
      if (first === undefined || !leavesBefore(first, ranked)) return;
      this.#swap(first, ranked);
    }
  }

  #swap(a: Ranked, b: Ranked): void {
    const { at } = a;
    a.at = b.at;
    b.at = at;
    this.#heap[a.at] = a;
    this.#heap[b.at] = b;
  }
}

function leavesBefore(a: Ranked, b: Ranked): boolean {
  return a.rank === b.rank ? a.turn < b.turn : a.rank < b.rank;
}
