/** Where do commands write, and how may it look? A parameter of every command, so that tests can read along. */
import pc from 'picocolors';

export interface Terminal {
  /** Writes one text, lines ended by "\n", to standard output. */
  out(text: string): void;
  /** The same to standard error: what is not the answer. */
  err(text: string): void;
  /** Whether a person looks at standard output: tables are drawn then. */
  readonly isTty: boolean;
  readonly colours: Colours;
}

export type Colours = ReturnType<typeof pc.createColors>;

/** The terminal of this process. Colour as https://no-color.org has it: never into a pipe, never with NO_COLOR set. */
export function processTerminal(): Terminal {
  const isTty = process.stdout.isTTY === true;
  process.stdout.on('error', endWithReader);
  const noColour = (process.env.NO_COLOR ?? '') !== '' || process.env.TERM === 'dumb';
  return {
    out: (text) => void process.stdout.write(text),
    err: (text) => void process.stderr.write(text),
    isTty,
    colours: pc.createColors(isTty && !noColour),
  };
}

/** `rootwalk cache list | head`: the reader has seen enough, which is no failure. */
function endWithReader(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EPIPE') throw error;
  process.exit(0);
}

/** Writes a value as indented JSON. */
export function writeJson(terminal: Terminal, value: unknown): void {
  terminal.out(`${JSON.stringify(value, undefined, 2)}\n`);
}

/**
 * The text with everything that could steer a terminal or break a line written as \xNN: what servers and clients say
 * is shown to people, and an escape sequence in it would otherwise be obeyed. RFC 8914 §6 on EXTRA-TEXT.
 */
export function printable(text: string): string {
  return text.replace(/[\u0000-\u001f\u007f-\u009f\u2028-\u202e\u2066-\u2069]/g, escapeChar);
}

function escapeChar(char: string): string {
  const code = char.charCodeAt(0);
  return code <= 0xff ? `\\x${code.toString(16).padStart(2, '0')}` : `\\u${code.toString(16)}`;
}
