/** The cache flushed in slices: what clients get meanwhile. */
import { describe, expect, it } from 'vitest';
import { Cache } from '../../src/cache/cache.js';
import { flushing, viewEntries } from '../../src/cache/inspect.js';
import { inSlices } from '../../src/cache/slices.js';
import { inspectCache, turnsOf } from '../../src/cli/inspect-cache.js';
import { parseConfig } from '../../src/config/load-config.js';
import { nameFromText, nameToText } from '../../src/dns/name.js';
import { Type } from '../../src/dns/numbers.js';
import { octetsFrom } from '../../src/dns/octets.js';
import { Credibility } from '../../src/dns/provenance.js';
import type { CacheFilter } from '../../src/ports/inspection.js';
import { HurriedClock } from '../sim/clock.js';
import { seededRandom } from '../sim/random.js';

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
  const flushed: CacheFilter[] = [];
  const left = () => cache.store.stats().rrset.entries;
  const flush = (filter: CacheFilter): Promise<number> => {
    flushed.push(filter);
    return inSlices(flushing(cache, filter), turnsOf(cache.clock));
  };
  const inspection = inspectCache({ cache, config: () => config, flush });
  return { cache, inspection, flushed, left };
}

function store(cache: Cache, text: string): void {
  const name = nameFromText(text);
  const rrset = { name, type: Type.A, ttl: 3600, rdatas: [octetsFrom(192, 0, 2, 1)], signatures: [] };
  cache.storeRrset(rrset, { kind: 'insecure' }, provenance);
}

describe('a flush in slices', () => {
  it('holds at once, for everybody who asks, and not for what is stored from then on', async () => {
    const { cache, inspection, left } = filled(6000);
    const flushing = inspection.flush({ suffix: nameFromText('example.') }, false);
    expect(left(), 'most of them are in memory still').toBeGreaterThan(3000);
    const last = nameFromText('n5999.example.');
    expect([cache.find(last, Type.A), [...viewEntries(cache, {})]]).toEqual([undefined, []]);
    store(cache, 'n5999.example.');
    store(cache, 'n1.example.');
    expect(cache.find(last, Type.A)).toBeDefined();
    expect(await flushing).toBe(5999);
    expect([...viewEntries(cache, {})].map(({ name }) => nameToText(name)).sort()).toEqual([
      'n1.example.',
      'n5999.example.',
    ]);
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
    const { inspection, flushed, left } = filled(10);
    expect(await inspection.flush({}, true)).toBe(10);
    expect([flushed, left()]).toEqual([[], 10]);
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
