/**
 * Strings of octets as people write them: quotes, `\X` and `\DDD` (RFC 1035 §5.1).
 * Characters beyond ASCII stand for their UTF-8 octets; octets beyond printable ASCII are shown as `\DDD`.
 */
import type { Octets } from '../dns/octets.js';
import { PresentationError } from './presentation-error.js';

const PLAIN = /^[\x20-\x21\x23-\x5b\x5d-\x7e]*$/;

/** The octets a token stands for, at most 65535 long by the limit on RDATA. Throws PresentationError on a bad escape. */
export function octetsOfToken(token: string): Octets {
  const text = isQuoted(token) ? token.slice(1, -1) : token;
  if (PLAIN.test(text)) return text as Octets;
  let octets = '';
  let plainFrom = 0;
  for (let i = 0; i < text.length; ) {
    const code = text.charCodeAt(i);
    if (code < 0x80 && code !== BACKSLASH && code !== QUOTE) {
      i++;
      continue;
    }
    octets += text.slice(plainFrom, i);
    const [special, length] = code === BACKSLASH ? escapeAt(text, i) : specialAt(text, i);
    octets += special;
    i += length;
    plainFrom = i;
  }
  return (octets + text.slice(plainFrom)) as Octets;
}

const BACKSLASH = 0x5c;
const QUOTE = 0x22;

/** Whether a token was written in quotes. */
function isQuoted(token: string): boolean {
  return token.charCodeAt(0) === QUOTE;
}

/** A quote inside a word (`key="value"`) only groups; anything beyond ASCII becomes UTF-8. */
function specialAt(text: string, at: number): [octets: string, length: number] {
  const code = text.codePointAt(at)!;
  if (code === QUOTE) return ['', 1];
  const char = String.fromCodePoint(code);
  return [Buffer.from(char, 'utf8').latin1Slice(), char.length];
}

function escapeAt(text: string, at: number): [octets: string, length: number] {
  if (at + 1 >= text.length) throw new PresentationError('a backslash stands at the end of a word');
  if (!isDigit(text.charCodeAt(at + 1))) {
    const code = text.charCodeAt(at + 1);
    if (code < 0x80) return [text[at + 1]!, 2];
    const [octets, length] = specialAt(text, at + 1);
    return [octets, length + 1];
  }
  const digits = text.slice(at + 1, at + 4);
  if (!/^\d{3}$/.test(digits)) throw new PresentationError(`"\\${digits}": an octet is written \\DDD, three digits`);
  if (Number(digits) > 255) throw new PresentationError(`"\\${digits}": an octet is at most \\255`);
  return [String.fromCharCode(Number(digits)), 4];
}

function isDigit(code: number): boolean {
  return code >= 0x30 && code <= 0x39;
}

/** `"..."` with `\"`, `\\` and `\DDD` where needed. */
export function quotedText(octets: string): string {
  return `"${PLAIN.test(octets) ? octets : octets.replace(/[^\x20-\x21\x23-\x5b\x5d-\x7e]/g, escaped)}"`;
}

/** One word without quotes (`""` for no octets): blanks and all that means something in a master file escaped. */
export function bareText(octets: string): string {
  return octets === '' ? '""' : octets.replace(/[^\x21\x23-\x27\x2a-\x3a\x3c-\x5b\x5d-\x7e]/g, escaped);
}

/** For JSON: printable ASCII as it stands but for the backslash, the rest as `\DDD`. */
export function jsonText(octets: string): string {
  return octets.replace(/[^\x20-\x5b\x5d-\x7e]/g, escaped);
}

function escaped(char: string): string {
  const code = char.charCodeAt(0);
  return code > 0x20 && code < 0x7f ? `\\${char}` : `\\${String(code).padStart(3, '0')}`;
}
