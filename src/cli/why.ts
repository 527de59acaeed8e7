/** rootwalk why: the chain of trust of an answer, link by link, or the resolutions that went wrong lately. */
import { isMetaType, typeToText } from '../dns/numbers.js';
import type { Explanation, RecordedResolution } from '../ports/explanation.js';
import { nameArgument, typeArgument } from './arguments.js';
import { whyPath } from './cache-path.js';
import { CommandError, EXIT_DONE, EXIT_FAILURE, type ExitCode } from './exit.js';
import { httpClient, type ServerOptions } from './http-client.js';
import { writeTable } from './table.js';
import { type Terminal, writeJson } from './terminal.js';
import { whyLines } from './why-lines.js';

export interface WhyOptions extends ServerOptions {
  readonly json?: boolean;
  /** Only what is known: nothing is resolved. */
  readonly cached?: boolean;
}

export async function why(
  nameText: string | undefined,
  typeText: string,
  options: WhyOptions,
  terminal: Terminal,
): Promise<ExitCode> {
  if (nameText === undefined) return recorded(options, terminal);
  const type = typeArgument(typeText, nameText);
  if (isMetaType(type)) {
    throw new CommandError(
      `${typeToText(type)} cannot be explained: it is no type of record`,
      'ask for a type like A or MX',
    );
  }
  const path = whyPath(nameArgument(nameText), type, options.cached !== true);
  const fetched = await (await httpClient(options)).get<Explanation>(path, 'zones');
  if (fetched.kind === 'absent') throw new CommandError(fetched.problem.error, fetched.problem.hint);
  const explanation = fetched.body;
  if (options.json) writeJson(terminal, explanation);
  else for (const line of whyLines(explanation, terminal.colours)) terminal.out(`${line}\n`);
  const failed = explanation.verdict === 'bogus' || explanation.rcode === 'SERVFAIL' || explanation.rcode === null;
  return failed ? EXIT_FAILURE : EXIT_DONE;
}

interface Recorded {
  readonly recorded: readonly RecordedResolution[];
}

async function recorded(options: WhyOptions, terminal: Terminal): Promise<ExitCode> {
  const fetched = await (await httpClient(options)).get<Recorded>('/why', 'recorded');
  if (fetched.kind === 'absent') throw new CommandError(fetched.problem.error, fetched.problem.hint);
  const { recorded } = fetched.body;
  if (options.json) {
    writeJson(terminal, fetched.body);
    return EXIT_DONE;
  }
  writeTable(
    terminal,
    [
      { title: 'WHEN' },
      { title: 'NAME', maxWidth: 50 },
      { title: 'TYPE' },
      { title: 'TIMES', align: 'right' },
      { title: 'RCODE' },
      { title: 'VERDICT' },
      { title: 'MS', align: 'right' },
      { title: 'QUERIES', align: 'right' },
      { title: 'BECAUSE', maxWidth: 100 },
    ],
    recorded.map(({ at, name, type, times, rcode, verdict, ms, exchanges, because }) => [
      ...[at, name, type, times, rcode, verdict, ms, exchanges],
      because[0]?.text ?? '',
    ]),
  );
  if (recorded.length === 0) terminal.err('no resolution has failed or taken long since the server was started\n');
  return EXIT_DONE;
}
