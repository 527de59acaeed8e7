/** What sharing has done so far; see SharedCacheStats. */
import type { SharedCacheStats } from '../ports/second-level.js';

type Counter = Exclude<keyof SharedCacheStats, 'store' | 'circuit' | 'latencyMs' | 'circuitOpens'>;

export type Counters = Record<Counter, number> & { latencyMs: { smoothed: number; max: number } };

export function zeroCounters(): Counters {
  return {
    gets: 0,
    hits: 0,
    skipped: 0,
    restored: 0,
    writes: 0,
    droppedWrites: 0,
    refusedWrites: 0,
    errors: 0,
    timeouts: 0,
    badSignatures: 0,
    flushedValues: 0,
    flushesSent: 0,
    flushesReceived: 0,
    latencyMs: { smoothed: 0, max: 0 },
  };
}

/** Weight of the latest lookup in the smoothed latency, as with round trips to servers (RFC 6298 §2). */
const WEIGHT = 1 / 8;

export function countLatency({ latencyMs }: Counters, ms: number): void {
  latencyMs.smoothed += (ms - latencyMs.smoothed) * (latencyMs.max === 0 ? 1 : WEIGHT);
  latencyMs.max = Math.max(latencyMs.max, ms);
}
