/** The daemon from the inside: does a start that fails leave anything open, and does a good one answer and stop? */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pino from 'pino';
import { describe, expect, it } from 'vitest';
import { CommandError } from '../../src/cli/exit.js';
import { startDaemon } from '../../src/cli/serve.js';
import type { Config } from '../../src/config/config.js';
import { configProblemToText, parseConfig } from '../../src/config/load-config.js';

const silent = pino({ level: 'silent' });

function configOf(yaml: string): Config {
  const outcome = parseConfig(yaml, 'test.yaml');
  if (!outcome.ok) throw new Error(outcome.problems.map(configProblemToText).join('\n'));
  return outcome.config;
}

/** A port of 127.0.0.1 that nobody listens on. */
async function freePort(): Promise<number> {
  const server = createServer();
  const port = await listening(server, 0);
  await new Promise((resolve) => server.close(resolve));
  return port;
}

function listening(server: ReturnType<typeof createServer>, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => resolve((server.address() as { port: number }).port));
  });
}

/** Rejects when something listens there. */
async function expectFree(port: number): Promise<void> {
  const server = createServer();
  await listening(server, port);
  await new Promise((resolve) => server.close(resolve));
}

describe('a start that fails', () => {
  it('at a state of trust anchors that cannot be believed, with a way out, opens nothing', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'rootwalk-state-'));
    const [dns, file] = [await freePort(), join(directory, 'x.json')];
    writeFileSync(file, '{"version":2,');
    const config = configOf(`{ listen: ["127.0.0.1:${dns}"], http: false, dnssec: { anchorState: "${file}" } }`);
    await expect(startDaemon(config, silent)).rejects.toThrow(
      new RegExp(`^${file}: the file: it is not JSON .*; correct it, or remove the file`),
    );
    await expect(startDaemon(config, silent)).rejects.toThrow(CommandError);
    await expectFree(dns);
    rmSync(directory, { recursive: true });
  });

  it('at the user closes DNS and http', async () => {
    const [dns, http] = [await freePort(), await freePort()];
    const token = '0123456789abcdef0';
    const config = configOf(`
listen: ["127.0.0.1:${dns}"]
http: { listen: "127.0.0.1:${http}", token: ${token} }
user: no-such-user-here
`);
    await expect(startDaemon(config, silent)).rejects.toThrow(/user/);
    await expectFree(dns);
    await expectFree(http);
  });

  it('at http closes DNS', async () => {
    const dns = await freePort();
    const other = createServer();
    const taken = await listening(other, 0);
    const token = '0123456789abcdef0';
    const config = configOf(`
listen: ["127.0.0.1:${dns}"]
http: { listen: "127.0.0.1:${taken}", token: ${token} }
`);
    await expect(startDaemon(config, silent)).rejects.toThrow(/http endpoint cannot listen .*EADDRINUSE/);
    await expectFree(dns);
    await new Promise((resolve) => other.close(resolve));
  });
});

it('a start with nothing to listen on is refused', async () => {
  await expect(startDaemon(configOf('listen: []\nhttp: false'), silent)).rejects.toThrow(/nothing to listen on/);
});

it('a start and a stop leave nothing open', async () => {
  const [dns, http] = [await freePort(), await freePort()];
  const token = '0123456789abcdef0';
  const daemon = await startDaemon(
    configOf(`listen: ["127.0.0.1:${dns}"]\nhttp: { listen: "127.0.0.1:${http}", token: ${token} }`),
    silent,
  );
  await expect(expectFree(dns)).rejects.toThrow('EADDRINUSE');
  await daemon.stop();
  await expectFree(dns);
  await expectFree(http);
});
