/** What an Exchange does over UDP beyond its contract: ports, bounds, order, and nothing left behind. */
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { networkInterfaces } from 'node:os';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { serverAddress } from '../../src/dns/address.js';
import { nameFromText } from '../../src/dns/name.js';
import { octetsFrom } from '../../src/dns/octets.js';
import type { Random } from '../../src/ports/random.js';
import { cryptoRandom } from '../../src/transport/crypto-random.js';
import type { TransportSettings } from '../../src/transport/settings.js';
import { answerTo } from '../contract/loopback-server.js';
import { exampleQuery, scriptedRandom } from './examples.js';
import { bodies, queryTo, type SetUp, setUp } from './set-up.js';

const FIRST_PORT = 1024;

let current: SetUp;
afterEach(() => current.end());

async function boundSocket() {
  const socket = createSocket('udp4');
  socket.bind(0);
  await once(socket, 'listening');
  return { port: socket.address().port, socket };
}

const hasIPv6 = Object.values(networkInterfaces()).some((list) => list?.some(({ address }) => address === '::1'));

describe.each(bodies)('%s:', (_body, libc) => {
  const use = (settings?: Partial<TransportSettings>, random?: Random): SetUp => {
    current = setUp(settings, random, libc);
    return current;
  };

  describe('the source of a query', () => {
    it('is a port and an ID of its own for each under way', async () => {
      const { clock, exchange, server } = use();
      const silent = await server('silent');
      const outcomes = Array.from({ length: 40 }, () => exchange.ask(queryTo(silent)));
      await vi.waitFor(() => expect(silent.datagrams).toHaveLength(40));
      clock.advance(exampleQuery.timeout);
      await Promise.all(outcomes);
      expect(new Set(silent.datagrams.map(({ port }) => port)).size).toBe(40);
      // 40 draws out of 65 536 repeat one now and then, three times practically never.
      expect(new Set(silent.datagrams.map(({ query }) => query.readUInt16BE(0))).size).toBeGreaterThan(37);
    });

    it('is the port that was drawn', async () => {
      const { port, socket } = await boundSocket();
      socket.close();
      const { exchange, server } = use({}, scriptedRandom([0x1234, port - FIRST_PORT], cryptoRandom));
      const answering = await server('answers');
      expect((await exchange.ask(queryTo(answering))).kind).toBe('reply');
      expect(answering.datagrams.map((d) => [d.port, d.query.readUInt16BE(0)])).toEqual([[port, 0x1234]]);
    });

    it('is another port when that one is taken', async () => {
      const { port, socket } = await boundSocket();
      const { exchange, server } = use({}, scriptedRandom([0x1234, port - FIRST_PORT], cryptoRandom));
      const answering = await server('answers');
      expect((await exchange.ask(queryTo(answering))).kind).toBe('reply');
      expect(answering.datagrams[0]!.port).not.toBe(port);
      socket.close();
    });

    it('is left to the kernel when every port drawn is taken', async () => {
      const { port, socket } = await boundSocket();
      const stubborn: Random = { below: (bound) => (bound < 65_536 ? port - FIRST_PORT : 5) };
      const { exchange, server } = use({}, stubborn);
      const answering = await server('answers');
      expect((await exchange.ask(queryTo(answering))).kind).toBe('reply');
      expect(answering.datagrams).toHaveLength(1);
      socket.close();
    });
  });

  describe('who may answer', () => {
    it('is the server alone: the same octets from another port are not heard', async () => {
      const { exchange, server } = use();
      const silent = await server('silent');
      const outcome = exchange.ask(queryTo(silent));
      await vi.waitFor(() => expect(silent.datagrams).toHaveLength(1));
      const { query, port } = silent.datagrams[0]!;
      const asked = { name: exampleQuery.name, type: 1, class: 1, ttl: 60 };
      const forged = answerTo(query, { answer: [{ ...asked, rdata: octetsFrom(6, 6, 6, 6) }] });
      const forger = createSocket('udp4');
      forger.send(forged, port, '127.0.0.1', () => silent.send(answerTo(query), port));
      expect(await outcome).toMatchObject({
        kind: 'reply',
        message: { answer: [{ rdata: octetsFrom(192, 0, 2, 1) }] },
      });
      forger.close();
    });

    it('is judged again for each reply: a wrong one fewer than the bound is no reason to stop', async () => {
      const { exchange, server } = use({ wrongReplies: 4 });
      expect((await exchange.ask(queryTo(await server('wrong replies then right')))).kind).toBe('reply');
    });

    it('is suspicious at the bound, before the right reply comes', async () => {
      const { exchange, server } = use({ wrongReplies: 2 });
      expect((await exchange.ask(queryTo(await server('wrong replies then right')))).kind).toBe('suspicious');
    });
  });

  describe('the number of sockets', () => {
    const names = ['a.example.', 'b.example.', 'c.example.', 'd.example.'].map((text) => nameFromText(text));

    it('has a bound; the rest go out in order of arrival', async () => {
      const { exchange, server } = use({ udpSockets: 1 });
      const answering = await server('answers');
      const outcomes = await Promise.all(names.map((name) => exchange.ask(queryTo(answering, { name }))));
      expect(outcomes.map((o) => o.kind)).toEqual(['reply', 'reply', 'reply', 'reply']);
      expect(answering.datagrams.map(({ query }) => String.fromCharCode(query[13]!))).toEqual(['a', 'b', 'c', 'd']);
    });

    it('does not stretch a timeout: who waits too long ends without having been sent', async () => {
      const { clock, exchange, server } = use({ udpSockets: 1 });
      const silent = await server('silent');
      const first = exchange.ask(queryTo(silent, { timeout: 1000 }));
      const second = exchange.ask(queryTo(silent, { timeout: 500 }));
      await vi.waitFor(() => expect(silent.datagrams).toHaveLength(1));
      clock.advance(600);
      expect(await second).toEqual({ kind: 'timeout', waited: 600 });
      clock.advance(500);
      expect(await first).toEqual({ kind: 'timeout', waited: 1100 });
      expect(silent.datagrams).toHaveLength(1);
    });

    it('bounds those that wait too', async () => {
      const { clock, exchange, server } = use({ udpSockets: 1, udpQueue: 1 });
      const silent = await server('silent');
      const [first, second] = [exchange.ask(queryTo(silent)), exchange.ask(queryTo(silent))];
      expect(await exchange.ask(queryTo(silent))).toMatchObject({
        kind: 'unreachable',
        reason: expect.stringContaining('1 waiting'),
      });
      clock.advance(exampleQuery.timeout);
      expect([(await first).kind, (await second).kind]).toEqual(['timeout', 'timeout']);
    });

    it('is not touched by a port that is none', async () => {
      const { exchange } = use();
      for (const transport of ['udp', 'tcp'] as const) {
        for (const port of [0, 65_536, 1.5]) {
          const nowhere = { ...exampleQuery, transport, server: { ...exampleQuery.server, port } };
          expect((await exchange.ask(nowhere)).kind).toBe('unreachable');
        }
      }
    });

    it('is not lowered for good by queries the system refuses', async () => {
      const { exchange, server } = use({ udpSockets: 1 });
      const broadcast = { ...exampleQuery, server: serverAddress('255.255.255.255', 53) };
      const refused = await Promise.all([1, 2, 3].map(() => exchange.ask(broadcast)));
      expect(refused.map((o) => o.kind)).toEqual(['unreachable', 'unreachable', 'unreachable']);
      expect((await exchange.ask(queryTo(await server('answers')))).kind).toBe('reply');
    });
  });

  describe('when a query leaves', () => {
    it('is when the turn ends that asked', async () => {
      const { clock, exchange, server } = use();
      const silent = await server('silent');
      const early = exchange.ask(queryTo(silent, { name: nameFromText('early.example.') }));
      // Over before the turn is: nobody waits for a reply any more.
      clock.advance(exampleQuery.timeout);
      const late = exchange.ask(queryTo(silent, { name: nameFromText('late.example.') }));
      expect(await early).toEqual({ kind: 'timeout', waited: exampleQuery.timeout });
      await vi.waitFor(() => expect(silent.datagrams).not.toHaveLength(0));
      clock.advance(exampleQuery.timeout);
      expect((await late).kind).toBe('timeout');
      expect(silent.datagrams.map(({ query }) => query.toString('latin1', 13, 17))).toEqual(['late']);
    });

    it('is in order of asking, however many ask in one turn', async () => {
      const { clock, exchange, server } = use();
      const silent = await server('silent');
      const names = Array.from({ length: 150 }, (_, i) => nameFromText(`${1000 + i}.example.`));
      const outcomes = names.map((name) => exchange.ask(queryTo(silent, { name })));
      await vi.waitFor(() => expect(silent.datagrams).toHaveLength(150));
      expect(silent.datagrams.map(({ query }) => query.toString('latin1', 13, 17))).toEqual(
        names.map((name) => name.slice(1, 5)),
      );
      clock.advance(exampleQuery.timeout);
      await Promise.all(outcomes);
    });

    it('does not count as round trip before', async () => {
      const { clock, exchange, server } = use();
      const outcome = exchange.ask(queryTo(await server('answers')));
      clock.advance(100);
      expect(await outcome).toMatchObject({ kind: 'reply', rtt: 0 });
    });
  });

  describe('the end of a query', () => {
    it('leaves no timer behind but for the port that rests', async () => {
      const { clock, exchange, server } = use();
      await exchange.ask(queryTo(await server('answers')));
      await exchange.ask(queryTo(await server('closed port')));
      await exchange.ask(queryTo(await server('wrong ids')));
      expect(clock.pending).toBe(1);
      await exchange.close();
      expect(clock.pending).toBe(0);
    });

    it('is waited for by close()', async () => {
      const { clock, exchange, server } = use();
      const outcome = exchange.ask(queryTo(await server('silent')));
      const order: string[] = [];
      const closed = exchange.close().then(() => order.push('closed'));
      const ended = outcome.then(({ kind }) => order.push(kind));
      clock.advance(exampleQuery.timeout);
      await Promise.all([closed, ended]);
      expect(order).toEqual(['timeout', 'closed']);
    });
  });

  describe('IPv6', () => {
    it.skipIf(!hasIPv6).each(['udp', 'tcp'] as const)(
      'asks over %s (skipped where ::1 is missing)',
      async (transport) => {
        const { exchange, server } = use();
        const answering = await server('answers', '::1');
        expect((await exchange.ask(queryTo(answering, { transport }))).kind).toBe('reply');
      },
    );
  });

  it('leaves those that wait before one whose question goes on', async () => {
    const { exchange, server } = use({ udpSockets: 1, udpQueue: 10 });
    const answering = await server('answers');
    const order: string[] = [];
    let more = 3;
    const goOn = (): void =>
      exchange.begin(queryTo(answering, { name: nameFromText('first.example.') }), {
        resume: () => {
          order.push('first');
          if (more-- > 0) goOn();
        },
        fail: (error) => order.push(String(error)),
      });
    goOn();
    exchange.begin(queryTo(answering, { name: nameFromText('queued.example.') }), {
      resume: () => order.push('queued'),
      fail: (error) => order.push(String(error)),
    });
    await vi.waitFor(() => expect(order).toHaveLength(5));
    expect(order).toEqual(['first', 'queued', 'first', 'first', 'first']);
  });
});
