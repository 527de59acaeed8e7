/** rootwalk cache flush: away with it. Says what to remove in so many words; nothing is removed by leaving words out. */
import { nameToText } from '../dns/name.js';
import { typeToText } from '../dns/numbers.js';
import type { FlushBody } from '../http/cache-routes.js';
import { kindArgument, nameArgument, typeArgument } from './arguments.js';
import { entryPath, filterPath } from './cache-path.js';
import { CommandError, EXIT_DONE, type ExitCode } from './exit.js';
import { counted } from './figures.js';
import { httpClient, type ServerOptions } from './http-client.js';
import { type Terminal, writeJson } from './terminal.js';

export interface CacheFlushOptions extends ServerOptions {
  readonly suffix?: string;
  readonly type?: string;
  readonly kind?: string;
  readonly bogus?: boolean;
  readonly negative?: boolean;
  readonly all?: boolean;
  readonly dryRun?: boolean;
  readonly json?: boolean;
}

export async function cacheFlush(
  name: string | undefined,
  type: string | undefined,
  options: CacheFlushOptions,
  terminal: Terminal,
): Promise<ExitCode> {
  const path = name === undefined ? pathOfOptions(options) : pathOfName(name, type, options);
  const fetched = await (await httpClient(options)).delete<FlushBody>(path, 'removed');
  if (fetched.kind === 'absent') throw new CommandError(fetched.problem.error, fetched.problem.hint);
  const { removed, wouldRemove, untold } = fetched.body;
  const count = counted(wouldRemove ?? removed, 'entry', 'entries');
  if (options.json) writeJson(terminal, fetched.body);
  else if (!terminal.isTty) terminal.out(`${wouldRemove ?? removed}\n`);
  else terminal.out(wouldRemove === undefined ? `removed ${count}\n` : `would remove ${count}\n`);
  if (untold !== undefined) terminal.err(UNTOLD);
  return EXIT_DONE;
}

const UNTOLD = `rootwalk: the shared cache cannot be reached
  it and the other instances will be told when it is back; until then they may have what was flushed
`;

const FORMS =
  'write NAME, NAME TYPE, or some of --suffix NAME, --type TYPE, --kind KIND, --bogus and --negative, or --all';

function pathOfName(name: string, type: string | undefined, options: CacheFlushOptions): string {
  if (isNarrowed(options) || options.all) {
    throw new CommandError('a NAME does not go together with options that say what to remove', FORMS);
  }
  const typeNumber = type === undefined ? undefined : typeArgument(type, name);
  return entryPath(nameArgument(name), typeNumber, { dryRun: options.dryRun ? 'true' : undefined });
}

function isNarrowed({ suffix, type, kind, bogus, negative }: CacheFlushOptions): boolean {
  return suffix !== undefined || type !== undefined || kind !== undefined || bogus === true || negative === true;
}

function pathOfOptions(options: CacheFlushOptions): string {
  const { suffix, type, kind, bogus, negative, all, dryRun } = options;
  if (all && isNarrowed(options)) throw new CommandError('--all does not go together with other conditions', FORMS);
  if (!all && !isNarrowed(options)) throw new CommandError('nothing says what to remove', FORMS);
  return filterPath({
    suffix: suffix === undefined ? undefined : nameToText(nameArgument(suffix)),
    type: type === undefined ? undefined : typeToText(typeArgument(type)),
    kind: kind === undefined ? undefined : kindArgument(kind),
    security: bogus ? 'bogus' : undefined,
    negative: negative ? 'true' : undefined,
    all: all ? 'true' : undefined,
    dryRun: dryRun ? 'true' : undefined,
  });
}
