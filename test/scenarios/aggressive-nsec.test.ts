/** RFC 8198 through the whole resolver: signed zones, a question, and the next one that nobody need be asked about. */
import { describe, expect, test } from 'vitest';
import { nameFromText } from '../../src/dns/name.js';
import { Class, typeFromText, typeToText } from '../../src/dns/numbers.js';
import { NO_OCTETS, type Octets } from '../../src/dns/octets.js';
import type { Resolution } from '../../src/dns/resolution.js';
import type { DenialStyle } from '../../src/lab/sign-zone.js';
import type { EntryKind } from '../../src/ports/inspection.js';
import type { TraceEvent } from '../../src/ports/trace.js';
import { World, type WorldOptions } from '../sim/world.js';

const root = `
@ NS a.root.
a.root. A 198.41.0.4
example. NS ns.example.
ns.example. A 192.0.2.1
plain. NS ns.plain.
ns.plain. A 192.0.2.3
`;

const example = `
@ NS ns
ns A 192.0.2.1
alpha A 192.0.2.10
mike A 192.0.2.11
deep.ent A 192.0.2.12
*.wild A 192.0.2.13
*.wild TXT "any"
closer.wild MX 1 mike
*.alias CNAME mike
old DNAME new
sub NS ns.sub
ns.sub A 192.0.2.2
zulu A 192.0.2.14
`;

const sub = '@ NS ns\nns A 192.0.2.2\nwww A 192.0.2.20\n';
const plain = '@ NS ns\nns A 192.0.2.3\nwww A 192.0.2.30\n';
const zones = { '.': root, 'example.': example, 'sub.example.': sub, 'plain.': plain };

const nsec: DenialStyle = { kind: 'nsec' };
const nsec3: DenialStyle = { kind: 'nsec3', optOut: false, iterations: 0, salt: NO_OCTETS };
const optOut: DenialStyle = { ...nsec3, optOut: true };

function signed(style: DenialStyle, options: WorldOptions = {}): World {
  return new World(zones, { sign: { '.': nsec, 'example.': style }, ...options });
}

/** The answer in one line, and who was asked for it. */
async function ask(world: World, question: string): Promise<string> {
  const { rcode, answer, authority, security, source } = await world.resolution(question);
  const types = [...answer.map(({ type }) => typeToText(type)), '/', ...authority.map(({ type }) => typeToText(type))];
  const asked = world.asked.length === 0 ? 'nobody asked' : 'asked';
  return `rcode ${rcode}, ${types.join(' ')}, ${security.kind}, ${source}: ${asked}`;
}

const synthesised = (world: World) => world.composed.inspection.stats().cache.synthesised;
const held = (world: World, kind: EntryKind) => world.composed.inspection.stats().cache.byKind[kind];
const MADE_NXDOMAIN = 'rcode 3, / SOA NSEC NSEC, secure, synthesised: nobody asked';

describe('with NSEC, nobody is asked about', () => {
  test.each([
    ['a second name in the same gap', 'b.example.', 'c.example. A', MADE_NXDOMAIN],
    ['a name far below one in the gap', 'b.example.', 'x.y.z.c.example. MX', MADE_NXDOMAIN],
    [
      'another type of a name',
      'mike.example. TXT',
      'mike.example. MX',
      'rcode 0, / SOA NSEC, secure, synthesised: nobody asked',
    ],
    [
      'an empty non-terminal',
      'dz.example.',
      'ent.example. A',
      'rcode 0, / SOA NSEC, secure, synthesised: nobody asked',
    ],
    ['DS of a name in the gap', 'b.example.', 'c.example. DS', MADE_NXDOMAIN],
    [
      'a second name a wildcard stands in for',
      'one.wild.example. A',
      'two.wild.example. A',
      'rcode 0, A / NSEC, secure, synthesised: nobody asked',
    ],
    [
      'a type that the wildcard has not',
      'one.wild.example. MX',
      'two.wild.example. AAAA',
      'rcode 0, / SOA NSEC NSEC, secure, synthesised: nobody asked',
    ],
  ])('%s', async (_what, first, second, expected) => {
    const world = signed(nsec);
    expect(await ask(world, first)).toMatch(/secure, network: asked$/);
    const before = held(world, 'denial').hits;
    expect(await ask(world, second)).toBe(expected);
    expect(held(world, 'denial').hits).toBeGreaterThan(before);
    expect(Object.values(synthesised(world)).reduce((sum, count) => sum + count)).toBeGreaterThanOrEqual(1);
  });

  test('a second alias that a wildcard makes, and its target known by then', async () => {
    const world = signed(nsec);
    await ask(world, 'one.alias.example. A');
    expect(await ask(world, 'two.alias.example. A')).toBe('rcode 0, CNAME A / NSEC, secure, synthesised: nobody asked');
    expect(synthesised(world)).toMatchObject({ wildcard: 1 });
    // CVE-2026-46582: the alias is proved where it is told on its own as well.
    expect(await ask(world, 'three.alias.example. CNAME')).toBe(
      'rcode 0, CNAME / NSEC, secure, synthesised: nobody asked',
    );
  });

  test('the proof and its signatures go out, TTLs as left, told to come from who sent them', async () => {
    const world = signed(nsec);
    await ask(world, 'b.example. A');
    await world.clock.pass(100_000);
    const { authority } = await world.resolution('c.example. A');
    expect(authority.map(({ ttl, signatures }) => [ttl, signatures.length])).toEqual([
      [200, 1],
      [200, 1],
      [200, 1],
    ]);
    const [view] = [...world.composed.inspection.entries({ kind: 'denial', name: nameFromText('alpha.example.') })];
    expect(view).toMatchObject({ type: typeFromText('NSEC'), security: 'secure', ttlLeft: 200, hits: 1 });
    expect(view?.provenance).toMatchObject({ server: '192.0.2.1:53', askedFor: 'b.example. A' });
  });

  test('with CD neither: the proof is there to be checked', async () => {
    const world = signed(nsec);
    await ask(world, 'b.example. A');
    const question = { name: nameFromText('c.example.'), type: 1, class: Class.IN };
    const known = world.composed.resolver.known(question, { checkingDisabled: true, trace: undefined });
    expect([known?.rcode, known?.authority.length]).toEqual([3, 3]);
  });

  test('the trace says what it was made of', async () => {
    const world = signed(nsec);
    await ask(world, 'b.example. A');
    const events: TraceEvent[] = [];
    const options = { checkingDisabled: false, trace: (event: TraceEvent) => void events.push(event) };
    const question = { name: nameFromText('c.example.'), type: 1, class: Class.IN };
    await world.clock.run<Resolution>(world.composed.resolver.resolve(question, options));
    expect(events.slice(1)).toEqual([
      { kind: 'cache', name: 'c.example.', type: 'A', found: 'nothing' },
      {
        kind: 'synthesised',
        name: 'c.example.',
        type: 'A',
        as: 'nxdomain',
        from: ['NSEC alpha.example. -> deep.ent.example.', 'NSEC example. -> *.alias.example.'],
      },
    ]);
  });
});

describe('with NSEC3, nobody is asked about', () => {
  test('another type, and names once the gaps they fall into are known', async () => {
    const world = signed(nsec3);
    await ask(world, 'mike.example. TXT');
    expect(await ask(world, 'mike.example. MX')).toBe('rcode 0, / SOA NSEC3, secure, synthesised: nobody asked');
    for (let i = 0; i < 60; i++) await ask(world, `seen${i}.example. A`);
    const before = synthesised(world).nxdomain;
    expect(before).toBeGreaterThan(30);
    expect(await ask(world, 'new.example. A')).toMatch(
      /^rcode 3, \/ SOA NSEC3 NSEC3( NSEC3)?, secure, synthesised: nobody/,
    );
    expect(synthesised(world).nxdomain).toBe(before + 1);
  });

  test('names that a wildcard stands in for', async () => {
    const world = signed(nsec3);
    for (let i = 0; i < 40; i++) await ask(world, `seen${i}.wild.example. A`);
    expect(synthesised(world).wildcard).toBeGreaterThan(20);
    expect(await ask(world, 'new.wild.example. A')).toBe('rcode 0, A / NSEC3, secure, synthesised: nobody asked');
  });

  test('RFC 8198 §5.2: names in opt-out spans are asked about every time', async () => {
    const world = signed(optOut);
    for (let i = 0; i < 20; i++) expect(await ask(world, `seen${i}.example. A`)).toContain('network: asked');
    expect(synthesised(world)).toEqual({ nxdomain: 0, nodata: 0, wildcard: 0 });
  });

  test('CVE-2026-42923: of a zone with many rounds of hashing nothing is kept', async () => {
    const world = signed({ ...nsec3, iterations: 40 });
    await ask(world, 'mike.example. TXT');
    expect(await ask(world, 'mike.example. MX')).toContain('network: asked');
    expect([...world.composed.inspection.entries({ kind: 'denial', type: typeFromText('NSEC3')! })]).toEqual([]);
  });
});

describe('servers are asked again', () => {
  test('when the records are past their TTL', async () => {
    const world = signed(nsec);
    await ask(world, 'b.example. A');
    await world.clock.pass(299_000);
    expect(await ask(world, 'c.example. A')).toBe(MADE_NXDOMAIN);
    await world.clock.pass(2_000);
    expect(await ask(world, 'c.example. A')).toContain('network: asked');
  });

  test.each([
    [{ kind: 'denial' } as const],
    [{ suffix: nameFromText('example.') }],
    [{ name: nameFromText('alpha.example.'), type: typeFromText('NSEC')! }],
    [{ name: nameFromText('c.example.') }],
    [{ name: nameFromText('c.example.'), type: typeFromText('A')! }],
    [{ suffix: nameFromText('c.example.') }],
  ])('when they were flushed: %o', async (filter) => {
    const world = signed(nsec);
    await ask(world, 'b.example. A');
    expect(await world.composed.inspection.flush(filter)).toBeGreaterThan(0);
    expect(await ask(world, 'c.example. A')).toContain('network: asked');
  });

  test('when a name was flushed whose NSEC3 record nobody knows without a hash', async () => {
    const world = signed(nsec3);
    await ask(world, 'mike.example. TXT');
    world.composed.inspection.flush({ name: nameFromText('mike.example.') });
    expect(await ask(world, 'mike.example. MX')).toContain('network: asked');
  });

  test('as soon as the shortest of the records is over, even for the very name asked (RFC 4035 §5.3.3)', async () => {
    const world = signed(nsec);
    const nsecType = typeFromText('NSEC');
    world.at('192.0.2.1').mutate = (reply) => ({
      ...reply,
      authority: reply.authority.map((record) => (record.type === nsecType ? { ...record, ttl: 60 } : record)),
    });
    const { authority } = await world.resolution('b.example. A');
    expect(authority.map(({ ttl }) => ttl)).toEqual([60, 60, 60]);
    await world.clock.pass(61_000);
    expect(await ask(world, 'b.example. A')).toContain('network: asked');
  });

  test('with the feature off, and nothing is kept', async () => {
    const world = signed(nsec, { config: 'cache: { aggressiveNsec: false }' });
    await ask(world, 'b.example. A');
    expect(await ask(world, 'c.example. A')).toContain('network: asked');
    expect(held(world, 'denial')).toMatchObject({ inserts: 0, entries: 0, bytes: 0 });
  });

  test('about names of a delegated zone, whatever its parent has beside it', async () => {
    const world = signed(nsec);
    for (const name of ['b', 'rr', 't', 'zz']) await ask(world, `${name}.example. A`);
    expect(await ask(world, 'www.sub.example. A')).toBe('rcode 0, A /, insecure, network: asked');
    expect(await ask(world, 'nope.sub.example. A')).toBe('rcode 3, / SOA, insecure, network: asked');
    expect(world.asked).toEqual(['192.0.2.2 nope.sub.example. A']);
  });

  test('about names of a zone without signatures, every time', async () => {
    const world = signed(nsec);
    for (const name of ['a', 'b', 'c']) {
      expect(await ask(world, `${name}.plain. A`)).toBe('rcode 3, / SOA, insecure, network: asked');
    }
  });

  test('about names below a negative trust anchor, and those of a zone routed elsewhere (CVE-2026-44687)', async () => {
    const config = `
dnssec: { negativeTrustAnchors: [c.example] }
zones: [{ name: d.example, type: stub, servers: ["192.0.2.4"] }]
`;
    const world = new World(
      { ...zones, 'd.example.': '@ NS ns\nns A 192.0.2.4\nwww A 192.0.2.40' },
      { sign: { '.': nsec, 'example.': nsec }, config },
    );
    await ask(world, 'b.example. A');
    expect(await ask(world, 'bb.example. A')).toBe(MADE_NXDOMAIN);
    expect(await ask(world, 'c.example. A')).toContain('network: asked');
    await ask(world, 'www.d.example. A');
    expect(world.asked).toContain('192.0.2.4 www.d.example. A');
  });
});

test('a DNAME is followed, not denied', async () => {
  const world = signed(nsec);
  for (const name of ['o', 'olg', 'p']) await ask(world, `${name}.example. A`);
  expect(await ask(world, 'x.old.example. A')).toContain('rcode 3, DNAME CNAME /');
});

test('denials whose proof does not hold teach nothing', async () => {
  const world = signed(nsec);
  const nsecType = typeFromText('NSEC');
  const changed = (rdata: Octets): Octets => `${rdata.slice(0, -1)}\x07` as Octets;
  world.at('192.0.2.1').mutate = (reply) => ({
    ...reply,
    authority: reply.authority.map((record) =>
      record.type === nsecType ? { ...record, rdata: changed(record.rdata) } : record,
    ),
  });
  expect(await ask(world, 'b.example. A')).toContain('bogus');
  expect([...world.composed.inspection.entries({ kind: 'denial', suffix: nameFromText('example.') })]).toEqual([]);
});

describe("the validator's own question, whether a zone begins at a name", () => {
  const asksForDs = async (before: string) => {
    const here = { ...zones, 'sub.example.': '@ NS ns\nns A 192.0.2.1\nwww A 192.0.2.20\n' };
    const world = new World(here, { sign: { '.': nsec, 'example.': nsec } });
    await ask(world, before);
    expect(await ask(world, 'www.sub.example. A')).toBe('rcode 0, A /, insecure, network: asked');
    return world.asked.some((line) => line.endsWith(' sub.example. DS'));
  };

  test('is asked of a server when nothing is known', async () => {
    expect(await asksForDs('mike.example. A')).toBe(true);
  });

  test('is not when the record of the delegation came with another denial', async () => {
    expect(await asksForDs('t.example. A')).toBe(false);
  });
});
