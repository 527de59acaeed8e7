/**
 * Where is the state of trust anchors kept, and how is it replaced so that no crash can leave half of it? A temporary
 * file beside it, written through to the disk, takes its name; what such a file of a crashed process held is ignored.
 */
import { chownSync, existsSync, mkdirSync, readFileSync } from 'node:fs';
import { open, rename, unlink } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, isAbsolute, join } from 'node:path';
import type { Config } from '../config/config.js';
import type { AnchorStore } from '../ports/anchor-store.js';
import { AnchorFileError } from '../validator/anchor-file.js';
import { CommandError } from './exit.js';

/** The state in a file. Its directory is made when it is not there. */
export function fileAnchorStore(file: string): AnchorStore {
  let writing: Promise<void> = Promise.resolve();
  // One after another, whoever asks: there is one temporary file.
  const save = (text: string): Promise<void> => {
    writing = writing.catch(() => undefined).then(() => saveFile(file, text));
    return writing;
  };
  return { where: file, load: () => loadFile(file), save };
}

/** For commands that ask once: the same state, never changed. A file that cannot be read is as none. */
export function readOnlyAnchorStore(file: string): AnchorStore {
  const load = (): string | undefined => {
    try {
      return loadFile(file);
    } catch {
      return undefined;
    }
  };
  return { where: file, load, save: async () => undefined };
}

/**
 * What `compose` makes. Throws CommandError for a state that cannot be believed: to go on without would forget which
 * keys were revoked.
 */
export function believedOrEnd<T>(compose: () => T): T {
  try {
    return compose();
  } catch (error) {
    if (!(error instanceof AnchorFileError)) throw error;
    throw new CommandError(error.message, 'the file holds the state of the trust anchors (dnssec.anchorState)');
  }
}

/** What dnssec.anchorState comes to for a program with these anchors. */
export function anchorFileFor({ dnssec }: Config, environment: NodeJS.ProcessEnv = process.env): string | undefined {
  if (typeof dnssec.anchorState === 'string') return dnssec.anchorState;
  if (dnssec.anchorState === false || dnssec.trustAnchorSource === 'config') return undefined;
  return defaultAnchorFile(environment, process.getuid?.() === 0);
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

const FILE_NAME = 'trust-anchors.json';

/** Undefined when there is no directory of this user to be found. */
export function defaultAnchorFile(environment: NodeJS.ProcessEnv, isRoot: boolean): string | undefined {
  // systemd.exec(5): one path, or several separated by colons.
  const [given] = environment.STATE_DIRECTORY?.split(':') ?? [];
  if (given !== undefined && isAbsolute(given)) return join(given, FILE_NAME);
  if (isRoot) return join('/var/lib/rootwalk', FILE_NAME);
  const state = environment.XDG_STATE_HOME;
  if (state !== undefined && isAbsolute(state)) return join(state, 'rootwalk', FILE_NAME);
  const home = environment.HOME ?? homedir();
  return isAbsolute(home) && home !== '/' ? join(home, '.local', 'state', 'rootwalk', FILE_NAME) : undefined;
}

function loadFile(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    const { code = '', message } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
    throw new AnchorFileError(file, 'the file', `it cannot be read (${code || message})`);
  }
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
