/** rootwalk cache dump: the whole cache, or what matches, into a file or a pipe. */
import { randomBytes } from 'node:crypto';
import { type FileHandle, open, rename, unlink } from 'node:fs/promises';
import { nameToText } from '../dns/name.js';
import { typeToText } from '../dns/numbers.js';
import { DUMP_FORMATS } from '../http/cache-parameters.js';
import { kindArgument, nameArgument, typeArgument, wordArgument } from './arguments.js';
import { dumpPath } from './cache-path.js';
import { CommandError, EXIT_DONE, type ExitCode } from './exit.js';
import { counted } from './figures.js';
import { httpClient, type ServerOptions } from './http-client.js';
import { Progress } from './progress.js';
import type { Terminal } from './terminal.js';

export interface CacheDumpOptions extends ServerOptions {
  readonly suffix?: string;
  readonly type?: string;
  readonly kind?: string;
  readonly format: string;
}

const LINE_FEED = 0x0a;

export async function cacheDump(
  file: string | undefined,
  options: CacheDumpOptions,
  terminal: Terminal,
): Promise<ExitCode> {
  const { suffix, type, kind, format } = options;
  const path = dumpPath({
    suffix: suffix === undefined ? undefined : nameToText(nameArgument(suffix)),
    type: type === undefined ? undefined : typeToText(typeArgument(type)),
    kind: kind === undefined ? undefined : kindArgument(kind),
    format: wordArgument(format, DUMP_FORMATS, '--format', 'a format', 'formats'),
  });
  const client = await httpClient(options);
  if (file === undefined || file === '-') {
    // Octets in pieces need not be whole characters, but a dump is ASCII but for reasons of failures.
    const decoder = new TextDecoder();
    for await (const chunk of await client.stream(path)) terminal.out(decoder.decode(chunk, { stream: true }));
    return EXIT_DONE;
  }
  const lines = await writeAside(file, () => client.stream(path), new Progress(terminal, 'lines'));
  terminal.err(`${counted(lines, 'line')} written to ${file}\n`);
  return EXIT_DONE;
}

/** Under another name first: a dump that breaks off leaves what was there before. The number of lines. */
async function writeAside(
  file: string,
  begin: () => Promise<AsyncIterable<Uint8Array>>,
  progress: Progress,
): Promise<number> {
  const aside = `${file}.${randomBytes(4).toString('hex')}.part`;
  let handle: FileHandle;
  try {
    // It tells what people look up: for this user alone.
    handle = await open(aside, 'wx', 0o600);
  } catch (error) {
    throw unwritable(file, error);
  }
  try {
    let lines = 0;
    // Only now: an answer that nobody reads to its end would keep the process from ending.
    for await (const chunk of await begin()) {
      await handle.writeFile(chunk).catch((error: unknown) => {
        throw unwritable(file, error);
      });
      for (const octet of chunk) if (octet === LINE_FEED) lines++;
      progress.at(lines);
    }
    await handle.close();
    await rename(aside, file).catch((error: unknown) => {
      throw unwritable(file, error);
    });
    return lines;
  } catch (error) {
    await handle.close().catch(() => undefined);
    await unlink(aside).catch(() => undefined);
    throw error;
  } finally {
    progress.end();
  }
}

function unwritable(file: string, error: unknown): CommandError {
  const code = (error as NodeJS.ErrnoException).code ?? String(error);
  return new CommandError(
    `${file} cannot be written: ${code}`,
    'name another file, or none to write to standard output',
  );
}
