/**
 * Which entries come first? The best of a million by one walk, without keeping more than were asked for: a heap whose
 * root is the last of the best.
 */
import { canonicalKey } from '../dns/name.js';
import type { EntryList, EntryOrder, ListRequest } from '../ports/cache-inspection.js';
import type { CacheEntryView } from '../ports/inspection.js';
import type { Steps } from '../ports/turns.js';
import type { Cache } from './cache.js';
import { type Entry, sizeOf } from './entry.js';
import { matching, splitKey, viewOf } from './inspect.js';
import { costOf, storedAtOf } from './pack.js';

interface Ranked {
  readonly key: string;
  readonly entry: Entry;
  /** Smaller comes first; equals by `text`, so that the same cache gives the same list. */
  readonly rank: number;
  readonly text: string;
}

/** The entries asked for, expired ones left out. */
export function* listing(cache: Cache, request: ListRequest): Steps<undefined, EntryList> {
  const { sort, limit } = request;
  const chosen = sort === undefined ? firstMatching(cache, request) : bestMatching(cache, request, sort);
  const { held, more } = yield* chosen;
  const entries: CacheEntryView[] = [];
  for (const { key, entry } of held.slice(0, limit)) {
    entries.push(viewOf(cache, key, entry));
    yield undefined;
  }
  return { entries, more };
}

interface Chosen {
  readonly held: readonly { readonly key: string; readonly entry: Entry }[];
  readonly more: boolean;
}

function* firstMatching(cache: Cache, { filter, limit }: ListRequest): Steps<undefined, Chosen> {
  const held: { key: string; entry: Entry }[] = [];
  for (const match of matching(cache, filter)) {
    if (match === undefined) yield undefined;
    else if (match[1].expires > cache.now()) {
      if (held.length === limit) return { held, more: true };
      held.push({ key: match[0], entry: match[1] });
    }
  }
  return { held, more: false };
}

function* bestMatching(cache: Cache, request: ListRequest, sort: EntryOrder): Steps<undefined, Chosen> {
  const { filter, limit, reverse } = request;
  const best = new Best<Ranked>(limit, (a, b) => (reverse ? compare(b, a) : compare(a, b)));
  let seen = 0;
  for (const match of matching(cache, filter)) {
    yield undefined;
    if (match === undefined || match[1].expires <= cache.now()) continue;
    const [key, entry] = match;
    seen++;
    best.offer({ key, entry, rank: rankOf(sort, key, entry), text: sort === 'name' ? orderOf(key) : key });
  }
  // Sorting ten thousand at once would take longer than a slice.
  const held: Ranked[] = [];
  for (let last = best.takeLast(); last !== undefined; last = best.takeLast()) {
    held.push(last);
    yield undefined;
  }
  return { held: held.reverse(), more: seen > limit };
}

function compare(a: Ranked, b: Ranked): number {
  if (a.rank !== b.rank) return a.rank - b.rank;
  return a.text < b.text ? -1 : a.text > b.text ? 1 : 0;
}

/** Names of one zone side by side, of one name by kind and type. */
function orderOf(key: string): string {
  return `${canonicalKey(splitKey(key).name)}\0${key}`;
}

function rankOf(sort: EntryOrder, key: string, entry: Entry): number {
  switch (sort) {
    case 'hits':
      return -entry.hits;
    case 'ttl':
      return entry.expires;
    case 'bytes':
      return -sizeOf(key, entry);
    case 'cost':
      return -costOf(entry.packed);
    case 'age':
      return storedAtOf(entry.packed);
    case 'name':
      return 0;
    default:
      return sort satisfies never;
  }
}

/** The first `limit` of all that were offered. O(log limit) for one that is kept, O(1) for one that is not. */
export class Best<T> {
  /** Every place comes, in order, after both its children: the last of all is at 0. */
  readonly #heap: T[] = [];

  /** @param limit at least 1 @param order negative when its first argument comes first */
  constructor(
    readonly limit: number,
    readonly order: (a: T, b: T) => number,
  ) {}

  offer(item: T): void {
    if (this.#heap.length < this.limit) {
      this.#heap.push(item);
      this.#rise(this.#heap.length - 1);
    } else if (this.order(item, this.#heap[0]!) < 0) {
      this.#heap[0] = item;
      this.#sink();
    }
  }

  /** The last of those kept, which is then kept no more; undefined when none is left. */
  takeLast(): T | undefined {
    const last = this.#heap[0];
    const end = this.#heap.pop();
    if (end !== undefined && this.#heap.length > 0) {
      this.#heap[0] = end;
      this.#sink();
    }
    return last;
  }

  #rise(from: number): void {
    let at = from;
    while (at > 0) {
      const above = (at - 1) >> 1;
      if (this.order(this.#heap[at]!, this.#heap[above]!) <= 0) return;
      this.#swap(at, above);
      at = above;
    }
  }

  #sink(): void {
    const heap = this.#heap;
    for (let at = 0; ; ) {
      const left = 2 * at + 1;
      if (left >= heap.length) return;
      const right = left + 1;
      const last = right < heap.length && this.order(heap[right]!, heap[left]!) > 0 ? right : left;
      if (this.order(heap[at]!, heap[last]!) >= 0) return;
      this.#swap(at, last);
      at = last;
    }
  }

  #swap(a: number, b: number): void {
    const item = this.#heap[a]!;
    this.#heap[a] = this.#heap[b]!;
    this.#heap[b] = item;
  }
}
