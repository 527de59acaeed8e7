/** A terminal whose output tests read. */
import pc from 'picocolors';
import { main } from '../../src/cli/main.js';
import type { Terminal } from '../../src/cli/terminal.js';

export interface Run {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

export function capturedTerminal(isTty = false, colour = false): Terminal & { written: { out: string; err: string } } {
  const written = { out: '', err: '' };
  return {
    written,
    isTty,
    colours: pc.createColors(colour),
    out: (text) => {
      written.out += text;
    },
    err: (text) => {
      written.err += text;
    },
  };
}

/** Runs one command line, words separated by blanks, as in a pipe unless `tty`. */
export async function run(line: string | readonly string[], tty = false): Promise<Run> {
  const terminal = capturedTerminal(tty);
  const words = typeof line === 'string' ? line.split(' ').filter((word) => word !== '') : line;
  const code = await main(words, terminal);
  return { code, ...terminal.written };
}
