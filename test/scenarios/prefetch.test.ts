/** Entries in use are fetched again before their time is over, and names kept warm: clients do not wait for either. */
import { describe, expect, test } from 'vitest';
import { nameToText } from '../../src/dns/name.js';
import { Rcode, Type, typeToText } from '../../src/dns/numbers.js';
import { octetsFrom } from '../../src/dns/octets.js';
import { World, type WorldOptions } from '../sim/world.js';
import { askInTurn } from './asking.js';
import { behave, without } from './manners.js';
import { exampleCom, NS1, NS2, ordinary } from './zones.js';

const NSEC = { kind: 'nsec' } as const;
const names = Array.from({ length: 20 }, (_, i) => `n${i} 100 A 192.0.2.${i}`).join('\n');
const zones = {
  ...ordinary,
  'example.com.': `${exampleCom}
hot 100 A 192.0.2.9
tiny 9 A 192.0.2.10
alias 100 CNAME edge.other.net.
warm 300 CNAME there
there 100 A 192.0.2.11
${names}
`,
};

function worldOf(config = '', options: WorldOptions = {}): World {
  return new World(zones, { config, ...options });
}

const refreshes = (world: World) => world.composed.inspection.stats().refreshes;

/** What is asked of servers from now on: world.asked begins anew with each question. */
function record(world: World): string[] {
  const asked: string[] = [];
  const { network } = world;
  const ask = network.ask.bind(network);
  network.ask = (query) => {
    asked.push(`${nameToText(query.name)} ${typeToText(query.type)}`);
    return ask(query);
  };
  return asked;
}

/** Has the name hit `hits` times, then lets time pass until `left` seconds of its 100 are left. */
async function used(world: World, question: string, hits: number, left: number): Promise<void> {
  await world.ask(question);
  for (let i = 0; i < hits; i++) await world.ask(question);
  await world.clock.pass((100 - left) * 1000);
}

describe('an entry in use, asked for in the last tenth of its time', () => {
  test('is fetched again, once, and its next clients do not wait', async () => {
    const world = worldOf();
    await used(world, 'hot.example.com. A', 1, 9);
    const asked = record(world);
    const answer = await world.ask('hot.example.com. A');
    expect(answer).toContain('hot.example.com. 9 IN A');
    await world.ask('hot.example.com. A');
    await world.clock.pass(61_000);
    expect(asked).toEqual(['hot.example.com. A']);
    const next = await world.resolution('hot.example.com. A');
    expect([next.source, next.answer[0]!.ttl]).toEqual(['cache', 39]);
    expect(refreshes(world)).toMatchObject({
      byCause: { prefetch: { started: 1, succeeded: 1 } },
      hits: 1,
      inFlight: 0,
    });
  });

  test.each([
    ['used only once', 0, 9],
    ['with more of its time left', 3, 12],
  ])('is not, when it was %s', async (_, hits, left) => {
    const world = worldOf();
    await used(world, 'hot.example.com. A', hits, left);
    const asked = record(world);
    await world.ask('hot.example.com. A');
    await world.clock.pass(1000);
    expect(asked).toEqual([]);
  });

  test('is not, with a TTL below ten seconds, nor with prefetch: false', async () => {
    const world = worldOf();
    for (let i = 0; i < 4; i++) await world.ask('tiny.example.com. A');
    await world.clock.pass(8200);
    const asked = record(world);
    await world.ask('tiny.example.com. A');
    await world.clock.pass(500);
    expect(asked).toEqual([]);
    const off = worldOf('cache: { prefetch: false }');
    await used(off, 'hot.example.com. A', 3, 5);
    const askedOff = record(off);
    await off.ask('hot.example.com. A');
    await off.clock.pass(1000);
    expect(askedOff).toEqual([]);
  });

  test('counts as hit of its client, the fetch as neither hit nor miss nor query', async () => {
    const world = worldOf();
    await used(world, 'hot.example.com. A', 1, 9);
    const before = world.composed.inspection.stats().cache.byKind.rrset;
    await world.ask('hot.example.com. A');
    await world.clock.pass(1000);
    const after = world.composed.inspection.stats().cache.byKind.rrset;
    expect([after.hits - before.hits, after.misses - before.misses]).toEqual([1, 0]);
  });

  test('stands for the names below it: a name error is asked about once, whoever hits it', async () => {
    const world = worldOf('cache: { aggressiveNsec: false }');
    await world.ask('nowhere.example.com. A');
    await world.ask('a.nowhere.example.com. A');
    await world.ask('b.nowhere.example.com. A');
    await world.clock.pass(280_000);
    const asked = record(world);
    for (let i = 0; i < 10; i++) await world.ask(`c${i}.nowhere.example.com. A`);
    await world.clock.pass(1000);
    expect(asked).toEqual(['nowhere.example.com. A']);
  });

  test('made from a DNAME has the DNAME fetched', async () => {
    const world = worldOf();
    for (let i = 0; i < 4; i++) await world.ask('x.old.example.com. A');
    await world.clock.pass(3_550_000);
    for (let i = 0; i < 5; i++) await world.ask(`y${i}.old.example.com. TXT`);
    await world.clock.pass(100);
    const dname = (await world.resolution('z.old.example.com. A')).answer.find(({ type }) => type === Type.DNAME);
    expect(dname!.ttl).toBeGreaterThan(3590);
    expect(refreshes(world).byCause.prefetch.started).toBe(1);
  });
});

describe('a fetch ahead of time that fails', () => {
  test('takes nothing away, and is tried again only after a rest that grows', async () => {
    const world = worldOf();
    for (let i = 0; i < 4; i++) await world.ask('www.example.com. A');
    await world.clock.pass(3_300_000);
    behave(world, [NS1, NS2], (reply) => without(reply, Rcode.SERVFAIL));
    const { rcodes } = await askInTurn(world, 200, () => 'www.example.com. A', 1000);
    expect(new Set(rcodes)).toEqual(new Set(['NOERROR']));
    const { started, failed } = refreshes(world).byCause.prefetch;
    // 5 s, 10 s, 20 s, then 30 s each.
    expect(started).toBeGreaterThan(5);
    expect(started).toBeLessThan(11);
    expect(failed).toBe(started);
  });

  test('be it as bogus, with another answer or with none', async () => {
    const world = worldOf('', { sign: { '.': NSEC, 'com.': NSEC, 'example.com.': NSEC } });
    await used(world, 'hot.example.com. A', 2, 9);
    behave(world, [NS1, NS2], (reply) => ({
      ...reply,
      answer: reply.answer.map((r) => (r.type === Type.A ? { ...r, rdata: octetsFrom(192, 0, 2, 66) } : r)),
    }));
    await world.ask('hot.example.com. A');
    await world.clock.pass(2000);
    expect(refreshes(world).byCause.prefetch).toMatchObject({ started: 1, failed: 1 });
    const { security, answer, source } = await world.resolution('hot.example.com. A');
    expect([security.kind, source, answer[0]!.ttl]).toEqual(['secure', 'cache', 7]);
  });
});

test('what a forwarder counts down is not asked for with each hit', async () => {
  const world = worldOf();
  await used(world, 'hot.example.com. A', 2, 9);
  behave(world, [NS1, NS2], (reply) => ({ ...reply, aa: false, answer: reply.answer.map((r) => ({ ...r, ttl: 9 })) }));
  const asked = record(world);
  await askInTurn(world, 80, () => 'hot.example.com. A', 100);
  expect(asked.length).toBeGreaterThan(0);
  // Once a second, and now and then another server beside.
  expect(asked.length).toBeLessThan(16);
});

test('no more than limits.refreshes are fetched at once; the others are as if nothing had been', async () => {
  const world = worldOf('limits: { refreshes: 3 }');
  for (let round = 0; round < 3; round++) for (let i = 0; i < 20; i++) await world.ask(`n${i}.example.com. A`);
  await world.clock.pass(92_000);
  for (let i = 0; i < 20; i++) expect(await world.ask(`n${i}.example.com. A`)).toMatch(/^NOERROR/);
  expect(refreshes(world)).toMatchObject({ inFlight: 3, byCause: { prefetch: { started: 3, refused: 17 } } });
  await world.clock.pass(1000);
  expect(refreshes(world).inFlight).toBe(0);
});

test('what was fetched for a configuration that is no more is not kept', async () => {
  const world = worldOf();
  await used(world, 'hot.example.com. A', 2, 9);
  await world.ask('hot.example.com. A');
  const { parseConfig } = await import('../../src/config/load-config.js');
  const outcome = parseConfig('dnssec: { mode: off }\ncache: { maxTtl: 50 }', 'test');
  if (!outcome.ok) throw new Error('the configuration is not valid');
  world.composed.reconfigure(outcome.config);
  await world.clock.pass(500);
  expect((await world.resolution('hot.example.com. A')).answer[0]!.ttl).toBe(9);
});

describe('names kept warm', () => {
  const config = 'cache: { keepWarm: [{ name: warm.example.com, type: A }, hot.example.com] }';

  test('are there before anybody asks, aliases and all, and stay there', async () => {
    const world = worldOf(config);
    world.composed.keepWarm();
    await world.clock.pass(1000);
    for (let i = 0; i < 30; i++) {
      for (const question of ['warm.example.com. A', 'hot.example.com. A', 'hot.example.com. AAAA']) {
        expect((await world.resolution(question)).source, `${question} after ${i * 47} s`).toBe('cache');
      }
      await world.clock.pass(47_000);
    }
    const { warm } = refreshes(world).byCause;
    expect([warm.failed, warm.succeeded]).toEqual([0, warm.started]);
    // 1410 s: two names of 100 s, an alias of 300 s, a denial of 300 s.
    expect(warm.started).toBeLessThan(2 * 17 + 2 * 7);
  });

  test('are tried every half minute while their servers fail, without end or haste', async () => {
    const world = worldOf('cache: { keepWarm: [{ name: hot.example.com, type: A }] }');
    world.composed.keepWarm();
    behave(world, [NS1, NS2], (reply) => without(reply, Rcode.SERVFAIL));
    await world.clock.pass(300_000);
    const { started, failed } = refreshes(world).byCause.warm;
    expect(started).toBe(failed);
    expect(started).toBeGreaterThan(5);
    expect(started).toBeLessThan(12);
    behave(world, [NS1, NS2], (reply) => reply);
    await world.clock.pass(61_000);
    expect((await world.resolution('hot.example.com. A')).source).toBe('cache');
  });

  test('are left alone after close(), and those of the old configuration after a new one', async () => {
    const world = worldOf(config);
    world.composed.keepWarm();
    await world.clock.pass(1000);
    const { parseConfig } = await import('../../src/config/load-config.js');
    const outcome = parseConfig(
      'dnssec: { mode: off }\ncache: { keepWarm: [{ name: www.example.com, type: A }] }',
      'test',
    );
    if (!outcome.ok) throw new Error('the configuration is not valid');
    world.composed.reconfigure(outcome.config);
    const asked = record(world);
    await world.clock.pass(200_000);
    expect(asked).toEqual(['www.example.com. A']);
    await world.composed.close();
    await world.clock.pass(10_000_000);
    expect(asked).toHaveLength(1);
  });

  test('that local zones answer are asked of nobody', async () => {
    const world = worldOf('cache: { keepWarm: [nowhere.invalid] }');
    const asked = record(world);
    world.composed.keepWarm();
    await world.clock.pass(60_000);
    expect(asked).toEqual([]);
  });
});

test('the keys and delegations that a name in use needs are fetched with it, not with its client', async () => {
  const world = worldOf('', { sign: { '.': NSEC, 'com.': NSEC, 'example.com.': NSEC } });
  await world.ask('hot.example.com. A');
  // The DNSKEY RRset (an hour) runs out on the way.
  for (let second = 0; second < 4000; second += 4) {
    expect((await world.resolution('hot.example.com. A')).source, `after ${second} s`).toBe('cache');
    await world.clock.pass(4000);
  }
  expect(refreshes(world).byCause.prefetch.failed).toBe(0);
});
