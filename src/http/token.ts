/**
 * Which token guards the endpoint, and how does the CLI of the same user come by it?
 *
 * When the configuration names none, the server makes one at each start and leaves it in a file only its user can
 * read. The directory may be shared ground (/tmp): it must be ours, no link and closed to others, and the file is
 * created anew, never opened when something is already there, so nobody can have it written to a place of their choice
 * nor hand the CLI a token of theirs.
 */
import { randomBytes } from 'node:crypto';
import { constants, existsSync } from 'node:fs';
import { type FileHandle, lstat, mkdir, open, readFile, unlink } from 'node:fs/promises';
import { connect } from 'node:net';
import { homedir, tmpdir, userInfo } from 'node:os';
import { dirname, isAbsolute, join } from 'node:path';
import { type ServerAddress, serverAddress } from '../dns/address.js';

/** Octets of a token file worth reading. */
const MAX_TOKEN_FILE = 4096;

/** Milliseconds to see whether this machine listens on one of its own addresses. */
const PROBE_TIMEOUT = 500;

/** What the configuration says of the token. */
export interface TokenSettings {
  readonly token?: string | undefined;
  readonly tokenFile?: string | undefined;
}

export interface HttpToken {
  readonly token: string;
  /** Where the CLI finds a token that was made at start. */
  readonly file: string | undefined;
  /** Why nobody can learn a token that was made at start: it could not be left in a file. */
  readonly untold: string | undefined;
  /** Removes that file, if there is one and it still holds this token. */
  release(): Promise<void>;
}

/** A token file that cannot be used; the message names it and the way out. */
export class TokenError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'TokenError';
  }
}

/**
 * The server's side: the configured token, else one made now and written to the default file of `address`. A file that
 * cannot be written stops nobody: the reads of the endpoint need no token. Throws TokenError for a configured token
 * that cannot be read, and when a server of this user listens at `address` already.
 */
export async function provideToken(
  settings: TokenSettings,
  address: ServerAddress,
  environment: NodeJS.ProcessEnv = process.env,
): Promise<HttpToken> {
  const configured = await configuredToken(settings);
  if (configured !== undefined) return tokenWithoutFile(configured, undefined);
  const token = randomBytes(32).toString('hex');
  const file = defaultTokenFile(address, environment);
  await refuseWhileInUse(file, address);
  const untold = await writeTokenFile(file, token);
  if (untold !== undefined) return tokenWithoutFile(token, untold);
  return { token, file, untold, release: () => removeIfOurs(file, token) };
}

function tokenWithoutFile(token: string, untold: string | undefined): HttpToken {
  return { token, file: undefined, untold, release: async () => {} };
}

/**
 * The client's side: the configured token, else the one a server of the same user left for `address`; undefined when
 * it left none. Throws TokenError for a file that is there but cannot be trusted.
 */
export async function findToken(
  settings: TokenSettings,
  address: ServerAddress,
  environment: NodeJS.ProcessEnv = process.env,
): Promise<string | undefined> {
  const configured = await configuredToken(settings);
  if (configured !== undefined) return configured;
  for (const file of candidateFiles(address, environment)) {
    const token = await readOwnToken(file);
    if (token !== undefined) return token;
  }
  return undefined;
}

/** The file a server listening on `address` leaves its token in. */
export function defaultTokenFile(address: ServerAddress, environment: NodeJS.ProcessEnv = process.env): string {
  return join(tokenDirectories(environment)[0]!, fileNameOf(address));
}

/** A login shell has XDG_RUNTIME_DIR, a service often has not, and a server may listen on the wildcard address. */
function candidateFiles(address: ServerAddress, environment: NodeJS.ProcessEnv): string[] {
  const addresses = [address, serverAddress('0.0.0.0', address.port), serverAddress('::', address.port)];
  const names = [...new Set(addresses.map(fileNameOf))];
  return tokenDirectories(environment).flatMap((directory) => names.map((name) => join(directory, name)));
}

function fileNameOf({ address, port }: ServerAddress): string {
  return `http-${address.replaceAll(':', '_')}-${port}.token`;
}

/** The best first; there is always one. */
function tokenDirectories(environment: NodeJS.ProcessEnv): string[] {
  const runtime = environment.XDG_RUNTIME_DIR;
  const home = environment.HOME ?? homedir();
  return [
    ...(runtime !== undefined && isAbsolute(runtime) && existsSync(runtime) ? [join(runtime, 'rootwalk')] : []),
    ...(isAbsolute(home) && home !== '/' && existsSync(home) ? [join(home, '.local', 'state', 'rootwalk')] : []),
    join(tmpdir(), `rootwalk-${process.getuid?.() ?? userInfo().username}`),
  ];
}

async function configuredToken({ token, tokenFile }: TokenSettings): Promise<string | undefined> {
  if (token !== undefined) return token;
  if (tokenFile === undefined) return undefined;
  const text = await readFile(tokenFile, 'utf8').catch((error: NodeJS.ErrnoException) => {
    throw new TokenError(`the token file ${tokenFile} cannot be read (${error.code}): create it or correct the path`);
  });
  return tokenIn(text, tokenFile);
}

function tokenIn(text: string, file: string): string {
  const token = text.trim();
  if (text.length > MAX_TOKEN_FILE || !/^[\x21-\x7e]+$/.test(token)) {
    throw new TokenError(`${file} does not hold a token: it must be one line of visible ASCII without blanks`);
  }
  return token;
}

/** A second server would take the token file from the first, then fail to listen and leave neither with one. */
async function refuseWhileInUse(file: string, address: ServerAddress): Promise<void> {
  if (!existsSync(file) || !(await isListening(address))) return;
  throw new TokenError(
    `a server runs at ${address.key} already, its token is in ${file}: stop it, or choose another http.listen`,
  );
}

function isListening({ address, port }: ServerAddress): Promise<boolean> {
  return new Promise((resolve) => {
    const end = (listening: boolean) => (): void => {
      socket.destroy();
      resolve(listening);
    };
    const socket = connect({ host: address, port, timeout: PROBE_TIMEOUT });
    socket.once('connect', end(true)).once('error', end(false)).once('timeout', end(false));
  });
}

/** Undefined when it was written, else why it was not. */
async function writeTokenFile(file: string, token: string): Promise<string | undefined> {
  const directory = dirname(file);
  try {
    await makeDirectory(directory);
    await demandOwnDirectory(directory);
    // Left by a server that was killed. A link is removed, not what it points to.
    await unlink(file).catch(ignoreAbsence);
    const handle = await open(file, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | NO_FOLLOW, 0o600);
    await handle.writeFile(`${token}\n`).finally(() => handle.close());
    return undefined;
  } catch (error) {
    return error instanceof TokenError ? error.message : `the token file ${file} cannot be written (${codeOf(error)})`;
  }
}

/**
 * The directory and those above it, for this user alone. Node's own `recursive` never ends where a directory that is
 * there says that it is not (ENOENT) when something is to be made in it, as /proc does.
 */
async function makeDirectory(directory: string): Promise<void> {
  const missing: string[] = [];
  for (let at = directory; !existsSync(at) && dirname(at) !== at; at = dirname(at)) missing.unshift(at);
  for (const each of missing) {
    await mkdir(each, { mode: 0o700 }).catch((error: unknown) => {
      if (codeOf(error) !== 'EEXIST') throw error;
    });
  }
}

/** Both absent on Windows. Without the second, opening a pipe waits for a writer. */
const NO_FOLLOW = constants.O_NOFOLLOW ?? 0;
const NO_WAIT = constants.O_NONBLOCK ?? 0;

async function demandOwnDirectory(directory: string): Promise<void> {
  const found = await lstat(directory);
  if (!found.isDirectory() || !isOnlyOurs(found, 0o022)) {
    throw new TokenError(
      `${directory} is not a directory that only you can write: remove it, or set http.tokenFile or http.token`,
    );
  }
}

function isOnlyOurs(found: { uid: number; mode: number }, forbidden: number): boolean {
  const uid = process.getuid?.();
  return uid === undefined || (found.uid === uid && (found.mode & forbidden) === 0);
}

async function readOwnToken(file: string): Promise<string | undefined> {
  let handle: FileHandle;
  try {
    await demandOwnDirectory(dirname(file));
    handle = await open(file, constants.O_RDONLY | NO_FOLLOW | NO_WAIT);
  } catch (error) {
    if (error instanceof TokenError) throw error;
    if (codeOf(error) === 'ENOENT' || codeOf(error) === 'ENOTDIR') return undefined;
    throw new TokenError(`the token file ${file} cannot be read (${codeOf(error)}): restart the server to renew it`);
  }
  try {
    const found = await handle.stat();
    if (!found.isFile() || found.size > MAX_TOKEN_FILE || !isOnlyOurs(found, 0o077)) {
      throw new TokenError(`${file} is not a file that only you can read: remove it and restart the server`);
    }
    return tokenIn(await handle.readFile('utf8'), file);
  } finally {
    await handle.close();
  }
}

async function removeIfOurs(file: string, token: string): Promise<void> {
  const held = await readOwnToken(file).catch(() => undefined);
  if (held === token) await unlink(file).catch(ignoreAbsence);
}

function ignoreAbsence(error: unknown): void {
  if (codeOf(error) !== 'ENOENT') throw error;
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : String(error);
}
