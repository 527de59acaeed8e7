/** Old data under new rules, data of one route on another: what a hostile reading of the validator's neighbours found. */
import { describe, expect, test } from 'vitest';
import { type DomainName, nameFromText, prepend } from '../../src/dns/name.js';
import { Type } from '../../src/dns/numbers.js';
import { concatOctets, type Octets } from '../../src/dns/octets.js';
import { type ResourceRecord, type RRset, recordsOf } from '../../src/dns/rrset.js';
import { typeBitMaps } from '../../src/lab/type-bit-maps.js';
import type { Zone } from '../../src/lab/zone.js';
import { changed, SignedWorld, type SignedZone, START } from '../sim/signed-zones.js';
import { World } from '../sim/world.js';
import { asDnskey, ksk, SignedRoot } from './signed-root.js';

const ROOT = '@ NS a.root.\na.root. A 198.41.0.4\nexample. NS ns.example.\nns.example. A 203.0.113.1\n';
const EXAMPLE = '@ NS ns\nns A 203.0.113.1\nwww A 192.0.2.1\n';
const NS = '203.0.113.1';
const EVIL = '203.0.113.66';

/** The zone as it is; `sign` is handed out. */
function withSigner(text: string): { zone: SignedZone; sign: (rrset: RRset) => RRset } {
  let held: ((rrset: RRset) => RRset) | undefined;
  const tamper = (zone: Zone, sign: (rrset: RRset) => RRset): Zone => {
    held = sign;
    return zone;
  };
  return { zone: { text, tamper }, sign: (rrset) => held!(rrset) };
}

const isSoa = ({ type, rdata }: ResourceRecord): boolean =>
  type === Type.SOA || (type === Type.RRSIG && rdata.startsWith('\0\x06'));

test('another version of a routed zone, signed as well, does not come in beside an alias (CVE-2026-44687)', async () => {
  const inside = withSigner(EXAMPLE);
  const world = new SignedWorld(
    {
      '.': `${ROOT}evil. NS ns.evil.\nns.evil. A ${EVIL}\n`,
      'example.': inside.zone,
      'evil.': `@ NS ns\nns A ${EVIL}\nto CNAME www.example.\n`,
    },
    { config: `zones: [{ name: example, type: stub, servers: ["${NS}"] }]` },
  );
  const www = { name: nameFromText('www.example.'), type: Type.A, ttl: 3600, signatures: [] };
  const outside = inside.sign({ ...www, rdatas: ['\xc6\x33\x64\x42' as Octets] });
  world.at(EVIL).mutate = (reply, { name }) => {
    if (name !== nameFromText('to.evil.')) return reply;
    return {
      ...reply,
      answer: [...reply.answer.filter((record) => record.name === name), ...recordsOf(outside, true)],
    };
  };
  expect(await world.ask('to.evil. A')).toContain('www.example. 3600 IN A 192.0.2.1');
  expect(await world.ask('www.example. A')).toContain('192.0.2.1');
});

test('a signature of somebody else put beside a good denial of DS changes nothing, let alone for its TTL', async () => {
  const world = new SignedWorld({
    '.': ROOT,
    'example.': `${EXAMPLE}sub NS ns.sub\nns.sub A 203.0.113.2`,
    'sub.example.': { text: '@ NS ns\nns A 203.0.113.2\nwww A 192.0.2.7', unsigned: true },
  });
  const forged = (record: ResourceRecord): ResourceRecord[] => {
    if (record.type !== Type.RRSIG || !record.rdata.startsWith('\0\x2f')) return [record];
    const rdata = `${record.rdata.slice(0, 18)}\x04evil\0${'x'.repeat(64)}` as Octets;
    return [{ ...record, rdata }, record];
  };
  world.at(NS).mutate = (reply) => ({ ...reply, authority: reply.authority.flatMap(forged) });
  const { rcode, security } = await world.resolution('www.sub.example. A');
  expect([rcode, security.kind]).toEqual([0, 'insecure']);
});

describe('a compact denial that comes as NXDOMAIN, as to who sets CO (RFC 9824 §5)', () => {
  function compactWorld(): SignedWorld {
    const { zone, sign } = withSigner(EXAMPLE);
    const world = new SignedWorld({ '.': ROOT, 'example.': zone });
    const nsecAt = (name: DomainName): RRset => {
      const rdatas = [concatOctets(prepend('\0', name)!, typeBitMaps([Type.NXNAME, Type.NSEC, Type.RRSIG]))];
      return sign({ name, type: Type.NSEC, ttl: 300, rdatas, signatures: [] });
    };
    world.at(NS).mutate = (reply, { name }) =>
      reply.rcode === 3
        ? { ...reply, authority: [...reply.authority.filter(isSoa), ...recordsOf(nsecAt(name), true)] }
        : reply;
    return world;
  }

  test('is one, and speaks of no name below: its proof does not show that', async () => {
    const world = compactWorld();
    expect(await world.resolution('gone.example. A')).toMatchObject({ rcode: 3, compact: true });
    const below = await world.resolution('below.gone.example. A');
    const owners = below.authority.filter(({ type }) => type === Type.NSEC).map(({ name }) => name);
    expect([below.rcode, owners]).toEqual([3, [nameFromText('below.gone.example.')]]);
  });
});

describe('no data without SOA', () => {
  const DS_UNSUPPORTED: SignedZone['ds'] = (honest) =>
    honest.map((ds) => `${ds.slice(0, 2)}\xc8${ds.slice(3)}` as Octets);

  test('from a forwarder, which has no authority to show, is its word', async () => {
    const zones = { '.': ROOT, 'example.': { text: EXAMPLE, ds: DS_UNSUPPORTED } };
    const world = new SignedWorld(zones, { config: 'zones: [{ name: ., type: forward, servers: ["10.9.9.9"] }]' });
    const forwarder = world.at('10.9.9.9');
    forwarder.zones = [...world.at('198.41.0.4').zones, ...world.at(NS).zones];
    forwarder.mutate = (reply) => ({
      ...reply,
      aa: false,
      ra: true,
      authority: reply.answer.length > 0 ? reply.authority : reply.authority.filter((record) => !isSoa(record)),
    });
    expect(await world.resolution('www.example. MX')).toMatchObject({ rcode: 0, security: { kind: 'insecure' } });
  });

  test('from a server without authority is none where no anchor governs either', async () => {
    const zones = { '.': ROOT, 'example.': EXAMPLE };
    const anchor = `"net. IN DS 1 13 2 ${'00'.repeat(32)}"`;
    const world = new World(zones, { config: `dnssec: { trustAnchors: [${anchor}] }` });
    const rdata = concatOctets(nameFromText('x.example.'), typeBitMaps([Type.TXT]));
    const nsec = { name: nameFromText('www.example.'), type: Type.NSEC, class: 1, ttl: 300, rdata };
    world.at(NS).mutate = (reply, { type }) =>
      type === Type.MX ? { ...reply, aa: false, answer: [], authority: [nsec] } : reply;
    expect(await world.ask('www.example. MX')).toContain('has no authority over www.example. MX');
  });
});

test('a denial of an anchored zone that nobody vouches for is kept no longer than what is bogus', async () => {
  const anchor = `"gone.example. IN DS 1 13 2 ${'00'.repeat(32)}"`;
  const world = new World({ '.': ROOT, 'example.': EXAMPLE }, { config: `dnssec: { trustAnchors: [${anchor}] }` });
  const { authority } = await world.resolution('gone.example. A');
  expect(authority.map(({ ttl }) => ttl)).toEqual([60]);
  await world.clock.pass(61_000);
  await world.resolution('www.gone.example. A');
  expect(world.asked).not.toEqual([]);
});

test('what was under way when the anchors changed is not kept for those who ask after that', async () => {
  const a = ksk();
  const root = new SignedRoot('www.alpha. 86400 A 192.0.2.1');
  const stranger = ksk();
  root.publish([stranger], [stranger]);
  root.start([asDnskey(a)], { dnssec: 'negativeTrustAnchors: [{ name: alpha., reason: ticket 1 }]' });
  const before = root.resolution('www.alpha. A');
  root.reconfigure([asDnskey(a)]);
  expect((await before).security.kind).toBe('insecure');
  expect((await root.resolution('www.alpha. A')).security.kind).toBe('bogus');
});

test.each([
  ['an answer', 'www.example. A', 'www.example.', Type.A],
  ['a denial', 'www.example. MX', 'example.', Type.SOA],
])('cache.minTtl does not make %s outlive its signature (RFC 4035 §5.3.3)', async (_, question, owner, type) => {
  const world = new SignedWorld(
    {
      '.': ROOT,
      'example.': {
        text: EXAMPLE,
        tamper: (zone, sign) => changed(zone, nameFromText(owner), type, (set) => sign(set, START + 50)),
      },
    },
    { config: 'cache: { minTtl: 300 }' },
  );
  const { answer, authority, security } = await world.resolution(question);
  expect(security.kind).toBe('secure');
  expect(Math.max(...[...answer, ...authority].map(({ ttl }) => ttl))).toBeLessThanOrEqual(50);
  await world.clock.pass(51_000);
  await world.resolution(question);
  expect(world.asked).toHaveLength(1);
});

test('cache.minTtl keeps nothing beyond the end of a negative trust anchor (RFC 7646 §2)', async () => {
  const root = new SignedRoot('www.alpha. 86400 A 192.0.2.1');
  const stranger = ksk();
  root.publish([stranger], [stranger]);
  root.start([asDnskey(ksk())], {
    dnssec: 'negativeTrustAnchors: [{ name: alpha., until: "2026-11-01T00:10:00Z" }]',
    config: 'cache: { minTtl: 3600 }',
  });
  await root.resolution('www.alpha. A');
  await root.clock.pass(600_000);
  expect((await root.resolution('www.alpha. A')).security.kind).toBe('bogus');
});
