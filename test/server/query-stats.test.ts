/** Do the counters say what happened? */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Rcode, Type } from '../../src/dns/numbers.js';
import { LatencyHistogram } from '../../src/server/latency-histogram.js';
import { QueryStatsRecorder } from '../../src/server/query-stats.js';
import { RecentOutcomes } from '../../src/server/recent-outcomes.js';

const NONE = { cache: 0, network: 0, local: 0, stale: 0, synthesised: 0, shared: 0 };

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
      bySource: NONE,
      hitsByType: {},
      missesByType: {},
      lastMinute: { bySource: NONE, hits: 0, misses: 0, hitRatio: 0 },
      lastHour: { bySource: NONE, hits: 0, misses: 0, hitRatio: 0 },
      byNotify: { flushed: 0, later: 0, same: 0, 'too-wide': 0, crowded: 0, refused: 0, malformed: 0 },
      latencyMs: { hit: zero, miss: zero },
    });
  });

  it('counts stale answers as misses and local data as neither', () => {
    const stats = new QueryStatsRecorder();
    for (const source of ['cache', 'cache', 'network', 'stale', 'local', undefined] as const) {
      stats.received('udp');
      stats.answered({ type: Type.AAAA, rcode: Rcode.NOERROR, source, ms: 2, now: 0 });
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
      stats.answered({ type, rcode: 4000, source: undefined, ms: 0, now: 0 });
    }
    stats.answered({ type: 54, rcode: 12, source: undefined, ms: 0, now: 0 });
    stats.answered({ type: undefined, rcode: Rcode.FORMERR, source: undefined, ms: 0, now: 0 });
    const { byType, byRcode } = stats.snapshot();
    expect(byType).toEqual({ other: 651 });
    expect(byRcode).toEqual({ other: 651, FORMERR: 1 });
  });

  it('tells hits and misses by type and by where they came from', () => {
    const stats = new QueryStatsRecorder();
    const answered = (type: number, source: 'cache' | 'network' | 'local' | 'synthesised' | 'shared') =>
      stats.answered({ type, rcode: Rcode.NOERROR, source, ms: 1, now: 5 });
    answered(Type.A, 'cache');
    answered(Type.A, 'synthesised');
    answered(Type.A, 'network');
    answered(Type.MX, 'shared');
    answered(Type.MX, 'local');
    expect(stats.snapshot(5)).toMatchObject({
      hits: 2,
      misses: 2,
      hitsByType: { A: 2 },
      missesByType: { A: 1, MX: 1 },
      lastMinute: { hitRatio: 0.5, bySource: { ...NONE, cache: 1, synthesised: 1, network: 1, shared: 1, local: 1 } },
    });
  });

  it('forgets what is a minute and an hour ago', () => {
    const stats = new QueryStatsRecorder();
    const answered = (source: 'cache' | 'network', now: number) =>
      stats.answered({ type: Type.A, rcode: Rcode.NOERROR, source, ms: 1, now });
    const start = 1_234_567;
    answered('network', start);
    answered('cache', start + 58_000);
    expect(stats.snapshot(start + 58_000)).toMatchObject({
      lastMinute: { hitRatio: 0.5 },
      lastHour: { hitRatio: 0.5 },
    });
    expect(stats.snapshot(start + 61_000)).toMatchObject({ lastMinute: { hitRatio: 1 }, lastHour: { hitRatio: 0.5 } });
    expect(stats.snapshot(start + 180_000)).toMatchObject({
      lastMinute: { hits: 0, misses: 0 },
      lastHour: { hits: 1 },
    });
    expect(stats.snapshot(start + 3_800_000)).toMatchObject({ lastHour: { hits: 0, misses: 0 }, hits: 1, misses: 1 });
    answered('cache', start + 100 * 3_600_000);
    expect(stats.snapshot().lastHour).toMatchObject({ hits: 1, misses: 0 });
  });

  it('counts of the last minute are those of a list of all that happened', () => {
    const event = fc.record({ after: fc.integer({ min: 0, max: 40_000 }), outcome: fc.integer({ min: 0, max: 2 }) });
    fc.assert(
      fc.property(fc.array(event), (events) => {
        const recent = new RecentOutcomes(60, 1000, 3);
        const all: { second: number; outcome: number }[] = [];
        let now = 777;
        for (const { after, outcome } of events) {
          now += after;
          recent.add(now, outcome);
          all.push({ second: Math.floor(now / 1000), outcome });
          const within = all.filter(({ second }) => second > Math.floor(now / 1000) - 60);
          expect(recent.sums(now)).toEqual([0, 1, 2].map((o) => within.filter((e) => e.outcome === o).length));
        }
      }),
    );
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
