/**
 * How often was something used that is not held any more? A count-min sketch of 4-bit counters (TinyLFU: Einziger,
 * Friedman, Manes, 2017): it may say too much, when four other keys share all the counters of one, never too little.
 * Counts are halved as others come, so that what was loved yesterday is forgotten.
 */
import { mixed } from './key-hash.js';

const ROWS = 4;
const MOST_COUNTED = 15;

export class FrequencySketch {
  /** Eight counters a word, row after row. */
  readonly #words: Uint32Array;
  readonly #mask: number;
  #sinceHalved = 0;

  /** @param width counters in each row, a power of two from 8 */
  constructor(readonly width: number) {
    this.#words = new Uint32Array((width * ROWS) / 8);
    this.#mask = width - 1;
  }

  /** Octets of memory. */
  get bytes(): number {
    return this.#words.byteLength;
  }

  /** 0..MOST_COUNTED, for a hash of 32 bits. */
  estimate(hash: number): number {
    let least = MOST_COUNTED;
    for (let row = 0; row < ROWS; row++) {
      const at = this.#counterAt(hash, row);
      const count = (this.#words[at >>> 3]! >>> ((at & 7) << 2)) & MOST_COUNTED;
      if (count < least) least = count;
    }
    return least;
  }

  /** Makes the estimate at least `count`. */
  raise(hash: number, count: number): void {
    const wanted = count < MOST_COUNTED ? count : MOST_COUNTED;
    for (let row = 0; row < ROWS; row++) {
      const at = this.#counterAt(hash, row);
      const shift = (at & 7) << 2;
      const word = this.#words[at >>> 3]!;
      if (((word >>> shift) & MOST_COUNTED) < wanted) {
        this.#words[at >>> 3] = (word & ~(MOST_COUNTED << shift)) | (wanted << shift);
      }
    }
    // A key seen once more for each counter of a row: then what was not renewed is worth half.
    if (++this.#sinceHalved >= this.width) this.#halve();
  }

  #counterAt(hash: number, row: number): number {
    return row * this.width + (mixed(hash + Math.imul(row, 0x9e3779b9)) & this.#mask);
  }

  #halve(): void {
    this.#sinceHalved = 0;
    for (let i = 0; i < this.#words.length; i++) this.#words[i] = (this.#words[i]! >>> 1) & 0x77777777;
  }
}
