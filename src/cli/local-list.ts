/** rootwalk local list: which records does the running server answer by itself, and which of them were changed? */
import { nameToText } from '../dns/name.js';
import { MAX_LIMIT } from '../http/cache-parameters.js';
import type { LocalListBody, LocalRecordBody } from '../http/local-routes.js';
import { nameArgument, numberArgument } from './arguments.js';
import { localListPath } from './cache-path.js';
import { CommandError, EXIT_DONE, type ExitCode } from './exit.js';
import { httpClient, type ServerOptions } from './http-client.js';
import { type Column, writeTable } from './table.js';
import { type Terminal, writeJson } from './terminal.js';

export interface LocalListOptions extends ServerOptions {
  readonly suffix?: string;
  readonly limit: string;
  readonly json?: boolean;
}

export async function localList(options: LocalListOptions, terminal: Terminal): Promise<ExitCode> {
  const limit = numberArgument(options.limit, 1, MAX_LIMIT, '--limit');
  const suffix = options.suffix === undefined ? undefined : nameToText(nameArgument(options.suffix));
  const client = await httpClient(options);
  const fetched = await client.get<LocalListBody>(localListPath(suffix, limit), 'records');
  if (fetched.kind === 'absent') throw new CommandError(fetched.problem.error, fetched.problem.hint);
  const { body } = fetched;
  if (options.json) {
    writeJson(terminal, body);
    return EXIT_DONE;
  }
  writeTable(terminal, COLUMNS, body.records.map(rowOf));
  if (terminal.isTty) terminal.out(`\nchanges are kept in ${body.file ?? 'memory only (local.file names a file)'}\n`);
  if (body.more) terminal.err('there are more records: raise --limit, or narrow with --suffix\n');
  return EXIT_DONE;
}

const COLUMNS: readonly Column[] = [
  { title: 'NAME', maxWidth: 60 },
  { title: 'TYPE' },
  { title: 'TTL', align: 'right' },
  { title: 'SOURCE' },
  { title: 'ZONE', maxWidth: 40 },
  { title: 'DATA', maxWidth: 80 },
  { title: 'NOTE', maxWidth: 80 },
];

function rowOf({ name, type, ttl, source, zone, zoneType, data, unused }: LocalRecordBody): (string | number)[] {
  return [
    name,
    type,
    ttl,
    source,
    zone === null ? '-' : `${zone} (${zoneType})`,
    data.join(', '),
    unused === null ? '-' : `without effect: ${unused}`,
  ];
}
