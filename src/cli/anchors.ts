/** rootwalk anchors: from which keys does the running server's trust start, how did they fare, and where is it off? */
import type { AnchorsBody } from '../http/anchors-route.js';
import { CommandError, EXIT_DONE, type ExitCode } from './exit.js';
import { httpClient, type ServerOptions } from './http-client.js';
import { type Column, writeTable } from './table.js';
import { type Terminal, writeJson } from './terminal.js';

export interface AnchorsOptions extends ServerOptions {
  readonly json?: boolean;
}

export async function anchors(options: AnchorsOptions, terminal: Terminal): Promise<ExitCode> {
  const fetched = await (await httpClient(options)).get<AnchorsBody>('/anchors', 'anchors');
  if (fetched.kind === 'absent') throw new CommandError(fetched.problem.error, fetched.problem.hint);
  const { body } = fetched;
  if (options.json) {
    writeJson(terminal, body);
    return EXIT_DONE;
  }
  writeTable(terminal, COLUMNS, [...anchorRows(body), ...negativeRows(body)]);
  if (terminal.isTty && body.file !== null) terminal.out(`\nstate kept in ${body.file}\n`);
  return EXIT_DONE;
}

const COLUMNS: readonly Column[] = [
  { title: 'ZONE', maxWidth: 60 },
  { title: 'TAG', align: 'right' },
  { title: 'ALGORITHM' },
  { title: 'STATE' },
  { title: 'SOURCE' },
  { title: 'SINCE' },
  { title: 'LAST SEEN' },
  { title: 'NEXT REFRESH' },
  { title: 'NOTE', maxWidth: 80 },
];

function anchorRows({ anchors: list, refreshes }: AnchorsBody): string[][] {
  return list.map((anchor) => {
    const refresh = refreshes.find(({ zone }) => zone === anchor.zone);
    return [
      anchor.zone,
      String(anchor.keyTag),
      anchor.algorithm,
      anchor.state,
      anchor.source,
      timeText(anchor.since),
      timeText(anchor.lastSeen),
      timeText(refresh?.nextRefresh),
      noteOf(anchor, refresh),
    ];
  });
}

function noteOf(anchor: AnchorsBody['anchors'][number], refresh: AnchorsBody['refreshes'][number] | undefined): string {
  const held = anchor.validFrom === null ? [] : [`an anchor from ${timeText(anchor.validFrom)} on, if it stays`];
  const failed = refresh?.failure == null ? [] : [`the last refresh failed: ${refresh.failure}`];
  return [...held, ...failed].join('; ') || '-';
}

/** Where validation is turned off (RFC 7646): in the same table, since the question is the same. */
function negativeRows({ negative }: AnchorsBody): string[][] {
  return negative.map(({ name, until, reason, expired }) => [
    name,
    '-',
    '-',
    expired ? 'negative, expired' : 'negative',
    'config',
    '-',
    '-',
    '-',
    [until === null ? 'for ever' : `until ${timeText(until)}`, reason].filter((text) => text !== '').join(': '),
  ]);
}

/** Minutes will do. */
function timeText(time: string | null | undefined): string {
  return time == null ? '-' : `${time.slice(0, 16)}Z`;
}
