/** Denials that come without a SOA, without authority, from a zone above an anchor, or beside an alias. */
import { describe, expect, test } from 'vitest';
import type { Message } from '../../src/dns/message.js';
import { type DomainName, nameFromText } from '../../src/dns/name.js';
import { Type } from '../../src/dns/numbers.js';
import { recordsOf } from '../../src/dns/rrset.js';
import type { Zone } from '../../src/lab/zone.js';
import { NSEC3, SignedWorld, type SignedZone } from '../sim/signed-zones.js';
import { World } from '../sim/world.js';

const ROOT = '@ NS a.root.\na.root. A 198.41.0.4\nexample. NS ns.example.\nns.example. A 203.0.113.1';
const EXAMPLE = '@ NS ns\nns A 203.0.113.1\nwww A 192.0.2.1';
const NS = '203.0.113.1';

/** The DS of a zone with one octet changed. */
const patched = (at: number, value: number): NonNullable<SignedZone['ds']> => {
  return (honest) => honest.map((ds) => (ds.slice(0, at) + String.fromCharCode(value) + ds.slice(at + 1)) as typeof ds);
};

function withoutSoa(world: World, aa: boolean): void {
  world.at(NS).mutate = (reply) => {
    if (reply.answer.length > 0) return reply;
    const authority = reply.authority.filter(
      ({ type, rdata }) => type !== Type.SOA && !(type === Type.RRSIG && rdata.startsWith('\0\x06')),
    );
    return { ...reply, aa, authority };
  };
}

describe('no data without SOA and without AA', () => {
  test.each([
    ['NSEC', { text: EXAMPLE }],
    ['NSEC3', { text: EXAMPLE, denial: NSEC3 }],
  ] as const)('is believed for its %s proof', async (_, example) => {
    const world = new SignedWorld({ '.': ROOT, 'example.': example });
    withoutSoa(world, false);
    expect(await world.resolution('www.example. MX')).toMatchObject({ rcode: 0, security: { kind: 'secure' } });
  });

  test('is not, when nothing of the zone can be proved', async () => {
    const world = new SignedWorld({ '.': ROOT, 'example.': { text: EXAMPLE, ds: patched(2, 200) } });
    withoutSoa(world, false);
    expect(await world.ask('www.example. MX')).toContain('has no authority over www.example. MX');
    withoutSoa(world, true);
    await world.clock.pass(60_000);
    expect(await world.resolution('www.example. MX')).toMatchObject({ rcode: 0, security: { kind: 'insecure' } });
  });
});

describe('a zone whose DS nobody here can verify', () => {
  const named = (ds: NonNullable<SignedZone['ds']>): SignedWorld =>
    new SignedWorld({ '.': ROOT, 'example.': { text: EXAMPLE, ds } });
  test.each([
    ['algorithm', patched(2, 200), 'unsupported dnskey algorithm', 'algorithm 200 of its DS is not supported'],
    ['digest type', patched(3, 200), 'unsupported ds digest type', 'digest type 200 of its DS is not supported'],
  ])('for its %s is insecure, and says so (RFC 4035 §5.2, RFC 8914 §4.2)', async (_, ds, code, text) => {
    const answer = await named(ds).ask('www.example. A');
    expect(answer).toBe(`NOERROR\nwww.example. 3600 IN A 192.0.2.1\n; ${code}: example. counts as unsigned: ${text}`);
  });

  test('is insecure without any signature too', async () => {
    const world = named(patched(2, 200));
    world.at(NS).mutate = (reply) => ({ ...reply, answer: reply.answer.filter(({ type }) => type !== Type.RRSIG) });
    expect(await world.ask('www.example. A')).toMatch(/^NOERROR/);
  });
});

describe('a name error from above a trust anchor', () => {
  const zones = { '.': ROOT, 'example.': EXAMPLE, 'net.': '@ NS ns.example.' };
  const anchor = `"gone.example. IN DS 1 13 2 ${'00'.repeat(32)}"`;

  test('goes out unauthenticated where nothing vouches for that zone', async () => {
    const world = new World(zones, { config: `dnssec: { trustAnchors: [${anchor}] }` });
    const answer = await world.ask('www.gone.example. A');
    expect(answer).toMatch(/^NXDOMAIN/);
    expect(answer).toContain('dnssec indeterminate: example. denies gone.example., which has a trust anchor');
  });

  test('is no way round the anchor for a denial of data', async () => {
    const world = new World(zones, { config: `dnssec: { trustAnchors: [${anchor}] }` });
    world.at(NS).mutate = (reply) => ({ ...reply, rcode: 0 });
    expect(await world.ask('www.gone.example. A')).toMatch(/^SERVFAIL/);
  });
});

describe('what a reply says of an alias into another zone', () => {
  const zones: Record<string, string | SignedZone> = {
    '.': `${ROOT}\nnet. NS ns.example.\n`,
    'example.': `${EXAMPLE}\nto CNAME www.net.\nno CNAME gone.net.\n`,
    'net.': '@ NS ns.example.\nwww A 192.0.2.9\n',
  };
  /** The server has both zones, and tells of both. */
  function worldThatTellsAll(tamper?: (zone: Zone) => Zone): SignedWorld {
    const net = zones['net.'] as string;
    return new SignedWorld({ ...zones, 'net.': tamper === undefined ? net : { text: net, tamper } });
  }
  const noise = (world: World): string[] => world.asked.filter((line) => / (www|gone)\.net\. A/.test(line));

  test('is taken when it is signed', async () => {
    const world = worldThatTellsAll();
    await world.ask('www.net. MX');
    const net = world.at(NS).zones.find(({ apex }) => apex === nameFromText('net.'))!;
    world.at(NS).mutate = (reply, { name }) => {
      if (name !== nameFromText('to.example.')) return reply;
      const www = net.rrset(nameFromText('www.net.'), Type.A)!;
      return { ...reply, answer: [...reply.answer.slice(0, 2), ...recordsOf(www, true)] };
    };
    expect(await world.resolution('to.example. A')).toMatchObject({ rcode: 0, security: { kind: 'secure' } });
    expect(noise(world)).toEqual([]);
  });

  test.each([
    ['unsigned', []],
    ['forged', ['spoilt']],
  ])('is asked for when it is %s', async (_, spoil) => {
    const world = worldThatTellsAll();
    const net = world.at(NS).zones.find(({ apex }) => apex === nameFromText('net.'))!;
    world.at(NS).mutate = (reply, { name }) => {
      if (name !== nameFromText('to.example.')) return reply;
      const www = net.rrset(nameFromText('www.net.'), Type.A)!;
      const lie = { ...www, rdatas: ['\xc6\x33\x64\x42' as (typeof www.rdatas)[0]] };
      return { ...reply, answer: [...reply.answer.slice(0, 2), ...recordsOf(lie, spoil.length > 0)] };
    };
    const answer = await world.ask('to.example. A');
    expect(answer).toContain('www.net. 3600 IN A 192.0.2.9');
    expect(noise(world)).toHaveLength(1);
  });
});

test('an answer made from a wildcard keeps its proof where the zone counts as unsigned: others may trust it', async () => {
  const text = `${EXAMPLE}\n*.wild A 192.0.2.2`;
  const world = new SignedWorld({ '.': ROOT, 'example.': { text, ds: patched(2, 200) } });
  for (const turn of ['fetched', 'cached']) {
    const { authority, security } = await world.resolution('x.wild.example. A');
    expect([turn, security.kind, authority.map(({ type }) => type)]).toEqual([turn, 'insecure', [Type.NSEC]]);
  }
});

describe('the denial of DS beside an alias into an unsigned zone below', () => {
  const text = `${EXAMPLE}\nto CNAME www.sub\nsub NS ns\n`;
  const zones: Record<string, string | SignedZone> = {
    '.': ROOT,
    'example.': { text },
    'sub.example.': { text: '@ NS ns.example.\nwww A 192.0.2.8', unsigned: true },
  };
  const dsAsked = (world: World): string[] => world.asked.filter((line) => line.endsWith('sub.example. DS'));

  test.each([true, false])('is used for validation, aggressiveNsec %s', async (aggressive) => {
    const world = new SignedWorld(zones, {
      config: `cache: { aggressiveNsec: ${aggressive} }\nupstream: { qnameMinimisation: off }`,
    });
    const parent = world.at(NS).zones.find(({ apex }) => apex === nameFromText('example.'))!;
    const shown = (reply: Message, name: DomainName): Message =>
      name === nameFromText('to.example.')
        ? {
            ...reply,
            answer: reply.answer.filter((record) => record.name === name),
            authority: [...recordsOf(parent.rrset(nameFromText('sub.example.'), Type.NSEC)!, true)],
          }
        : reply;
    world.at(NS).mutate = (reply, { name }) => shown(reply, name);
    expect(await world.resolution('to.example. A')).toMatchObject({ rcode: 0, security: { kind: 'insecure' } });
    expect(dsAsked(world)).toEqual([]);
    // No answer for clients: there is no SOA to tell how long it holds.
    await world.resolution('sub.example. DS');
    expect(dsAsked(world)).toHaveLength(1);
  });
});

test('data stripped of its signatures is what the reason names first', async () => {
  const world = new SignedWorld({ '.': ROOT, 'example.': EXAMPLE });
  world.at(NS).mutate = (reply, { type }) => {
    if (type === Type.DNSKEY) return reply;
    const bare = (section: Message['answer']) => section.filter((record) => record.type !== Type.RRSIG);
    return { ...reply, answer: bare(reply.answer), authority: bare(reply.authority) };
  };
  expect(await world.ask('www.example. A')).toBe(
    'SERVFAIL\n; rrsigs missing: www.example. A has no signature, and nothing shows that it need not: ' +
      'www.example. DS has no signature, yet its zone example. is signed',
  );
});
