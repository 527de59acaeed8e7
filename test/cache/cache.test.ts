import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Cache, type CacheSettings } from '../../src/cache/cache.js';
import { cacheStats, flushEntries, viewEntries } from '../../src/cache/inspect.js';
import type { Found } from '../../src/dns/finding.js';
import { nameFromText } from '../../src/dns/name.js';
import { Type } from '../../src/dns/numbers.js';
import { type Octets, octetsFrom } from '../../src/dns/octets.js';
import { Credibility, type Provenance } from '../../src/dns/provenance.js';
import type { RRset } from '../../src/dns/rrset.js';
import type { Security } from '../../src/dns/security.js';
import { rdataFromText } from '../../src/presentation/rdata-text.js';
import { SimClock } from '../sim/clock.js';
import { seededRandom } from '../sim/random.js';

const settings: CacheSettings = {
  minTtl: 0,
  maxTtl: 86_400,
  maxNegativeTtl: 3600,
  maxSize: 1 << 20,
  maxEntryBytes: 65_535,
  failureTtl: 5,
  failureTtlMax: 30,
};

const insecure: Security = { kind: 'insecure' };
const www = nameFromText('www.example.com.');
const example = nameFromText('example.com.');

function origin(credibility: Credibility = Credibility.answerAuthoritative): Provenance {
  return {
    server: '192.0.2.53:53',
    transport: 'udp',
    section: 'answer',
    credibility,
    askedFor: 'www.example.com. A',
    costMs: 23,
    costExchanges: 2,
  };
}

function address(last: number, ttl = 300): RRset {
  return { name: www, type: Type.A, ttl, rdatas: [octetsFrom(192, 0, 2, last)], signatures: [] };
}

function soa(ttl: number, minimum: number): RRset {
  const rdata = rdataFromText(Type.SOA, `ns.example.com. host.example.com. 1 2 3 4 ${minimum}`);
  return { name: example, type: Type.SOA, ttl, rdatas: [rdata], signatures: [] };
}

function makeCache(change: Partial<CacheSettings> = {}): { cache: Cache; clock: SimClock } {
  const clock = new SimClock();
  return { cache: new Cache({ ...settings, ...change }, clock, seededRandom(1)), clock };
}

function answerOf(found: Found | undefined): RRset | undefined {
  return found?.finding.kind === 'answer' ? found.finding.rrset : undefined;
}

describe('RRsets', () => {
  test('count down and end with their TTL', async () => {
    const { cache, clock } = makeCache();
    cache.storeRrset(address(1), insecure, origin());
    await clock.pass(299_000);
    expect(answerOf(cache.find(www, Type.A))?.ttl).toBe(1);
    await clock.pass(1000);
    expect(cache.find(www, Type.A)).toBeUndefined();
  });

  test('keep their verdict and origin', () => {
    const { cache } = makeCache();
    const bogus: Security = { kind: 'bogus', because: 'signature expired', ede: { code: 7, text: 'expired on …' } };
    cache.storeRrset(address(1), bogus, origin());
    const found = cache.find(www, Type.A)!;
    expect(found.security).toEqual(bogus);
    expect(found.provenance).toEqual(origin());
    expect(answerOf(found)?.rdatas).toEqual([octetsFrom(192, 0, 2, 1)]);
  });

  test('RFC 2181 §5.4.1: less credible data does not replace more credible data, until that expires', async () => {
    const { cache, clock } = makeCache();
    cache.storeRrset(address(1), insecure, origin(Credibility.answerAuthoritative));
    cache.storeRrset(address(2), insecure, origin(Credibility.answerNonAuthoritative));
    expect(answerOf(cache.find(www, Type.A))?.rdatas).toEqual([octetsFrom(192, 0, 2, 1)]);
    await clock.pass(300_000);
    cache.storeRrset(address(2), insecure, origin(Credibility.answerNonAuthoritative));
    expect(answerOf(cache.find(www, Type.A))?.rdatas).toEqual([octetsFrom(192, 0, 2, 2)]);
  });

  test('glue and additional data never answer', () => {
    const { cache } = makeCache();
    cache.storeRrset(address(1), insecure, origin(Credibility.glue));
    expect(cache.find(www, Type.A)).toBeUndefined();
  });

  test('bogus data never displaces what validated', () => {
    const { cache } = makeCache();
    cache.storeRrset(address(1), { kind: 'secure' }, origin());
    cache.storeRrset(address(2), { kind: 'bogus', because: 'x', ede: { code: 6, text: 'x' } }, origin());
    expect(answerOf(cache.find(www, Type.A))?.rdatas).toEqual([octetsFrom(192, 0, 2, 1)]);
  });

  test('RFC 8767 §4: a TTL with the high bit set is long, and capped; TTL 0 is not kept; minTtl raises', () => {
    const { cache } = makeCache();
    cache.storeRrset(address(1, 0xffffffff), insecure, origin());
    expect(answerOf(cache.find(www, Type.A))?.ttl).toBe(86_400);
    cache.storeRrset(address(1, 0), insecure, origin());
    expect(cache.find(www, Type.A)).toBeUndefined();
    const raised = makeCache({ minTtl: 60 }).cache;
    raised.storeFinding(www, Type.A, raised.clamped({ kind: 'answer', rrset: address(1, 0) }), insecure, origin());
    expect(answerOf(raised.find(www, Type.A))?.ttl).toBe(60);
  });

  test('any RRset comes back as it went in', () => {
    const octets = fc.string({
      unit: fc.integer({ min: 0, max: 255 }).map((c) => String.fromCharCode(c)),
      maxLength: 300,
    });
    fc.assert(
      fc.property(
        fc.array(octets, { minLength: 1, maxLength: 5 }),
        fc.array(octets, { maxLength: 3 }),
        (rdatas, sigs) => {
          const { cache } = makeCache();
          const rrset: RRset = {
            ...address(1),
            type: 65_280,
            rdatas: rdatas as Octets[],
            signatures: sigs as Octets[],
          };
          cache.storeRrset(rrset, insecure, origin());
          expect(answerOf(cache.find(www, 65_280))).toEqual(rrset);
        },
      ),
      { numRuns: 100 },
    );
  });
});

describe('negative answers', () => {
  test('RFC 2308 §5: the lesser of SOA TTL and MINIMUM, within maxNegativeTtl', () => {
    for (const [ttl, minimum, expected] of [
      [600, 60, 60],
      [60, 600, 60],
      [99_999, 99_999, 3600],
    ] as const) {
      const { cache } = makeCache();
      cache.storeFinding(www, Type.MX, { kind: 'nodata', soa: soa(ttl, minimum), proof: [] }, insecure, origin());
      const found = cache.find(www, Type.MX);
      expect(found?.finding.kind === 'nodata' && found.finding.soa?.ttl).toBe(expected);
    }
  });

  test('without SOA nothing is kept', () => {
    const { cache } = makeCache();
    cache.storeFinding(www, Type.MX, { kind: 'nodata', soa: undefined, proof: [] }, insecure, origin());
    expect(cache.find(www, Type.MX)).toBeUndefined();
  });

  test('RFC 8020: a name error holds for every type and everything below, down to a configured zone', () => {
    const { cache } = makeCache();
    cache.storeFinding(example, Type.A, { kind: 'nxdomain', soa: soa(60, 60), proof: [] }, insecure, origin());
    expect(cache.find(example, Type.TXT)?.finding.kind).toBe('nxdomain');
    expect(cache.find(www, Type.A)?.finding.kind).toBe('nxdomain');
    expect(cache.find(www, Type.A, www)).toBeUndefined();
  });
});

describe('failures (RFC 9520)', () => {
  test('are kept a little, longer on each repeat, never over the cap', async () => {
    const { cache, clock } = makeCache();
    const spans: number[] = [];
    for (let i = 0; i < 5; i++) {
      cache.storeFailure(www, Type.A, [{ code: 22, text: 'nobody answered' }], origin());
      let seconds = 0;
      while (cache.findFailure(www, Type.A) !== undefined) {
        await clock.pass(1000);
        seconds++;
      }
      spans.push(seconds);
    }
    expect(spans).toEqual([5, 10, 20, 30, 30]);
  });
});

describe('delegations', () => {
  const ns = nameFromText('ns.example.com.');
  const delegation = {
    zone: example,
    servers: [{ name: ns, addresses: ['192.0.2.1', '2001:db8::1'] }],
    ds: undefined,
    denial: [],
    ttl: 600,
  };

  test('the closest is found, as it was stored, for as long as its parent lives', async () => {
    const { cache, clock } = makeCache();
    cache.storeDelegation(delegation, nameFromText('com.'), 100, origin(Credibility.authorityReferral));
    expect(cache.closestDelegation(www)).toEqual({ ...delegation, ttl: 100 });
    await clock.pass(100_000);
    expect(cache.closestDelegation(www)).toBeUndefined();
  });

  test('are no answer to a question for NS', () => {
    const { cache } = makeCache();
    cache.storeDelegation(delegation, nameFromText('com.'), 100, origin(Credibility.authorityReferral));
    expect(cache.find(example, Type.NS)).toBeUndefined();
  });
});

describe('memory', () => {
  test('stays within maxSize; evictions for space and expirations are told apart', async () => {
    const { cache, clock } = makeCache({ maxSize: 65_536 });
    for (let i = 0; i < 1000; i++) {
      cache.storeRrset({ ...address(1), name: nameFromText(`n${i}.example.com.`) }, insecure, origin());
    }
    const { rrset } = cacheStats(cache).byKind;
    expect(rrset.bytes).toBeLessThanOrEqual(65_536);
    expect(rrset.entries).toBeLessThan(1000);
    expect(rrset.evictions).toBe(rrset.inserts - rrset.entries);
    await clock.pass(301_000);
    for (let i = 0; i < 1000; i++) {
      cache.storeRrset({ ...address(1), name: nameFromText(`m${i}.example.com.`) }, insecure, origin());
    }
    const after = cacheStats(cache).byKind.rrset;
    expect(after.expirations).toBe(rrset.entries);
  });

  test('what leaves for want of room, or because its time is over, is no news but of denials', async () => {
    const { cache, clock } = makeCache({ maxSize: 65_536 });
    const gone: string[] = [];
    cache.store.watch({ gone: (_kind, _key, why) => gone.push(why) });
    for (let i = 0; i < 1000; i++) {
      cache.storeRrset({ ...address(1), name: nameFromText(`n${i}.example.com.`) }, insecure, origin());
    }
    await clock.pass(301_000);
    cache.storeRrset(address(1), insecure, origin());
    flushEntries(cache, { name: www });
    expect([cacheStats(cache).byKind.rrset.evictions > 0, gone]).toEqual([true, ['swept']]);
  });

  test('an entry over maxEntryBytes is not kept', () => {
    const { cache } = makeCache({ maxEntryBytes: 4096 });
    cache.storeRrset({ ...address(1), rdatas: ['x'.repeat(5000) as Octets] }, insecure, origin());
    expect(cache.find(www, Type.A)).toBeUndefined();
    expect(cacheStats(cache).byKind.rrset.entries).toBe(0);
  });
});

describe('inspection', () => {
  test('entries are shown, filtered and flushed', () => {
    const { cache } = makeCache();
    cache.storeRrset(address(1), insecure, origin());
    cache.storeRrset({ ...address(2), name: nameFromText('www.example.net.') }, insecure, origin());
    cache.storeFinding(www, Type.MX, { kind: 'nodata', soa: soa(60, 60), proof: [] }, insecure, origin());
    const shown = [...viewEntries(cache, { suffix: example })].map((entry) => [entry.kind, entry.type, entry.ttlLeft]);
    expect(shown).toEqual(
      expect.arrayContaining([
        ['rrset', Type.A, 300],
        ['nodata', Type.MX, 60],
      ]),
    );
    expect(shown).toHaveLength(2);
    expect(flushEntries(cache, { suffix: example })).toBe(2);
    expect([...viewEntries(cache, {})].map((entry) => entry.name)).toEqual([nameFromText('www.example.net.')]);
  });

  test('a hit is counted for clients only', () => {
    const { cache } = makeCache();
    cache.storeRrset(address(1), insecure, origin());
    cache.find(www, Type.A);
    cache.findCounted(www, Type.A);
    cache.findCounted(www, Type.AAAA);
    expect(cacheStats(cache).byKind.rrset).toMatchObject({ hits: 1, misses: 1 });
    expect([...viewEntries(cache, { name: www })][0]?.hits).toBe(1);
  });
});
