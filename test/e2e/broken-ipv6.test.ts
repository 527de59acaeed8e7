/**
 * IPv6 is configured but leads nowhere: after the first failures new names cost what they cost a resolver that never had
 * it, and it is found again when it works again.
 */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { eventually } from './internet/command.js';
import { Internet } from './internet/internet.js';
import { type Config, Rootwalk } from './internet/rootwalk.js';

let internet: Internet;
beforeEach(async () => {
  internet = await Internet.create();
});
afterEach(() => internet?.end());

interface Cost {
  readonly exchanges: number;
  readonly timeouts: number;
  /** Milliseconds, the median of dig's query times. */
  readonly median: number;
}

/** Asks for one name in each of d<from>.com to d<to>.com: zones with servers never met, each with IPv4 and IPv6. */
async function costOfNewZones(rootwalk: Rootwalk, from: number, to: number): Promise<Cost> {
  const before = (await rootwalk.stats()).upstream;
  const times: number[] = [];
  for (let i = from; i <= to; i++) {
    const reply = await rootwalk.dig(`www.d${i}.com A`);
    expect(reply.status, reply.text).toBe('NOERROR');
    times.push(reply.queryTime);
  }
  const after = (await rootwalk.stats()).upstream;
  const median = times.sort((a, b) => a - b)[times.length >> 1]!;
  return { exchanges: after.exchanges - before.exchanges, timeouts: after.timeouts - before.timeouts, median };
}

/** The same zones asked by a resolver that was never told of IPv6. */
async function costWithoutIPv6(config: Config, from: number, to: number): Promise<Cost> {
  const rootwalk = await Rootwalk.start(internet.client, { ...config, upstream: { ipv6: false } });
  await costOfNewZones(rootwalk, from - 10, from - 1);
  const cost = await costOfNewZones(rootwalk, from, to);
  await rootwalk.stop();
  return cost;
}

const usesIPv6 = async (rootwalk: Rootwalk) =>
  (await rootwalk.stats()).upstream.servers.some(
    ({ server, srttMs }) => server.startsWith('[') && srttMs !== undefined,
  );

describe.each(['silent', 'unroutable'] as const)('IPv6 cut (%s)', (kind) => {
  it('mid-run: after the first failures new zones cost what they cost over IPv4 alone', async () => {
    const alone = await costWithoutIPv6({}, 41, 80);
    const rootwalk = await Rootwalk.start(internet.client);
    await costOfNewZones(rootwalk, 1, 20);
    expect(await usesIPv6(rootwalk), 'IPv6 is used while it works').toBe(true);
    await internet.cutIPv6(kind);
    await costOfNewZones(rootwalk, 21, 40);
    const cut = await costOfNewZones(rootwalk, 41, 80);
    // 40 zones: a few probes of the dead family are welcome, one for each zone is not.
    expect(cut.timeouts).toBeLessThanOrEqual(4);
    expect(cut.exchanges).toBeLessThanOrEqual(alone.exchanges + 8);
    expect(cut.median).toBeLessThanOrEqual(alone.median + 25);
    expect((await rootwalk.stats()).upstream.ipv6).toBe('down');
  });

  it('from the start, `ipv6: auto` as `true`', async () => {
    await internet.cutIPv6(kind);
    for (const ipv6 of [true, 'auto']) {
      const rootwalk = await Rootwalk.start(internet.client, { upstream: { ipv6 } });
      await costOfNewZones(rootwalk, 1, 20);
      const cut = await costOfNewZones(rootwalk, 21, 60);
      expect(cut.timeouts, `ipv6: ${ipv6}`).toBeLessThanOrEqual(4);
      await rootwalk.stop();
    }
  });

  it('and mended: it is in use again within two minutes', async () => {
    const rootwalk = await Rootwalk.start(internet.client);
    await costOfNewZones(rootwalk, 1, 10);
    await internet.cutIPv6(kind);
    await costOfNewZones(rootwalk, 11, 30);
    expect((await rootwalk.stats()).upstream.ipv6).toBe('down');
    await internet.restoreIPv6(kind);
    let asked = 0;
    await eventually(
      'IPv6 is up again',
      async () => {
        await rootwalk.dig(`again-${asked++}.wild.example.com A`);
        return (await rootwalk.stats()).upstream.ipv6 === 'up';
      },
      { within: 120_000, every: 500 },
    );
  });
});
