/**
 * Cuts the text of a master file into entries and their words, RFC 1035 §5.1: comments, parentheses, quotes, escapes.
 *
 * One pass, one step a character. A string in quotes ends on its line, so that a forgotten quote costs one line and
 * not the file; inside parentheses it may span lines. A quote right after `=` belongs to its word (`alpn="h2,h3"`,
 * RFC 9460 appendix A); any other quote starts a new word.
 */

export interface Entry {
  /** Where it starts, from 1. */
  readonly line: number;
  /** Raw words, escapes and quotes kept; at least one unless there is a problem. */
  readonly tokens: readonly string[];
  /** The line begins with a blank: the owner is that of the record before. */
  readonly ownerOmitted: boolean;
  /** What is wrong with its quotes or parentheses; its words are then not to be trusted. */
  readonly problem: string | undefined;
}

const TAB = 0x09;
const NEWLINE = 0x0a;
const CARRIAGE_RETURN = 0x0d;
const SPACE = 0x20;
const QUOTE = 0x22;
const OPEN = 0x28;
const CLOSE = 0x29;
const SEMICOLON = 0x3b;
const EQUALS = 0x3d;
const BACKSLASH = 0x5c;
const BYTE_ORDER_MARK = 0xfeff;

/** What ends a word, or needs a look inside one. */
const SPECIAL = new Uint8Array(128);
for (const code of [TAB, NEWLINE, CARRIAGE_RETURN, SPACE, QUOTE, OPEN, CLOSE, SEMICOLON, BACKSLASH]) SPECIAL[code] = 1;

export class EntryScanner {
  readonly #text: string;
  #at: number;
  #line = 1;

  constructor(text: string) {
    this.#text = text;
    this.#at = text.charCodeAt(0) === BYTE_ORDER_MARK ? 1 : 0;
  }

  /** The next entry that says anything; undefined at the end of the text. */
  next(): Entry | undefined {
    while (this.#at < this.#text.length) {
      const entry = this.#read();
      if (entry.tokens.length > 0 || entry.problem !== undefined) return entry;
    }
    return undefined;
  }

  #read(): Entry {
    const text = this.#text;
    const line = this.#line;
    const ownerOmitted = isBlank(text.charCodeAt(this.#at));
    const tokens: string[] = [];
    let problem: string | undefined;
    let depth = 0;
    while (this.#at < text.length) {
      const code = text.charCodeAt(this.#at);
      if (code === NEWLINE) {
        this.#at++;
        this.#line++;
        if (depth === 0) return { line, tokens, ownerOmitted, problem };
      } else if (isBlank(code)) {
        this.#at++;
      } else if (code === SEMICOLON) {
        this.#at = endOfLine(text, this.#at);
      } else if (code === OPEN || code === CLOSE) {
        this.#at++;
        depth += code === OPEN ? 1 : -1;
        if (depth < 0) problem ??= 'a parenthesis is closed that was never opened';
        depth = Math.max(depth, 0);
      } else {
        problem = this.#word(tokens, depth > 0) ?? problem;
      }
    }
    if (depth > 0) problem ??= 'a parenthesis opened here is never closed: the rest of the text was not read';
    return { line, tokens, ownerOmitted, problem };
  }

  /** Takes one word; what is wrong with it, or undefined. */
  #word(tokens: string[], maySpanLines: boolean): string | undefined {
    const text = this.#text;
    const start = this.#at;
    const quoted = text.charCodeAt(start) === QUOTE;
    const end = quoted ? endOfQuoted(text, start, maySpanLines) : endOfWord(text, start, maySpanLines);
    if (end < 0) {
      this.#at = maySpanLines ? text.length : endOfLine(text, start);
      return 'a quote is never closed';
    }
    const token = text.slice(start, end);
    tokens.push(token);
    this.#at = end;
    if (maySpanLines) this.#line += newlinesIn(token);
    return undefined;
  }
}

function isBlank(code: number): boolean {
  return code === SPACE || code === TAB || code === CARRIAGE_RETURN;
}

function endOfLine(text: string, at: number): number {
  const end = text.indexOf('\n', at);
  return end < 0 ? text.length : end;
}

/** The index after the closing quote; -1 when there is none (on this line). */
function endOfQuoted(text: string, start: number, maySpanLines: boolean): number {
  for (let at = start + 1; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === QUOTE) return at + 1;
    if (code === NEWLINE && !maySpanLines) return -1;
    if (code === BACKSLASH && text.charCodeAt(at + 1) !== NEWLINE) at++;
  }
  return -1;
}

function endOfWord(text: string, start: number, maySpanLines: boolean): number {
  let at = start;
  while (at < text.length) {
    const code = text.charCodeAt(at);
    if (code > 0x7f || SPECIAL[code] === 0) {
      at++;
    } else if (code === BACKSLASH) {
      // `\` at the end of a line is a word's last character, and refused later: no escape joins lines.
      at += text.charCodeAt(at + 1) === NEWLINE ? 1 : 2;
    } else if (code === QUOTE && text.charCodeAt(at - 1) === EQUALS) {
      const end = endOfQuoted(text, at, maySpanLines);
      if (end < 0) return at;
      at = end;
    } else {
      return at;
    }
  }
  return Math.min(at, text.length);
}

function newlinesIn(token: string): number {
  let count = 0;
  for (let at = token.indexOf('\n'); at >= 0; at = token.indexOf('\n', at + 1)) count++;
  return count;
}
