/** When does a query leave from a port that was used before, and when never? */
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { existsSync, readdirSync } from 'node:fs';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { serverAddress } from '../../src/dns/address.js';
import type { Libc } from '../../src/native/libc.js';
import type { ExchangeOutcome } from '../../src/ports/exchange.js';
import type { Random } from '../../src/ports/random.js';
import { cryptoRandom } from '../../src/transport/crypto-random.js';
import type { TransportSettings } from '../../src/transport/settings.js';
import { answerTo, type LoopbackServer } from '../contract/loopback-server.js';
import { exampleQuery, scriptedRandom } from './examples.js';
import { bodies, queryTo, type SetUp, setUp } from './set-up.js';

/** Those drawn from. */
const FIRST_PORT = 1024;
const PORTS = 65_536 - FIRST_PORT;

let current: SetUp;
afterEach(() => current.end());

const portsOf = ({ datagrams }: LoopbackServer) => datagrams.map(({ port }) => port);
const idsOf = ({ datagrams }: LoopbackServer) => datagrams.map(({ query }) => query.readUInt16BE(0));
const received = (server: LoopbackServer, count: number) =>
  vi.waitFor(() => expect(server.datagrams).toHaveLength(count));

/** Whether a port of this machine is bound by nobody. */
async function isFree(port: number): Promise<boolean> {
  const socket = createSocket('udp4');
  try {
    socket.bind(port);
    await once(socket, 'listening');
    return true;
  } catch {
    return false;
  } finally {
    socket.close();
  }
}

describe.each(bodies)('%s: a port', (_body, libc) => {
  const use = (settings?: Partial<TransportSettings>, random?: Random): SetUp => {
    current = setUp(settings, random, libc);
    return current;
  };
  const ask = async (server: LoopbackServer, times = 1): Promise<void> => {
    for (let i = 0; i < times; i++) expect((await current.exchange.ask(queryTo(server))).kind).toBe('reply');
  };

  it('serves eight queries, each with another ID', async () => {
    const { server } = use();
    const answering = await server('answers');
    await ask(answering, 40);
    const ports = portsOf(answering);
    const ids = idsOf(answering);
    for (let i = 0; i < 40; i += 8) {
      expect(new Set(ports.slice(i, i + 8)).size).toBe(1);
      expect(new Set(ids.slice(i, i + 8)).size).toBe(8);
    }
    // One drawn again out of 64 000 is possible, two are not.
    expect(new Set(ports).size).toBeGreaterThanOrEqual(4);
  });

  it('gives no query an ID that one before it had', async () => {
    const { server } = use({}, scriptedRandom([0x1234, 40_000, 0x1234, 0x1234, 0x5678], cryptoRandom));
    const answering = await server('answers');
    await ask(answering, 2);
    expect(idsOf(answering)).toEqual([0x1234, 0x5678]);
  });

  it('serves one query at a time', async () => {
    const { clock, exchange, server } = use();
    const answering = await server('answers');
    await ask(answering);
    const silent = await server('silent');
    const outcomes = [1, 2, 3].map(() => exchange.ask(queryTo(silent)));
    await received(silent, 3);
    expect(new Set(portsOf(silent)).size).toBe(3);
    clock.advance(exampleQuery.timeout);
    await Promise.all(outcomes);
  });

  it('serves one server', async () => {
    const { server } = use();
    const [one, other] = [await server('answers'), await server('answers')];
    await ask(one);
    await ask(other);
    await ask(one);
    expect(portsOf(one)[1]).toBe(portsOf(one)[0]);
    expect(portsOf(other)[0]).not.toBe(portsOf(one)[0]);
  });

  it('serves no query when it is two seconds old, and is closed soon after', async () => {
    const { clock, server } = use();
    const answering = await server('answers');
    await ask(answering);
    clock.advance(1900);
    await ask(answering);
    clock.advance(100);
    await ask(answering);
    const [first, second, third] = portsOf(answering);
    expect(second).toBe(first);
    expect(third).not.toBe(first);
    for (let i = 0; i < 5; i++) clock.advance(500);
    expect(clock.pending).toBe(0);
    await vi.waitFor(async () => expect([await isFree(first!), await isFree(third!)]).toEqual([true, true]));
  });

  it('serves no query after one that was not answered', async () => {
    const { clock, exchange, server } = use();
    const silent = await server('silent');
    for (let i = 1; i <= 2; i++) {
      const outcome = exchange.ask(queryTo(silent));
      await received(silent, i);
      clock.advance(exampleQuery.timeout);
      expect((await outcome).kind).toBe('timeout');
    }
    expect(portsOf(silent)[1]).not.toBe(portsOf(silent)[0]);
  });

  it('serves no query after a wrong reply, though the right one came behind it', async () => {
    const { server } = use({ wrongReplies: 4 });
    const guessed = await server('wrong replies then right');
    await ask(guessed, 2);
    expect(portsOf(guessed)[1]).not.toBe(portsOf(guessed)[0]);
  });

  it('is closed when something comes while it rests', async () => {
    const { server } = use();
    const answering = await server('answers');
    await ask(answering);
    const [port] = portsOf(answering);
    answering.send(Buffer.from('a guess'), port!);
    await vi.waitFor(async () => expect(await isFree(port!)).toBe(true));
    await ask(answering);
    expect(portsOf(answering)[1]).not.toBe(port);
  });

  /** A query that was answered by hand, and another under way from the same port. */
  async function secondQuery(silent: LoopbackServer): Promise<{ earlier: Buffer; outcome: Promise<ExchangeOutcome> }> {
    const { exchange } = current;
    const first = exchange.ask(queryTo(silent));
    await received(silent, 1);
    const [{ query, port }] = silent.datagrams as [{ query: Buffer; port: number }];
    const earlier = answerTo(query);
    silent.send(earlier, port);
    expect((await first).kind).toBe('reply');
    const outcome = exchange.ask(queryTo(silent));
    await received(silent, 2);
    expect(portsOf(silent)[1]).toBe(port);
    return { earlier, outcome };
  }

  it('takes no late reply for a guess', async () => {
    const { server } = use({ wrongReplies: 1 });
    const silent = await server('silent');
    const { earlier, outcome } = await secondQuery(silent);
    const { query, port } = silent.datagrams[1]!;
    silent.send(earlier, port);
    silent.send(answerTo(query), port);
    expect((await outcome).kind).toBe('reply');
  });

  it('takes the same late reply over and over for what it is', async () => {
    const { server } = use({ wrongReplies: 1 });
    const silent = await server('silent');
    const { earlier, outcome } = await secondQuery(silent);
    for (let i = 0; i < 2; i++) silent.send(earlier, portsOf(silent)[1]!);
    expect((await outcome).kind).toBe('suspicious');
  });

  it('at rest makes way when no more may be open', async () => {
    const { server } = use({ udpSockets: 1 });
    const [one, other] = [await server('answers'), await server('answers')];
    await ask(one);
    await ask(other);
    await vi.waitFor(async () => expect(await isFree(portsOf(one)[0]!)).toBe(true));
    await ask(other);
    expect(portsOf(other)[1]).toBe(portsOf(other)[0]);
  });

  it('is not the one it asks, though nobody has that: the query would be sent to itself', async () => {
    const drawn: number[] = [];
    const below = (bound: number) => (bound === PORTS && drawn.shift()) || cryptoRandom.below(bound);
    const { exchange, server } = use({}, { below });
    const closed = await server('closed port');
    drawn.push(closed.address.port - FIRST_PORT);
    expect((await exchange.ask(queryTo(closed))).kind).toBe('unreachable');
    expect(drawn).toEqual([]);
  });

  it('is free again when the exchange is closed', async () => {
    const { exchange, server } = use();
    const answering = await server('answers');
    await ask(answering);
    await exchange.close();
    await vi.waitFor(async () => expect(await isFree(portsOf(answering)[0]!)).toBe(true));
  });
});

const DESCRIPTORS = '/proc/self/fd';

describe.skipIf(!existsSync(DESCRIPTORS))('descriptors', () => {
  it.each(bodies)('are as few after thousands of queries as before (%s)', async (_body, libc) => {
    current = setUp({}, cryptoRandom, libc);
    const { exchange, server } = current;
    const servers = [await server('answers'), await server('answers'), await server('closed port')];
    await exchange.ask(queryTo(servers[0]!));
    const before = readdirSync(DESCRIPTORS).length;
    for (let round = 0; round < 100; round++) {
      await Promise.all(Array.from({ length: 30 }, (_, i) => exchange.ask(queryTo(servers[i % 3]!))));
    }
    // Ten to each server at once; those to the closed port were given up.
    await vi.waitFor(() => expect(readdirSync(DESCRIPTORS).length).toBeLessThanOrEqual(before + 20));
    await exchange.close();
    await vi.waitFor(() => expect(readdirSync(DESCRIPTORS).length).toBeLessThan(before));
  });
});

const native = bodies.find(([, libc]) => libc !== undefined)?.[1];

describe.skipIf(native === undefined)("the system's own sockets", () => {
  it('are done without, and that is said, where they cannot be watched', async () => {
    const said: object[] = [];
    const crippled: Libc = {
      ...native!,
      watch: () => {
        throw new Error('no such loop');
      },
    };
    current = setUp({}, cryptoRandom, crippled, (facts) => said.push(facts));
    const answering = await current.server('answers');
    expect((await current.exchange.ask(queryTo(answering))).kind).toBe('reply');
    expect(said).toEqual([{ because: 'no such loop' }]);
  });

  it('at rest make way when the process may open no more', async () => {
    const EMFILE = 24;
    const open = new Set<number>();
    let isFull = false;
    const scarce: Libc = {
      ...native!,
      socket(family, type, protocol) {
        isFull = open.size === 1;
        if (isFull) return -1;
        const fd = native!.socket(family, type, protocol);
        open.add(fd);
        return fd;
      },
      close(fd) {
        open.delete(fd);
        return native!.close(fd);
      },
      errno: () => (isFull ? EMFILE : native!.errno()),
    };
    current = setUp({}, cryptoRandom, scarce);
    const { clock, exchange, server } = current;
    for (const answering of [await server('answers'), await server('answers')]) {
      expect(await exchange.ask(queryTo(answering))).toMatchObject({ kind: 'reply' });
    }
    const waiting = exchange.ask(queryTo(await server('silent')));
    const refused = await exchange.ask(queryTo(await server('answers')));
    expect(refused).toMatchObject({ kind: 'unreachable', scope: 'here' });
    clock.advance(exampleQuery.timeout);
    expect((await waiting).kind).toBe('timeout');
  });

  it.each([
    ['127.0.0.1', 0, 10],
    ['::1', 41, 23],
  ])('ignore what is said of the MTU of the path (%s)', async (address, level, mtuDiscover) => {
    const PMTUDISC_OMIT = 5;
    const taken: unknown[] = [];
    const setsockopt: Libc['setsockopt'] = (fd, at, option, value, octets) => {
      const failed = native!.setsockopt(fd, at, option, value, octets);
      taken.push([at, option, Buffer.from(value).readInt32LE(0), failed]);
      return failed;
    };
    current = setUp({}, cryptoRandom, { ...native!, setsockopt });
    const { clock, exchange } = current;
    const outcome = exchange.ask({ ...exampleQuery, server: serverAddress(address, 53) });
    await vi.waitFor(() => expect(taken).toContainEqual([level, mtuDiscover, PMTUDISC_OMIT, 0]));
    clock.advance(exampleQuery.timeout);
    await outcome;
  });

  it('say whose trouble it is when there is no descriptor', async () => {
    const EMFILE = 24;
    current = setUp({}, cryptoRandom, { ...native!, socket: () => -1, errno: () => EMFILE });
    const outcome = await current.exchange.ask({ ...exampleQuery, server: serverAddress('127.0.0.1', 53) });
    expect(outcome).toMatchObject({ kind: 'unreachable', scope: 'here', reason: expect.stringContaining('EMFILE') });
  });
});
