import { createSocket, type Socket } from 'node:dgram';
import { afterEach, describe, expect, it } from 'vitest';
import { type ServerAddress, serverAddress } from '../../src/dns/address.js';
import { Rcode } from '../../src/dns/numbers.js';
import { loadLibc } from '../../src/native/libc.js';
import type { StartOptions } from '../../src/server/start-server.js';
import { systemClock } from '../../src/transport/system-clock.js';
import { decodeMessage } from '../../src/wire/decode-message.js';
import { ADDRESS, octetsOfQuery, questionOf, resolution, rrset, settings } from './edge-fixture.js';
import { frontThreads } from './front-threads.js';
import { held, type Running, running, until } from './running-server.js';

const outcome = await loadLibc();
const libc = outcome.kind === 'there' ? outcome.libc : undefined;
const threads = frontThreads();
const THREADS = 2;

const sockets: Socket[] = [];
afterEach(() => {
  for (const socket of sockets.splice(0)) socket.close();
  threads.opened.length = 0;
});

/** With two front threads, and the clock that they have too. */
function fronted(changed: Partial<StartOptions> = {}): Promise<Running> {
  const parts = { libc, threads: THREADS, openThread: threads.open, answerOctets: 1_048_576, clock: systemClock };
  return running({ ...parts, ...changed });
}

interface Answer {
  readonly octets: Buffer;
  readonly from: string;
}

/** A client with one socket: all it asks goes to one front. */
class Asker {
  readonly #socket: Socket;
  readonly answers: Answer[] = [];

  private constructor(
    address: string,
    private readonly port: number,
    private readonly to: string,
  ) {
    this.#socket = createSocket(address.includes(':') ? 'udp6' : 'udp4');
    sockets.push(this.#socket);
    this.#socket.on('message', (octets, { address: from }) => this.answers.push({ octets, from }));
  }

  static async at({ address, port }: ServerAddress, to = address): Promise<Asker> {
    const asker = new Asker(address, port, to);
    await new Promise<void>((bound) => asker.#socket.bind(0, to.includes(':') ? '::1' : '127.0.0.1', bound));
    return asker;
  }

  send(id: number, type = 1): void {
    this.#socket.send(octetsOfQuery({ id, ...questionOf(type) }), this.port, this.to);
  }

  async ask(id = 1): Promise<ReturnType<typeof decodeMessage> & { readonly sentFrom: string }> {
    const before = this.answers.length;
    this.send(id);
    await until(() => this.answers.length > before);
    const { octets, from } = this.answers.at(-1)!;
    return { ...decodeMessage(octets), sentFrom: from };
  }
}

/** So many that, with two fronts, each has some of them but once in a thousand million runs. */
const MANY = 32;
const askers = (at: ServerAddress) => Promise.all(Array.from({ length: MANY }, () => Asker.at(at)));
const rdatasOf = ({ answer }: Awaited<ReturnType<Asker['ask']>>) => answer.map(({ rdata }) => rdata);

/** Asks thrice with each: the first is looked up, the second is kept, the third lies ready. */
async function askAll(all: readonly Asker[]) {
  for (let round = 0; round < 2; round++) for (const asker of all) await asker.ask();
  return Promise.all(all.map((asker) => asker.ask()));
}

describe.skipIf(libc === undefined)('front threads', () => {
  it.each(['127.0.0.1', '::1'])('answer each query once, to whom it came from, at %s', async (address) => {
    const at = await fronted({ listen: [serverAddress(address, 0)] });
    at.resolver.knows = () => resolution({ source: 'cache' });
    const all = await askers(at.server.addresses[0]!);
    for (let id = 0; id < 20; id++) for (const asker of all) asker.send(id);
    await until(() => all.every(({ answers }) => answers.length === 20));
    const expected = Array.from({ length: 20 }, (_, id) => id);
    for (const { answers } of all) {
      expect(answers.map(({ octets }) => decodeMessage(octets).id).sort((a, b) => a - b)).toEqual(expected);
    }
    expect(at.server.fronts).toEqual({ threads: THREADS, serving: THREADS, restarts: 0 });
  });

  it('give what lies ready without asking, count it, and credit it to the cache', async () => {
    const at = await fronted();
    at.resolver.knows = () => resolution({ source: 'cache', answer: [rrset(1, [ADDRESS], { ttl: 1 })] });
    const asker = await Asker.at(at.server.addresses[0]!);
    // A reply that may lie ready for a tenth of a second.
    await asker.ask();
    await asker.ask();
    const looked = at.resolver.asked.length;
    await until(() => {
      asker.send(7);
      return at.resolver.asked.length > looked;
    });
    const credited = at.resolver.asked.reduce((sum, { options }) => sum + (options.uncounted ?? 0), 0);
    const { total, hits, byType, byRcode, byTransport, latencyMs, lastMinute } = at.stats.snapshot(systemClock.now());
    expect(credited).toBeGreaterThan(0);
    expect(total).toBeGreaterThanOrEqual(looked + credited);
    expect(byTransport.udp).toBe(total);
    for (const count of [hits, byType.A, byRcode.NOERROR, latencyMs.hit.count, lastMinute.hits]) {
      expect(count).toBe(total);
    }
  });

  it('give nothing out any more when it is forgotten', async () => {
    const at = await fronted();
    const all = await askers(at.server.addresses[0]!);
    for (let i = 1; i <= 20; i++) {
      const rdata = ADDRESS.slice(0, 3) + String.fromCharCode(i);
      at.resolver.knows = () => resolution({ source: 'cache', answer: [rrset(1, [rdata as typeof ADDRESS])] });
      at.server.forgetAnswers();
      for (const reply of await askAll(all)) expect(rdatasOf(reply)).toEqual([rdata]);
    }
    expect(at.stats.snapshot().total).toBe(20 * 3 * MANY);
    // Most lay ready: looked up were those of each front that came before the first was kept.
    expect(at.resolver.asked.length).toBeLessThan(20 * 2 * MANY);
  });

  it('hold to the settings of now', async () => {
    const at = await fronted();
    at.resolver.knows = () => resolution({ source: 'cache' });
    const all = await askers(at.server.addresses[0]!);
    for (const reply of await askAll(all)) expect(reply.rcode).toBe(Rcode.NOERROR);
    await at.server.reconfigure(settings({ allow: ['192.0.2.0/24'] }));
    for (const reply of await askAll(all)) expect(reply.rcode).toBe(Rcode.REFUSED);
    await at.server.reconfigure(settings({ logQueries: true }));
    for (const reply of await askAll(all)) expect(reply.rcode).toBe(Rcode.NOERROR);
    expect(at.log.lines.filter(({ message }) => message === 'query')).toHaveLength(3 * MANY);
  });

  it('send replies that are waited for, and those larger than a slot', async () => {
    const at = await fronted({ settings: settings({ ednsBufferSize: 16_384 }) });
    const waiting = held(at.resolver);
    const all = await askers(at.server.addresses[0]!);
    for (const asker of all) asker.send(5);
    await until(() => waiting.length === MANY);
    for (const letGo of waiting) letGo();
    await until(() => all.every(({ answers }) => answers.length === 1));
    const text = Array.from({ length: 30 }, (_, i) => `\xcb${i}`.padEnd(204, 'x') as never);
    at.resolver.knows = () => resolution({ source: 'cache', answer: [rrset(16, text)] });
    const socket = createSocket('udp4');
    sockets.push(socket);
    const { address, port } = at.server.addresses[0]!;
    const edns = { version: 0, udpSize: 16_384, dnssecOk: false, options: [] };
    const got = new Promise<Buffer>((resolve) => socket.once('message', resolve));
    socket.send(octetsOfQuery({ edns }), port, address);
    expect((await got).length).toBeGreaterThan(4096);
  });

  it.each([1, 2])('answer from the address that was asked, on a wildcard, with threads: %i', async (count) => {
    const at = await fronted({ listen: [serverAddress('0.0.0.0', 0)], threads: count });
    at.resolver.knows = ({ type }) => (type === 1 ? resolution({ source: 'cache' }) : undefined);
    expect(at.server.fronts?.serving).toBe(count === 1 ? undefined : count);
    const to = ['127.0.0.1', '127.0.0.2', '127.3.2.1'];
    const all = await Promise.all(to.map((address) => Asker.at(at.server.addresses[0]!, address)));
    // Together, so that they are read by one call: some are ready, the others are asked of the brain.
    for (let id = 0; id < 20; id++) for (const asker of all) asker.send(id, id % 2 === 0 ? 1 : 28);
    await until(() => all.every(({ answers }) => answers.length === 20));
    expect(all.map(({ answers }) => [...new Set(answers.map(({ from }) => from))])).toEqual(to.map((each) => [each]));
    expect(at.log.at('warn')).toEqual([]);
  });

  it('are not needed for a wildcard of IPv6', async () => {
    const at = await fronted({ threads: 1 });
    await at.server.reconfigure(settings(), [serverAddress('::', 0)]);
    expect(at.server.fronts).toBeUndefined();
    at.resolver.knows = () => resolution({ source: 'cache' });
    const asker = await Asker.at(at.server.addresses[0]!, '::1');
    for (let i = 0; i < 3; i++) expect((await asker.ask(i)).sentFrom).toBe('::1');
  });

  it('have their sockets read by others when they end, and come back', async () => {
    const at = await fronted();
    at.resolver.knows = () => resolution({ source: 'cache' });
    const all = await askers(at.server.addresses[0]!);
    await askAll(all);
    await threads.opened[0]!.terminate();
    await until(() => at.server.fronts!.serving === 1);
    for (const reply of await askAll(all)) expect(reply.rcode).toBe(Rcode.NOERROR);
    await until(() => at.server.fronts!.serving === THREADS);
    expect(at.server.fronts!.restarts).toBe(1);
    for (const reply of await askAll(all)) expect(reply.rcode).toBe(Rcode.NOERROR);
    expect(at.stats.snapshot().total).toBe(9 * MANY);
    expect(at.log.at('error')).toHaveLength(1);
  });

  it('wait in their sockets when all have ended, and are answered then', async () => {
    let isShort = false;
    const openThread: StartOptions['openThread'] = (data) => {
      if (isShort) throw new Error('no thread left');
      return threads.open(data);
    };
    const at = await fronted({ openThread });
    at.resolver.knows = () => resolution({ source: 'cache' });
    const all = await askers(at.server.addresses[0]!);
    isShort = true;
    for (const worker of threads.opened) void worker.terminate();
    await until(() => at.server.fronts!.serving === 0);
    const answers = all.map((asker) => asker.ask());
    await until(() => at.log.at('error').some(({ message }) => message.includes('could not be started')));
    isShort = false;
    await Promise.all(answers);
    await until(() => at.server.fronts!.serving === THREADS);
  });

  it('let go of an address that is given up, and take over another', async () => {
    const at = await fronted();
    at.resolver.knows = () => resolution({ source: 'cache' });
    const waiting = held(at.resolver);
    const [first] = at.server.addresses;
    at.resolver.knows = () => undefined;
    const early = await Asker.at(first!);
    early.send(9);
    await until(() => waiting.length === 1);
    await at.server.reconfigure(settings(), [serverAddress('127.0.0.2', 0)]);
    waiting[0]!();
    await until(() => early.answers.length === 1);
    at.resolver.knows = () => resolution({ source: 'cache' });
    const [second] = at.server.addresses;
    expect((await (await Asker.at(second!)).ask()).rcode).toBe(Rcode.NOERROR);
  });

  it('that cannot be started leave the work to the one thread there is', async () => {
    const openThread: StartOptions['openThread'] = () => {
      throw new Error('no threads today');
    };
    const at = await fronted({ openThread });
    at.resolver.knows = () => resolution({ source: 'cache' });
    expect(at.server.fronts).toBeUndefined();
    expect((await (await Asker.at(at.server.addresses[0]!)).ask()).rcode).toBe(Rcode.NOERROR);
    expect(at.log.at('error')).toHaveLength(1);
  });
});
