/** The cache of the built program looked into, flushed, dumped, lost and loaded by its own commands, in that order. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { LoadOutcome } from '../../src/http/dump-routes.js';
import type { TreeBody } from '../../src/http/tree-view.js';
import { rdataOf } from './internet/dig.js';
import { Internet } from './internet/internet.js';
import { Rootwalk } from './internet/rootwalk.js';

let internet: Internet;
let rootwalk: Rootwalk;
beforeAll(async () => {
  internet = await Internet.create();
  rootwalk = await Rootwalk.start(internet.client);
});
afterAll(() => internet?.end());

async function command(...args: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await rootwalk.cli(['cache', ...args]);
  expect(code, stderr).toBe(0);
  return stdout;
}

it('list and flush say what they do, and do it', async () => {
  for (let i = 1; i <= 4; i++) await rootwalk.dig(`www.d${i}.com A`);
  for (let i = 0; i < 3; i++) await rootwalk.dig('www.d3.com A');
  await rootwalk.dig('absent.example.com A');
  const top = await command('list', '--sort', 'hits', '--type', 'A', '--limit', '1');
  expect(top.split('\t').slice(0, 2)).toEqual(['www.d3.com.', 'A']);
  const held = async (kind: 'nxdomain' | 'rrset') => (await rootwalk.stats()).cache.byKind[kind].entries;
  const negatives = await held('nxdomain');
  expect(negatives).toBeGreaterThan(0);
  expect(await command('flush', '--negative', '--suffix', 'example.com', '--dry-run')).toBe(`${negatives}\n`);
  expect(await held('nxdomain')).toBe(negatives);
  expect(await command('flush', '--negative', '--suffix', 'example.com')).toBe(`${negatives}\n`);
  expect(await held('nxdomain')).toBe(0);
  expect(Number(await command('flush', '--suffix', 'd3.com'))).toBeGreaterThan(0);
  const left = await command('list', '--suffix', 'com', '--kind', 'delegation');
  expect(left).toContain('d4.com.');
  expect(left).not.toContain('d3.com.');
  await command('flush', '--all');
  expect(await held('rrset')).toBe(0);
});

it('dump, kill, load: the answers are there without a question to anybody', async () => {
  for (const name of ['example.com A', 'www.d1.com A', 'absent.example.com A']) await rootwalk.dig(name);
  const tree = await rootwalk.json<TreeBody>('cache', 'tree', 'www.d1.com', '--json');
  expect(tree.zones.map(({ zone, delegation }) => [zone, delegation !== null])).toEqual([
    ['.', true],
    ['com.', true],
    ['d1.com.', true],
  ]);
  const file = join(internet.directory, 'cache.jsonl');
  await command('dump', file);
  const lines = readFileSync(file, 'utf8').trimEnd().split('\n');
  expect(lines.length).toBeGreaterThan(6);
  expect(await command('dump', '--format', 'zone')).toMatch(/^example\.com\. \d+ IN A 203\.0\.113\.80$/m);

  rootwalk.process.signal('SIGKILL');
  await rootwalk.process.ended;
  rootwalk = await Rootwalk.start(internet.client);
  // A line that somebody has broken is told, and costs no other.
  writeFileSync(file, [lines[0], '{"kind":"rrset"', ...lines.slice(1)].join('\n'));
  const loaded = await rootwalk.cli(['cache', 'load', file, '--json']);
  expect(loaded.code, loaded.stderr).toBe(1);
  const { refused, problems, ...outcome } = JSON.parse(loaded.stdout) as LoadOutcome;
  expect([refused, problems[0]?.line]).toEqual([1, 2]);
  // The server asks for the root at start: of that something newer may stand.
  expect(outcome.loaded + outcome.known).toBe(lines.length - 1);
  const before = (await rootwalk.stats()).upstream.exchanges;
  expect(rdataOf((await rootwalk.dig('example.com A')).answer)).toEqual(['A 203.0.113.80']);
  expect((await rootwalk.dig('absent.example.com A')).status).toBe('NXDOMAIN');
  expect((await rootwalk.stats()).upstream.exchanges).toBe(before);
  expect((await rootwalk.stats()).queries.lastMinute).toMatchObject({ hits: 2, hitRatio: 1 });
});
