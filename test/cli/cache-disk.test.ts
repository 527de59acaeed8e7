/** The directory of a kept cache on a real disk: who is let in, what is believed, and does all of it hold together? */
import {
  chmodSync,
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
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { directoryProblem, fileCacheDisk } from '../../src/cli/cache-disk.js';
import { lockDirectory } from '../../src/cli/directory-lock.js';

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'kept-'));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

async function read(name: string): Promise<string | undefined> {
  const reader = await fileCacheDisk(directory).open(name);
  if (reader === undefined) return undefined;
  const into = Buffer.alloc(reader.size);
  const octets = await reader.read(into, 0);
  await reader.close();
  return into.latin1Slice(0, octets);
}

describe('fileCacheDisk', () => {
  it('makes its directory, and files that nobody else reads', async () => {
    const disk = fileCacheDisk(join(directory, 'a', 'b'));
    expect(await disk.claim()).toBe(true);
    const writer = await disk.create('x');
    await writer.write(Buffer.from('one'));
    await writer.write(Buffer.from('two'));
    await writer.sync();
    await writer.close();
    expect(readFileSync(join(disk.where, 'x'), 'utf8')).toBe('onetwo');
    expect(statSync(join(disk.where, 'x')).mode & 0o777).toBe(0o600);
    await disk.release();
    expect(await disk.list()).toEqual(['x']);
  });

  it('replaces, keeps beside, and removes', async () => {
    const disk = fileCacheDisk(directory);
    writeFileSync(join(directory, 'old'), 'old');
    writeFileSync(join(directory, 'new'), 'new');
    await disk.keepAs('old', 'old.broken');
    await disk.keepAs('old', 'old.broken');
    await disk.rename('new', 'old');
    expect([await read('old'), await read('old.broken'), await read('new')]).toEqual(['new', 'old', undefined]);
    await disk.remove('old');
    await disk.remove('old');
    expect(readdirSync(directory)).toEqual(['old.broken']);
  });

  it('does not write through a link, nor read through one', async () => {
    const elsewhere = join(directory, 'elsewhere');
    writeFileSync(elsewhere, 'precious');
    symlinkSync(elsewhere, join(directory, 'snapshot'));
    await expect(fileCacheDisk(directory).open('snapshot')).rejects.toThrow('is a link');
    await (await fileCacheDisk(directory).create('snapshot')).close();
    expect(readFileSync(elsewhere, 'utf8')).toBe('precious');
  });

  it('reads neither directories nor what everybody can write', async () => {
    mkdirSync(join(directory, 'snapshot'));
    await expect(fileCacheDisk(directory).open('snapshot')).rejects.toThrow('is not a file');
    writeFileSync(join(directory, 'journal-1'), '');
    chmodSync(join(directory, 'journal-1'), 0o666);
    await expect(fileCacheDisk(directory).open('journal-1')).rejects.toThrow('can be written by everybody');
  });
});

describe('the lock', () => {
  it('lets one in at a time', async () => {
    const [first, second] = [fileCacheDisk(directory), fileCacheDisk(directory)];
    expect([await first.claim(), await second.claim(), await first.claim()]).toEqual([true, false, true]);
    await first.release();
    expect(await second.claim()).toBe(true);
    await second.release();
  });

  it('is taken over from a process that was killed', async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(join(directory, 'other'), resolve));
    symlinkSync(join(directory, 'other'), join(directory, 'lock'));
    expect(await lockDirectory(directory)).toBeUndefined();
    // The name stays, and nobody is behind it any more.
    await new Promise((resolve) => server.close(resolve));
    const lock = await lockDirectory(directory);
    expect(lock).toBeDefined();
    await lock!.release();
    expect(existsSync(join(directory, 'lock'))).toBe(false);
  });

  it('many that start at once: one gets in', async () => {
    const locks = await Promise.all(Array.from({ length: 8 }, () => lockDirectory(directory)));
    expect(locks.filter((lock) => lock !== undefined)).toHaveLength(1);
    await Promise.all(locks.map((lock) => lock?.release()));
  });
});

describe('directoryProblem', () => {
  it('lets pass what is there, and what can be made', () => {
    expect(directoryProblem(directory)).toBeUndefined();
    expect(directoryProblem(join(directory, 'new', 'deep'))).toBeUndefined();
  });

  it('names what is wrong', () => {
    writeFileSync(join(directory, 'file'), '');
    symlinkSync(join(directory, 'nowhere'), join(directory, 'link'));
    mkdirSync(join(directory, 'open'));
    chmodSync(join(directory, 'open'), 0o777);
    expect(directoryProblem(join(directory, 'file'))).toMatch(/is not a directory/);
    expect(directoryProblem(join(directory, 'file', 'below'))).toMatch(/cannot be used: ENOTDIR/);
    expect(directoryProblem(join(directory, 'link'))).toMatch(/leads nowhere/);
    expect(directoryProblem(join(directory, 'open'))).toMatch(/written by everybody/);
    expect(directoryProblem(`/${'x'.repeat(100)}`)).toMatch(/too long/);
  });
});
