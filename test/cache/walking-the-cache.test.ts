/** The whole cache is walked over in slices while it goes on being used: what is seen, and what comes first. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Cache } from '../../src/cache/cache.js';
import { flushing, matching, viewEntries, wouldGo } from '../../src/cache/inspect.js';
import { Best, listing } from '../../src/cache/ranking.js';
import { atOnce, batches, inSlices, OneByOne } from '../../src/cache/slices.js';
import { ExtendedErrorCode } from '../../src/dns/extended-error.js';
import { nameFromText, nameToText } from '../../src/dns/name.js';
import { Type } from '../../src/dns/numbers.js';
import { octetsFrom } from '../../src/dns/octets.js';
import { Credibility, type Provenance } from '../../src/dns/provenance.js';
import type { Security } from '../../src/dns/security.js';
import type { EntryOrder } from '../../src/ports/cache-inspection.js';
import type { CacheFilter } from '../../src/ports/inspection.js';
import { SimClock } from '../sim/clock.js';
import { seededRandom } from '../sim/random.js';

const bogus: Security = { kind: 'bogus', because: 'x', ede: { code: ExtendedErrorCode.DNSSEC_BOGUS, text: 'x' } };

function origin(costMs = 23, costExchanges = 2): Provenance {
  const credibility = Credibility.answerAuthoritative;
  return { server: '', transport: 'udp', section: 'answer', credibility, askedFor: 'a. A', costMs, costExchanges };
}

function makeCache(): { cache: Cache; clock: SimClock } {
  const clock = new SimClock();
  const ttls = { minTtl: 0, maxTtl: 86_400, maxNegativeTtl: 3600, failureTtl: 5, failureTtlMax: 30 };
  return { cache: new Cache({ ...ttls, maxSize: 1 << 24, maxEntryBytes: 65_535 }, clock, seededRandom(1)), clock };
}

function store(
  cache: Cache,
  name: string,
  ttl = 300,
  provenance = origin(),
  security: Security = { kind: 'insecure' },
) {
  const rrset = { name: nameFromText(name), type: Type.A, ttl, rdatas: [octetsFrom(192, 0, 2, 1)], signatures: [] };
  cache.storeRrset(rrset, security, provenance);
}

describe('a walk over the cache', () => {
  const names = Array.from({ length: 200 }, (_, i) => `n${i}.example.`);

  /** Names seen when `meddle` is called after each match. */
  function seen(cache: Cache, meddle: (turn: number) => void): string[] {
    const found: string[] = [];
    let turn = 0;
    for (const held of matching(cache, { type: Type.A })) {
      if (held === undefined) continue;
      found.push(nameToText(nameFromText(`${held[0].slice(4, 4 + held[0].charCodeAt(3))}.example.`)));
      meddle(turn++);
    }
    return found;
  }

  it('sees each entry once, whichever are used meanwhile', () => {
    const { cache } = makeCache();
    for (const name of names) store(cache, name);
    // Each use puts an entry at the end of the list of use: behind the walk, before it, and where it stands.
    const found = seen(cache, (turn) => {
      for (const name of [names[turn], names[199 - turn], names[(turn * 7) % 200]]) {
        cache.findCounted(nameFromText(name!), Type.A);
      }
    });
    expect([...found].sort()).toEqual([...names].sort());
  });

  it('goes on when the entry it stands at is removed, and ends when others are stored meanwhile', () => {
    const { cache } = makeCache();
    for (const name of names) store(cache, name);
    const found = seen(cache, (turn) => {
      if (turn < 300) store(cache, `new${turn}.example.`);
      flushOne(cache, names[turn]);
    });
    expect(new Set(found).size).toBe(found.length);
    expect(found.filter((name) => name.startsWith('n')).length).toBeGreaterThanOrEqual(200);
  });

  function flushOne(cache: Cache, name: string | undefined): void {
    if (name === undefined) return;
    const [held] = [...matching(cache, { name: nameFromText(name), kind: 'rrset' })].filter((h) => h !== undefined);
    if (held !== undefined) cache.store.delete(held[0]);
  }

  it('gives way after some milliseconds, and not when it is quick', async () => {
    let now = 0;
    let given = 0;
    const turns = {
      now: () => now,
      next: async () => {
        given++;
      },
    };
    function* work(steps: number, each: number): Generator<undefined, string> {
      for (let i = 0; i < steps; i++) {
        now += each;
        yield undefined;
      }
      return 'done';
    }
    expect(await inSlices(work(1000, 0.001), turns)).toBe('done');
    expect(given).toBe(0);
    // 16 steps of 1 ms between two looks at the clock, each past the 4 ms of a slice.
    expect(await inSlices(work(160, 1), turns)).toBe('done');
    expect(given).toBe(10);
  });

  it('hands on what it finds in batches, none of them empty', async () => {
    let now = 0;
    const turns = { now: () => ++now, next: async () => undefined };
    function* work(): Generator<number | undefined, void> {
      for (let i = 0; i < 100; i++) yield i % 3 === 0 ? i : undefined;
      for (let i = 0; i < 100; i++) yield undefined;
      yield 100;
    }
    const got: number[][] = [];
    for await (const batch of batches(work(), 4, turns)) got.push(batch);
    expect(got.flat()).toEqual([...Array.from({ length: 34 }, (_, i) => 3 * i), 100]);
    expect(got.every((batch) => batch.length > 0 && batch.length <= 4)).toBe(true);
  });
});

describe('the first of an order', () => {
  it('are those that sorting all would put first', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 50 })), fc.integer({ min: 1, max: 20 }), (values, limit) => {
        const best = new Best<number>(limit, (a, b) => a - b);
        for (const value of values) best.offer(value);
        const taken: number[] = [];
        for (let last = best.takeLast(); last !== undefined; last = best.takeLast()) taken.unshift(last);
        expect(taken).toEqual([...values].sort((a, b) => a - b).slice(0, limit));
      }),
    );
  });

  const cache = (() => {
    const { cache } = makeCache();
    store(cache, 'b.example.', 100, origin(5, 9));
    store(cache, 'a.example.', 300, origin(50, 1));
    store(cache, 'a.much-longer-name.example.', 200, origin(5, 10));
    for (let i = 0; i < 3; i++) cache.findCounted(nameFromText('b.example.'), Type.A);
    cache.findCounted(nameFromText('a.example.'), Type.A);
    return cache;
  })();
  const namesBy = (sort: EntryOrder | undefined, reverse = false, limit = 10) => {
    const { entries, more } = atOnce(listing(cache, { filter: {}, sort, reverse, limit }));
    return [...entries.map(({ name }) => nameToText(name).replace('.example.', '')), ...(more ? ['...'] : [])];
  };

  it.each<[EntryOrder, string[]]>([
    ['hits', ['b', 'a', 'a.much-longer-name']],
    ['ttl', ['b', 'a.much-longer-name', 'a']],
    ['bytes', ['a.much-longer-name', 'a', 'b']],
    // Milliseconds first, then exchanges.
    ['cost', ['a', 'a.much-longer-name', 'b']],
    ['name', ['a', 'b', 'a.much-longer-name']],
  ])('by %s', (sort, names) => {
    expect(namesBy(sort)).toEqual(names);
    if (sort !== 'bytes') expect(namesBy(sort, true)).toEqual([...names].reverse());
    expect(namesBy(sort, false, 1)).toEqual([names[0], '...']);
  });

  it('by age are the oldest', async () => {
    const { cache, clock } = makeCache();
    store(cache, 'old.example.');
    await clock.pass(2000);
    store(cache, 'new.example.');
    const { entries } = atOnce(listing(cache, { filter: {}, sort: 'age', reverse: false, limit: 1 }));
    expect(entries.map(({ name }) => nameToText(name))).toEqual(['old.example.']);
  });

  it('leave out what is expired, and without an order more are not looked for than asked', async () => {
    const { cache, clock } = makeCache();
    store(cache, 'short.example.', 1);
    store(cache, 'long.example.', 100);
    await clock.pass(1000);
    const ask = (sort: EntryOrder | undefined) =>
      atOnce(listing(cache, { filter: {}, sort, reverse: false, limit: 1 }));
    expect(ask('ttl')).toMatchObject({ more: false, entries: [{ name: nameFromText('long.example.') }] });
    expect(ask(undefined)).toMatchObject({ more: false, entries: [{ name: nameFromText('long.example.') }] });
    store(cache, 'other.example.', 100);
    expect(ask(undefined)).toMatchObject({ more: true, entries: [{}] });
  });
});

describe('flushing by verdict and by denial', () => {
  function filled(): Cache {
    const { cache } = makeCache();
    store(cache, 'good.example.');
    store(cache, 'bad.example.', 300, origin(), bogus);
    const because = (code: number) => [{ code, text: 'x' }];
    cache.storeFailure(nameFromText('keyless.example.'), Type.A, because(ExtendedErrorCode.DNSKEY_MISSING), origin());
    cache.storeFailure(
      nameFromText('dead.example.'),
      Type.A,
      because(ExtendedErrorCode.NO_REACHABLE_AUTHORITY),
      origin(),
    );
    return cache;
  }

  it.each<[CacheFilter, string[]]>([
    [{ security: 'bogus' }, ['dead.', 'good.']],
    [{ security: 'insecure' }, ['bad.', 'dead.', 'keyless.']],
    [{ negative: true }, ['bad.', 'good.']],
    [{ negative: true, suffix: nameFromText('dead.example.') }, ['bad.', 'good.', 'keyless.']],
    [{ security: 'bogus', kind: 'rrset' }, ['dead.', 'good.', 'keyless.']],
  ])('%o leaves %o', (filter, left) => {
    const cache = filled();
    expect(atOnce(wouldGo(cache, filter))).toBe(4 - left.length);
    expect([...viewEntries(cache, {})]).toHaveLength(4);
    expect(atOnce(flushing(cache, filter))).toBe(4 - left.length);
    expect([...viewEntries(cache, {})].map(({ name }) => nameToText(name).replace('example.', '')).sort()).toEqual(
      left,
    );
  });
});

describe('works one by one', () => {
  function* counting(log: string[], name: string, steps: number): Generator<undefined, string> {
    for (let step = 0; step < steps; step++) {
      log.push(name);
      yield undefined;
    }
    if (name === 'broken') throw new Error('broken');
    return name;
  }

  it('share turns: none begins before the one before it ended, well or not', async () => {
    const log: string[] = [];
    let now = 0;
    let turns = 0;
    const slow = { now: () => now++, next: async () => void turns++ };
    const works = new OneByOne();
    const outcomes = ['a', 'broken', 'b'].map((name) => works.run(counting(log, name, 200), slow));
    expect(log.length, 'the first begins at once').toBeGreaterThan(0);
    const settled = await Promise.allSettled(outcomes);
    expect(settled.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    expect(log).toEqual(['a', 'broken', 'b'].flatMap((name) => Array<string>(200).fill(name)));
    expect(turns).toBeGreaterThan(3);
    const again = works.run(counting(log, 'c', 1), slow);
    expect(log.at(-1)).toBe('c');
    expect(await again).toBe('c');
  });
});
