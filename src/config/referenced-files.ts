/** What do the files a configuration names hold? Root hints, trust anchors, secrets and certificates are read and checked here. */
import { readFileSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import type { HttpConfig, SharedCacheConfig } from './config.js';
import { builtInRootHints, type RootHints, rootHintsFrom } from './root-hints.js';
import { type ConfigFields, checkToken } from './schema.js';
import { checkSecret } from './shared-url.js';
import { builtInTrustAnchors, type TrustAnchor, trustAnchorsFromFile } from './trust-anchors.js';
import type { Path } from './yaml-source.js';

/** Takes what is wrong at a key. `given`: other values without which nothing would be wrong. */
export type Complain = (path: Path, message: string, given?: readonly Path[]) => void;

/** The largest file read: hints and anchors take a few kilobytes, and a device file would never end. */
const MAX_FILE_OCTETS = 2 ** 20;

function readText(directory: string, file: string, path: Path, complain: Complain): string | undefined {
  const full = resolve(directory, file);
  try {
    const status = statSync(full);
    if (!status.isFile()) complain(path, `${full} is not a file`);
    else if (status.size > MAX_FILE_OCTETS) complain(path, `${full} is larger than 1 MiB: is it the right file?`);
    else return readFileSync(full, 'utf8');
  } catch (error) {
    complain(path, `cannot read ${full}: ${(error as Error).message}`);
  }
  return undefined;
}

/** The hints of the file, or the built-in ones when none is named; built-in too after a complaint. */
export function readRootHints(file: string | null, directory: string, complain: Complain): RootHints {
  if (file === null) return builtInRootHints();
  const path = ['rootHints'];
  const text = readText(directory, file, path, complain);
  if (text === undefined) return builtInRootHints();
  const outcome = rootHintsFrom(text, file);
  if (outcome.ok) return outcome.hints;
  for (const problem of outcome.problems) complain(path, problem);
  return builtInRootHints();
}

/** All anchors of `dnssec.trustAnchors`: its lines and files, or the built-in ones when the key is absent. */
export function readTrustAnchors(
  given: ConfigFields['dnssec']['trustAnchors'],
  directory: string,
  complain: Complain,
): readonly TrustAnchor[] {
  const key = ['dnssec', 'trustAnchors'];
  if (given === null) return builtInTrustAnchors();
  if (!Array.isArray(given)) return anchorsOfFile(given.file, directory, [...key, 'file'], complain);
  return given.flatMap((source, index) =>
    'file' in source ? anchorsOfFile(source.file, directory, [...key, index, 'file'], complain) : [source],
  );
}

function anchorsOfFile(file: string, directory: string, path: Path, complain: Complain): readonly TrustAnchor[] {
  const text = readText(directory, file, path, complain);
  if (text === undefined) return [];
  const { anchors, problems } = trustAnchorsFromFile(text, file);
  for (const problem of problems) complain(path, problem);
  return anchors;
}

/** The endpoint with its token, from the file when there is one. */
export function readHttp(given: ConfigFields['http'], directory: string, complain: Complain): false | HttpConfig {
  if (given === false) return false;
  const { listen, token, tokenFile } = given;
  if (tokenFile === undefined) return { listen, token };
  const path = ['http', 'tokenFile'];
  if (token !== undefined) complain(path, 'the token is given twice: keep http.token or http.tokenFile');
  const text = readText(directory, tokenFile, path, complain);
  if (text === undefined) return { listen, token };
  try {
    return { listen, token: checkToken(text.trim()) };
  } catch (error) {
    complain(path, `${tokenFile}: ${(error as Error).message}`);
    return { listen, token };
  }
}

/** The shared cache with its secret and certificates. */
export function readShared(
  given: ConfigFields['cache']['shared'],
  directory: string,
  complain: Complain,
): false | SharedCacheConfig {
  if (given === false) return false;
  const { url, nodes, cluster, timeout, prefix, tls } = given;
  const pem = (key: 'ca' | 'cert' | 'key'): string | undefined => {
    const file = tls?.[key];
    return file === undefined ? undefined : readText(directory, file, ['cache', 'shared', 'tls', key], complain);
  };
  const certificates = { ca: pem('ca'), cert: pem('cert'), key: pem('key') };
  const secret = readSecret(given, directory, complain);
  return { url, nodes, cluster, timeout, prefix, secret, tls: certificates };
}

function readSecret(
  { secret, secretFile }: Exclude<ConfigFields['cache']['shared'], false>,
  directory: string,
  complain: Complain,
): string {
  if (secretFile === undefined) return secret ?? '';
  const path = ['cache', 'shared', 'secretFile'];
  if (secret !== undefined) complain(path, 'the secret is given twice: keep secret or secretFile');
  const text = readText(directory, secretFile, path, complain);
  try {
    return text === undefined ? '' : checkSecret(text.trim());
  } catch (error) {
    complain(path, `${secretFile}: ${(error as Error).message}`);
    return '';
  }
}
