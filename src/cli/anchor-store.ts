/** Where is the state of trust anchors kept? In a file of its own, see text-file.ts. */
import { homedir } from 'node:os';
import { isAbsolute, join } from 'node:path';
import type { Config } from '../config/config.js';
import type { AnchorStore } from '../ports/anchor-store.js';
import { AnchorFileError } from '../validator/anchor-file.js';
import { CommandError } from './exit.js';
import { readTextFile, textFileSaver } from './text-file.js';

/** The state in a file. Its directory is made when it is not there. */
export function fileAnchorStore(file: string): AnchorStore {
  return { where: file, load: () => loadFile(file), save: textFileSaver(file) };
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
    return readTextFile(file);
  } catch (error) {
    throw new AnchorFileError(file, 'the file', (error as Error).message);
  }
}
