/**
 * Entries in dense columns of numbers beside a Map from key to place: any of them can be picked by chance at once, and a
 * hit touches numbers only. The last one moves into a place that falls empty.
 */
import type { Entry } from './entry.js';

const FIRST_CAPACITY = 64;

export class SlotTable {
  readonly #placeOf = new Map<string, number>();
  readonly keys: string[] = [];
  readonly entries: Entry[] = [];
  /** Octets charged. */
  sizes = new Uint32Array(FIRST_CAPACITY);
  /** What decides: the lowest leaves first. */
  ranks = new Float64Array(FIRST_CAPACITY);
  /** What one use adds to the rank. */
  worths = new Float32Array(FIRST_CAPACITY);
  /** Uses, up to 255. */
  uses = new Uint8Array(FIRST_CAPACITY);
  /** Ticks from which on it is past its TTL, as far as 31 bits go. */
  expiries = new Int32Array(FIRST_CAPACITY);
  /** The place of its domain among DomainShares. */
  domains = new Uint32Array(FIRST_CAPACITY);

  get length(): number {
    return this.keys.length;
  }

  /** HOT: undefined when the key is not there. */
  placeOf(key: string): number | undefined {
    return this.#placeOf.get(key);
  }

  /** The place of a new key; its other numbers are for the caller to set. */
  add(key: string, entry: Entry): number {
    const place = this.keys.length;
    if (place === this.sizes.length) this.#grow();
    this.#placeOf.set(key, place);
    this.keys.push(key);
    this.entries.push(entry);
    this.expiries[place] = Math.min(entry.expires, 0x7fffffff);
    return place;
  }

  remove(place: number): void {
    this.#placeOf.delete(this.keys[place]!);
    const lastKey = this.keys.pop()!;
    const lastEntry = this.entries.pop()!;
    const last = this.keys.length;
    if (place === last) return;
    this.#placeOf.set(lastKey, place);
    this.keys[place] = lastKey;
    this.entries[place] = lastEntry;
    this.sizes[place] = this.sizes[last]!;
    this.ranks[place] = this.ranks[last]!;
    this.worths[place] = this.worths[last]!;
    this.uses[place] = this.uses[last]!;
    this.expiries[place] = this.expiries[last]!;
    this.domains[place] = this.domains[last]!;
  }

  /** Safe against changes made while reading: a Map can be walked while it changes, and moving keeps a key's turn. */
  *[Symbol.iterator](): Generator<[string, Entry]> {
    for (const [key, place] of this.#placeOf) yield [key, this.entries[place]!];
  }

  #grow(): void {
    const capacity = this.sizes.length * 2;
    this.sizes = extended(this.sizes, new Uint32Array(capacity));
    this.ranks = extended(this.ranks, new Float64Array(capacity));
    this.worths = extended(this.worths, new Float32Array(capacity));
    this.uses = extended(this.uses, new Uint8Array(capacity));
    this.expiries = extended(this.expiries, new Int32Array(capacity));
    this.domains = extended(this.domains, new Uint32Array(capacity));
  }
}

function extended<T extends { set(from: ArrayLike<number>): void }>(old: ArrayLike<number>, larger: T): T {
  larger.set(old);
  return larger;
}
