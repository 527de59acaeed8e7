/** How long did it take, for nearly all? Percentiles from buckets that widen by a fixed factor: no sample is kept. */
import type { Percentiles } from '../ports/inspection.js';

/** Buckets to each doubling: neighbours differ by 9 %, which is how exact a percentile is. */
const PER_OCTAVE = 8;
/** From 1 us to 2^27 us, over two minutes; longer ones share the last bucket. */
const BUCKETS = 27 * PER_OCTAVE + 1;

export class LatencyHistogram {
  // Doubles count to 2^53; 32 bits would wrap after half a day of 100,000 queries a second.
  readonly #buckets = new Float64Array(BUCKETS);
  #count = 0;
  #max = 0;

  /** `ms`: milliseconds, 0 or more, fractions included; of `count` samples. */
  add(ms: number, count = 1): void {
    this.#count += count;
    if (ms > this.#max) this.#max = ms;
    this.#buckets[bucketOf(ms)]! += count;
  }

  percentiles(): Percentiles {
    return { count: this.#count, p50: this.at(0.5), p90: this.at(0.9), p99: this.at(0.99), max: this.#max };
  }

  /**
   * Milliseconds within which that share (0 to 1) of all was: the upper end of the bucket in which the sample of that rank
   * lies, never above the longest seen.
   */
  at(share: number): number {
    if (this.#count === 0) return 0;
    let left = Math.ceil(this.#count * share);
    for (let i = 0; i < BUCKETS; i++) {
      left -= this.#buckets[i]!;
      if (left <= 0) return Math.min(this.#max, 2 ** (i / PER_OCTAVE) / 1000);
    }
    return this.#max;
  }
}

function bucketOf(ms: number): number {
  const index = Math.ceil(Math.log2(ms * 1000) * PER_OCTAVE);
  // Also catches the -Infinity of 0 ms.
  return index > 0 ? Math.min(index, BUCKETS - 1) : 0;
}
