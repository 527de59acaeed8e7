/** The cache flushed in slices: who else is told, and when; and what clients get meanwhile. */
import { describe, expect, it } from 'vitest';
import { Cache } from '../../src/cache/cache.js';
import { inspectCache } from '../../src/cli/inspect-cache.js';
import { parseConfig } from '../../src/config/load-config.js';
import { nameFromText, nameToText } from '../../src/dns/name.js';
import { Type } from '../../src/dns/numbers.js';
import { octetsFrom } from '../../src/dns/octets.js';
import { Credibility } from '../../src/dns/provenance.js';
import type { CacheFilter } from '../../src/ports/inspection.js';
import { SimClock } from '../sim/clock.js';
import { seededRandom } from '../sim/random.js';

/** A clock by which every look takes five milliseconds: a slice ends at the first. */
class HurriedClock extends SimClock {
  #looks = 0;

  override now(): number {
    return super.now() + 5 * this.#looks++;
  }
}

const provenance = {
  server: '192.0.2.53:53',
  transport: 'udp',
  section: 'answer',
  credibility: Credibility.answerAuthoritative,
  askedFor: 'a. A',
  costMs: 1,
  costExchanges: 1,
} as const;

function filled(count: number) {
  const outcome = parseConfig('', 'test');
  if (!outcome.ok) throw new Error('the empty configuration is good');
  const { config } = outcome;
  const ttls = { minTtl: 0, maxTtl: 86_400, maxNegativeTtl: 3600, failureTtl: 5, failureTtlMax: 30 };
  const cache = new Cache({ ...ttls, maxSize: 1 << 24, maxEntryBytes: 65_535 }, new HurriedClock(), seededRandom(1));
  for (let i = 0; i < count; i++) store(cache, `n${i}.example.`);
  const told: { filter: CacheFilter; left: number }[] = [];
  const left = () => cache.store.stats().rrset.entries;
  const begun: typeof told = [];
  const forgetHere = (filter: CacheFilter): void => void told.push({ filter, left: left() });
  const beginFlush = (filter: CacheFilter): void => void begun.push({ filter, left: left() });
  const inspection = inspectCache({ cache, config: () => config, forgetHere, beginFlush });
  return { cache, inspection, told, begun, left };
}

function store(cache: Cache, text: string): void {
  const name = nameFromText(text);
  const rrset = { name, type: Type.A, ttl: 3600, rdatas: [octetsFrom(192, 0, 2, 1)], signatures: [] };
  cache.storeRrset(rrset, { kind: 'insecure' }, provenance);
}

describe('a flush in slices', () => {
  it('tells who else keeps answers before it and after it', async () => {
    const { inspection, told, begun } = filled(3000);
    const filter = { suffix: nameFromText('example.') };
    expect(await inspection.flush(filter, false)).toBe(3000);
    expect(told).toEqual([
      { filter, left: 3000 },
      { filter, left: 0 },
    ]);
    // Once, before anything could come back from elsewhere.
    expect(begun).toEqual([{ filter, left: 3000 }]);
  });

  it('gives way to clients, who use and store entries, and leaves nothing that was there', async () => {
    const { cache, inspection, left } = filled(6000);
    let turns = 0;
    let isOver = false;
    const flushing = inspection.flush({ suffix: nameFromText('example.') }, false).finally(() => {
      isOver = true;
    });
    while (!isOver) {
      for (let i = 0; i < 50; i++) cache.findCounted(nameFromText(`n${(turns * 50 + i) % 6000}.example.`), Type.A);
      store(cache, `n${turns}.elsewhere.`);
      turns++;
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(await flushing).toBe(6000);
    expect(turns).toBeGreaterThan(10);
    expect(left()).toBe(turns);
  });

  it('tells nobody when nothing is to be removed', async () => {
    const { inspection, told, left } = filled(10);
    expect(await inspection.flush({}, true)).toBe(10);
    expect([told, left()]).toEqual([[], 10]);
  });
});

it('a dump in slices has what was there all the while, once', async () => {
  const { cache, inspection } = filled(1000);
  const names: string[] = [];
  let batches = 0;
  for await (const batch of inspection.contents({})) {
    names.push(...batch.map(({ name }) => nameToText(name)));
    for (let i = 0; i < 20; i++) cache.findCounted(nameFromText(`n${batches * 20 + i}.example.`), Type.A);
    store(cache, `n${batches++}.elsewhere.`);
  }
  expect(batches).toBeGreaterThan(10);
  expect(new Set(names).size).toBe(names.length);
  expect(names.filter((name) => name.endsWith('.example.'))).toHaveLength(1000);
});
