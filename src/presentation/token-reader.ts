/**
 * The words of one entry, taken one after the other by the fields of its RDATA.
 *
 * A token is the raw text: escapes unresolved, quotes kept. So `"\#"` (a string) and `\#` (RFC 3597 §5) stay apart,
 * and no object is made per word.
 */
import { ROOT } from '../dns/name.js';
import type { Octets } from '../dns/octets.js';
import { PresentationError } from './presentation-error.js';

export class TokenReader {
  #at: number;

  /** Reads `tokens` from index `start`; `origin` completes relative names (RFC 1035 §5.1). */
  constructor(
    readonly tokens: readonly string[],
    readonly origin: Octets = ROOT,
    start = 0,
  ) {
    this.#at = start;
  }

  get isDone(): boolean {
    return this.#at >= this.tokens.length;
  }

  /** The next token, not taken. */
  peek(): string | undefined {
    return this.tokens[this.#at];
  }

  /** Takes the next token. Throws PresentationError naming `what` when there is none. */
  next(what: string): string {
    const token = this.tokens[this.#at];
    if (token === undefined) throw new PresentationError(`${what} is missing`);
    this.#at++;
    return token;
  }

  /** Takes all that is left. */
  rest(): readonly string[] {
    const rest = this.#at === 0 ? this.tokens : this.tokens.slice(this.#at);
    this.#at = this.tokens.length;
    return rest;
  }
}
