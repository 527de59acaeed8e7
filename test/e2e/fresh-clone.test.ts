/**
 * Someone clones the project on a machine with Node and npm and no internet: `npm start -- --lab` installs, builds and
 * gives them something to ask; plain `npm start` says that there is no internet, and names that way.
 */
import { cpSync, existsSync, mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually, mustRun, pause, type Started } from './internet/command.js';
import { type DigReply, dig, rdataOf } from './internet/dig.js';
import { Island } from './internet/internet.js';
import { ownFiles, projectRoot } from './internet/rootwalk.js';

let island: Island;
let clone: string;
let started: Started;

/** What a clone would hold: the tracked files, as they are now. */
async function copyTrackedFiles(to: string): Promise<void> {
  const list = await mustRun(['git', '-c', 'safe.directory=*', 'ls-files', '-z'], { cwd: projectRoot });
  for (const file of list.split('\0').filter(Boolean)) {
    if (!existsSync(join(projectRoot, file))) continue;
    mkdirSync(dirname(join(to, file)), { recursive: true });
    cpSync(join(projectRoot, file), join(to, file));
  }
}

/** The namespace has no network, so npm installs from its cache there; this fills it, where it is not filled already. */
async function fillNpmCache(directory: string): Promise<void> {
  mkdirSync(directory, { recursive: true });
  for (const file of ['package.json', 'package-lock.json', '.npmrc']) {
    if (existsSync(join(projectRoot, file))) cpSync(join(projectRoot, file), join(directory, file));
  }
  await mustRun(['npm', 'ci', '--prefer-offline', '--ignore-scripts'], { cwd: directory, timeout: 240_000 });
}

beforeAll(async () => {
  island = await Island.create();
  clone = join(island.directory, 'clone');
  await copyTrackedFiles(clone);
  await fillNpmCache(join(island.directory, 'cache-filler'));
}, 300_000);
afterAll(() => island?.end());

const ask = (query: string): Promise<DigReply> => dig(island, query);
const inClone = () => ({ cwd: clone, env: { ...ownFiles(island), npm_config_offline: 'true', CI: 'true' } });

async function untilServing(name: string, question: string): Promise<void> {
  await eventually(
    () => `${name} answers; it printed:\n${started.output()}`,
    async () => {
      if (!started.running) throw new Error(`${name} ended:\n${started.output()}`);
      return (await dig(island, `+time=3 ${question}`).catch(() => undefined)) !== undefined;
    },
    { within: 240_000, every: 500 },
  );
}

describe('npm start -- --lab', () => {
  beforeAll(async () => {
    started = island.start('npm-start-lab', ['npm', 'start', '--', '--lab'], inClone());
    await untilServing('npm start -- --lab', 'www.example.com A');
  }, 300_000);
  afterAll(() => started.kill());

  it('says what it installs, builds and starts', () => {
    expect(started.output()).toMatch(/npm ci.*tsc.*rootwalk lab/s);
  });

  it.each([
    ['www.example.com A', ['A 198.18.0.1']],
    ['www.example.com AAAA', ['AAAA 2001:db8:77::1']],
    ['example.com MX', ['MX 10 mail.example.com.', 'MX 20 mail.aliases.org.']],
  ])('dig and kdig get %s', async (query, expected) => {
    for (const tool of ['dig', 'kdig'] as const) {
      const reply = await dig(island, query, { tool });
      expect(reply.status, reply.text).toBe('NOERROR');
      expect(rdataOf(reply.answer)).toEqual(expected);
    }
  });

  it('gets a long TXT over TCP by truncation, and an alias chain over zones', async () => {
    const long = await ask('txt.big.com TXT');
    expect(long.text).toContain(';; Truncated, retrying in TCP mode.');
    expect(long.answer).toHaveLength(1);
    const chain = await ask('www.aliases.com A');
    expect(chain.answer.map(({ type }) => type)).toEqual(expect.arrayContaining(['CNAME', 'A']));
    expect(chain.answer[0]).toMatchObject({ type: 'CNAME', rdata: 'web.aliases.org.' });
  });

  it('is told what does not exist, and what has no such type', async () => {
    expect((await ask('no-such-host.negative.com A')).status).toBe('NXDOMAIN');
    expect(await ask('only-a.negative.com AAAA')).toMatchObject({ status: 'NOERROR', answer: [] });
  });

  it('shows a cached answer with a smaller TTL, in `cache list`, `cache get`, `stats` and curl', async () => {
    await ask('mail.example.com A');
    await pause(2100);
    const second = await ask('mail.example.com A');
    expect(second.answer[0]!.ttl).toBeLessThan(3600);
    const rootwalk = (...args: string[]) =>
      island.run([process.execPath, join(clone, 'dist', 'cli.js'), ...args], { env: ownFiles(island) });
    expect((await rootwalk('cache', 'list')).stdout).toContain('mail.example.com.');
    expect((await rootwalk('cache', 'get', 'mail.example.com', 'A')).stdout).toContain('198.18.0.25');
    expect((await rootwalk('stats')).code).toBe(0);
    const stats = await island.run(['curl', '-sS', '--fail', 'http://127.0.0.1:8053/stats']);
    expect(JSON.parse(stats.stdout).queries.hits).toBeGreaterThan(0);
  });
});

describe('npm start without internet', () => {
  it('starts without installing again, says that nothing can be reached, and names the lab', async () => {
    started = island.start('npm-start', ['npm', 'start'], inClone());
    await eventually(
      () => `the lab is named; it printed:\n${started.output()}`,
      async () => started.output().includes('npm start -- --lab'),
      { within: 60_000 },
    );
    expect(started.output()).not.toContain('npm ci');
    await started.kill();
  });

  it('the script passes SIGTERM on and returns the exit code', async () => {
    started = island.start('start-script', [process.execPath, 'scripts/start.mjs', '--lab'], inClone());
    await untilServing('scripts/start.mjs --lab', 'www.example.com A');
    started.signal('SIGTERM');
    expect((await started.ended).code, started.output()).toBe(0);
    const wrong = await island.run([process.execPath, 'scripts/start.mjs', '--config', 'missing.yaml'], inClone());
    expect(wrong.code).toBe(2);
    expect(wrong.stderr + wrong.stdout).toContain('missing.yaml');
  });
});
