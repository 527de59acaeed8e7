/** rootwalk cache list: what does the running server hold? */
import { compareCanonical, nameFromText, nameToText } from '../dns/name.js';
import { typeToText } from '../dns/numbers.js';
import { MAX_LIMIT } from '../http/cache-parameters.js';
import { nearest } from '../http/nearest.js';
import type { EntrySummary } from '../http/views.js';
import { kindArgument, nameArgument, numberArgument, typeArgument } from './arguments.js';
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
  readonly json?: boolean;
}

export interface Listing {
  readonly count: number;
  readonly more: boolean;
  readonly entries: readonly EntrySummary[];
}

export async function cacheList(options: CacheListOptions, terminal: Terminal): Promise<ExitCode> {
  const limit = numberArgument(options.limit, 1, MAX_LIMIT, '--limit');
  const order = options.sort === undefined ? undefined : orderArgument(options.sort);
  const path = filterPath({
    suffix: options.suffix === undefined ? undefined : nameToText(nameArgument(options.suffix)),
    type: options.type === undefined ? undefined : typeToText(typeArgument(options.type)),
    kind: options.kind === undefined ? undefined : kindArgument(options.kind),
    // What comes first can only be told when all are seen; the server gives no more than this at once.
    limit: order === undefined ? limit : MAX_LIMIT,
  });
  const fetched = await (await httpClient(options)).get<Listing>(path, 'entries');
  if (fetched.kind === 'absent') throw new CommandError(fetched.problem.error, fetched.problem.hint);
  const { entries, more } = fetched.body;
  const sorted = order === undefined ? entries : [...entries].sort(order).slice(0, limit);
  show({ count: sorted.length, more: more || entries.length > sorted.length, entries: sorted }, options, terminal);
  if (order !== undefined && more) {
    terminal.err(
      `only the first ${MAX_LIMIT} entries were sorted; there are more: narrow with --suffix, --type, --kind\n`,
    );
  } else if (entries.length > sorted.length || more) {
    terminal.err(`there are more entries: raise --limit, or narrow with --suffix, --type, --kind\n`);
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
  { title: 'SERVER' },
  { title: 'DATA', maxWidth: 60 },
];

type Order = (a: EntrySummary, b: EntrySummary) => number;

const ORDERS: Readonly<Record<string, Order>> = {
  // Names of one zone side by side, as RFC 4034 §6.1 orders them.
  name: (a, b) => compareCanonical(nameFromText(a.name), nameFromText(b.name)),
  ttl: (a, b) => a.ttlLeft - b.ttlLeft,
  hits: (a, b) => b.hits - a.hits,
  size: (a, b) => b.bytes - a.bytes,
  age: (a, b) => Date.parse(a.storedAt) - Date.parse(b.storedAt),
};

const ORDER_NAMES = Object.keys(ORDERS);

function orderArgument(text: string): Order {
  const order = Object.hasOwn(ORDERS, text) ? ORDERS[text] : undefined;
  if (order !== undefined) return order;
  const meant = nearest(text, ORDER_NAMES);
  const hint = `${meant === undefined ? '' : `did you mean ${meant}? `}orders are ${ORDER_NAMES.join(', ')}`;
  throw new CommandError(`--sort: "${text}" is not an order`, hint);
}
