/** How long did it take, for nearly all? Percentiles from buckets that widen by a fixed factor: no sample is kept. */
import type { Percentiles } from '../ports/inspection.js';

/** Buckets to each doubling: neighbours differ by 9 %, which is how exact a percentile is. */
const PER_OCTAVE = 8;
/** From 1 us to 2^27 us, over two minutes; longer ones share the last bucket. */
const BUCKETS = 27 * PER_OCTAVE + 1;

/** Behind the buckets. */
const COUNT = BUCKETS;
const MAX = BUCKETS + 1;

/** What a histogram is kept in. */
export const LATENCY_CELLS = BUCKETS + 2;

export class LatencyHistogram {
  // Doubles count to 2^53; 32 bits would wrap after half a day of 100,000 queries a second.
  readonly #cells: Float64Array;

  /** @param cells LATENCY_CELLS, which another thread may read meanwhile */
  constructor(cells: Float64Array = new Float64Array(LATENCY_CELLS)) {
    this.#cells = cells;
  }

  /** `ms`: milliseconds, 0 or more, fractions included; of `count` samples. */
  add(ms: number, count = 1): void {
    this.#cells[COUNT]! += count;
    if (ms > this.#cells[MAX]!) this.#cells[MAX] = ms;
    this.#cells[bucketOf(ms)]! += count;
  }

  /** Takes over what another counted from when its cells were `before` until they were `after`. */
  addBetween(before: Float64Array, after: Float64Array): void {
    for (let i = 0; i <= COUNT; i++) this.#cells[i]! += after[i]! - before[i]!;
    this.#cells[MAX] = Math.max(this.#cells[MAX]!, after[MAX]!);
  }

  percentiles(): Percentiles {
    const count = this.#cells[COUNT]!;
    return { count, p50: this.at(0.5), p90: this.at(0.9), p99: this.at(0.99), max: this.#cells[MAX]! };
  }

  /**
   * Milliseconds within which that share (0 to 1) of all was: the upper end of the bucket in which the sample of that rank
   * lies, never above the longest seen.
   */
  at(share: number): number {
    const max = this.#cells[MAX]!;
    let left = Math.ceil(this.#cells[COUNT]! * share);
    if (left === 0) return 0;
    for (let i = 0; i < BUCKETS; i++) {
      left -= this.#cells[i]!;
      if (left <= 0) return Math.min(max, 2 ** (i / PER_OCTAVE) / 1000);
    }
    return max;
  }
}

function bucketOf(ms: number): number {
  const index = Math.ceil(Math.log2(ms * 1000) * PER_OCTAVE);
  // Also catches the -Infinity of 0 ms.
  return index > 0 ? Math.min(index, BUCKETS - 1) : 0;
}
