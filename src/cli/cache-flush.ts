/** rootwalk cache flush: away with it. Says what to remove in so many words; nothing is removed by leaving words out. */
import { nameToText } from '../dns/name.js';
import { typeToText } from '../dns/numbers.js';
import { kindArgument, nameArgument, typeArgument } from './arguments.js';
import { entryPath, filterPath } from './cache-path.js';
import { CommandError, EXIT_DONE, type ExitCode } from './exit.js';
import { httpClient, type ServerOptions } from './http-client.js';
import { type Terminal, writeJson } from './terminal.js';

export interface CacheFlushOptions extends ServerOptions {
  readonly suffix?: string;
  readonly type?: string;
  readonly kind?: string;
  readonly all?: boolean;
  readonly json?: boolean;
}

export async function cacheFlush(
  name: string | undefined,
  type: string | undefined,
  options: CacheFlushOptions,
  terminal: Terminal,
): Promise<ExitCode> {
  const path = name === undefined ? pathOfOptions(options) : pathOfName(name, type, options);
  const fetched = await (await httpClient(options)).delete<{ removed: number }>(path, 'removed');
  if (fetched.kind === 'absent') throw new CommandError(fetched.problem.error, fetched.problem.hint);
  const { removed } = fetched.body;
  if (options.json) writeJson(terminal, { removed });
  else terminal.out(terminal.isTty ? `removed ${removed} ${removed === 1 ? 'entry' : 'entries'}\n` : `${removed}\n`);
  return EXIT_DONE;
}

const FORMS = 'write NAME, NAME TYPE, or some of --suffix NAME, --type TYPE, --kind KIND, or --all';

function pathOfName(
  name: string,
  type: string | undefined,
  { suffix, type: option, kind, all }: CacheFlushOptions,
): string {
  if (suffix !== undefined || option !== undefined || kind !== undefined || all) {
    throw new CommandError('a NAME does not go together with --suffix, --type, --kind or --all', FORMS);
  }
  const typeNumber = type === undefined ? undefined : typeArgument(type, name);
  return entryPath(nameArgument(name), typeNumber);
}

function pathOfOptions({ suffix, type, kind, all }: CacheFlushOptions): string {
  const narrowed = suffix !== undefined || type !== undefined || kind !== undefined;
  if (all && narrowed) throw new CommandError('--all does not go together with --suffix, --type or --kind', FORMS);
  if (!all && !narrowed) throw new CommandError('nothing says what to remove', FORMS);
  return filterPath({
    suffix: suffix === undefined ? undefined : nameToText(nameArgument(suffix)),
    type: type === undefined ? undefined : typeToText(typeArgument(type)),
    kind: kind === undefined ? undefined : kindArgument(kind),
    all: all ? 'true' : undefined,
  });
}
