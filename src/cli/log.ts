/** The log of a running server: pino's JSON lines in a pipe or a journal, plain lines on a terminal. */
import { Writable } from 'node:stream';
import pc from 'picocolors';
import pino from 'pino';
import type { Config } from '../config/config.js';
import { printable } from './terminal.js';

export type ServerLog = pino.Logger;

/** Writes to standard error, so that standard output stays free for what a command prints. */
export function createLog(level: Config['log']['level']): ServerLog {
  const stream = process.stderr.isTTY ? readableLines() : pino.destination({ dest: 2, sync: true });
  return pino({ level, base: null }, stream);
}

const LEVELS: Readonly<Record<number, string>> = {
  10: 'trace',
  20: pc.dim('debug'),
  30: pc.green('info'),
  40: pc.yellow('warn'),
  50: pc.red('error'),
  60: pc.red('fatal'),
};

function readableLines(): Writable {
  return new Writable({
    write(chunk: Buffer, _encoding, done) {
      process.stderr.write(readable(chunk.toString()));
      done();
    },
  });
}

/** "12:34:56 info  message key=value". Lines that are not pino's pass unchanged. */
function readable(line: string): string {
  let fields: Record<string, unknown>;
  try {
    fields = JSON.parse(line) as Record<string, unknown>;
  } catch {
    return line;
  }
  const { time, level, msg, err, ...rest } = fields;
  const clock = new Date(Number(time)).toTimeString().slice(0, 8);
  const details = Object.entries(rest).map(([key, value]) => `${key}=${plain(value)}`);
  const cause = err === undefined ? '' : `\n  ${printable((err as { stack?: string }).stack ?? plain(err))}`;
  const words = [
    clock,
    LEVELS[Number(level)] ?? String(level),
    printable(String(msg)),
    pc.dim(printable(details.join(' '))),
  ];
  return `${words.join(' ').trimEnd()}${cause}\n`;
}

function plain(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}
