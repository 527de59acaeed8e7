/** rootwalk cache get: what is held of this name, since when, from whom, and how far is it believed? */
import { nameToText } from '../dns/name.js';
import { typeToText } from '../dns/numbers.js';
import { MAX_LIMIT } from '../http/cache-parameters.js';
import { nearest } from '../http/nearest.js';
import type { EntryDetail } from '../http/views.js';
import { nameArgument, typeArgument } from './arguments.js';
import type { Listing } from './cache-list.js';
import { entryPath, filterPath } from './cache-path.js';
import { CommandError, EXIT_DONE, EXIT_FAILURE, type ExitCode } from './exit.js';
import { octetsText } from './figures.js';
import { type HttpClient, httpClient, type ServerOptions } from './http-client.js';
import { writePairs } from './table.js';
import { printable, type Terminal, writeJson } from './terminal.js';

export interface CacheGetOptions extends ServerOptions {
  readonly json?: boolean;
}

interface Shown {
  readonly name: string;
  readonly entries: readonly EntryDetail[];
}

export async function cacheGet(
  nameText: string,
  typeText: string | undefined,
  options: CacheGetOptions,
  terminal: Terminal,
): Promise<ExitCode> {
  const type = typeText === undefined ? undefined : typeArgument(typeText, nameText);
  const name = nameArgument(nameText);
  const client = await httpClient(options);
  const fetched = await client.get<Shown>(entryPath(name, type), 'entries');
  if (fetched.kind === 'absent') {
    const wanted = `${nameToText(name)}${type === undefined ? '' : ` ${typeToText(type)}`}`;
    throw new CommandError(`${wanted} is not in the cache`, await wayOut(client, nameToText(name)), EXIT_FAILURE);
  }
  if (options.json) writeJson(terminal, fetched.body);
  else for (const [i, entry] of fetched.body.entries.entries()) showEntry(entry, i > 0, terminal);
  return EXIT_DONE;
}

/** The name that was probably meant: other types of the same name, else a name spelled alike. */
async function wayOut(client: HttpClient, name: string): Promise<string> {
  const same = await listing(client, { name });
  if (same.length > 0) return `of this name there is ${same.map(({ type, kind }) => type ?? kind).join(', ')}`;
  const names = (await listing(client, { limit: MAX_LIMIT })).map((entry) => entry.name);
  const meant = nearest(name, new Set(names));
  return meant === undefined
    ? 'rootwalk cache list --suffix NAME shows what is at or below a name'
    : `did you mean ${meant}?`;
}

async function listing(client: HttpClient, conditions: Readonly<Record<string, string | number>>) {
  const fetched = await client.get<Listing>(filterPath(conditions), 'entries');
  return fetched.kind === 'ok' ? fetched.body.entries : [];
}

function showEntry(entry: EntryDetail, further: boolean, terminal: Terminal): void {
  const { provenance } = entry;
  const title = `${entry.name} ${entry.type ?? 'every type'} (${entry.kind}, ${entry.security})`;
  terminal.out(`${further ? '\n' : ''}${terminal.colours.bold(printable(title))}\n`);
  const source = provenance.server === '' ? 'local data' : `${provenance.server} over ${provenance.transport}`;
  writePairs(terminal, [
    ...entry.records.map(({ text }) => ['record', text] as const),
    ...entry.because.map(({ code, name, text }) => ['because', `${code} (${name}): ${text}`] as const),
    ['ttl', `${entry.ttlLeft} of ${entry.ttlOriginal} s`],
    ['from', `${source}, ${provenance.section} section${provenance.shared ? ', by way of the shared cache' : ''}`],
    ['credibility', provenance.credibility],
    ['asked for', `${provenance.askedFor}: ${provenance.costExchanges} exchanges, ${Math.round(provenance.costMs)} ms`],
    ['stored', entry.storedAt],
    ['used', `${entry.hits} times`],
    ['size', octetsText(entry.bytes)],
  ]);
}
