/** What does a one-shot command say of trouble inside? Warnings and errors, a line each, apart from the answer. */
import type { Log } from '../ports/log.js';
import { printable, type Terminal } from './terminal.js';

export function stderrLog(terminal: Terminal): Log {
  const say = (level: string) => (fields: object, message: string) => {
    const { err } = fields as { err?: unknown };
    const cause = err instanceof Error ? `: ${err.message}` : '';
    terminal.err(`;; ${level}: ${printable(`${message}${cause}`)}\n`);
  };
  return { debug: () => {}, info: () => {}, warn: say('warning'), error: say('error') };
}
