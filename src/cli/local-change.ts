/** rootwalk local set, remove: change what the running server answers by itself, at once. */
import { nameToText } from '../dns/name.js';
import { typeToText } from '../dns/numbers.js';
import type { LocalChangeBody } from '../http/local-routes.js';
import { nameArgument, typeArgument } from './arguments.js';
import { localPath } from './cache-path.js';
import { CommandError, EXIT_DONE, EXIT_FAILURE, type ExitCode } from './exit.js';
import { httpClient, type ServerOptions } from './http-client.js';
import { printable, type Terminal, writeJson } from './terminal.js';

export interface LocalChangeOptions extends ServerOptions {
  /** Of set: seconds, or as in a zone file. */
  readonly ttl?: string;
  readonly json?: boolean;
}

/** @param data RDATA of each record, as in a zone file */
export async function localSet(
  nameText: string,
  typeText: string,
  data: readonly string[],
  options: LocalChangeOptions,
  terminal: Terminal,
): Promise<ExitCode> {
  const type = typeArgument(typeText, nameText);
  const name = nameArgument(nameText);
  const path = localPath(name, type, { data, ...(options.ttl === undefined ? {} : { ttl: options.ttl }) });
  const fetched = await (await httpClient(options)).put<LocalChangeBody>(path, 'flushed');
  if (fetched.kind === 'absent') throw new CommandError(fetched.problem.error, fetched.problem.hint);
  tell('set', fetched.body, options, terminal);
  return EXIT_DONE;
}

/** Exit code 1 when there is no such record. */
export async function localRemove(
  nameText: string,
  typeText: string,
  options: LocalChangeOptions,
  terminal: Terminal,
): Promise<ExitCode> {
  const type = typeArgument(typeText, nameText);
  const name = nameArgument(nameText);
  const fetched = await (await httpClient(options)).delete<LocalChangeBody>(localPath(name, type, {}), 'flushed');
  if (fetched.kind === 'absent') {
    const hint = `rootwalk local list --suffix ${nameToText(name)} shows what is at or below the name`;
    const wanted = `${nameToText(name)} ${typeToText(type)}`;
    throw new CommandError(`there is no local record ${wanted}`, hint, EXIT_FAILURE);
  }
  tell('removed', fetched.body, options, terminal);
  return EXIT_DONE;
}

function tell(what: string, body: LocalChangeBody, options: LocalChangeOptions, terminal: Terminal): void {
  if (options.json) {
    writeJson(terminal, body);
    return;
  }
  const { name, type, flushed, file } = body;
  if (!terminal.isTty) {
    terminal.out(`${printable(name)}\t${printable(type)}\t${what}\t${flushed}\n`);
    return;
  }
  const kept = file === null ? 'until the server ends (local.file names a file to keep it in)' : `kept in ${file}`;
  terminal.out(printable(`${what} ${name} ${type}, ${kept}; ${flushed} cache entries went with it`));
  terminal.out('\n');
}
