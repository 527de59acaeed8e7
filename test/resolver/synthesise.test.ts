/**
 * Of random zones, some of their denial records and wildcards known: what is made of them agrees with the whole zone,
 * and when all are known all is made that can be. What it costs is counted.
 */
import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { Cache } from '../../src/cache/cache.js';
import { nsec3Of } from '../../src/dns/denial-rdata.js';
import type { Found } from '../../src/dns/finding.js';
import { type DomainName, nameFromText, nameToText, prepend, ROOT } from '../../src/dns/name.js';
import { Type } from '../../src/dns/numbers.js';
import { concatOctets, NO_OCTETS, type Octets, octets16, octets32, octetsFrom } from '../../src/dns/octets.js';
import { Credibility, type Provenance } from '../../src/dns/provenance.js';
import type { RRset } from '../../src/dns/rrset.js';
import { rdataFromText } from '../../src/presentation/rdata-text.js';
import { Synthesis } from '../../src/resolver/synthesise.js';
import { type Nsec3Link, nsec3Links } from '../../src/validator/nsec3.js';
import { isReusable } from '../../src/validator/reusable.js';
import { SimClock } from '../sim/clock.js';
import { seededRandom } from '../sim/random.js';
import { APEX, anyZone, type Chain, ModelZone, nsec3Chain, nsecChain, POOL } from '../validator/denial-model.js';
import { HashBudget } from '../validator/denial-records.js';

const TYPES = [Type.A, Type.TXT, Type.DS];
const MAX_HASHES = 12;
const provenance: Provenance = {
  server: '192.0.2.53:53',
  transport: 'udp',
  section: 'authority',
  credibility: Credibility.authorityAuthoritative,
  askedFor: 'x.z. A',
  costMs: 1,
  costExchanges: 1,
};
const soa = rrset(APEX, Type.SOA, rdataFromText(Type.SOA, 'ns.z. host.z. 1 2 3 4 300'));

interface Setting {
  readonly zone: ModelZone;
  readonly chain: Chain;
  readonly optOut: boolean;
}

const anySetting: fc.Arbitrary<Setting> = fc
  .tuple(anyZone, fc.constantFrom('nsec', 'nsec3', 'opt-out'))
  .map(([zone, how]) => {
    const optOut = how === 'opt-out';
    return { zone, optOut, chain: how === 'nsec' ? nsecChain(zone) : nsec3Chain(zone, optOut) };
  });

/** Signed by the apex, as far as anybody looks. */
function rrset(name: DomainName, type: number, rdata: Octets): RRset {
  const signature = concatOctets(
    octets16(type),
    octetsFrom(13, 1),
    octets32(300),
    octets32(0),
    octets32(0),
    octets16(1),
    APEX,
    octetsFrom(1),
  );
  return { name, type, ttl: 300, rdatas: [rdata], signatures: [signature] };
}

function synthesisOf(cache: Cache): Synthesis {
  const validator = { anchorAbove: () => ROOT, settings: { nsec3MaxIterations: 50 } as never };
  return new Synthesis({
    cache,
    validator: () => validator,
    routedApex: () => ROOT,
    aggressive: true,
    maxNegativeTtl: 3600,
  });
}

function makeCache(clock = new SimClock()): Cache {
  const settings = { minTtl: 0, maxTtl: 86_400, maxNegativeTtl: 3600, maxSize: 1 << 22, maxEntryBytes: 65_535 };
  return new Cache({ ...settings, failureTtl: 5, failureTtlMax: 30 }, clock, seededRandom(1));
}

/** What a wildcard of the zone holds, as the records a server would send. */
function wildcardRecords(name: DomainName, types: ReadonlySet<number>): RRset[] {
  const rdata = (type: number): Octets =>
    type === Type.CNAME ? nameFromText('target.') : type === Type.TXT ? octetsFrom(1, 0x78) : octetsFrom(192, 0, 2, 1);
  return [...types].map((type) => rrset(name, type, rdata(type)));
}

/** A synthesis that has learnt what `coin` says of the zone. */
function learntSome({ zone, chain }: Setting, coin: () => boolean): Synthesis {
  const synthesis = synthesisOf(makeCache());
  const denial = chain.rrsets.filter((one) => coin() && isReusable(one, APEX));
  synthesis.learn({ zone: APEX, soa: coin() ? soa : undefined, denial, cuts: [], wildcard: undefined }, provenance);
  for (const [name, types] of zone.names) {
    if (name.charCodeAt(1) !== 0x2a || name.charCodeAt(0) !== 1) continue;
    for (const wildcard of wildcardRecords(name, types)) {
      if (coin()) synthesis.learn({ zone: APEX, soa: undefined, denial: [], cuts: [], wildcard }, provenance);
    }
  }
  return synthesis;
}

function isRight({ zone }: Setting, name: DomainName, type: number, { finding }: Found): boolean {
  const truth = zone.truth(name, type);
  switch (finding.kind) {
    case 'nxdomain':
    case 'nodata':
      return truth === finding.kind;
    case 'answer':
    case 'alias': {
      const source = zone.names.get(prepend('*', zone.closestEncloserOrSelf(name))!);
      return truth === 'data' && !zone.names.has(name) && source?.has(finding.rrset.type) === true;
    }
    default:
      return false;
  }
}

/** RFC 8198 leaves aside what opt-out leaves open; DS of the apex is the parent's. */
function canBeMade({ zone, optOut }: Setting, name: DomainName, type: number): boolean {
  if (optOut || (type === Type.DS && name === APEX)) return false;
  const truth = zone.truth(name, type);
  return truth === 'nxdomain' || truth === 'nodata' || (truth === 'data' && !zone.names.has(name) && type !== Type.DS);
}

describe('what is made of denial records', () => {
  it('is what the zone says, whichever of its records are known', () => {
    fc.assert(
      fc.property(anySetting, fc.infiniteStream(fc.boolean()), (setting, coins) => {
        const synthesis = learntSome(setting, () => coins.next().value);
        for (const name of POOL) {
          for (const type of TYPES) {
            const found = synthesis.find(name, type);
            if (found === undefined || isRight(setting, name, type, found)) continue;
            throw new Error(
              `${nameToText(name)} ${type}: ${found.finding.kind}, not ${setting.zone.truth(name, type)}`,
            );
          }
        }
      }),
      { numRuns: 120 },
    );
  });

  it('is everything, once the whole chain is known', () => {
    fc.assert(
      fc.property(anySetting, (setting) => {
        const synthesis = learntSome(setting, () => true);
        for (const name of POOL) {
          for (const type of TYPES) {
            if (!canBeMade(setting, name, type) || synthesis.find(name, type) !== undefined) continue;
            throw new Error(`${nameToText(name)} ${type}: nothing, not ${setting.zone.truth(name, type)}`);
          }
        }
      }),
      { numRuns: 60 },
    );
  });

  it('costs a dozen NSEC3 hashes at most, charged to the question (CVE-2026-42923, CVE-2026-11605)', () => {
    fc.assert(
      fc.property(anyZone, fc.infiniteStream(fc.boolean()), (zone, coins) => {
        const setting = { zone, optOut: false, chain: nsec3Chain(zone, false) };
        const synthesis = learntSome(setting, () => coins.next().value);
        for (const name of POOL) {
          const before = synthesis.hashes;
          const budget = new HashBudget();
          synthesis.find(name, Type.A, budget);
          expect(synthesis.hashes - before).toBe(budget.hashes);
          expect(budget.hashes).toBeLessThanOrEqual(MAX_HASHES);
        }
      }),
      { numRuns: 40 },
    );
  });
});

describe('of an NSEC3 zone', () => {
  const made = (name: string, budget?: HashBudget) => {
    const setting = { zone: zoneOf('a.z.'), optOut: false };
    const synthesis = learntSome({ ...setting, chain: nsec3Chain(setting.zone, false) }, () => true);
    return { found: synthesis.find(nameFromText(name), Type.A, budget), hashes: synthesis.hashes };
  };

  test('a name of forty labels costs no more than one of four, when it is covered near the apex', () => {
    expect(made(`${'b.'.repeat(40)}z.`)).toMatchObject({ found: { as: 'nxdomain' }, hashes: 4 });
    expect(made('b.b.b.z.')).toMatchObject({ found: { as: 'nxdomain' }, hashes: 4 });
  });

  test('labels below nothing known end after a dozen hashes', () => {
    const synthesis = synthesisOf(makeCache());
    const chain = nsec3Chain(zoneOf('a.z.'), false);
    const denial = [chain.match(nameFromText('a.z.'))];
    synthesis.learn({ zone: APEX, soa, denial, cuts: [], wildcard: undefined }, provenance);
    expect(synthesis.find(nameFromText(`${'b.'.repeat(40)}z.`), Type.A)).toBeUndefined();
    expect(synthesis.hashes).toBe(MAX_HASHES);
  });

  test('a question without hashes left is asked of a server', () => {
    const budget = new HashBudget(1);
    expect(made('b.z.', budget).found).toBeUndefined();
    expect(budget.hashes).toBe(1);
  });
});

/** A zone with one name beside its apex. */
function zoneOf(name: string): ModelZone {
  return new ModelZone(new Map([[nameFromText(name), 'data']]));
}

describe('records and data that contradict each other', () => {
  const before = nsecChain(zoneOf('m.z.'));
  const between = nsecChain(new ModelZone(new Map(['c.z.', 'm.z.'].map((name) => [nameFromText(name), 'data']))));
  const at = (chain: Chain, name: string): RRset => chain.match(nameFromText(name));
  const learn = (synthesis: Synthesis, ...denial: RRset[]) =>
    synthesis.learn({ zone: APEX, soa, denial, cuts: [], wildcard: undefined }, provenance);
  const find = (synthesis: Synthesis, name: string) => synthesis.find(nameFromText(name), Type.A)?.as;

  test('a name put into a gap: the older record is dropped', () => {
    const synthesis = synthesisOf(makeCache());
    learn(synthesis, at(before, 'z.'));
    expect(find(synthesis, 'b.z.')).toBe('nxdomain');
    learn(synthesis, at(between, 'c.z.'));
    expect(find(synthesis, 'b.z.')).toBeUndefined();
    learn(synthesis, at(between, 'z.'));
    expect(find(synthesis, 'b.z.')).toBe('nxdomain');
  });

  test('a name taken out of the zone: its record is dropped', () => {
    const cache = makeCache();
    const synthesis = synthesisOf(cache);
    learn(synthesis, ...between.rrsets);
    expect(synthesis.find(nameFromText('c.z.'), Type.TXT)?.as).toBe('nodata');
    learn(synthesis, at(before, 'z.'));
    expect(synthesis.find(nameFromText('c.z.'), Type.TXT)?.as).toBe('nxdomain');
  });

  test('so many records contradicted that some are left: they prove nothing beside the newer one', async () => {
    const names = Array.from({ length: 80 }, (_, i) => nameFromText(`n${i}.z.`));
    const chain = nsec3Chain(new ModelZone(new Map(names.map((name) => [name, 'data']))), false);
    const ring = chain.rrsets;
    const apex = ring.indexOf(chain.match(APEX));
    const ringAt = (steps: number): RRset => ring.at((apex + steps) % ring.length)!;
    // From forty places before the apex to one after it: 32 of those between are dropped, the apex is not.
    const owner = ringAt(-40);
    const wide = { ...owner, rdatas: [ownerAsNext(owner.rdatas[0]!, ringAt(1))] };
    const probes = Array.from({ length: 200 }, (_, i) => nameFromText(`p${i}.z.`));
    const inside = probes.filter((name) => ring.slice(apex - 40, apex - 10).includes(chain.cover(name)));
    const clock = new SimClock();
    const cache = makeCache(clock);
    const synthesis = synthesisOf(cache);
    learn(synthesis, ...ring);
    const denied = inside.filter((name) => synthesis.find(name, Type.A)?.as === 'nxdomain');
    expect(denied.length).toBeGreaterThan(10);
    await clock.pass(1000);
    learn(synthesis, wide);
    expect(synthesis.find(denied[0]!, Type.A)).toBeUndefined();
    // The older went, the newer is there.
    const apexHash = nsec3Link(chain.match(APEX)).ownerHash;
    expect(cache.denials.nsec3For(APEX, apexHash)?.link.at).not.toBe(apexHash);
    expect(cache.denials.nsec3For(APEX, nsec3Link(owner).ownerHash)?.rrset.rdatas).toEqual(wide.rdatas);
  });

  test("a cut known below the zone: its names are not the zone's to deny", () => {
    const cache = makeCache();
    const synthesis = synthesisOf(cache);
    learn(synthesis, ...before.rrsets);
    expect(find(synthesis, 'www.c.z.')).toBe('nxdomain');
    const delegation = { zone: nameFromText('c.z.'), servers: [], ds: undefined, denial: [], ttl: 300 };
    cache.storeDelegation(delegation, APEX, 300, provenance);
    expect(find(synthesis, 'www.c.z.')).toBeUndefined();
    expect(find(synthesis, 'd.z.')).toBe('nxdomain');
    // DS is the parent's to deny (RFC 4035 §2.4).
    expect(synthesis.find(nameFromText('c.z.'), Type.DS)?.as).toBe('nxdomain');
  });

  test('a wildcard of a zone below, whose names fall into gaps of hashes like any other', () => {
    const cut = new ModelZone(new Map([[nameFromText('c.z.'), 'signed-cut']]));
    const synthesis = synthesisOf(makeCache());
    const wildcard = rrset(nameFromText('*.c.z.'), Type.A, octetsFrom(192, 0, 2, 1));
    const [own = NO_OCTETS] = wildcard.signatures;
    const byChild = own.replace(APEX, nameFromText('c.z.')) as Octets;
    const denial = nsec3Chain(cut, false).rrsets;
    synthesis.learn(
      { zone: APEX, soa, denial, cuts: [], wildcard: { ...wildcard, signatures: [byChild] } },
      provenance,
    );
    const found = Array.from({ length: 20 }, (_, i) => find(synthesis, `x${i}.c.z.`));
    expect(new Set(found)).toEqual(new Set([undefined]));
  });

  test.each([Type.NSEC, Type.NS, Type.DNAME, Type.DS])(
    "a wildcard's own records of type %i are for its own name",
    (type) => {
      const zone = new ModelZone(new Map([[nameFromText('*.c.z.'), 'data']]));
      const synthesis = synthesisOf(makeCache());
      learn(synthesis, ...nsecChain(zone).rrsets);
      // As somebody's question for just that record would bring it.
      const wildcard = rrset(nameFromText('*.c.z.'), type, nameFromText('z.'));
      synthesis.learn({ zone: APEX, soa, denial: [], cuts: [], wildcard }, provenance);
      expect(synthesis.find(nameFromText('x.c.z.'), type)?.as).not.toBe('wildcard');
    },
  );
});

function nsec3Link(record: RRset): Nsec3Link {
  return nsec3Links(APEX, [record])[0]!;
}

/** The RDATA with another next hash: that of the owner of `next`. */
function ownerAsNext(rdata: Octets, next: RRset): Octets {
  const { salt } = nsec3Of(rdata)!;
  const at = 6 + salt.length;
  const hash = nsec3Link(next).ownerHash;
  return concatOctets(rdata.slice(0, at) as Octets, hash, rdata.slice(at + hash.length) as Octets);
}

describe('TTLs (RFC 9077 §3)', () => {
  const chain = nsecChain(zoneOf('m.z.'));
  const find = async (change: { denial?: number; soa?: number; minimum?: number }, pass = 0) => {
    const clock = new SimClock();
    const cache = makeCache(clock);
    const text = `ns.z. host.z. 1 2 3 4 ${change.minimum ?? 300}`;
    const own = { ...rrset(APEX, Type.SOA, rdataFromText(Type.SOA, text)), ttl: change.soa ?? 300 };
    const denial = chain.rrsets.map((one) => ({ ...one, ttl: change.denial ?? 300 }));
    const synthesis = synthesisOf(cache);
    synthesis.learn({ zone: APEX, soa: own, denial, cuts: [], wildcard: undefined }, provenance);
    await clock.pass(pass * 1000);
    const finding = synthesis.find(nameFromText('c.z.'), Type.A)?.finding;
    return finding?.kind === 'nxdomain' ? [finding.soa?.ttl, ...finding.proof.map(({ ttl }) => ttl)] : undefined;
  };

  test.each([
    [{ denial: 90 }, 90],
    [{ soa: 80 }, 80],
    [{ minimum: 70 }, 70],
    [{ denial: 86_400, soa: 86_400, minimum: 86_400 }, 3600],
  ])('%o: the least counts, on every record', async (change, ttl) => {
    expect(await find(change)).toEqual([ttl, ttl]);
    expect(await find(change, ttl - 10)).toEqual([10, 10]);
    expect(await find(change, ttl + 1)).toBeUndefined();
  });
});
