/** The ghosts against caches of these sizes that really run: the same questions, the same answers. */
import { describe, expect, it } from 'vitest';
import { Cache } from '../../src/cache/cache.js';
import type { EvictionPolicy } from '../../src/cache/create-shelf.js';
import { nameFromText } from '../../src/dns/name.js';
import { Type } from '../../src/dns/numbers.js';
import { Credibility, type Provenance } from '../../src/dns/provenance.js';
import { rdataFromText } from '../../src/presentation/rdata-text.js';
import { SimClock } from '../sim/clock.js';
import { seededRandom } from '../sim/random.js';

const origin: Provenance = {
  server: '192.0.2.53:53',
  transport: 'udp',
  section: 'answer',
  credibility: Credibility.answerAuthoritative,
  askedFor: 'www.example. A',
  costMs: 23,
  costExchanges: 2,
};
const rdatas = [rdataFromText(Type.A, '192.0.2.1')];

function cacheOf(maxSize: number, eviction: EvictionPolicy, clock: SimClock, seed: number): Cache {
  const ttls = { minTtl: 0, maxTtl: 86_400, maxNegativeTtl: 3600, failureTtl: 5, failureTtlMax: 30 };
  return new Cache({ ...ttls, maxSize, eviction, maxEntryBytes: 65_535 }, clock, seededRandom(seed));
}

/** Names by rank, the first the most popular (Zipf with exponent 0.8). */
function popularity(names: number): (chance: number) => number {
  const sums: number[] = [];
  for (let rank = 1; rank <= names; rank++) sums.push((sums.at(-1) ?? 0) + rank ** -0.8);
  return (chance) => {
    const wanted = chance * sums.at(-1)!;
    let [low, high] = [0, names - 1];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (sums[middle]! < wanted) low = middle + 1;
      else high = middle;
    }
    return low;
  };
}

const NAMES = Array.from({ length: 30_000 }, (_, rank) => nameFromText(`host${rank}.domain${rank % 977}.example.`));

/** Asks for a name as a client would, and stores what it "fetched". Whether it was there. */
function ask(cache: Cache, rank: number): boolean {
  const name = NAMES[rank]!;
  if (cache.findCounted(name, Type.A) !== undefined) return true;
  const ttl = rank % 3 === 0 ? 60 : 3600;
  cache.storeRrset({ name, type: Type.A, ttl, rdatas, signatures: [] }, { kind: 'insecure' }, origin);
  return false;
}

async function run(eviction: EvictionPolicy, size: number, seed: number) {
  const clock = new SimClock();
  const factors = [1, 0.5, 2, 4];
  const caches = factors.map((factor) => cacheOf(size * factor, eviction, clock, seed));
  const hits = factors.map(() => 0);
  const rankOf = popularity(NAMES.length);
  const random = seededRandom(seed);
  const lookups = 36_000;
  for (let i = 0; i < lookups; i++) {
    if (i % 100 === 0) await clock.pass(1000);
    const rank = rankOf(random.below(1_000_000) / 1_000_000);
    caches.forEach((cache, c) => {
      if (ask(cache, rank)) hits[c] = hits[c]! + 1;
    });
  }
  const view = caches[0]!.whatIf.view();
  return { view, ratios: new Map(factors.map((factor, c) => [factor, hits[c]! / lookups])) };
}

describe('what another size would do', () => {
  it.each([
    ['lru', 1],
    ['cost', 2],
  ] as const)('is what a cache of that size does, within 2 hits in 100 (%s, seed %i)', async (eviction, seed) => {
    const size = 1.25 * 2 ** 20;
    const { view, ratios } = await run(eviction, size, seed);
    expect([view.lookups, view.sampleRate]).toEqual([36_000, 0.5]);
    expect(view.hitRatio).toBeCloseTo(ratios.get(1)!, 10);
    for (const { factor, hitRatio } of view.sizes) {
      expect(Math.abs(hitRatio - ratios.get(factor)!), `at ${factor}`).toBeLessThan(0.02);
    }
    // The sizes differ by more than the error allowed, or the test would say nothing.
    expect(ratios.get(2)! - ratios.get(0.5)!).toBeGreaterThan(0.05);
    expect(view.bytes).toBeGreaterThan(0);
    expect(view.bytes).toBeLessThan(7.5 * 2 ** 20);
  });

  it('forgets what was flushed, and says nothing before anybody asked', () => {
    const cache = cacheOf(100_000, 'lru', new SimClock(), 1);
    expect(cache.whatIf.view()).toMatchObject({ lookups: 0, hitRatio: 0, sampled: 0, bytes: 0 });
    ask(cache, 1);
    ask(cache, 1);
    expect(cache.whatIf.view().sizes.map(({ hitRatio }) => hitRatio)).toEqual([0.5, 0.5, 0.5]);
    for (const [key] of cache.store.entries()) cache.store.delete(key);
    expect(cache.whatIf.view().bytes).toBe(0);
  });
});
