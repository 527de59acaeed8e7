/** Do the counters say what happened? */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Rcode, Type } from '../../src/dns/numbers.js';
import { LatencyHistogram } from '../../src/server/latency-histogram.js';
import { QueryStatsRecorder } from '../../src/server/query-stats.js';

describe('QueryStatsRecorder', () => {
  it('begins with nothing', () => {
    const zero = { count: 0, p50: 0, p90: 0, p99: 0, max: 0 };
    expect(new QueryStatsRecorder().snapshot()).toEqual({
      total: 0,
      hits: 0,
      misses: 0,
      inFlight: 0,
      dropped: 0,
      byType: {},
      byRcode: {},
      byTransport: { udp: 0, tcp: 0 },
      bySource: { cache: 0, network: 0, local: 0, stale: 0 },
      byNotify: { flushed: 0, later: 0, same: 0, 'too-wide': 0, crowded: 0, refused: 0, malformed: 0 },
      latencyMs: { hit: zero, miss: zero },
    });
  });

  it('counts stale answers as misses and local data as neither', () => {
    const stats = new QueryStatsRecorder();
    for (const source of ['cache', 'cache', 'network', 'stale', 'local', undefined] as const) {
      stats.received('udp');
      stats.answered({ type: Type.AAAA, rcode: Rcode.NOERROR, source, ms: 2 });
    }
    expect(stats.snapshot()).toMatchObject({
      total: 6,
      hits: 2,
      misses: 2,
      byType: { AAAA: 6 },
      byRcode: { NOERROR: 6 },
      latencyMs: { hit: { count: 3 }, miss: { count: 2 } },
    });
  });

  it('keeps numbers nobody has named in one place, however many are asked for', () => {
    const stats = new QueryStatsRecorder();
    for (let type = 1000; type < 66_000; type += 100) {
      stats.answered({ type, rcode: 4000, source: undefined, ms: 0 });
    }
    stats.answered({ type: 54, rcode: 12, source: undefined, ms: 0 });
    stats.answered({ type: undefined, rcode: Rcode.FORMERR, source: undefined, ms: 0 });
    const { byType, byRcode } = stats.snapshot();
    expect(byType).toEqual({ other: 651 });
    expect(byRcode).toEqual({ other: 651, FORMERR: 1 });
  });

  it('knows what is under way', () => {
    const stats = new QueryStatsRecorder();
    stats.started();
    stats.started();
    stats.stopped();
    expect(stats.snapshot().inFlight).toBe(1);
  });
});

describe('LatencyHistogram', () => {
  it('percentiles are at most one bucket (9 %) above the sample of that rank, and never below', () => {
    const sample = fc.double({ min: 0.001, max: 100_000, noNaN: true });
    fc.assert(
      fc.property(fc.array(sample, { minLength: 1, maxLength: 200 }), (samples) => {
        const histogram = new LatencyHistogram();
        for (const ms of samples) histogram.add(ms);
        const sorted = [...samples].sort((a, b) => a - b);
        const seen = histogram.percentiles();
        expect(seen).toMatchObject({ count: samples.length, max: sorted.at(-1) });
        for (const [share, value] of [
          [0.5, seen.p50],
          [0.9, seen.p90],
          [0.99, seen.p99],
        ] as const) {
          const exact = sorted[Math.ceil(samples.length * share) - 1]!;
          expect(value).toBeGreaterThanOrEqual(exact * (1 - 1e-9));
          expect(value).toBeLessThanOrEqual(exact * 2 ** (1 / 8) * (1 + 1e-9));
        }
      }),
    );
  });

  it('takes no time, and more time than it has buckets for', () => {
    const histogram = new LatencyHistogram();
    histogram.add(0);
    histogram.add(10_000_000);
    expect(histogram.percentiles()).toMatchObject({ count: 2, max: 10_000_000 });
  });
});
