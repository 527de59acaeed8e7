/** The machine's own resolver: port 53, privileges dropped, and programs that know nothing but /etc/resolv.conf. */
import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Finished } from './internet/command.js';
import { Internet } from './internet/internet.js';
import { Rootwalk, statusOf } from './internet/rootwalk.js';

let internet: Internet;
let rootwalk: Rootwalk;
beforeAll(async () => {
  internet = await Internet.create();
  rootwalk = await Rootwalk.start(internet.client, { listen: ['127.0.0.1:53', '[::1]:53'], user: 'nobody' });
});
afterAll(() => internet?.end());

/** Runs `argv` where /etc/resolv.conf names `server`: bind mounts in a mount namespace of its own. */
function withResolvConf(server: string, argv: readonly string[]): Promise<Finished> {
  const resolvConf = join(internet.directory, 'resolv.conf');
  const nsswitch = join(internet.directory, 'nsswitch.conf');
  writeFileSync(resolvConf, `nameserver ${server}\noptions timeout:10 attempts:1\n`);
  writeFileSync(nsswitch, 'hosts: files dns\n');
  for (const file of [resolvConf, nsswitch]) chmodSync(file, 0o644);
  const script = 'mount --bind "$1" /etc/resolv.conf && mount --bind "$2" /etc/nsswitch.conf && shift 2 && exec "$@"';
  return internet.client.run(['unshare', '--mount', 'sh', '-c', script, 'sh', resolvConf, nsswitch, ...argv]);
}

it('runs as nobody, without capabilities, once its sockets are open', async () => {
  const nobody = (await internet.client.run(['id', '-u', 'nobody'])).stdout.trim();
  expect(statusOf(rootwalk.process.pid, 'Uid')).toEqual([nobody, nobody, nobody, nobody]);
  expect(statusOf(rootwalk.process.pid, 'Gid')).not.toContain('0');
  expect(statusOf(rootwalk.process.pid, 'Groups')).not.toContain('0');
  expect(statusOf(rootwalk.process.pid, 'CapEff')).toEqual(['0000000000000000']);
  expect(statusOf(rootwalk.process.pid, 'CapPrm')).toEqual(['0000000000000000']);
});

it.each(['127.0.0.1', '::1'])('getent finds hosts with nameserver %s', async (server) => {
  const addresses = await withResolvConf(server, ['getent', 'ahosts', 'www.example.com']);
  expect(addresses.code, addresses.stderr).toBe(0);
  expect(addresses.stdout).toContain('203.0.113.82');
  expect(addresses.stdout).toContain('2001:db8:80::82');
  const host = await withResolvConf(server, ['getent', 'hosts', 'mail.example.com']);
  expect(host.stdout).toMatch(/^203\.0\.113\.25\s+mail\.example\.com/);
  // getent's code for "not found".
  expect((await withResolvConf(server, ['getent', 'hosts', 'none.example.com'])).code).toBe(2);
});

it('localhost stays local', async () => {
  const before = (await rootwalk.stats()).upstream.exchanges;
  const reply = await rootwalk.dig('something.localhost A', { port: 53 });
  expect(reply.answer.map(({ rdata }) => rdata)).toEqual(['127.0.0.1']);
  expect((await rootwalk.stats()).upstream.exchanges).toBe(before);
});

it('stops with exit code 0 as nobody, too', async () => {
  expect(await rootwalk.stop(), rootwalk.process.output()).toBe(0);
});
