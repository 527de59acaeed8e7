/** Which name, type, kind or address did somebody write? Mistakes end the command and name what was probably meant. */
import { endpointFromText } from '../config/address-text.js';
import type { ServerAddress } from '../dns/address.js';
import { type DomainName, NameError, nameFromText } from '../dns/name.js';
import { typeFromText } from '../dns/numbers.js';
import { isEntryKind, kindHint, typeHint, wordHint } from '../http/cache-parameters.js';
import type { EntryKind } from '../ports/inspection.js';
import { CommandError } from './exit.js';

/** Throws CommandError. */
export function nameArgument(text: string): DomainName {
  // To DNS any octets are a name, "https://www" is a label like another: but nobody means it.
  if (WEB_ADDRESS.test(text)) throw new CommandError(`"${text}" is a web address, not a domain name`, hostHint(text));
  try {
    return nameFromText(text);
  } catch (error) {
    if (!(error instanceof NameError)) throw error;
    throw new CommandError(error.message, nameHint(text));
  }
}

const WEB_ADDRESS = /^[a-z][a-z0-9+.-]*:\/\//i;

function hostHint(text: string): string {
  const host = URL.canParse(text) ? new URL(text).hostname : '';
  return host === '' ? 'write the host name alone' : `did you mean ${host}?`;
}

function nameHint(text: string): string {
  const mended = text.replace(/\.{2,}/g, '.').replace(/^\.+(?=.)/, '');
  if (mended !== text && canBeName(mended)) return `did you mean ${mended}?`;
  const ascii = asciiForm(text);
  if (ascii !== undefined) return `did you mean ${ascii}?`;
  return 'names look like www.example.org; special characters are written \\DDD';
}

/** The xn-- form of an internationalised name. */
function asciiForm(text: string): string | undefined {
  const url = `http://${text}/`;
  if (!/[^\u0000-\u007f]/.test(text) || !URL.canParse(url)) return undefined;
  const ascii = new URL(url).hostname;
  return canBeName(ascii) ? ascii : undefined;
}

function canBeName(text: string): boolean {
  try {
    nameFromText(text);
    return true;
  } catch {
    return false;
  }
}

/** `name` is what stands before the type on the command line: the two are often swapped. Throws CommandError. */
export function typeArgument(text: string, name?: string): number {
  const type = typeFromText(text);
  if (type !== undefined) return type;
  const swapped = name !== undefined && typeFromText(name) !== undefined && canBeName(text);
  throw new CommandError(
    `"${text}" is not a record type`,
    swapped ? `the name comes first: did you mean ${text} ${name.toUpperCase()}?` : typeHint(text),
  );
}

/** Throws CommandError. */
export function kindArgument(text: string): EntryKind {
  if (isEntryKind(text)) return text;
  throw new CommandError(`"${text}" is not a kind of cache entry`, kindHint(text));
}

/** One of some words. `what` and `many`: what one and all of them are. Throws CommandError naming `option`. */
export function wordArgument<T extends string>(
  text: string,
  words: readonly T[],
  option: string,
  what: string,
  many: string,
): T {
  const word = words.find((known) => known === text);
  if (word !== undefined) return word;
  throw new CommandError(`${option}: "${text}" is not ${what}`, wordHint(text, words, many));
}

/** ADDR, ADDR:PORT or [ADDR]:PORT. Throws CommandError naming `option`. */
export function addressArgument(text: string, defaultPort: number, option: string): ServerAddress {
  try {
    return endpointFromText(text, defaultPort);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new CommandError(`${option}: ${error.message}`, `write ${option} ADDRESS or ${option} ADDRESS:PORT`);
  }
}

/** A whole number in a range. Throws CommandError naming `option`. */
export function numberArgument(text: string, min: number, max: number, option: string): number {
  const value = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN;
  if (value >= min && value <= max) return value;
  throw new CommandError(`${option}: "${text}" is out of range`, `write a whole number from ${min} to ${max}`);
}
