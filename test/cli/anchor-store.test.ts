/** The file of trust anchors: replaced whole or not at all, and where it lies unless somebody says so. */
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { anchorFileFor, defaultAnchorFile, fileAnchorStore, readOnlyAnchorStore } from '../../src/cli/anchor-store.js';
import { prepareDirectory } from '../../src/cli/text-file.js';
import { parseConfig } from '../../src/config/load-config.js';
import { AnchorFileError } from '../../src/validator/anchor-file.js';

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'anchors-'));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

// Where mkdir says ENOENT though the parent is there, Node's own recursive one tries for ever.
it.runIf(existsSync('/proc/self'))('a directory that cannot be made is an error, not a hang', async () => {
  await expect(fileAnchorStore('/proc/absent/deep/anchors.json').save('{}')).rejects.toThrow('ENOENT');
  expect(() => prepareDirectory('/proc/absent/deep/anchors.json', { uid: 0, gid: 0 })).toThrow('ENOENT');
});

describe('fileAnchorStore', () => {
  const fileIn = (...names: string[]): string => join(directory, ...names, 'trust-anchors.json');

  it('gives back what it saved, readable for all, with nothing beside it', async () => {
    const file = fileIn('a', 'b');
    const store = fileAnchorStore(file);
    expect(store.load()).toBeUndefined();
    await store.save('one');
    await store.save('two');
    expect(store.load()).toBe('two');
    expect(statSync(file).mode & 0o777).toBe(0o644);
    expect(readdirSync(join(directory, 'a', 'b'))).toEqual(['trust-anchors.json']);
  });

  it('a crash before the rename loses the new state, not the old one', async () => {
    const file = fileIn();
    await fileAnchorStore(file).save('old');
    writeFileSync(`${file}.new`, 'hal');
    expect(fileAnchorStore(file).load()).toBe('old');
    await fileAnchorStore(file).save('new');
    expect(fileAnchorStore(file).load()).toBe('new');
    expect(readdirSync(directory)).toEqual(['trust-anchors.json']);
  });

  it('does not write through a link that lies where its temporary file goes', async () => {
    const victim = join(directory, 'victim');
    writeFileSync(victim, 'precious');
    symlinkSync(victim, `${fileIn()}.new`);
    await fileAnchorStore(fileIn()).save('state');
    expect(readFileSync(victim, 'utf8')).toBe('precious');
  });

  it('rejects when the directory cannot be', async () => {
    writeFileSync(join(directory, 'file'), '');
    await expect(fileAnchorStore(fileIn('file')).save('x')).rejects.toThrow(/ENOTDIR|EEXIST/);
  });

  it('what is there and cannot be read is an error, not a fresh start; for one question it is as none', () => {
    mkdirSync(fileIn());
    expect(() => fileAnchorStore(fileIn()).load()).toThrow(AnchorFileError);
    expect(() => fileAnchorStore(fileIn()).load()).toThrow('it cannot be read (EISDIR)');
    expect(readOnlyAnchorStore(fileIn()).load()).toBeUndefined();
  });

  it('a command that asks once writes nothing', async () => {
    await readOnlyAnchorStore(fileIn()).save('x');
    expect(readdirSync(directory)).toEqual([]);
  });
});

describe('prepareDirectory', () => {
  const me = { uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0 };
  const isRoot = me.uid === 0;

  it.runIf(isRoot)('makes the directory for whom it is meant', () => {
    prepareDirectory(join(directory, 'new', 'x.json'), { uid: 65_534, gid: 65_534 });
    const { uid, gid } = statSync(join(directory, 'new'));
    expect([uid, gid]).toEqual([65_534, 65_534]);
  });

  it('leaves one alone that is there', () => {
    prepareDirectory(join(directory, 'x.json'), { uid: me.uid + 1, gid: me.gid + 1 });
    expect(statSync(directory).uid).toBe(me.uid);
  });
});

describe('defaultAnchorFile', () => {
  it.each([
    [{ STATE_DIRECTORY: '/var/lib/x:/var/lib/y', HOME: '/h' }, true, '/var/lib/x/trust-anchors.json'],
    [{ HOME: '/root' }, true, '/var/lib/rootwalk/trust-anchors.json'],
    [{ XDG_STATE_HOME: '/s', HOME: '/h' }, false, '/s/rootwalk/trust-anchors.json'],
    [{ XDG_STATE_HOME: 'relative', HOME: '/h' }, false, '/h/.local/state/rootwalk/trust-anchors.json'],
    [{ HOME: '/' }, false, undefined],
  ])('%j, root: %s', (environment, isRoot, file) => {
    expect(defaultAnchorFile(environment, isRoot)).toBe(file);
  });
});

describe('dnssec.anchorState', () => {
  const fileOf = (dnssec: string): string | undefined => {
    const outcome = parseConfig(`dnssec: { ${dnssec} }`, '/etc/rootwalk/x.yaml');
    if (!outcome.ok) throw new Error(outcome.problems[0]?.message);
    return anchorFileFor(outcome.config, { STATE_DIRECTORY: '/state' });
  };
  const own = `trustAnchors: [". IN DS 20326 8 2 ${'ab'.repeat(32)}"]`;

  it.each([
    ['', '/state/trust-anchors.json'],
    ['anchorState: false', undefined],
    ['anchorState: x.json', '/etc/rootwalk/x.json'],
    [own, undefined],
    [`${own}, anchorState: /y.json`, '/y.json'],
  ])('%s', (dnssec, file) => {
    expect(fileOf(dnssec)).toBe(file);
  });
});
