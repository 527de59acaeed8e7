/** rootwalk cache what-if: is the cache of the right size? */
import type { WhatIfView } from '../ports/inspection.js';
import { CommandError, EXIT_DONE, type ExitCode } from './exit.js';
import { octetsText, percentText } from './figures.js';
import { httpClient, type ServerOptions } from './http-client.js';
import { type Column, writeTable } from './table.js';
import { type Terminal, writeJson } from './terminal.js';

export interface CacheWhatIfOptions extends ServerOptions {
  readonly json?: boolean;
}

/** Sampled lookups below which the figures say little. */
const ENOUGH = 1000;

export async function cacheWhatIf(options: CacheWhatIfOptions, terminal: Terminal): Promise<ExitCode> {
  const fetched = await (await httpClient(options)).get<WhatIfView>('/cache/what-if', 'sizes');
  if (fetched.kind !== 'ok') throw new CommandError(fetched.problem.error, fetched.problem.hint);
  const view = fetched.body;
  if (options.json) {
    writeJson(terminal, view);
    return EXIT_DONE;
  }
  writeTable(terminal, COLUMNS, rowsOf(view, terminal.isTty));
  if (terminal.isTty) terminal.out(`\n${basisText(view)}\n`);
  return EXIT_DONE;
}

const COLUMNS: readonly Column[] = [
  { title: 'CACHE' },
  { title: 'SIZE', align: 'right' },
  { title: 'HIT RATIO', align: 'right' },
];

const NAMES = new Map([
  [0.5, 'half'],
  [1, 'as it is'],
  [2, 'double'],
  [4, 'four times'],
]);

function rowsOf({ hitRatio, sizes }: WhatIfView, forPeople: boolean): (string | number)[][] {
  const asItIs = sizes.map(({ factor, maxBytes }) => ({
    factor: 1,
    maxBytes: Math.round(maxBytes / factor),
    hitRatio,
  }));
  return [...sizes, ...asItIs.slice(0, 1)]
    .sort((a, b) => a.factor - b.factor)
    .map((size) => [
      NAMES.get(size.factor) ?? `${size.factor} times`,
      forPeople ? octetsText(size.maxBytes) : size.maxBytes,
      forPeople ? percentText(size.hitRatio) : size.hitRatio,
    ]);
}

function basisText({ sampled, lookups, bytes }: WhatIfView): string {
  const basis = `told by ${sampled} of ${lookups} lookups, in ${octetsText(bytes)} beside the cache`;
  return sampled < ENOUGH ? `${basis}: too few to rely on` : basis;
}
