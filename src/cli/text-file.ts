/**
 * A text in a file, replaced so that no crash can leave half of it: a temporary file beside it, written through to the
 * disk, takes its name; what such a file of a crashed process held is ignored.
 */
import { chownSync, existsSync, mkdirSync, readFileSync } from 'node:fs';
import { open, rename, unlink } from 'node:fs/promises';
import { dirname } from 'node:path';

/** The text; undefined when there is no such file. Throws an Error whose message says why it cannot be read. */
export function readTextFile(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    const { code = '', message } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
    throw new Error(`it cannot be read (${code || message})`);
  }
}

/** Saves to that file, its directory made when it is not there. */
export function textFileSaver(file: string): (text: string) => Promise<void> {
  let writing: Promise<void> = Promise.resolve();
  // One after another, whoever asks: there is one temporary file.
  return (text) => {
    writing = writing.catch(() => undefined).then(() => saveFile(file, text));
    return writing;
  };
}

/**
 * Makes the directory of the file for a process that is root still and will be somebody else when it writes there. One
 * that is there is left alone: whom it belongs to is its owner's business.
 */
export function prepareDirectory(file: string, owner: { readonly uid: number; readonly gid: number }): void {
  const directory = dirname(file);
  if (existsSync(directory)) return;
  makeDirectory(directory);
  chownSync(directory, owner.uid, owner.gid);
}

/**
 * With the ones above it. Not mkdir's `recursive`: in Node.js 20 that never returns where the parent is there and the
 * system says ENOENT all the same, as below /proc. Ends: each step is one name shorter.
 */
export function makeDirectory(directory: string): void {
  if (existsSync(directory)) return;
  const parent = dirname(directory);
  if (parent !== directory) makeDirectory(parent);
  mkdirSync(directory, { mode: 0o755 });
}

async function saveFile(file: string, text: string): Promise<void> {
  const directory = dirname(file);
  const temporary = `${file}.new`;
  makeDirectory(directory);
  await unlink(temporary).catch(ignoreAbsence);
  // Exclusive: what somebody may have put there, a link perhaps, is not written through.
  const handle = await open(temporary, 'wx', 0o644);
  try {
    await handle.writeFile(text);
    await handle.chmod(0o644);
    await handle.sync();
  } finally {
    await handle.close();
  }
  await rename(temporary, file);
  await syncDirectory(directory);
}

/** The new name must be on the disk too. Not every system lets directories be opened. */
export async function syncDirectory(directory: string): Promise<void> {
  const handle = await open(directory, 'r').catch(() => undefined);
  await handle?.sync().catch(() => undefined);
  await handle?.close();
}

export function ignoreAbsence(error: unknown): void {
  if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
}
