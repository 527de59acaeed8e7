/** rootwalk cache tree: over which zone cuts is there a way down to this name, and what is missing on it? */
import { nameToText } from '../dns/name.js';
import type { TreeBody } from '../http/tree-view.js';
import type { KeyLink } from '../ports/cache-inspection.js';
import { nameArgument } from './arguments.js';
import { treePath } from './cache-path.js';
import { CommandError, EXIT_DONE, type ExitCode } from './exit.js';
import { counted } from './figures.js';
import { httpClient, type ServerOptions } from './http-client.js';
import { printable, type Terminal, writeJson } from './terminal.js';

export interface CacheTreeOptions extends ServerOptions {
  readonly json?: boolean;
}

export async function cacheTree(nameText: string, options: CacheTreeOptions, terminal: Terminal): Promise<ExitCode> {
  const name = nameArgument(nameText);
  const fetched = await (await httpClient(options)).get<TreeBody>(treePath(name), 'zones');
  if (fetched.kind === 'absent') throw new CommandError(fetched.problem.error, fetched.problem.hint);
  if (options.json) writeJson(terminal, fetched.body);
  else for (const line of treeLines(fetched.body, nameToText(name))) terminal.out(`${printable(line)}\n`);
  return EXIT_DONE;
}

/** Each zone a step further in than the one above it. */
function* treeLines({ zones, entries, deniedAt }: TreeBody, name: string): Generator<string> {
  for (const [depth, zone] of zones.entries()) {
    const indent = '  '.repeat(depth);
    yield `${indent}${zone.zone}`;
    for (const line of zoneLines(zone)) yield `${indent}  ${line}`;
  }
  const indent = '  '.repeat(zones.length);
  yield `${indent}${name}`;
  if (deniedAt !== null) yield `${indent}  does not exist: ${deniedAt} does not`;
  if (entries.length === 0) yield `${indent}  nothing is held of the name itself`;
  for (const { type, kind, security, ttlLeft, data } of entries) {
    yield `${indent}  ${type ?? 'every type'} (${kind}, ${security}), ${ttlLeft} s  ${data.join(' | ')}`.trimEnd();
  }
}

type Zone = TreeBody['zones'][number];

function* zoneLines({ delegation, ds, dnskey, missing }: Zone): Generator<string> {
  if (delegation !== null) {
    const { ttlLeft, ttlOriginal, server, servers } = delegation;
    yield `delegation  ${ttlLeft} of ${ttlOriginal} s, from ${server === '' ? 'the configuration' : server}`;
    for (const { name, glue, known } of servers) yield `server      ${name}  ${addressesText(glue, known)}`;
  }
  if (ds !== null) yield `DS          ${linkText(ds)}`;
  if (dnskey !== null) yield `DNSKEY      ${linkText(dnskey)}`;
  for (const what of missing) yield `missing     ${what}`;
}

function addressesText(glue: readonly string[], known: number): string {
  const looked = known === 0 ? '' : `${counted(known, 'address', 'addresses')} looked up`;
  return (
    [glue.length === 0 ? '' : `glue ${glue.join(' ')}`, looked].filter((text) => text !== '').join(', ') ||
    'no address known'
  );
}

function linkText({ kind, count, security, ttlLeft }: KeyLink): string {
  return `${kind === 'denied' ? 'there is none' : counted(count, 'record')}, ${security}, ${ttlLeft} s`;
}
