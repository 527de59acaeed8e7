/** The least recently used leaves first. */
import { LRUCache } from 'lru-cache';
import { Entry } from './entry.js';
import type { Leaving, OnLeaving, Shelf } from './shelf.js';

export class LruShelf implements Shelf {
  readonly #lru: LRUCache<string, Entry>;
  readonly #largest: number;

  /** @param maxBytes budget in octets; an entry larger than `maxEntryBytes` is not kept */
  constructor(maxBytes: number, maxEntryBytes: number, onLeaving: OnLeaving) {
    this.#largest = Math.min(maxEntryBytes, maxBytes);
    this.#lru = new LRUCache<string, Entry>({
      maxSize: maxBytes,
      maxEntrySize: this.#largest,
      disposeAfter: (entry, key, reason) => onLeaving(key, entry, leavingFor(reason)),
    });
  }

  get(key: string): Entry | undefined {
    return this.#lru.get(key);
  }

  peek(key: string): Entry | undefined {
    return this.#lru.peek(key);
  }

  set(key: string, entry: Entry, size: number): boolean {
    this.#lru.set(key, entry, { size });
    return size <= this.#largest;
  }

  delete(key: string): boolean {
    return this.#lru.delete(key);
  }

  /**
   * By the map inside: whoever walks takes his time, and lru-cache's own iterators follow the list of use, on which an
   * entry that is used jumps to the end, and the walk with it.
   */
  *entries(): Generator<[string, Entry]> {
    const { keyMap, valList } = LRUCache.unsafeExposeInternals(this.#lru);
    for (const [key, at] of keyMap) {
      const entry = valList[at];
      if (entry instanceof Entry) yield [key, entry];
    }
  }
}

function leavingFor(reason: LRUCache.DisposeReason): Leaving {
  if (reason === 'set') return 'replaced';
  return reason === 'evict' ? 'evicted' : 'deleted';
}
