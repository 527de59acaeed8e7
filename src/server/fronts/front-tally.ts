/**
 * HOT. What a front thread counts, in memory that the brain reads: additions without a lock, since each cell has one
 * writer and 64 bits are read whole on the systems where there are fronts.
 */
import { LATENCY_CELLS, LatencyHistogram } from '../latency-histogram.js';
import { type CountedElsewhere, RCODES, type ReadyTally, TYPES } from '../query-stats.js';
import { DROPPED, type FrontMemory, LATENCY_AT, RCODES_AT, TYPES_AT, UNSENT } from './front-memory.js';

interface Views {
  readonly types: Float64Array;
  readonly rcodes: Float64Array;
  readonly latency: Float64Array;
}

function viewsOf(cells: Float64Array): Views {
  return {
    types: cells.subarray(TYPES_AT, TYPES_AT + TYPES + 1),
    rcodes: cells.subarray(RCODES_AT, RCODES_AT + RCODES + 1),
    latency: cells.subarray(LATENCY_AT, LATENCY_AT + LATENCY_CELLS),
  };
}

export class FrontTally implements ReadyTally {
  readonly #cells: Float64Array;
  readonly #views: Views;
  readonly #latency: LatencyHistogram;

  constructor({ tally }: FrontMemory) {
    this.#cells = new Float64Array(tally);
    this.#views = viewsOf(this.#cells);
    this.#latency = new LatencyHistogram(this.#views.latency);
  }

  answeredReady(type: number, rcode: number): void {
    this.#views.types[type >= TYPES ? TYPES : type]!++;
    this.#views.rcodes[rcode]!++;
  }

  /** Each of `count` that lay ready took at most `ms`. */
  readyTook(ms: number, count: number): void {
    this.#latency.add(ms, count);
  }

  /** A query the brain had no room for. */
  dropped(): void {
    this.#cells[DROPPED]!++;
  }

  /** Replies the system did not take. */
  unsent(count: number): void {
    this.#cells[UNSENT]! += count;
  }
}

/** The brain's look at it: what was counted since the look before. */
export class TallyReader {
  readonly #cells: Float64Array;
  #before: Float64Array;

  constructor({ tally }: FrontMemory) {
    this.#cells = new Float64Array(tally);
    this.#before = new Float64Array(this.#cells.length);
  }

  take(): CountedElsewhere & { readonly unsent: number } {
    const after = this.#cells.slice();
    const since = after.map((count, at) => count - this.#before[at]!);
    const { types, rcodes, latency } = viewsOf(since);
    const counted = {
      types,
      rcodes,
      latency: { before: viewsOf(this.#before).latency, after: viewsOf(after).latency },
      answered: latency[LATENCY_CELLS - 2]!,
      dropped: since[DROPPED]!,
      unsent: since[UNSENT]!,
    };
    this.#before = after;
    return counted;
  }
}
