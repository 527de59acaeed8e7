/** Several threads under one roof: what one is told holds in all of them, whatever way it comes in. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { eventually } from './internet/command.js';
import { rdataOf } from './internet/dig.js';
import { inParallel } from './internet/in-parallel.js';
import { Internet } from './internet/internet.js';
import { projectRoot, Rootwalk, statusOf } from './internet/rootwalk.js';

const ADDRESSES = ['127.0.0.1', '127.0.0.9', '192.0.2.77', '::1', '2001:db8:77::1', '2001:db8:77::2'];
const access = { allow: ['127.0.0.0/8', '::1', '192.0.2.0/24', '2001:db8:77::/48'] };
const THREADS = 3;
/** Each from a port of its own: all three fronts have some of them but once in 10^5 times. */
const MANY = Array.from({ length: 32 }, (_, i) => i);

let internet: Internet;
let rootwalk: Rootwalk;
beforeAll(async () => {
  internet = await Internet.create();
  for (const address of ['192.0.2.77/32', '2001:db8:77::1/128', '2001:db8:77::2/128']) {
    await internet.client.run(['ip', 'address', 'add', address, 'dev', 'lo']);
  }
  rootwalk = await Rootwalk.start(internet.client, { threads: THREADS, listen: ['0.0.0.0:5300', '[::]:5300'], access });
});
afterAll(() => internet?.end());

/** What many clients are told, each answer once. */
async function told(query: string): Promise<string[]> {
  const replies = await inParallel(8, MANY, () => rootwalk.dig(query));
  return [...new Set(replies.map((reply) => `${reply.status} ${rdataOf(reply.answer).join()}`))];
}

/** The fields of a stat file behind the name of the command begin with the third; niceness is the nineteenth. */
function nicenessOf(task: string): number {
  const fields = readFileSync(`/proc/${task}/stat`, 'utf8').split(') ')[1]!.split(' ');
  return Number(fields[19 - 3]);
}

/** dig takes no reply from elsewhere than it asked. */
async function answersEverywhere(asked: Rootwalk): Promise<void> {
  for (const server of ADDRESSES) {
    for (let i = 0; i < 3; i++) {
      expect(rdataOf((await asked.dig('+tries=1 example.com A', { server })).answer)).toEqual(['A 203.0.113.80']);
    }
  }
}

it('answers from the address that was asked, over IPv4 and IPv6', async () => {
  await answersEverywhere(rootwalk);
});

it('counts what all threads answered, and credits the entry', async () => {
  const before = (await rootwalk.stats()).queries;
  for (let round = 0; round < 3; round++) expect(await told('example.com A')).toEqual(['NOERROR A 203.0.113.80']);
  expect(await told('+tcp example.com A')).toEqual(['NOERROR A 203.0.113.80']);
  const { queries, fronts } = await rootwalk.stats();
  expect(queries.total - before.total).toBe(4 * MANY.length);
  expect(queries.hits - before.hits).toBe(4 * MANY.length);
  expect(queries.byTransport.tcp! - before.byTransport.tcp!).toBe(MANY.length);
  expect(fronts).toEqual({ threads: THREADS, serving: THREADS, restarts: 0 });
  expect((await rootwalk.curl('/metrics')).stdout).toMatch(
    new RegExp(`^rootwalk_front_threads_serving ${THREADS}$`, 'm'),
  );
});

it('gives out nothing that was flushed, set or removed meanwhile', async () => {
  await told('example.com A');
  const { exchanges } = (await rootwalk.stats()).upstream;
  expect((await rootwalk.cli(['cache', 'flush', 'example.com', 'A'])).code).toBe(0);
  expect(await told('example.com A')).toEqual(['NOERROR A 203.0.113.80']);
  expect((await rootwalk.stats()).upstream.exchanges).toBeGreaterThan(exchanges);
  for (const address of ['192.0.2.1', '192.0.2.2']) {
    const set = await rootwalk.cli(['local', 'set', 'example.com', 'A', address]);
    expect(set.code, set.stderr).toBe(0);
    expect(await told('example.com A')).toEqual([`NOERROR A ${address}`]);
  }
  expect((await rootwalk.cli(['local', 'remove', 'example.com', 'A'])).code).toBe(0);
  expect(await told('example.com A')).toEqual(['NOERROR A 203.0.113.80']);
});

it('takes over a changed configuration in all of them', async () => {
  const listen = ['0.0.0.0:5300', '127.0.0.1:5301'];
  rootwalk.rewriteConfig({ threads: THREADS, listen, access: { allow: ['192.0.2.0/24'] } });
  rootwalk.process.signal('SIGHUP');
  await eventually(
    () => `the configuration is taken over:\n${rootwalk.process.output()}`,
    async () => rootwalk.process.output().includes('configuration taken over'),
  );
  expect(await told('example.com A')).toEqual(['REFUSED ']);
  expect((await rootwalk.dig('example.com A', { port: 5301 })).status).toBe('REFUSED');
  expect(rdataOf((await rootwalk.dig('-b 192.0.2.77 example.com A')).answer)).toEqual(['A 203.0.113.80']);
});

it('has helper threads give way to those that answer', () => {
  const { pid } = rootwalk.process;
  const nicenesses = readdirSync(`/proc/${pid}/task`).map((task) => nicenessOf(`${pid}/task/${task}`));
  const own = nicenessOf(String(pid));
  expect(nicenesses.filter((niceness) => niceness === own).length).toBeGreaterThanOrEqual(1 + THREADS);
  // V8 has four.
  expect(nicenesses.filter((niceness) => niceness === Math.min(own + 10, 19)).length).toBeGreaterThanOrEqual(4);
});

it('ends at once, with code 0', async () => {
  expect(await rootwalk.stop(), rootwalk.process.output()).toBe(0);
});

it('answers from the address that was asked on a wildcard with threads: 1 as well', async () => {
  const single = await Rootwalk.start(internet.client, { listen: ['0.0.0.0:5300', '[::]:5300'], access });
  await answersEverywhere(single);
  expect((await single.stats()).fronts).toBeUndefined();
  expect(await single.stop(), single.process.output()).toBe(0);
});

it('opens its sockets before it gives up privileges, in all threads', async () => {
  const config = { listen: ['127.0.0.1:53'], threads: 2, user: 'nobody' };
  const nobody = await Rootwalk.start(internet.client, config);
  const tasks = readdirSync(`/proc/${nobody.process.pid}/task`);
  for (const task of tasks) expect(statusOf(`${nobody.process.pid}/task/${task}`, 'Uid')).not.toContain('0');
  expect(rdataOf((await nobody.dig('example.com A', { port: 53 })).answer)).toEqual(['A 203.0.113.80']);
  expect(await nobody.stop(), nobody.process.output()).toBe(0);
});

it('reads a socket that was passed by one of them', async () => {
  const launcher = ['python3', join(projectRoot, 'test', 'e2e', 'internet', 'pass-sockets.py'), '::', '53'];
  const passed = await Rootwalk.start(internet.client, { listen: [], threads: 2, access }, { wrap: launcher });
  // It takes IPv4 as well, as sockets of systemd do.
  for (const server of ADDRESSES) {
    expect(rdataOf((await passed.dig('example.com A', { server, port: 53 })).answer)).toEqual(['A 203.0.113.80']);
  }
  expect(passed.process.output()).toContain('cannot be divided');
  expect(await passed.stop(), passed.process.output()).toBe(0);
});
