/**
 * IPv6 is configured but leads nowhere: after the first failures new names cost what they cost a resolver that never had
 * it, and it is found again when it works again.
 */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { eventually } from './internet/command.js';
import { rdataOf } from './internet/dig.js';
import { Internet } from './internet/internet.js';
import { Rootwalk } from './internet/rootwalk.js';

let internet: Internet;
beforeEach(async () => {
  internet = await Internet.create();
});
afterEach(() => internet?.end());

interface Cost {
  readonly exchanges: number;
  /** Milliseconds, the median of dig's query times. */
  readonly median: number;
  /** Questions that took longer than any exchange here takes. */
  readonly slow: number;
}

/** Milliseconds. Exchanges take one or two here, a first timeout is counted in hundreds. */
const SLOW = 150;

/** Asks for one name in each of d<from>.com to d<to>.com: zones with servers never met, each with IPv4 and IPv6. */
async function costOfNewZones(rootwalk: Rootwalk, from: number, to: number): Promise<Cost> {
  const before = (await rootwalk.stats()).upstream;
  const times: number[] = [];
  for (let i = from; i <= to; i++) {
    const reply = await rootwalk.dig(`www.d${i}.com A`);
    expect(reply.status, reply.text).toBe('NOERROR');
    times.push(reply.queryTime);
  }
  const exchanges = (await rootwalk.stats()).upstream.exchanges - before.exchanges;
  const median = times.sort((a, b) => a - b)[times.length >> 1]!;
  return { exchanges, median, slow: times.filter((time) => time > SLOW).length };
}

/** The same zones asked by a resolver that was never told of IPv6. */
async function costWithoutIPv6(from: number, to: number): Promise<Cost> {
  const rootwalk = await Rootwalk.start(internet.client, { upstream: { ipv6: false } });
  await costOfNewZones(rootwalk, from - 10, from - 1);
  const cost = await costOfNewZones(rootwalk, from, to);
  await rootwalk.stop();
  return cost;
}

/** Waiting for the dead family once in a while would show here; being asked beside the living one does not. */
function expectNoDearer(cut: Cost, alone: Cost): void {
  expect(cut.slow, 'questions that waited for IPv6').toBeLessThanOrEqual(1);
  expect(cut.median).toBeLessThanOrEqual(alone.median + 25);
  expect(cut.exchanges).toBeLessThanOrEqual(alone.exchanges * 1.25);
}

describe.each(['silent', 'unroutable'] as const)('IPv6 cut (%s)', (kind) => {
  it('mid-run: after the first failures new zones cost what they cost over IPv4 alone', async () => {
    const alone = await costWithoutIPv6(41, 60);
    const rootwalk = await Rootwalk.start(internet.client);
    await costOfNewZones(rootwalk, 1, 20);
    await internet.cutIPv6(kind);
    await costOfNewZones(rootwalk, 21, 40);
    expectNoDearer(await costOfNewZones(rootwalk, 41, 60), alone);
  });

  it('from the start, `ipv6: auto` as `true`', async () => {
    const alone = await costWithoutIPv6(21, 40);
    await internet.cutIPv6(kind);
    for (const ipv6 of [true, 'auto']) {
      const rootwalk = await Rootwalk.start(internet.client, { upstream: { ipv6 } });
      await costOfNewZones(rootwalk, 1, 20);
      expectNoDearer(await costOfNewZones(rootwalk, 21, 40), alone);
      await rootwalk.stop();
    }
  });

  it('and mended: a zone with nothing but IPv6 servers is answered within a minute', async () => {
    const rootwalk = await Rootwalk.start(internet.client);
    expect(rdataOf((await rootwalk.dig('before.six.com A')).answer)).toEqual(['A 203.0.113.91']);
    await internet.cutIPv6(kind);
    for (let i = 0; i < 5; i++) expect((await rootwalk.dig(`cut-${i}.six.com A`)).status).toBe('SERVFAIL');
    await costOfNewZones(rootwalk, 1, 20);
    await internet.restoreIPv6(kind);
    let asked = 0;
    await eventually(
      'a new name of six.com is answered',
      async () => (await rootwalk.dig(`back-${asked++}.six.com A`)).status === 'NOERROR',
      { within: 60_000, every: 1000 },
    );
    for (let i = 0; i < 10; i++) expect((await rootwalk.dig(`again-${i}.six.com A`)).status).toBe('NOERROR');
  });
});

it('IPv6 alone, IPv4 turned off: the chain is walked over it', async () => {
  const rootwalk = await Rootwalk.start(internet.client, { upstream: { ipv4: false } });
  expect(rdataOf((await rootwalk.dig('www.example.com A')).answer)).toContain('A 203.0.113.82');
  const { servers } = (await rootwalk.stats()).upstream;
  expect(servers.filter(({ server, exchanges }) => exchanges > 0 && !server.startsWith('['))).toEqual([]);
});
