/**
 * The files of a kept cache on a real disk. Whoever can write them decides what is answered, so only the files of this
 * user, or of root, are read, links are not followed, and a directory that everybody may write to is refused.
 */
import { constants, lstatSync, type Stats, statSync } from 'node:fs';
import { copyFile, type FileHandle, link, open, readdir, rename, unlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { CacheDisk, DiskReader, DiskWriter } from '../ports/cache-disk.js';
import { type DirectoryLock, lockDirectory, lockProblem } from './directory-lock.js';
import { ignoreAbsence, makeDirectory, syncDirectory } from './text-file.js';

/** The directory is made by claim() when it is not there. */
export function fileCacheDisk(directory: string): CacheDisk {
  const path = (name: string): string => join(directory, name);
  let lock: DirectoryLock | undefined;
  return {
    where: directory,
    async claim() {
      makeDirectory(directory);
      lock ??= await lockDirectory(directory);
      return lock !== undefined;
    },
    async release() {
      await lock?.release();
      lock = undefined;
    },
    list: () => readdir(directory),
    open: (name) => openToRead(path(name)),
    async create(name) {
      await unlink(path(name)).catch(ignoreAbsence);
      // Exclusive: what somebody may have put there, a link perhaps, is not written through.
      return writerOf(await open(path(name), 'wx', 0o600), directory);
    },
    async rename(from, to) {
      await rename(path(from), path(to));
      await syncDirectory(directory);
    },
    async keepAs(name, other) {
      await unlink(path(other)).catch(ignoreAbsence);
      await link(path(name), path(other)).catch(() => copyFile(path(name), path(other), constants.COPYFILE_EXCL));
    },
    async remove(name) {
      await unlink(path(name)).catch(ignoreAbsence);
    },
  };
}

/**
 * Why a cache cannot be kept in that directory, as far as can be seen without writing there; undefined: nothing is known
 * against it, or it is not there yet.
 */
export function directoryProblem(directory: string): string | undefined {
  const tooLong = lockProblem(directory);
  if (tooLong !== undefined) return tooLong;
  let status: Stats;
  try {
    status = statSync(directory);
  } catch (error) {
    return problemOfParent(directory, error as NodeJS.ErrnoException);
  }
  if (!status.isDirectory()) return `${directory} is not a directory`;
  if ((status.mode & 0o002) !== 0) {
    return `${directory} can be written by everybody, who could then decide what is answered: use one of its own, or chmod o-w`;
  }
  return undefined;
}

function problemOfParent(directory: string, { code, message }: NodeJS.ErrnoException): string | undefined {
  if (code !== 'ENOENT') return `${directory} cannot be used: ${message}`;
  // A link that leads nowhere is not made whole.
  if (lstatSync(directory, { throwIfNoEntry: false }) !== undefined) return `${directory} is a link that leads nowhere`;
  const parent = dirname(directory);
  if (parent === directory) return undefined;
  const status = statSync(parent, { throwIfNoEntry: false });
  return status === undefined || status.isDirectory() ? undefined : `${parent} is not a directory`;
}

async function openToRead(path: string): Promise<DiskReader | undefined> {
  const handle = await openQuietly(path);
  if (handle === undefined) return undefined;
  const status = await handle.stat();
  const fault = faultOf(status);
  if (fault !== undefined) {
    await handle.close();
    throw new Error(`${path} ${fault}`);
  }
  return {
    size: status.size,
    read: async (into, position) => (await handle.read(into, 0, into.length, position)).bytesRead,
    close: () => handle.close(),
  };
}

/** Not blocking: a pipe would wait for its other end. */
async function openQuietly(path: string): Promise<FileHandle | undefined> {
  try {
    return await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return undefined;
    if (code === 'ELOOP') throw new Error(`${path} is a link`);
    throw error;
  }
}

function faultOf(status: Stats): string | undefined {
  if (!status.isFile()) return 'is not a file';
  const own = process.geteuid?.();
  if (own !== undefined && status.uid !== own && status.uid !== 0) return 'belongs to another user';
  return (status.mode & 0o002) === 0 ? undefined : 'can be written by everybody';
}

function writerOf(handle: FileHandle, directory: string): DiskWriter {
  let isNamed = false;
  return {
    // Not write(): that may write a part.
    write: (octets) => handle.appendFile(octets),
    async sync() {
      await handle.datasync();
      if (!isNamed) await syncDirectory(directory);
      isNamed = true;
    },
    close: () => handle.close(),
  };
}
