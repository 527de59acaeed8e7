/**
 * Is there an entry of that kind about a name? Most questions that miss are about names of which nothing is held, and
 * this says so for the price of one access to memory: a counting Bloom filter with one hash (Fan et al. 2000), of 4-bit
 * counters. It may say yes of what is not there, for a fifth of names at most in a cache full of small entries; it never
 * says no of what is.
 *
 * A counter that is full stays full, since how much more it should hold is not known. That takes 15 entries about
 * names that share it; who fills them on purpose makes the filter useless by and by, not wrong.
 */

/** Of memory for entries: smaller counters would save nothing, fewer would be shared by more names. */
const OCTETS_PER_COUNTER = 64;
/** In a cache line, where those of one name for all kinds are. */
const COUNTERS_PER_LINE = 128;
const FULL = 15;

export class NameFilter {
  /** Two counters in an octet. */
  readonly #counters: Uint8Array;
  readonly #mask: number;

  /** @param maxBytes octets that entries may take, this filter included */
  constructor(maxBytes: number) {
    let counters = COUNTERS_PER_LINE;
    while (counters * OCTETS_PER_COUNTER < maxBytes) counters *= 2;
    this.#counters = new Uint8Array(counters / 2);
    this.#mask = counters - 1;
  }

  /** Octets of memory. */
  get bytes(): number {
    return this.#counters.byteLength;
  }

  /** HOT: false only when nothing of that kind was added that is there still. `hash`: 32 bits for a name. */
  mayHold(kindCode: number, hash: number): boolean {
    const at = this.#counterAt(kindCode, hash);
    return (this.#counters[at >>> 1]! & (FULL << ((at & 1) << 2))) !== 0;
  }

  add(kindCode: number, hash: number): void {
    const at = this.#counterAt(kindCode, hash);
    if (this.#countAt(at) < FULL) this.#change(at, 1);
  }

  /** What was added before. */
  remove(kindCode: number, hash: number): void {
    const at = this.#counterAt(kindCode, hash);
    if (this.#countAt(at) < FULL) this.#change(at, -1);
  }

  #countAt(at: number): number {
    return (this.#counters[at >>> 1]! >>> ((at & 1) << 2)) & FULL;
  }

  #change(at: number, by: 1 | -1): void {
    this.#counters[at >>> 1]! += by << ((at & 1) << 2);
  }

  /** Kinds differ within the cache line alone. */
  #counterAt(kindCode: number, hash: number): number {
    return ((hash & this.#mask) ^ (Math.imul(kindCode, 37) & (COUNTERS_PER_LINE - 1))) >>> 0;
  }
}
