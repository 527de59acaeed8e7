/** Is the cache kept over restarts, where, and what must be the same for it to be believed again? */
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import type { Cache } from '../cache/cache.js';
import { DiskTakenError, Persistence } from '../cache/persistence/persistence.js';
import type { Config } from '../config/config.js';
import type { CacheDisk } from '../ports/cache-disk.js';
import type { Log } from '../ports/log.js';
import type { Random } from '../ports/random.js';
import { accountIds } from '../server/privileges.js';
import { directoryProblem, fileCacheDisk } from './cache-disk.js';
import type { Composed } from './compose.js';
import { CommandError } from './exit.js';
import { prepareDirectory } from './text-file.js';

/** The disk that cache.persistence names; undefined when the cache is in memory only. Throws CommandError. */
export function cacheDiskFor({ cache }: Config): CacheDisk | undefined {
  if (!cache.persistence) return undefined;
  const { directory } = cache.persistence;
  const problem = directoryProblem(directory);
  if (problem !== undefined) throw new CommandError(problem, 'name another cache.persistence.directory');
  return fileCacheDisk(directory);
}

/** Undefined without a disk, or while cache.persistence is off. */
export function keepCache(
  config: Config,
  { cacheDisk, log }: { readonly cacheDisk?: CacheDisk; readonly log: Log },
  cache: Cache,
  random: Random,
): Persistence | undefined {
  const { persistence } = config.cache;
  if (!persistence || cacheDisk === undefined) return undefined;
  const { validationTime } = config.dnssec;
  return new Persistence({
    cache,
    disk: cacheDisk,
    random,
    log,
    settings: persistence,
    fingerprint: fingerprintOf(config),
    signatureTime: () => Math.floor((validationTime ?? cache.clock.wall()) / 1000),
  });
}

/** What entries were judged by and came through: under anything else they are not loaded. 64 hexadecimal digits. */
export function fingerprintOf({ dnssec, zones, rootHints, upstream }: Config): string {
  const { anchorState: _, ...judging } = dnssec;
  const terms = [judging, zones, rootHints.servers, upstream.privateAddresses];
  return createHash('sha256').update(JSON.stringify(terms)).digest('hex');
}

/** For a process that is root still; a failure here shows again when the cache is to be kept. */
export function prepareKeeping({ cache }: Config, user: NonNullable<Config['user']>, log: Log): void {
  if (!cache.persistence || process.geteuid?.() !== 0) return;
  const { directory } = cache.persistence;
  try {
    prepareDirectory(join(directory, 'snapshot'), accountIds(user));
  } catch (err) {
    log.warn({ err, directory }, 'the directory for the kept cache could not be made');
  }
}

/** Throws CommandError when another process has the directory. */
export async function startKeeping(composed: Composed): Promise<void> {
  try {
    await composed.startKeeping();
  } catch (error) {
    if (!(error instanceof DiskTakenError)) throw error;
    throw new CommandError(error.message, 'give each its own cache.persistence.directory, or stop the other one');
  }
}
