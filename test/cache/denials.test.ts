/** Denial records in the store: its budget, eviction and flushing hold for them, and the index follows. */
import { expect, test } from 'vitest';
import { Cache } from '../../src/cache/cache.js';
import type { DenialRecord } from '../../src/cache/denials.js';
import { flushEntries, flushing, viewEntries } from '../../src/cache/inspect.js';
import { atOnce } from '../../src/cache/slices.js';
import { nameFromText } from '../../src/dns/name.js';
import { Type } from '../../src/dns/numbers.js';
import { Credibility, type Provenance } from '../../src/dns/provenance.js';
import type { RRset } from '../../src/dns/rrset.js';
import { rdataFromText } from '../../src/presentation/rdata-text.js';
import { SimClock } from '../sim/clock.js';
import { seededRandom } from '../sim/random.js';

const zone = nameFromText('example.');
const provenance: Provenance = {
  server: '192.0.2.53:53',
  transport: 'udp',
  section: 'authority',
  credibility: Credibility.authorityAuthoritative,
  askedFor: 'x.example. A',
  costMs: 1,
  costExchanges: 1,
};
const settings = { minTtl: 0, maxTtl: 86_400, maxNegativeTtl: 3600, maxEntryBytes: 65_535 };

function makeCache(maxSize: number, clock = new SimClock()): Cache {
  return new Cache({ ...settings, maxSize, failureTtl: 5, failureTtlMax: 30 }, clock, seededRandom(1));
}

const hostOf = (n: number) => `n${String(n).padStart(3, '0')}.example.`;

function nsec(n: number, at = hostOf(n)): RRset {
  const rdata = rdataFromText(Type.NSEC, `${hostOf(n + 1)} A RRSIG NSEC`);
  return { name: nameFromText(at), type: Type.NSEC, ttl: 300, rdatas: [rdata], signatures: [] };
}

function keep(cache: Cache, ...records: RRset[]): void {
  cache.denials.keep(zone, records, undefined, provenance, 3600);
}

const ownerOf = (cache: Cache, name: string) => cache.denials.nsecFor(zone, nameFromText(name))?.rrset.name;

test('evicted for want of space: what is left is found, what went is not', () => {
  const cache = makeCache(10_000);
  for (let n = 0; n < 100; n++) keep(cache, nsec(n));
  const { entries, evictions, bytes } = cache.store.stats().denial;
  expect(entries + evictions).toBe(100);
  expect([entries > 5, evictions > 5, bytes <= 10_000]).toEqual([true, true, true]);
  const found = Array.from({ length: 100 }, (_, n) => ownerOf(cache, `x.${hostOf(n)}`) === nameFromText(hostOf(n)));
  expect(found.filter(Boolean)).toHaveLength(entries);
  // The youngest are left.
  expect(found.indexOf(true)).toBe(100 - entries);
});

test('replaced, expired, flushed: nothing stays behind', async () => {
  const clock = new SimClock();
  const cache = makeCache(1 << 20, clock);
  keep(cache, nsec(1), nsec(2), nsec(3));
  keep(cache, nsec(1));
  expect(cache.store.stats().denial).toMatchObject({ entries: 3, inserts: 4 });
  await clock.pass(200_000);
  keep(cache, nsec(2));
  await clock.pass(101_000);
  expect([1, 2, 3].map((n) => ownerOf(cache, `x.${hostOf(n)}`) !== undefined)).toEqual([false, true, false]);
  expect(cache.store.stats().denial).toMatchObject({ entries: 1, expirations: 2 });
  expect(flushEntries(cache, { kind: 'denial' })).toBe(1);
  expect(cache.store.stats().denial).toMatchObject({ entries: 0, bytes: 0, flushed: 1 });
  expect(cache.denials.zoneOf(nameFromText('a.b.example.'))).toBeUndefined();
});

test('a record that proves two things at once was used twice', () => {
  const cache = makeCache(1 << 20);
  keep(cache, nsec(1));
  const record = (): DenialRecord => cache.denials.nsecFor(zone, nameFromText(`x.${hostOf(1)}`))!;
  cache.denials.countUse('nxdomain', [record(), record()]);
  expect(record().entry.hits).toBe(2);
});

test('what is learnt while a flush gives memory back was not meant by it', () => {
  const cache = makeCache(1 << 20);
  const inGap = `x.${hostOf(1)}`;
  const removal = flushing(cache, { name: nameFromText(inGap) });
  keep(cache, nsec(1));
  expect(ownerOf(cache, inGap)).toBe(nameFromText(hostOf(1)));
  expect(atOnce(removal)).toBe(0);
  expect(ownerOf(cache, inGap)).toBe(nameFromText(hostOf(1)));
});

test('parent and child have a record each at a zone cut', () => {
  const cache = makeCache(1 << 20);
  const child = nameFromText(hostOf(1));
  const own = nsec(1);
  const rdatas = [rdataFromText(Type.NSEC, `a.${hostOf(1)} NS SOA RRSIG NSEC DNSKEY`)];
  keep(cache, own);
  cache.denials.keep(child, [{ ...own, rdatas }], undefined, provenance, 3600);
  expect(cache.denials.nsecFor(zone, child)?.rrset.rdatas).toEqual(own.rdatas);
  expect(cache.denials.nsecFor(child, child)?.rrset.rdatas).toEqual(rdatas);
  expect(
    [...viewEntries(cache, { name: child, type: Type.NSEC })].map(({ kind, records }) => [kind, records.length]),
  ).toEqual([
    ['denial', 1],
    ['denial', 1],
  ]);
  expect(cache.denials.zoneOf(nameFromText(`x.${hostOf(1)}`))).toBe(child);
  expect(cache.denials.zoneOf(nameFromText('x.example.'))).toBe(zone);
});

test('a record that cannot be read, and one larger than an entry may be, are not kept', () => {
  const cache = new Cache(
    { ...settings, maxSize: 1 << 20, maxEntryBytes: 500, failureTtl: 5, failureTtlMax: 30 },
    new SimClock(),
    seededRandom(1),
  );
  const broken = { ...nsec(1), rdatas: [rdataFromText(Type.A, '192.0.2.1')] };
  const large = { ...nsec(2), signatures: [rdataFromText(Type.NULL, `\\# 600 ${'00'.repeat(600)}`)] };
  keep(cache, broken, large, { ...nsec(3), ttl: 0 });
  expect([cache.store.stats().denial.entries, cache.denials.zoneOf(zone)]).toEqual([0, undefined]);
});
