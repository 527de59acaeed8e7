/** Two instances over one store: the second lives on the first one's work, and neither is hurt by what befalls the store. */
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { SharedCacheStats } from '../../src/ports/second-level.js';
import { eventually } from './internet/command.js';
import { rdataOf } from './internet/dig.js';
import { Internet } from './internet/internet.js';
import { type Config, Rootwalk } from './internet/rootwalk.js';
import {
  endStores,
  makeCertificate,
  RedisStore,
  redisServers,
  startCluster,
  startMemcached,
} from './internet/stores.js';

const SECRET = '00112233445566778899aabbccddeeff';
const QUESTIONS = ['example.com A', 'shared.wild.example.com A', 'example.com MX', 'www.d1.com A', 'nowhere.se A'];

let internet: Internet;
let instances: Rootwalk[] = [];
beforeAll(async () => {
  internet = await Internet.create();
});
afterAll(() => internet?.end());
afterEach(async () => {
  await Promise.all(instances.map((instance) => instance.stop()));
  instances = [];
  await endStores();
});

function sharing(url: string, more: Config = {}): Config {
  return { cache: { shared: { url, secret: SECRET, ...more } } };
}

async function sharedOf(instance: Rootwalk): Promise<SharedCacheStats> {
  return (await instance.stats()).shared!;
}

async function start(config: Config, address?: string): Promise<Rootwalk> {
  const instance = await Rootwalk.start(internet.client, config, address === undefined ? {} : { address });
  instances.push(instance);
  await inUse(instance);
  return instance;
}

function inUse(instance: Rootwalk): Promise<boolean> {
  return eventually(
    () => `the shared cache is in use; it printed:\n${instance.process.output()}`,
    async () => (await sharedOf(instance)).circuit === 'closed',
    { within: 60_000 },
  );
}

async function pair(config: Config): Promise<[Rootwalk, Rootwalk]> {
  return [await start(config), await start(config, '127.0.0.2')];
}

/** Until all that was learnt lies in the store. */
async function written(instance: Rootwalk): Promise<void> {
  let before = -1;
  await eventually('everything is written', async () => {
    const { writes } = await sharedOf(instance);
    const isSettled = writes > 0 && writes === before;
    before = writes;
    return isSettled;
  });
}

/** The first answers, then the second the same without a single query to any server. */
async function expectOneToDoTheWork(first: Rootwalk, second: Rootwalk): Promise<void> {
  const answers = [];
  for (const question of QUESTIONS) answers.push(await first.dig(question));
  expect(answers.map(({ status }) => status)).toEqual(['NOERROR', 'NOERROR', 'NOERROR', 'NOERROR', 'NXDOMAIN']);
  await written(first);
  const before = (await second.stats()).upstream.exchanges;
  for (const [i, question] of QUESTIONS.entries()) {
    const reply = await second.dig(question);
    expect(reply.status, reply.text).toBe(answers[i]!.status);
    expect(rdataOf(reply.answer)).toEqual(rdataOf(answers[i]!.answer));
  }
  expect((await second.stats()).upstream.exchanges).toBe(before);
  expect((await sharedOf(second)).hits).toBeGreaterThanOrEqual(QUESTIONS.length);
}

async function holds(instance: Rootwalk, name: string): Promise<boolean> {
  return (await instance.curl(`/cache/${name}/A`)).code === 0;
}

describe.each(redisServers)('%s', (program) => {
  it('the second instance answers from the work of the first, forgets what it flushes, and believes no forger', async () => {
    const store = await RedisStore.start(internet.client, program, 6379);
    const [first, second] = await pair(sharing('redis://127.0.0.1:6379'));
    await expectOneToDoTheWork(first, second);
    const origin = await second.curl('/cache/example.com/A');
    expect(JSON.parse(origin.stdout).entries[0].provenance).toMatchObject({ shared: true });

    const flushed = await first.cli(['cache', 'flush', '--suffix', 'example.com']);
    expect(flushed.code, flushed.stderr).toBe(0);
    await eventually('the other has forgotten it', async () => !(await holds(second, 'example.com')));
    expect(await holds(second, 'www.d1.com')).toBe(true);

    // Not of the zone flushed just now, whose values are not believed for two seconds.
    const genuine = rdataOf((await first.dig('www.d2.com A')).answer);
    expect(genuine).toHaveLength(1);
    await written(first);
    for (const key of await store.entryKeys()) await store.cli('SETRANGE', key, '60', 'forged');
    expect(rdataOf((await second.dig('www.d2.com A')).answer)).toEqual(genuine);
    expect((await sharedOf(second)).badSignatures).toBeGreaterThan(0);
  });

  it('killed and started again under 2,000 queries a second: not one fails, and it is used again', async () => {
    const store = await RedisStore.start(internet.client, program, 6379);
    // A machine that is busy with all of this at once is not to be taken for a slow store.
    const instance = await start(sharing('redis://127.0.0.1:6379', { timeout: 250 }));
    const argv = [process.execPath, join(import.meta.dirname, 'internet', 'steady-load.mjs')];
    const load = internet.client.run([...argv, '127.0.0.1', '5300', '2000', '20000'], { timeout: 150_000 });
    const learnt = async (): Promise<boolean> => (await sharedOf(instance)).writes > 100;
    await eventually('the load has begun', learnt);
    await store.kill();
    await eventually('it is given up', async () => (await sharedOf(instance)).circuit !== 'closed');
    await store.restart();
    await inUse(instance);
    const outcome = JSON.parse((await load).stdout);
    expect(outcome).toMatchObject({ sent: 20_000, answered: 20_000, failed: 0 });
    const { writes, circuitOpens } = await sharedOf(instance);
    expect(circuitOpens).toBeGreaterThan(0);
    let asked = 0;
    const writesAgain = async (): Promise<boolean> => {
      await instance.dig(`after-all-${asked++}.wild.example.com A`);
      return (await sharedOf(instance)).writes > writes;
    };
    await eventually('it is written to again', writesAgain, { within: 90_000, every: 500 });
  });
});

it('a store that stalls is waited for three times and then no more, and is used again when it goes on', async () => {
  const store = await RedisStore.start(internet.client, 'redis-server', 6379);
  const instance = await start(sharing('redis://127.0.0.1:6379'));
  await instance.dig('example.com A');
  store.signal('SIGSTOP');
  for (let i = 0; i < 12; i++) {
    const reply = await instance.dig(`stalled-${i}.wild.example.com A`);
    expect(reply.status, reply.text).toBe('NOERROR');
    // The store may cost 20 ms; the rest is for a machine that is busy with other things.
    expect(reply.queryTime).toBeLessThan(1000);
  }
  const { timeouts, circuitOpens, gets } = await sharedOf(instance);
  expect(timeouts).toBeGreaterThanOrEqual(3);
  expect(circuitOpens).toBe(1);
  const told = (await instance.cli(['stats'])).stdout;
  expect(told).toMatch(/shared cache\s+redis:\/\/127\.0\.0\.1:6379 (left alone|being tried)/);
  expect((await instance.curl('/metrics')).stdout).toContain('rootwalk_shared_usable 0');
  store.signal('SIGCONT');
  await inUse(instance);
  await instance.dig('going-on.wild.example.com A');
  expect((await sharedOf(instance)).gets).toBeGreaterThan(gets);
});

it('a full store is read on, and no answer suffers', async () => {
  const limits = ['--maxmemory', '1', '--maxmemory-policy', 'noeviction'];
  await RedisStore.start(internet.client, 'redis-server', 6379, limits);
  const instance = await start(sharing('redis://127.0.0.1:6379'));
  for (const question of QUESTIONS) await instance.dig(question);
  await eventually('writes were refused', async () => (await sharedOf(instance)).refusedWrites > 0);
  expect(await sharedOf(instance)).toMatchObject({ circuit: 'closed', errors: 0, writes: 0 });
});

it('over TLS and with a password, neither of which is told to anybody', async () => {
  const { cert, key } = await makeCertificate(internet.directory);
  const tls = ['--tls-port', '6380', '--tls-cert-file', cert, '--tls-key-file', key, '--tls-ca-cert-file', cert];
  const options = [...tls, '--tls-auth-clients', 'no', '--requirepass', 'hunter2'];
  const client = ['--tls', '--cacert', cert, '-a', 'hunter2', '--no-auth-warning'];
  await RedisStore.start(internet.client, 'redis-server', 6380, options, client);
  const [first, second] = await pair(sharing('rediss://default:hunter2@127.0.0.1:6380/2', { tls: { ca: cert } }));
  await expectOneToDoTheWork(first, second);
  const told = [first.process.output(), (await first.curl('/stats')).stdout, (await first.cli(['stats'])).stdout];
  expect(told.join('')).toContain('***@127.0.0.1:6380');
  expect(told.join('')).not.toMatch(new RegExp(`hunter2|${SECRET}`));
});

it('a cluster: keys go to the node that has them, flushes reach everybody', async () => {
  await startCluster(internet.client, [7001, 7002]);
  const [first, second] = await pair(sharing('redis://127.0.0.1:7001', { cluster: true }));
  await expectOneToDoTheWork(first, second);
  await first.cli(['cache', 'flush', '--suffix', 'd1.com']);
  await eventually('the other has forgotten it', async () => !(await holds(second, 'www.d1.com')));
});

it('memcached: the same, but a flush is heard with the next lookup; killed, answers go on', async () => {
  const store = await startMemcached(internet.client, 11211);
  const [first, second] = await pair(sharing('memcached://127.0.0.1'));
  await expectOneToDoTheWork(first, second);
  await first.cli(['cache', 'flush', '--suffix', 'd1.com']);
  let asked = 0;
  await eventually('the other has forgotten it', async () => {
    await second.dig(`next-${asked++}.wild.example.com A`);
    return !(await holds(second, 'www.d1.com'));
  });
  await store.kill();
  expect((await second.dig('after.wild.example.com A')).status).toBe('NOERROR');
  expect((await sharedOf(second)).circuit).not.toBe('closed');
});
