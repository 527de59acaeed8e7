/** The command line itself: help, versions, mistakes, exit codes; check-config. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { printable } from '../../src/cli/terminal.js';
import { run } from './captured-terminal.js';

const COMMANDS = [
  'serve',
  'query',
  'cache',
  'cache list',
  'cache get',
  'cache flush',
  'cache stats',
  'cache what-if',
  'stats',
  'check-config',
  'lab',
];

it.each(['', ...COMMANDS])('"%s --help" describes itself with examples', async (command) => {
  const { code, out, err } = await run(`${command} --help`);
  expect({ code, err }).toEqual({ code: 0, err: '' });
  expect(out).toContain(`Usage: ${['rootwalk', ...command.split(' ')].filter((word) => word !== '').join(' ')}`);
  expect(out).toMatch(/\nExamples:\n {2}rootwalk /);
});

it('tells its version', async () => {
  expect((await run('--version')).out).toMatch(/^\d+\.\d+\.\d+\n$/);
});

it.each([
  ['querry example.org', 'Did you mean query?'],
  ['cache lst', 'Did you mean list?'],
  ['query --tarce example.org', 'Did you mean --trace?'],
  ['query', 'missing required argument'],
  ['query a A b', 'too many arguments'],
  ['cache list --limit', 'argument missing'],
  ['', 'Usage:'],
])('"%s" is a usage error', async (line, words) => {
  const { code, out, err } = await run(line);
  expect({ code, out }).toEqual({ code: 2, out: '' });
  expect(err).toContain(words);
});

it('makes text from outside harmless', () => {
  expect(printable('a\tb\u001b]0;title\u0007\u2028')).toBe('a\\x09b\\x1b]0;title\\x07\\u2028');
  expect(printable('Grüße, 中文')).toBe('Grüße, 中文');
});

describe('check-config', () => {
  const folder = mkdtempSync(join(tmpdir(), 'rootwalk-check-'));
  const file = join(folder, 'rootwalk.yaml');
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it('sums up a good file', async () => {
    writeFileSync(file, 'listen: ["127.0.0.1:5399"]\nhttp: false\n');
    const { code, out } = await run(`check-config ${file}`);
    expect(code).toBe(0);
    expect(out).toContain(`ok\t${file}\n`);
    expect(out).toContain('listens on\t127.0.0.1:5399\n');
    expect(out).toContain('http\toff\n');
  });

  it('warns of what works otherwise than it may be meant', async () => {
    writeFileSync(file, 'listen: []\nhttp: false\n');
    const { code, out } = await run(`check-config ${file}`);
    expect(code).toBe(0);
    expect(out).toContain('warning\tlisten is empty: ');
    expect(JSON.parse((await run(`check-config --json ${file}`)).out).warnings).toHaveLength(1);
  });

  it('warns of a negative trust anchor without an end (RFC 7646)', async () => {
    writeFileSync(
      file,
      'dnssec: { negativeTrustAnchors: [old.example, { name: new.example, until: 2030-01-01T00:00:00Z }] }',
    );
    const { out } = await run(`check-config ${file}`);
    expect(out.match(/^warning\t.*/gm)).toEqual([
      'warning\tvalidation is off at old.example. for ever: set until in dnssec.negativeTrustAnchors',
    ]);
  });

  it.each([
    ['', /^dnssec\tvalidate, 2 trust anchors, followed when they change \(state in .*trust-anchors\.json\)$/m],
    ['dnssec: { anchorState: false }', /, followed when they change \(state in memory\)$/m],
    ['dnssec: { trustAnchors: [] }', /^dnssec\tvalidate, without a trust anchor: nothing is validated$/m],
    [
      `dnssec: { trustAnchors: [". IN DS 20326 8 2 ${'ab'.repeat(32)}"] }`,
      /^dnssec\tvalidate, 1 trust anchor, not followed when they change$/m,
    ],
    ['dnssec: { mode: off }', /^dnssec\toff$/m],
  ])('tells whether anchors are followed: %s', async (text, line) => {
    writeFileSync(file, text);
    expect((await run(`check-config ${file}`)).out).toMatch(line);
  });

  it.each([
    ['', /^threads\tone for everything$/m],
    ['threads: 3', /^threads\t3 that answer from what lies ready, one for the rest$/m],
  ])('tells how many threads there will be: %s', async (text, line) => {
    writeFileSync(file, text);
    expect((await run(`check-config ${file}`)).out).toMatch(line);
  });

  it('tells all mistakes with file, line, column and key', async () => {
    writeFileSync(file, 'listen: [nowhere]\ncache:\n  maxTtl: never\n');
    const { code, out } = await run(`check-config ${file}`);
    expect(code).toBe(2);
    const lines = out.trimEnd().split('\n');
    expect(lines).toHaveLength(2);
    expect(lines[0]).toMatch(/rootwalk\.yaml:1:10: listen\[0\]: /);
    expect(lines[1]).toMatch(/rootwalk\.yaml:3:11: cache\.maxTtl: /);
    const json = JSON.parse((await run(`check-config --json ${file}`)).out);
    expect(json.ok).toBe(false);
    expect(json.problems[1]).toMatchObject({ file, line: 3, column: 11, key: 'cache.maxTtl' });
  });

  it.skipIf(process.platform === 'win32')('looks the user up', async () => {
    writeFileSync(file, 'http: false\nuser: no-such-user-here\n');
    const { code, out } = await run(`check-config ${file}`);
    expect(code).toBe(2);
    expect(out).toMatch(/rootwalk\.yaml:2:7: user: there is no user no-such-user-here: /);
    writeFileSync(file, 'user: 65534\n');
    expect((await run(`check-config ${file}`)).code).toBe(0);
  });

  it('looks at the directory that the cache is to be kept in', async () => {
    writeFileSync(file, 'cache: { persistence: { directory: kept, journal: off } }');
    expect((await run(`check-config ${file}`)).out).toMatch(/^kept\tin .*kept: a snapshot every 300 s, no journal$/m);
    writeFileSync(file, 'cache: { persistence: { directory: rootwalk.yaml } }');
    const { code, out } = await run(`check-config ${file}`);
    expect(code).toBe(2);
    expect(out).toMatch(/:1:36: cache.persistence.directory: .*rootwalk.yaml is not a directory/);
  });

  it('prints the schema', async () => {
    const schema = JSON.parse((await run('check-config --schema')).out);
    expect(schema.properties).toHaveProperty('listen');
  });

  it('wants a file that is there', async () => {
    expect((await run('check-config')).code).toBe(2);
    const { code, out } = await run(`check-config ${folder}/none.yaml`);
    expect(code).toBe(2);
    expect(out).toContain('none.yaml:1:1: cannot be read');
  });
});
