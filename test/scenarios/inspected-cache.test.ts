/** The cache of a running resolver dumped, lost and loaded; and the way down to a name as it is known. */
import { beforeAll, describe, expect, it } from 'vitest';
import { rrsigOf } from '../../src/dns/dnssec-rdata.js';
import { nameFromText, nameToText } from '../../src/dns/name.js';
import { Type, typeToText } from '../../src/dns/numbers.js';
import { dumpLine } from '../../src/http/dump-lines.js';
import { readDumpLine } from '../../src/http/load-lines.js';
import type { CacheInspection, EntryContent } from '../../src/ports/cache-inspection.js';
import { World } from '../sim/world.js';

const zone = (apex: string, ns: string, address: string, more: readonly string[]) =>
  [
    `${apex} 3600 IN SOA ${ns} ${ns} 1 7200 900 86400 300`,
    `${apex} 3600 IN NS ${ns}`,
    `${ns} 3600 IN A ${address}`,
    ...more,
  ].join('\n');

const zones = {
  '.': zone('.', 'ns.root.', '192.0.2.1', [
    'example. 3600 IN NS ns.example.',
    'ns.example. 3600 IN A 192.0.2.2',
    'plain. 3600 IN NS ns.plain.',
    'ns.plain. 3600 IN A 192.0.2.3',
    'dead. 3600 IN NS ns.dead.',
    'ns.dead. 3600 IN A 192.0.2.4',
  ]),
  'example.': zone('example.', 'ns.example.', '192.0.2.2', [
    'www.example. 300 IN A 192.0.2.80',
    'www.example. 300 IN TXT "Mixed Case \\255 ; \\"quoted\\""',
    'alias.example. 300 IN CNAME www.example.',
    '*.wild.example. 300 IN A 192.0.2.81',
  ]),
  'plain.': zone('plain.', 'ns.plain.', '192.0.2.3', ['www.plain. 60 IN A 192.0.2.90']),
};

const QUESTIONS = [
  'www.example. A',
  'www.example. TXT',
  'alias.example. A',
  'x.wild.example. A',
  'www.example. MX',
  'nothing.example. A',
  'www.plain. A',
  'nothing.plain. A',
  'www.dead. A',
];

function makeWorld(): World {
  return new World(zones, {
    sign: { '.': { kind: 'nsec' }, 'example.': { kind: 'nsec' } },
    config: 'cache: { aggressiveNsec: true }',
  });
}

async function dumped(cache: CacheInspection): Promise<EntryContent[]> {
  const contents: EntryContent[] = [];
  for await (const batch of cache.contents({})) contents.push(...batch);
  return contents;
}

const lines = async (cache: CacheInspection) => (await dumped(cache)).map(dumpLine).sort();

describe('a dump', () => {
  let world: World;
  let before: string[];
  beforeAll(async () => {
    world = makeWorld();
    for (const question of QUESTIONS) await world.ask(question);
    before = await lines(world.composed.inspection.cache);
  });

  it('holds entries of every kind', () => {
    const kinds = new Set(before.map((line) => JSON.parse(line).kind));
    expect([...kinds].sort()).toEqual(['delegation', 'denial', 'failure', 'nodata', 'nxdomain', 'rrset']);
  });

  it('loads into an empty cache as it was, and answers without asking anybody', async () => {
    const { cache } = world.composed.inspection;
    const answers: string[] = [];
    for (const question of QUESTIONS) answers.push(await world.ask(question));
    expect(await cache.flush({}, false)).toBe(before.length);
    expect(await lines(cache)).toEqual([]);
    for (const line of before) expect(cache.load(readDumpLine(line))).toEqual({ kind: 'loaded' });
    const held = (all: readonly string[]) => all.map((line) => ({ ...JSON.parse(line), hits: 0 }));
    expect(held(await lines(cache))).toEqual(held(before));
    for (const [i, question] of QUESTIONS.entries()) {
      expect(await world.ask(question)).toBe(answers[i]);
      expect(world.asked).toEqual([]);
    }
  });

  it('does not displace what is known, and what is over stays out', async () => {
    const { cache } = world.composed.inspection;
    const [content] = (await dumped(cache)).filter(({ kind }) => kind === 'rrset');
    expect(cache.load(content!)).toEqual({ kind: 'known' });
    expect(cache.load({ ...content!, expires: world.clock.wall() })).toEqual({ kind: 'expired' });
  });

  const secureA = async () =>
    (await dumped(world.composed.inspection.cache)).find(
      ({ name, type }) => nameToText(name) === 'www.example.' && type === Type.A,
    ) as EntryContent & { kind: 'rrset' };

  it('is not believed to be secure without a signature in its time, nor for longer than that', async () => {
    const { cache } = world.composed.inspection;
    const content = await secureA();
    expect(content.security.kind).toBe('secure');
    await cache.flush({ name: content.name }, false);
    const bare = { ...content, rrset: { ...content.rrset, signatures: [] } };
    expect(cache.load(bare)).toMatchObject({ kind: 'refused' });
    const ends = rrsigOf(content.rrset.signatures[0]!)!.expiration * 1000;
    const ago = ends - 100_000 - world.clock.wall();
    world.clock.jump(ago);
    expect(cache.load({ ...content, expires: ends + 3_600_000 })).toEqual({ kind: 'loaded' });
    const request = { filter: { name: content.name, type: Type.A }, sort: undefined, reverse: false, limit: 1 };
    expect((await cache.list(request)).entries[0]?.ttlLeft).toBe(100);
    await cache.flush({ name: content.name }, false);
    const late = 30 * 86_400_000;
    world.clock.jump(late);
    expect(cache.load({ ...content, expires: world.clock.wall() + 60_000 })).toMatchObject({ kind: 'refused' });
    world.clock.jump(-late - ago);
  });

  it('may not say what the cache never holds', async () => {
    const { cache } = world.composed.inspection;
    for (const question of QUESTIONS) await world.ask(question);
    const all = await dumped(cache);
    const first = <K extends EntryContent['kind']>(kind: K) =>
      all.find((content): content is EntryContent & { kind: K } => content.kind === kind)!;
    const other = nameFromText('other.example.');
    const rrset = first('rrset');
    const impossible: EntryContent[] = [
      { ...rrset, name: other },
      { ...rrset, provenance: { ...rrset.provenance, credibility: 7 } },
      { ...first('denial'), security: { kind: 'insecure' } },
      { ...first('denial'), name: other },
      { ...first('nodata'), soa: undefined, proof: [] },
      { ...first('delegation'), servers: [] },
      { ...first('nxdomain'), type: Type.A },
      { ...first('failure'), backoff: 0 },
    ];
    for (const content of impossible) expect(cache.load(content)).toMatchObject({ kind: 'refused' });
    expect(await dumped(cache)).toHaveLength(all.length);
  });
});

describe('the way down to a name', () => {
  const short = async (world: World, name: string) => {
    const tree = await world.composed.inspection.cache.tree(nameFromText(name));
    return {
      zones: tree.zones.map(({ zone, delegation, servers, ds, dnskey }) =>
        [
          nameToText(zone),
          delegation === undefined
            ? 'no delegation'
            : `${servers.map(({ name, glue }) => `${nameToText(name)} ${glue}`)}`,
          ds === undefined ? '-' : `DS ${ds.kind} ${ds.security}`,
          dnskey === undefined ? '-' : `DNSKEY ${dnskey.security}`,
        ].join(', '),
      ),
      entries: tree.entries.map(({ kind, type }) => `${kind} ${type === 0 ? '*' : typeToText(type)}`).sort(),
      deniedAt: tree.deniedAt && nameToText(tree.deniedAt),
    };
  };

  it('is empty but for the root at first, and grows with what is asked', async () => {
    const world = makeWorld();
    expect(await short(world, 'www.example.')).toEqual({
      zones: ['., no delegation, -, -'],
      entries: [],
      deniedAt: undefined,
    });
    await world.ask('www.example. A');
    await world.ask('www.plain. A');
    expect(await short(world, 'www.example.')).toEqual({
      zones: [
        '., ns.root. 192.0.2.1, -, DNSKEY secure',
        'example., ns.example. 192.0.2.2, DS held secure, DNSKEY secure',
      ],
      entries: ['rrset A'],
      deniedAt: undefined,
    });
    expect((await short(world, 'www.plain.')).zones[1]).toBe('plain., ns.plain. 192.0.2.3, DS denied secure, -');
  });

  it('says that an ancestor does not exist, and keeps a zone whose delegation is gone', async () => {
    const world = makeWorld();
    await world.ask('nothing.plain. A');
    expect((await short(world, 'deep.below.nothing.plain.')).deniedAt).toBe('nothing.plain.');
    await world.ask('example. NS');
    await world.composed.inspection.cache.flush({ kind: 'delegation' }, false);
    expect((await short(world, 'example.')).zones[1]).toBe('example., no delegation, DS held secure, DNSKEY secure');
  });
});
