/** Sockets opened by systemd (sd_listen_fds(3)): a resolver that never needs a privilege of its own. */
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { eventually } from './internet/command.js';
import { dig, rdataOf } from './internet/dig.js';
import { Internet } from './internet/internet.js';
import { cli, ownFiles, plainConfig, projectRoot, Rootwalk, statusOf } from './internet/rootwalk.js';

let internet: Internet;
beforeAll(async () => {
  internet = await Internet.create();
});
afterAll(() => internet?.end());

/** Still root, for reading its files, but without the capability to open port 53 or any other. */
const powerless = ['setpriv', '--bounding-set=-all', '--inh-caps=-all'];

it('UDP and TCP sockets on port 53, handed to a process that may not open them', async () => {
  const launcher = ['python3', join(projectRoot, 'test', 'e2e', 'internet', 'pass-sockets.py'), '127.0.0.1', '53'];
  const rootwalk = await Rootwalk.start(internet.client, { listen: [] }, { wrap: [...launcher, ...powerless] });
  expect(statusOf(rootwalk.process.pid, 'CapEff')).toEqual(['0000000000000000']);
  for (const query of ['example.com A', '+tcp example.com A']) {
    const reply = await rootwalk.dig(query, { port: 53 });
    expect(rdataOf(reply.answer), reply.text).toEqual(['A 203.0.113.80']);
  }
  expect(await rootwalk.stop(), rootwalk.process.output()).toBe(0);
});

const activator = '/usr/bin/systemd-socket-activate';

it.skipIf(!existsSync(activator))("systemd's own launcher: a UDP socket, started by the first query", async () => {
  const configFile = join(internet.directory, 'activated.yaml');
  writeFileSync(configFile, stringify({ ...plainConfig, listen: [] }));
  const argv = [
    activator,
    '--datagram',
    '--listen=127.0.0.1:53',
    ...powerless,
    ...cli,
    'serve',
    '--config',
    configFile,
  ];
  const started = internet.client.start('activated', argv, { env: ownFiles(internet.client) });
  const reply = await eventually(
    () => `an answer through the activated socket; it printed:\n${started.output()}`,
    () => dig(internet.client, '+time=2 example.com A', { port: 53 }).catch(() => undefined),
  );
  expect(rdataOf(reply.answer), reply.text).toEqual(['A 203.0.113.80']);
  started.signal('SIGTERM');
  expect((await started.ended).code, started.output()).toBe(0);
});
