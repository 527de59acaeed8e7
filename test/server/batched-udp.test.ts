import { execFile } from 'node:child_process';
import { createSocket, type Socket } from 'node:dgram';
import { promisify } from 'node:util';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { serverAddress } from '../../src/dns/address.js';
import { nameFromText } from '../../src/dns/name.js';
import { Type } from '../../src/dns/numbers.js';
import { loadLibc } from '../../src/native/libc.js';
import { openUdp } from '../../src/native/udp-socket.js';
import { decodeMessage } from '../../src/wire/decode-message.js';
import { octetsOfQuery, questionOf, resolution, rrset, settings, WWW } from './edge-fixture.js';
import { compiled } from './front-threads.js';
import { held, running, until } from './running-server.js';

const outcome = await loadLibc();
const libc = outcome.kind === 'there' ? outcome.libc : undefined;
const MiB = 1_048_576;

const sockets: Socket[] = [];
afterEach(() => {
  for (const socket of sockets.splice(0)) socket.close();
});

/** Sends all at once, and waits until so many replies came. */
async function burst(address: string, port: number, queries: readonly Buffer[], replies: number): Promise<Buffer[]> {
  const socket = createSocket(address.includes(':') ? 'udp6' : 'udp4');
  sockets.push(socket);
  const got: Buffer[] = [];
  socket.on('message', (octets) => got.push(octets));
  await new Promise<void>((bound) => socket.bind(0, address, bound));
  for (const query of queries) socket.send(query, port, address);
  await until(() => got.length === replies);
  return got;
}

/** A port that was free a moment ago. */
async function freePort(): Promise<number> {
  const socket = createSocket('udp4');
  await new Promise<void>((bound) => socket.bind(0, '127.0.0.1', bound));
  const { port } = socket.address();
  await new Promise<void>((closed) => socket.close(closed));
  return port;
}

/** Questions for names that lie nowhere ready, with the IDs from 0. */
const strangers = (count: number) =>
  Array.from({ length: count }, (_, id) =>
    octetsOfQuery({ id, ...questionOf(Type.A, nameFromText(`n${id}.example.`)) }),
  );
/** Answers at once, and only what is asked for WWW may lie ready. */
const knowsAll = (question: { name: string }) => resolution({ source: question.name === WWW ? 'cache' : 'network' });
const queriesWithIds = (count: number) => Array.from({ length: count }, (_, id) => octetsOfQuery({ id }));
const idsOf = (replies: readonly Buffer[]) => replies.map((reply) => decodeMessage(reply).id).sort((a, b) => a - b);
const upTo = (count: number) => Array.from({ length: count }, (_, i) => i);

describe.skipIf(libc === undefined)('questions that nothing lies ready for', () => {
  it('are passed by those that something does', async () => {
    const at = await running({ libc, answerOctets: MiB });
    at.resolver.knows = knowsAll;
    const { address, port } = at.server.addresses[0]!;
    await burst(address, port, [octetsOfQuery({})], 1);
    const known = octetsOfQuery({ id: 9999 });
    const got = await burst(address, port, [...strangers(50), known], 51);
    expect(decodeMessage(got[0]!).id).toBe(9999);
    // Among themselves they keep their order.
    expect(got.slice(1).map((reply) => decodeMessage(reply).id)).toEqual(upTo(50));
  });

  it.each([
    ['all of those', 0, 150],
    ['those of one call, when they take long', 0.6, 63],
  ])('are passed by %s', async (_, each, before) => {
    const at = await running({ libc, answerOctets: MiB });
    at.resolver.knows = knowsAll;
    const { address, port } = at.server.addresses[0]!;
    await burst(address, port, [octetsOfQuery({})], 1);
    let looks = 0;
    vi.spyOn(at.clock, 'now').mockImplementation(() => each * looks++);
    const stranger = octetsOfQuery({ id: 9999, ...questionOf(Type.A, nameFromText('n.example.')) });
    const got = await burst(address, port, [stranger, ...queriesWithIds(150)], 151);
    expect(got.findIndex((reply) => decodeMessage(reply).id === 9999)).toBe(before);
  });

  it('are begun a few at a time, and fewer while others are busy', async () => {
    const at = await running({ libc });
    at.resolver.knows = knowsAll;
    const { address, port } = at.server.addresses[0]!;
    const got = burst(address, port, strangers(50), 50);
    await until(() => at.resolver.asked.length > 0);
    expect(at.resolver.asked).toHaveLength(16);
    at.clock.advance(1);
    await until(() => at.resolver.asked.length > 16);
    expect(at.resolver.asked).toHaveLength(24);
    await until(() => at.resolver.asked.length > 24);
    expect(at.resolver.asked).toHaveLength(40);
    expect(idsOf(await got)).toEqual(upTo(50));
  });

  it('are dropped and counted when too many wait, and all others are answered', async () => {
    const at = await running({ libc });
    at.resolver.knows = knowsAll;
    const { address, port } = at.server.addresses[0]!;
    const socket = createSocket('udp4');
    sockets.push(socket);
    let replies = 0;
    socket.on('message', () => replies++);
    const queries = strangers(3000);
    while (queries.length > 0) {
      for (const query of queries.splice(0, 100)) socket.send(query, port, address);
      await new Promise(setImmediate);
    }
    await until(() => at.stats.snapshot().total === 3000);
    const { dropped } = at.stats.snapshot();
    expect(dropped).toBeGreaterThan(0);
    await until(() => replies === 3000 - dropped);
    expect(at.resolver.asked).toHaveLength(3000 - dropped);
  });

  it('are answered when the server stops, if they were read', async () => {
    const at = await running({ libc });
    at.resolver.knows = knowsAll;
    const { address, port } = at.server.addresses[0]!;
    const got = burst(address, port, strangers(50), 50);
    await until(() => at.resolver.asked.length > 0);
    await at.server.close(0);
    expect(idsOf(await got)).toEqual(upTo(50));
  });
});

describe.skipIf(libc === undefined)('datagrams read and sent in batches', () => {
  it.each(['127.0.0.1', '::1'])('are each answered once, to whom they came from, at %s', async (address) => {
    const at = await running({ libc, answerOctets: MiB, listen: [serverAddress(address, 0)] });
    at.resolver.knows = () => resolution({ source: 'cache' });
    const { port } = at.server.addresses[0]!;
    const got = await Promise.all([0, 1, 2].map(() => burst(address, port, queriesWithIds(100), 100)));
    for (const replies of got) expect(idsOf(replies)).toEqual(upTo(100));
    expect(at.stats.snapshot()).toMatchObject({ total: 300, hits: 300, latencyMs: { hit: { count: 300 } } });
    // One was enough to have the answer ready.
    expect(at.resolver.asked).toHaveLength(1);
  });

  it('are answered when what they wait for is there', async () => {
    const at = await running({ libc });
    const waiting = held(at.resolver);
    const { address, port } = at.server.addresses[0]!;
    const got = burst(address, port, queriesWithIds(80), 80);
    await until(() => waiting.length === 80);
    for (const letGo of waiting) letGo();
    expect(idsOf(await got)).toEqual(upTo(80));
  });

  it.each([
    ['once more after several that lay ready', queriesWithIds(5), 2],
    ['no more after one that did', queriesWithIds(1), 1],
    ['no more after some that did not', strangers(5), 1],
  ])('are looked for %s', async (_, queries, calls) => {
    const recvmmsg = vi.fn(libc!.recvmmsg);
    const at = await running({ libc: { ...libc!, recvmmsg }, answerOctets: MiB });
    at.resolver.knows = knowsAll;
    const { address, port } = at.server.addresses[0]!;
    await burst(address, port, [octetsOfQuery({})], 1);
    recvmmsg.mockClear();
    await burst(address, port, queries, queries.length);
    expect(recvmmsg).toHaveBeenCalledTimes(calls);
  });

  it('get replies larger than a slot one by one', async () => {
    const at = await running({ libc, settings: settings({ ednsBufferSize: 16_384 }) });
    const text = 'x'.repeat(200);
    const rdatas = Array.from({ length: 30 }, (_, i) => `\xcb${i}${text}`.slice(0, 204).padEnd(204, 'x') as never);
    at.resolver.knows = () => resolution({ source: 'cache', answer: [rrset(16, rdatas)] });
    const { address, port } = at.server.addresses[0]!;
    const edns = { version: 0, udpSize: 16_384, dnssecOk: false, options: [] };
    const queries = upTo(5).map((id) => octetsOfQuery({ id, edns }));
    const got = await burst(address, port, queries, 5);
    expect(got.every((reply) => reply.length > 4096)).toBe(true);
    expect(idsOf(got)).toEqual(upTo(5));
  });

  it('that are no messages do no harm to those beside them', async () => {
    const at = await running({ libc, answerOctets: MiB });
    at.resolver.knows = () => resolution({ source: 'cache' });
    const { address, port } = at.server.addresses[0]!;
    const rubbish = upTo(60).map((i) => Buffer.alloc(i * 100, i));
    const queries = queriesWithIds(60).flatMap((query, i) => [query, rubbish[i]!]);
    const socket = createSocket('udp4');
    sockets.push(socket);
    const ids = new Set<number>();
    socket.on('message', (octets) => {
      const { id, rcode } = decodeMessage(octets);
      if (rcode === 0) ids.add(id);
    });
    for (const query of queries) socket.send(query, port, address);
    await until(() => ids.size === 60);
    expect([...ids].sort((a, b) => a - b)).toEqual(upTo(60));
  });

  it('are not lost with an error that nobody sees', async () => {
    const at = await running({ libc });
    const { address, port } = at.server.addresses[0]!;
    vi.spyOn(at.clock, 'now').mockImplementationOnce(() => {
      throw new Error('of the clock');
    });
    const thrown: unknown[] = [];
    const immediate = setImmediate;
    const spy = vi.spyOn(globalThis, 'setImmediate').mockImplementation(((action: () => void) =>
      immediate(() => {
        try {
          action();
        } catch (error) {
          thrown.push(error);
        }
      })) as typeof setImmediate);
    await burst(address, port, [octetsOfQuery({})], 1);
    spy.mockRestore();
    expect(thrown).toEqual([new Error('of the clock')]);
  });

  it('say which address could not be had', async () => {
    const at = await running({ libc });
    const taken = at.server.addresses[0]!;
    await expect(running({ libc, listen: [taken] })).rejects.toMatchObject({ code: 'EADDRINUSE' });
  });

  it('are answered over a socket of systemd that tells when they came (Timestamping=)', async () => {
    const port = await freePort();
    const address = serverAddress('127.0.0.1', port);
    const fd = openUdp(libc!, address, 65_536);
    const SO_TIMESTAMP = 29;
    expect(libc!.setsockopt(fd, 1, SO_TIMESTAMP, Buffer.from([1, 0, 0, 0]), 4)).toBe(0);
    const at = await running({ libc, listen: [], sockets: [{ fd, transport: 'udp', address, name: '' }] });
    at.resolver.knows = () => resolution({ source: 'cache' });
    expect(idsOf(await burst('127.0.0.1', port, queriesWithIds(3), 3))).toEqual(upTo(3));
  });

  it('keep the process alive for as long as they are listened for, though nothing else does', async () => {
    // A daemon with no socket but one for datagrams, from systemd, is to stay. A timer without ref runs only if it does.
    const file = compiled('server/udp-listener.ts');
    const body = `
      const { loadLibc } = await import(new URL('../native/libc.js', '${file}'));
      const { Batch } = await import(new URL('batched-udp-listener.js', '${file}'));
      const { listenUdp } = await import('${file}');
      const batch = new Batch((await loadLibc()).libc);
      const address = { address: '127.0.0.1', port: 0, family: 4, key: '' };
      const listener = await listenUdp(address, { batch, frontsFor: () => Promise.resolve(undefined) });
      setTimeout(() => { console.log('stayed'); void listener.close(); }, 20).unref();`;
    const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '--eval', body]);
    expect(stdout).toBe('stayed\n');
  });
});
