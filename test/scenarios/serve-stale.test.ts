/** Data past its TTL (RFC 8767): who gets it, when, with what TTL and reason, and what never is given out so. */
import { describe, expect, test } from 'vitest';
import { nameFromText } from '../../src/dns/name.js';
import { Class, Rcode, Type } from '../../src/dns/numbers.js';
import { type Octets, octetsFrom } from '../../src/dns/octets.js';
import type { ResourceRecord } from '../../src/dns/rrset.js';
import { World, type WorldOptions } from '../sim/world.js';
import { askTogether } from './asking.js';
import { behave, without } from './manners.js';
import { COM_SERVER, exampleCom, NS1, NS2, OTHER_NET_SERVER, ordinary, ROOT_SERVER } from './zones.js';

const HOUR = 3_600_000;
const NSEC = { kind: 'nsec' } as const;
const zones = {
  ...ordinary,
  'example.com.': `${exampleCom}
short 60 A 192.0.2.9
cut 60 CNAME edge.other.net.
here 60 CNAME there
there 60 A 192.0.2.10
brief 10 A 192.0.2.11
`,
};

function worldOf(config = '', options: WorldOptions = {}): World {
  return new World(zones, { config, ...options });
}

function silence(world: World, silent = true): void {
  for (const address of [ROOT_SERVER, COM_SERVER, NS1, NS2]) world.at(address).silent = silent;
}

function refuse(world: World, rcode: number | undefined): void {
  for (const address of [NS1, NS2])
    world.at(address).mutate = rcode === undefined ? undefined : (reply) => without(reply, rcode);
}

/** An authoritative reply that says there is nothing, without the SOA that would let it be kept (RFC 2308 §5). */
function deny(world: World, rcode: number): void {
  behave(world, [NS1, NS2], (reply) => ({ ...reply, rcode, answer: [], authority: [] }));
}

/** Addresses turned to others, their signatures left as they are. */
function forge(world: World): void {
  behave(world, [NS1, NS2], (reply) => ({
    ...reply,
    answer: reply.answer.map((r) => (r.type === Type.A ? { ...r, rdata: octetsFrom(192, 0, 2, 66) } : r)),
  }));
}

const SOA: ResourceRecord = {
  name: nameFromText('example.com.'),
  type: Type.SOA,
  class: Class.IN,
  ttl: 60,
  rdata: (nameFromText('ns1.example.com.') +
    nameFromText('.') +
    octetsFrom(0, 0, 0, 1).repeat(4) +
    octetsFrom(0, 0, 0, 60)) as Octets,
};

/** Asks and gives the answer with the ms it took. */
async function timed(world: World, question: string): Promise<{ answer: string; ms: number }> {
  const start = world.clock.now();
  const answer = await world.ask(question);
  return { answer, ms: world.clock.now() - start };
}

const stale = (world: World) => world.composed.inspection.stats().stale;

describe('while servers do not answer', () => {
  test('a client waits for clientTimeout once, and the next ones not at all', async () => {
    const world = worldOf();
    await world.ask('short.example.com. A');
    await world.clock.pass(HOUR);
    silence(world);
    const first = await timed(world, 'short.example.com. A');
    expect(first.ms).toBe(1800);
    expect(first.answer).toBe(
      'NOERROR\nshort.example.com. 30 IN A 192.0.2.9\n; stale answer: no newer data came in time',
    );
    const next = await timed(world, 'short.example.com. A');
    expect(next.ms).toBe(0);
    expect(next.answer).toContain('; stale answer: newer data could not be had a moment ago');
    await world.clock.pass(4000);
    // By now the resolution has failed, and the failure is remembered (RFC 9520).
    const afterFailure = await timed(world, 'short.example.com. A');
    expect(afterFailure.ms).toBe(0);
    expect(afterFailure.answer).toContain('192.0.2.9');
    expect(world.asked).toEqual([]);
    expect(stale(world)).toEqual({ timeout: 1, failure: 0, backoff: 2, atOnce: 0 });
  });

  test('the resolution goes on without its client, and what it finds is kept', async () => {
    const world = worldOf();
    await world.ask('short.example.com. A');
    await world.clock.pass(600_000);
    // The first servers asked are lost to the world; one of them is back before the question's budget is spent.
    silence(world);
    const question = { name: nameFromText('short.example.com.'), type: Type.A, class: Class.IN };
    const options = { checkingDisabled: false, trace: undefined };
    const first = await world.clock.run(world.composed.resolver.resolve(question, options));
    expect(first.source).toBe('stale');
    expect(world.composed.inspection.stats().refreshes.inFlight).toBe(1);
    silence(world, false);
    await world.clock.pass(4000);
    expect(world.composed.inspection.stats().refreshes.inFlight).toBe(0);
    const later = await world.resolution('short.example.com. A');
    expect(later.source).toBe('cache');
    expect(later.answer[0]!.ttl).toBeGreaterThan(50);
  });

  test('a thousand clients of one dying name cause the work of one', async () => {
    const world = worldOf();
    await world.ask('short.example.com. A');
    await world.clock.pass(HOUR);
    silence(world);
    const answers = await askTogether(world, Array(1000).fill('short.example.com. A'));
    expect(new Set(answers.map(({ source }) => source))).toEqual(new Set(['stale']));
    const alone = worldOf();
    await alone.ask('short.example.com. A');
    await alone.clock.pass(HOUR);
    silence(alone);
    await alone.resolution('short.example.com. A');
    expect(world.asked).toEqual(alone.asked);
  });

  test('it ends: not longer than maxAge past the TTL', async () => {
    const world = worldOf('cache: { serveStale: { maxAge: 100 } }');
    await world.ask('short.example.com. A');
    silence(world);
    await world.clock.pass(155_000);
    expect(await world.ask('short.example.com. A')).toContain('stale answer');
    await world.clock.pass(60_000);
    expect(await world.ask('short.example.com. A')).toMatch(/^SERVFAIL/);
  });

  test('serveStale: false gives none', async () => {
    const world = worldOf('cache: { serveStale: false }');
    await world.ask('short.example.com. A');
    await world.clock.pass(HOUR);
    silence(world);
    expect(await world.ask('short.example.com. A')).toMatch(/^SERVFAIL/);
  });
});

describe('when the refresh fails at once', () => {
  test('stale is given at once, with why; then without asking, until the rest is over; a new answer ends it', async () => {
    const world = worldOf();
    await world.ask('short.example.com. A');
    await world.clock.pass(120_000);
    refuse(world, Rcode.SERVFAIL);
    const first = await timed(world, 'short.example.com. A');
    expect(first.ms).toBeLessThan(1800);
    expect(first.answer).toContain('; stale answer: newer data could not be had');
    expect(first.answer.split('\n').length).toBeGreaterThan(3);
    expect(world.asked.length).toBeGreaterThan(0);
    await world.ask('short.example.com. A');
    expect(world.asked).toEqual([]);
    await world.clock.pass(6000);
    refuse(world, undefined);
    const fresh = await world.resolution('short.example.com. A');
    expect(fresh.source).toBe('network');
    expect(fresh.because).toEqual([]);
    expect(stale(world)).toMatchObject({ failure: 1, backoff: 1 });
  });

  test('RFC 8767 §4: a name error and no data are answers, and the stale data is gone for good', async () => {
    for (const rcode of [Rcode.NXDOMAIN, Rcode.NOERROR]) {
      const world = worldOf();
      await world.ask('short.example.com. A');
      await world.clock.pass(120_000);
      deny(world, rcode);
      const gone = await world.resolution('short.example.com. A');
      expect([gone.source, gone.rcode, gone.answer]).toEqual(['network', rcode, []]);
      silence(world);
      expect(await world.ask('short.example.com. A')).not.toContain('192.0.2.9');
    }
  });

  test('what was learnt last counts, were it the name error that came after the address', async () => {
    const world = worldOf();
    await world.ask('short.example.com. A');
    await world.clock.pass(120_000);
    behave(world, [NS1, NS2], (reply, { name }) =>
      name === nameFromText('short.example.com.')
        ? { ...reply, rcode: Rcode.NXDOMAIN, answer: [], authority: [SOA] }
        : reply,
    );
    expect(await world.ask('short.example.com. A')).toMatch(/^NXDOMAIN/);
    await world.clock.pass(HOUR);
    silence(world);
    const denial = await world.ask('short.example.com. A');
    expect(denial).toMatch(/^NXDOMAIN\nauthority: example.com. 30 IN SOA/);
    expect(denial).toContain('; stale nxdomain answer:');
  });
});

test('the TTL of a stale answer is not above the one the zone gave', async () => {
  const world = worldOf();
  await world.ask('brief.example.com. A');
  await world.clock.pass(60_000);
  refuse(world, Rcode.SERVFAIL);
  expect(await world.ask('brief.example.com. A')).toContain('brief.example.com. 10 IN A');
});

test('clientTimeout 0: stale at once, fetched behind the client', async () => {
  const world = worldOf('cache: { serveStale: { clientTimeout: 0 } }');
  await world.ask('short.example.com. A');
  await world.clock.pass(120_000);
  const { answer, ms } = await timed(world, 'short.example.com. A');
  expect([ms, answer.split('\n')[1]]).toEqual([0, 'short.example.com. 30 IN A 192.0.2.9']);
  await world.clock.pass(500);
  const next = await world.resolution('short.example.com. A');
  expect([next.source, next.answer[0]!.ttl]).toEqual(['cache', 60]);
  expect(stale(world)).toMatchObject({ atOnce: 1 });
  const { queries, refreshes } = world.composed.inspection.stats();
  expect(refreshes.byCause.stale).toEqual({ started: 1, succeeded: 1, failed: 0, refused: 0 });
  expect(queries.total).toBe(0);
});

describe('alias chains', () => {
  test('have each link fresh or stale by itself, and one reason', async () => {
    const world = worldOf();
    await world.ask('cut.example.com. A');
    await world.clock.pass(120_000);
    refuse(world, Rcode.SERVFAIL);
    const answer = await world.ask('cut.example.com. A');
    expect(answer).toContain('cut.example.com. 30 IN CNAME edge.other.net.');
    expect(answer).toContain('edge.other.net. 3480 IN A 198.51.100.7');
    expect(answer.match(/stale answer/g)).toHaveLength(1);
  });

  test('go on to be fetched behind a stale link', async () => {
    const world = worldOf();
    await world.ask('cut.example.com. A');
    await world.clock.pass(120_000);
    world.composed.inspection.flush({ name: nameFromText('edge.other.net.') });
    refuse(world, Rcode.SERVFAIL);
    const answer = await world.ask('cut.example.com. A');
    expect(answer).toContain('edge.other.net. 3600 IN A 198.51.100.7');
    expect(world.asked).toContain(`${OTHER_NET_SERVER} edge.other.net. A`);
  });

  test.each([0, 1, 1800])('of two stale links end with clientTimeout %i (CVE-2025-40777)', async (clientTimeout) => {
    const world = worldOf(`cache: { serveStale: { clientTimeout: ${clientTimeout} } }`);
    await world.ask('here.example.com. A');
    await world.clock.pass(120_000);
    silence(world);
    for (let i = 0; i < 3; i++) {
      const resolution = await world.resolution('here.example.com. A');
      expect(resolution.source).toBe('stale');
      expect(resolution.answer.map(({ ttl }) => ttl)).toEqual([30, 30]);
    }
    await world.clock.pass(10_000);
    silence(world, false);
    await world.clock.pass(60_000);
    await world.ask('here.example.com. A');
    await world.clock.pass(5000);
    expect((await world.resolution('here.example.com. A')).source).toBe('cache');
  });

  test('that lead in a circle are told as such', async () => {
    const world = worldOf('cache: { serveStale: { clientTimeout: 0 } }');
    await world.ask('loop1.example.com. A');
    await world.clock.pass(2 * HOUR);
    expect(await world.ask('loop1.example.com. A')).toMatch(/^SERVFAIL\n; other: .* lead in a circle/);
  });

  test('made by a DNAME are given out stale as well', async () => {
    const world = worldOf();
    await world.ask('x.old.example.com. A');
    await world.clock.pass(2 * HOUR);
    silence(world);
    const { answer, source } = await world.resolution('x.old.example.com. A');
    expect([source, answer.map(({ type }) => type)]).toEqual(['stale', [Type.DNAME, Type.CNAME, Type.A]]);
  });
});

describe('never', () => {
  test('a delegation: a zone whose parent has taken it back is not asked any more (ghost domains)', async () => {
    const world = worldOf();
    await world.ask('short.example.com. A');
    await world.clock.pass(2 * HOUR);
    silence(world);
    await world.ask('short.example.com. A');
    world.at(NS1).silent = false;
    world.at(NS2).silent = false;
    await world.clock.pass(120_000);
    await world.ask('www.example.com. MX');
    expect(world.asked.filter((line) => line.startsWith(NS1) || line.startsWith(NS2))).toEqual([]);
  });

  test('what was flushed, be it while its client waits', async () => {
    const world = worldOf();
    await world.ask('short.example.com. A');
    await world.clock.pass(HOUR);
    silence(world);
    const question = { name: nameFromText('short.example.com.'), type: Type.A, class: Class.IN };
    const waiting = world.composed.resolver.resolve(question, { checkingDisabled: false, trace: undefined });
    await world.clock.pass(1000);
    expect(await world.composed.inspection.flush({ suffix: nameFromText('example.com.') })).toBeGreaterThan(0);
    expect((await world.clock.run(waiting)).rcode).toBe(Rcode.SERVFAIL);
  });

  test('to those who may not look: RD=0 from elsewhere fetches nothing either', async () => {
    const world = worldOf('cache: { serveStale: { clientTimeout: 0 } }');
    await world.ask('short.example.com. A');
    await world.clock.pass(120_000);
    const question = { name: nameFromText('short.example.com.'), type: Type.A, class: Class.IN };
    const options = { checkingDisabled: false, trace: undefined, looksOnly: true };
    world.network.asked.length = 0;
    expect(world.composed.resolver.known(question, options)).toBeUndefined();
    await world.clock.pass(1000);
    expect(world.network.asked).toEqual([]);
  });

  test('glue', async () => {
    const world = worldOf();
    await world.ask('short.example.com. A');
    await world.clock.pass(2 * HOUR);
    silence(world);
    expect(await world.ask('a.gtld.com. A')).toMatch(/^SERVFAIL/);
  });
});

describe('with validation', () => {
  const signed: WorldOptions = { sign: { '.': NSEC, 'com.': NSEC, 'example.com.': NSEC } };

  test('a bogus refresh is a failure: what was secure is given out stale, still secure, and CD gets it too', async () => {
    const world = worldOf('', signed);
    expect((await world.resolution('short.example.com. A')).security.kind).toBe('secure');
    await world.clock.pass(120_000);
    forge(world);
    const first = await world.resolution('short.example.com. A');
    expect([first.source, first.security.kind, first.rcode]).toEqual(['stale', 'secure', Rcode.NOERROR]);
    expect(first.because.map(({ code }) => code)).toEqual([3, 6]);
    const second = await world.resolution('short.example.com. A');
    expect([second.source, world.asked.length]).toEqual(['stale', 0]);
    expect((await world.resolution('short.example.com. A', true)).source).toBe('stale');
  });

  test('bogus data itself is never given out, in its time or past it', async () => {
    const world = worldOf('', signed);
    forge(world);
    expect((await world.resolution('short.example.com. A')).rcode).toBe(Rcode.SERVFAIL);
    await world.clock.pass(HOUR);
    silence(world);
    expect((await world.resolution('short.example.com. A')).rcode).toBe(Rcode.SERVFAIL);
    expect((await world.resolution('short.example.com. A', true)).rcode).toBe(Rcode.SERVFAIL);
  });

  test('secure data is not given out once its signatures are over (RFC 4035 §5.3.1)', async () => {
    const world = worldOf('cache: { serveStale: { maxAge: 10000000 } }', signed);
    const { answer } = await world.resolution('short.example.com. A');
    const expiration = Buffer.from(answer[0]!.signatures[0]!, 'latin1').readUInt32BE(8) * 1000;
    silence(world);
    await world.clock.pass(expiration - world.clock.wall() - 60_000);
    const before = await world.resolution('short.example.com. A');
    expect([before.source, before.security.kind]).toEqual(['stale', 'secure']);
    await world.clock.pass(120_000);
    expect((await world.resolution('short.example.com. A')).rcode).toBe(Rcode.SERVFAIL);
  });

  test('what was fetched for the resolver itself, unjudged, does not answer', async () => {
    const world = worldOf('', signed);
    await world.resolution('edge.other.net. A');
    await world.clock.pass(2 * HOUR);
    for (const address of [ROOT_SERVER, COM_SERVER, NS1, NS2, OTHER_NET_SERVER, '192.5.6.31'])
      world.at(address).silent = true;
    // Insecure, as judged when it came.
    expect((await world.resolution('edge.other.net. A')).security.kind).toBe('insecure');
    expect((await world.resolution('ns.other.net. A')).rcode).toBe(Rcode.SERVFAIL);
  });
});

test('a trace and the flight recorder tell that an answer was stale', async () => {
  const world = worldOf();
  await world.ask('short.example.com. A');
  await world.clock.pass(120_000);
  refuse(world, Rcode.SERVFAIL);
  await world.ask('short.example.com. A');
  expect(world.events).toContainEqual({
    kind: 'stale',
    name: 'short.example.com.',
    type: 'A',
    reason: 'failure',
    overdue: expect.any(Number),
  });
  const [recorded] = world.composed.inspection.recorded();
  expect(recorded).toMatchObject({ name: 'short.example.com.', rcode: 'NOERROR' });
  expect(recorded!.because[0]!.code).toBe(3);
});

test('why says that clients get data past its TTL, and counts nothing', async () => {
  const world = worldOf();
  await world.ask('short.example.com. A');
  await world.clock.pass(120_000);
  refuse(world, Rcode.SERVFAIL);
  await world.ask('short.example.com. A');
  const before = stale(world);
  const told = await world.composed.inspection.why(nameFromText('short.example.com.'), Type.A, false);
  expect(told.rcode).toBe('NOERROR');
  expect(told.because.map(({ code }) => code).slice(0, 2)).toEqual([3, 22]);
  expect(told.summary).toBe('clients get data past its TTL (RFC 8767): newer data could not be had a moment ago');
  expect(stale(world)).toEqual(before);
});

test('stale answers are no hits: they are counted apart', async () => {
  const world = worldOf();
  await world.ask('short.example.com. A');
  await world.clock.pass(120_000);
  refuse(world, Rcode.SERVFAIL);
  await world.ask('short.example.com. A');
  await world.ask('short.example.com. A');
  const { hits, staleHits } = world.composed.inspection.stats().cache.byKind.rrset;
  expect({ hits, staleHits }).toEqual({ hits: 0, staleHits: 2 });
});
