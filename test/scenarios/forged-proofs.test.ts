/** Someone on the path adds to, or takes from, what a signed zone said: no such thing may make its data insecure. */
import { describe, expect, test } from 'vitest';
import { nameFromText } from '../../src/dns/name.js';
import { Rcode, Type } from '../../src/dns/numbers.js';
import type { ResourceRecord } from '../../src/dns/rrset.js';
import { parseMasterFile } from '../../src/presentation/master-file.js';
import { changed, NSEC3, SignedWorld, type SignedZone, START, spoilt } from '../sim/signed-zones.js';

const ROOT = '@ NS a.root.\na.root. A 198.41.0.4\nexample. NS ns.example.\nns.example. A 203.0.113.1';
const EXAMPLE = '@ NS ns\nns A 203.0.113.1\nwww A 192.0.2.1\n*.wild A 192.0.2.2\na.ent A 192.0.2.3';
const NS = '203.0.113.1';

function records(text: string): ResourceRecord[] {
  return [...parseMasterFile(text, { origin: nameFromText('example.'), defaultTtl: 300 }).records];
}

describe('an NSEC of an unsigned delegation, forged beside a good denial of DS', () => {
  test.each([
    ['a name with data in an NSEC3 zone', NSEC3, 'www'],
    ['a name that is not there, in an NSEC zone', { kind: 'nsec' } as const, 'nothing'],
    ['an empty non-terminal of an NSEC zone', { kind: 'nsec' } as const, 'ent'],
    ['a name made from a wildcard, in an NSEC zone', { kind: 'nsec' } as const, 'x.wild'],
    ['a name made from a wildcard, in an NSEC3 zone', NSEC3, 'x.wild'],
  ])('%s', async (_, denial, label) => {
    const world = new SignedWorld({ '.': ROOT, 'example.': { text: EXAMPLE, denial } });
    const name = `${label}.example.`;
    world.at(NS).mutate = (reply, query) => {
      if (query.name === nameFromText(name) && query.type === Type.A) {
        return { ...reply, rcode: 0, answer: records(`${label} 300 A 198.51.100.66`), authority: [] };
      }
      const forged = records(`${label} NSEC \\000.${label} NS RRSIG NSEC`);
      return query.type === Type.DS ? { ...reply, rcode: 0, authority: [...forged, ...reply.authority] } : reply;
    };
    expect(await world.ask(`${name} A`)).toMatch(/^SERVFAIL/);
  });
});

const name = (text: string) => nameFromText(text, nameFromText('example.'));
const worldOf = (zone: Omit<SignedZone, 'text'> = {}, text = EXAMPLE, config = ''): SignedWorld =>
  new SignedWorld({ '.': ROOT, 'example.': { text, ...zone } }, { config });

describe('what a denial is made of lives as long as its signatures (RFC 4035 §5.3.3)', () => {
  const expiring = (label: string, type: number): Omit<SignedZone, 'text'> => ({
    tamper: (zone, sign) => changed(zone, name(label), type, (set) => sign(set, START + 50)),
  });

  test.each([
    ['the SOA', 'www.example. TXT', 'example.', Type.SOA],
    ['the NSEC of the name', 'www.example. TXT', 'www', Type.NSEC],
    ['the NSEC of a name error', 'wwww.example. A', 'www', Type.NSEC],
  ])('%s', async (_, question, label, type) => {
    const world = worldOf(expiring(label, type));
    const { security, authority } = await world.resolution(question);
    expect(security.kind).toBe('secure');
    expect(Math.max(...authority.map(({ ttl }) => ttl))).toBeLessThanOrEqual(50);
    await world.clock.pass(51_000);
    await world.resolution(question);
    expect(world.asked).toHaveLength(1);
  });

  test('an answer made from a wildcard goes with the proof that nothing is closer', async () => {
    const world = worldOf(expiring('*.wild', Type.NSEC));
    const { security, answer } = await world.resolution('x.wild.example. A');
    expect([security.kind, answer[0]!.ttl]).toEqual(['secure', 50]);
  });
});

describe('a wildcard needs its proof', () => {
  const text = `${EXAMPLE}\n*.alias CNAME www\n`;
  test.each(['x.alias.example. A', 'x.wild.example. A'])('%s (CVE-2026-52686: an alias too)', async (question) => {
    expect((await worldOf({}, text).resolution(question)).security.kind).toBe('secure');
    const world = worldOf({}, text);
    world.at(NS).mutate = (reply) => (reply.answer.length > 0 ? { ...reply, authority: [] } : reply);
    expect(await world.ask(question)).toMatch(/^SERVFAIL\n; NSEC missing/i);
  });

  test('a name that exists is not the wildcard, whatever its cached neighbours were (CVE-2026-46582)', async () => {
    const world = worldOf({}, `${EXAMPLE}\nreal.wild A 192.0.2.9\n`);
    await world.ask('x.wild.example. A');
    world.at(NS).mutate = (reply, query) => {
      if (query.name !== name('real.wild') || query.type !== Type.A) return reply;
      const zone = world.at(NS).zones[0]!;
      const { rdatas, signatures, ttl } = zone.rrset(name('*.wild'), Type.A)!;
      const owned = { name: query.name, class: 1, ttl };
      const answer = [
        ...rdatas.map((rdata) => ({ ...owned, type: Type.A, rdata })),
        ...signatures.map((rdata) => ({ ...owned, type: Type.RRSIG, rdata })),
      ];
      return { ...reply, answer };
    };
    expect(await world.ask('real.wild.example. A')).toMatch(/^SERVFAIL/);
  });
});

describe('aliases', () => {
  test('the CNAME of a DNAME is made anew, whatever the one beside it and its signature say (RFC 6672 §5.3.1)', async () => {
    const world = worldOf({}, `${EXAMPLE}\nold DNAME new\nx.new A 192.0.2.5\n`);
    world.at(NS).mutate = (reply) => {
      const answer = reply.answer.map((record) =>
        record.type === Type.CNAME ? { ...record, rdata: nameFromText('evil.test.') } : record,
      );
      const dname = reply.answer.find(({ type }) => type === Type.DNAME);
      const rrsig = reply.answer.find(({ type }) => type === Type.RRSIG);
      if (dname === undefined || rrsig === undefined) return reply;
      const forged = { ...rrsig, name: name('x.old'), rdata: spoilt(rrsig.rdata, 1)[0]! };
      return { ...reply, answer: [...answer, forged] };
    };
    const resolution = await world.resolution('x.old.example. A');
    expect([resolution.rcode, resolution.security.kind]).toEqual([Rcode.NOERROR, 'secure']);
    expect(await world.ask('x.old.example. A')).toContain('x.new.example. 3600 IN A 192.0.2.5');
  });

  test('local policy at the end of a bogus alias makes no answer of it (CVE-2026-50243)', async () => {
    const config = 'local: { zones: [{ name: lan.test, type: static, records: ["nas.lan.test. 60 IN A 192.0.2.7"] }] }';
    const spoil: SignedZone['tamper'] = (zone) =>
      changed(zone, name('out'), Type.CNAME, (set) => ({ ...set, signatures: spoilt(set.signatures[0]!, 1) }));
    const text = `${EXAMPLE}\nout CNAME nas.lan.test.\n`;
    expect(await worldOf({}, text, config).ask('out.example. A')).toMatch(/^NOERROR/);
    expect(await worldOf({ tamper: spoil }, text, config).ask('out.example. A')).toMatch(/^SERVFAIL/);
  });
});

test('CD=1 gets the bogus data, and nobody else does; what is good stays good (unbound issue 1293)', async () => {
  const world = worldOf();
  world.at(NS).mutate = (reply, query) =>
    query.name === name('www') && query.type === Type.A && reply.answer.length > 0
      ? {
          ...reply,
          answer: reply.answer.map((record) => (record.type === Type.A ? records('www A 198.51.100.66')[0]! : record)),
        }
      : reply;
  const bogus = await world.resolution('www.example. A', true);
  expect([bogus.rcode, bogus.answer.length, bogus.security.kind]).toEqual([Rcode.NOERROR, 1, 'bogus']);
  expect((await world.resolution('www.example. A')).rcode).toBe(Rcode.SERVFAIL);
  world.at(NS).mutate = undefined;
  await world.clock.pass(61_000);
  expect((await world.resolution('www.example. A', true)).security.kind).toBe('secure');
});

test('a bogus name error says nothing of the names below it (RFC 8020 §2 asks for one to be believed)', async () => {
  const world = worldOf();
  const soa = records('example. SOA ns host 1 3600 900 604800 300');
  world.at(NS).mutate = (reply, query) =>
    query.name === name('ent') ? { ...reply, rcode: Rcode.NXDOMAIN, answer: [], authority: soa } : reply;
  expect(await world.ask('ent.example. A')).toMatch(/^SERVFAIL/);
  expect(await world.ask('a.ent.example. A')).toMatch(/^NOERROR/);
});
