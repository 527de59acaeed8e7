/** rootwalk cache stats: how full is the cache, and does it help? */
import { type CacheStats, ENTRY_KINDS } from '../ports/inspection.js';
import { EXIT_DONE, type ExitCode } from './exit.js';
import { octetsText, synthesisedText } from './figures.js';
import { httpClient, type ServerOptions } from './http-client.js';
import { fetchStats } from './stats.js';
import { type Column, writeTable } from './table.js';
import { type Terminal, writeJson } from './terminal.js';

export interface CacheStatsOptions extends ServerOptions {
  readonly json?: boolean;
}

export async function cacheStats(options: CacheStatsOptions, terminal: Terminal): Promise<ExitCode> {
  const { cache } = await fetchStats(await httpClient(options));
  if (options.json) {
    writeJson(terminal, cache);
    return EXIT_DONE;
  }
  writeTable(terminal, COLUMNS, rowsOf(cache, terminal.isTty));
  if (terminal.isTty) {
    terminal.out(`\nmay use ${octetsText(cache.maxBytes)}\n`);
    terminal.out(`answers made from NSEC and NSEC3 records: ${synthesisedText(cache.synthesised)}\n`);
  }
  return EXIT_DONE;
}

const COLUMNS: readonly Column[] = [
  { title: 'STORE' },
  ...['ENTRIES', 'SIZE', 'HITS', 'MISSES', 'STALE', 'STORED', 'EXPIRED', 'EVICTED', 'REJECTED', 'FLUSHED'].map(
    (title): Column => ({ title, align: 'right' }),
  ),
];

function rowsOf({ byKind }: CacheStats, forPeople: boolean): (string | number)[][] {
  return ENTRY_KINDS.map((kind) => {
    const store = byKind[kind];
    const size = forPeople ? octetsText(store.bytes) : store.bytes;
    const { entries, hits, misses, staleHits, inserts, expirations, evictions, rejected, flushed } = store;
    return [kind, entries, size, hits, misses, staleHits, inserts, expirations, evictions, rejected, flushed];
  });
}
