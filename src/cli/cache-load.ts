/**
 * rootwalk cache load: a dump back into a running server. It goes in parts, each with the first line of the dump, so that
 * a file of any length fits into requests that are bounded in octets and time.
 */
import { createReadStream } from 'node:fs';
import type { LoadOutcome } from '../http/dump-routes.js';
import { LineTooLong, linesOf } from '../http/line-splitter.js';
import { LineError, MAX_LINE, readDumpHead } from '../http/load-lines.js';
import { CommandError, EXIT_DONE, EXIT_FAILURE, type ExitCode } from './exit.js';
import { counted } from './figures.js';
import { type HttpClient, httpClient, type ServerOptions } from './http-client.js';
import { Progress } from './progress.js';
import { printable, type Terminal, writeJson } from './terminal.js';

export interface CacheLoadOptions extends ServerOptions {
  readonly json?: boolean;
}

/** Characters of one part. */
const PART = 1024 * 1024;
/** Mistakes told. */
const MAX_PROBLEMS = 20;

export async function cacheLoad(
  file: string | undefined,
  options: CacheLoadOptions,
  terminal: Terminal,
): Promise<ExitCode> {
  const client = await httpClient(options);
  const progress = new Progress(terminal, 'lines');
  const sum = new Sum();
  try {
    for await (const part of partsOf(file ?? '-')) {
      sum.add(await send(client, part), part);
      progress.at(part.line);
    }
  } finally {
    progress.end();
  }
  return show(sum, file ?? '-', options, terminal);
}

interface Part {
  /** The first line of the dump and lines of entries. */
  readonly text: string;
  /** The line of the file that its first entry is on, from 1. */
  readonly from: number;
  /** The line after its last. */
  readonly line: number;
}

async function* partsOf(file: string): AsyncGenerator<Part> {
  const chunks: AsyncIterable<Uint8Array> = file === '-' ? process.stdin : createReadStream(file);
  let head: string | undefined;
  let text = '';
  let line = 0;
  let from = 2;
  try {
    for await (const read of linesOf(chunks, MAX_LINE)) {
      line++;
      if (head === undefined) {
        readDumpHead(read);
        head = `${read}\n`;
        continue;
      }
      text += `${read}\n`;
      if (text.length < PART) continue;
      yield { text: head + text, from, line: line + 1 };
      text = '';
      from = line + 1;
    }
  } catch (error) {
    throw unreadable(file, line, error);
  }
  if (head === undefined) throw new CommandError(`${file} is empty`, LOAD_HINT);
  if (text !== '') yield { text: head + text, from, line: line + 1 };
}

const LOAD_HINT = 'load what "rootwalk cache dump FILE" wrote';

function unreadable(file: string, line: number, error: unknown): unknown {
  if (error instanceof LineError) return new CommandError(`${file}:${line}: ${error.message}`, LOAD_HINT);
  if (error instanceof LineTooLong) return new CommandError(`${file}:${line + 1}: ${error.message}`, LOAD_HINT);
  const { code } = error as NodeJS.ErrnoException;
  return code === undefined ? error : new CommandError(`${file} cannot be read: ${code}`, 'name a file that is there');
}

async function send(client: HttpClient, { text }: Part): Promise<LoadOutcome> {
  const fetched = await client.post<LoadOutcome>('/cache/load', text, 'application/x-ndjson', 'loaded');
  if (fetched.kind === 'ok') return fetched.body;
  throw new CommandError(fetched.problem.error, fetched.problem.hint);
}

class Sum {
  loaded = 0;
  known = 0;
  expired = 0;
  refused = 0;
  /** Lines are those of the file. */
  readonly problems: { line: number; error: string }[] = [];

  add({ loaded, known, expired, refused, problems }: LoadOutcome, part: Part): void {
    this.loaded += loaded;
    this.known += known;
    this.expired += expired;
    this.refused += refused;
    for (const { line, error } of problems) {
      if (this.problems.length < MAX_PROBLEMS) this.problems.push({ line: part.from + line - 2, error });
    }
  }
}

function show(sum: Sum, file: string, { json }: CacheLoadOptions, terminal: Terminal): ExitCode {
  const { loaded, known, expired, refused, problems } = sum;
  if (json) {
    writeJson(terminal, { loaded, known, expired, refused, problems });
  } else {
    terminal.out(
      terminal.isTty
        ? `loaded ${counted(loaded, 'entry', 'entries')}; left out: ${known} known or without room, ${expired} expired, ${refused} refused\n`
        : `${loaded}\n`,
    );
    for (const { line, error } of problems) terminal.err(`${printable(`${file}:${line}: ${error}`)}\n`);
    if (refused > problems.length) terminal.err(`... and ${refused - problems.length} more\n`);
  }
  return refused === 0 ? EXIT_DONE : EXIT_FAILURE;
}
