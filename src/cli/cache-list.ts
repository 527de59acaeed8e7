/** rootwalk cache list: what does the running server hold? */
import { nameToText } from '../dns/name.js';
import { typeToText } from '../dns/numbers.js';
import { MAX_LIMIT } from '../http/cache-parameters.js';
import type { EntrySummary } from '../http/views.js';
import { ENTRY_ORDERS } from '../ports/cache-inspection.js';
import { kindArgument, nameArgument, numberArgument, typeArgument, wordArgument } from './arguments.js';
import { filterPath } from './cache-path.js';
import { CommandError, EXIT_DONE, type ExitCode } from './exit.js';
import { octetsText } from './figures.js';
import { httpClient, type ServerOptions } from './http-client.js';
import { type Column, writeTable } from './table.js';
import { type Terminal, writeJson } from './terminal.js';

export interface CacheListOptions extends ServerOptions {
  readonly suffix?: string;
  readonly type?: string;
  readonly kind?: string;
  readonly limit: string;
  readonly sort?: string;
  readonly reverse?: boolean;
  readonly json?: boolean;
}

export interface Listing {
  readonly count: number;
  readonly more: boolean;
  readonly entries: readonly EntrySummary[];
}

export async function cacheList(options: CacheListOptions, terminal: Terminal): Promise<ExitCode> {
  const limit = numberArgument(options.limit, 1, MAX_LIMIT, '--limit');
  const path = filterPath({
    suffix: options.suffix === undefined ? undefined : nameToText(nameArgument(options.suffix)),
    type: options.type === undefined ? undefined : typeToText(typeArgument(options.type)),
    kind: options.kind === undefined ? undefined : kindArgument(options.kind),
    sort:
      options.sort === undefined ? undefined : wordArgument(options.sort, ENTRY_ORDERS, '--sort', 'an order', 'orders'),
    reverse: options.reverse ? 'true' : undefined,
    limit,
  });
  const fetched = await (await httpClient(options)).get<Listing>(path, 'entries');
  if (fetched.kind === 'absent') throw new CommandError(fetched.problem.error, fetched.problem.hint);
  show(fetched.body, options, terminal);
  if (fetched.body.more) {
    terminal.err('there are more entries: raise --limit, or narrow with --suffix, --type, --kind\n');
  }
  return EXIT_DONE;
}

function show(listing: Listing, options: CacheListOptions, terminal: Terminal): void {
  if (options.json) {
    writeJson(terminal, listing);
    return;
  }
  const size = (octets: number): string | number => (terminal.isTty ? octetsText(octets) : octets);
  const rows = listing.entries.map((entry) => [
    entry.name,
    entry.type ?? '*',
    entry.kind,
    entry.ttlLeft,
    entry.hits,
    size(entry.bytes),
    entry.security,
    Math.round(entry.costMs),
    entry.server === '' ? 'local' : entry.server,
    entry.data.join(' | '),
  ]);
  writeTable(terminal, COLUMNS, rows);
}

const COLUMNS: readonly Column[] = [
  { title: 'NAME', maxWidth: 60 },
  { title: 'TYPE' },
  { title: 'KIND' },
  { title: 'TTL', align: 'right' },
  { title: 'HITS', align: 'right' },
  { title: 'SIZE', align: 'right' },
  { title: 'SECURITY' },
  { title: 'COST', align: 'right' },
  { title: 'SERVER' },
  { title: 'DATA', maxWidth: 60 },
];
