/**
 * Is another process at work in this directory? A Unix socket in it says so: it answers for as long as its process
 * lives, however that ends, and also across containers that share the directory, where the number of a process means
 * nothing. A socket that answers nobody is left over, and its place is taken.
 */
import { rename, unlink } from 'node:fs/promises';
import { connect, createServer, type Server } from 'node:net';
import { join } from 'node:path';

const NAME = 'lock';
/** Octets of the path of a Unix socket, see unix(7), with what clearAway() adds. */
const MAX_PATH = 90;
/** Others may start at the same moment. */
const MAX_TRIES = 5;

export interface DirectoryLock {
  release(): Promise<void>;
}

/** Undefined when another process has it. Rejects with the system's error when the directory cannot be written. */
export async function lockDirectory(directory: string): Promise<DirectoryLock | undefined> {
  const path = join(directory, NAME);
  for (let tries = 0; tries < MAX_TRIES; tries++) {
    const server = await listen(path);
    if (server !== undefined) return { release: () => new Promise((resolve) => server.close(() => resolve())) };
    if (await answers(path)) return undefined;
    await clearAway(path, directory);
  }
  return undefined;
}

/** Why it could never be locked: undefined when it can. */
export function lockProblem(directory: string): string | undefined {
  if (Buffer.byteLength(directory) <= MAX_PATH) return undefined;
  return `${directory} has more than ${MAX_PATH} octets, too long for the path of a Unix socket in it`;
}

/** Undefined when the name is taken. */
function listen(path: string): Promise<Server | undefined> {
  const server = createServer((socket) => socket.destroy());
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EADDRINUSE') resolve(undefined);
      else reject(error);
    });
    server.listen(path, () => {
      server.unref();
      resolve(server);
    });
  });
}

function answers(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path);
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    // Not there any more, or nobody behind it.
    socket.once('error', () => resolve(false));
  });
}

/** Aside first: when it was replaced meanwhile by one that answers, that one goes back to its place. */
async function clearAway(path: string, directory: string): Promise<void> {
  const aside = join(directory, `${NAME}.${process.pid}`);
  try {
    await rename(path, aside);
    if (await answers(aside)) await rename(aside, path);
    else await unlink(aside);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
}
