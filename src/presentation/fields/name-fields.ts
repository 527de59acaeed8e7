/** Domain names inside RDATA, their spelling kept. */
import { MAX_LABEL_OCTETS, MAX_NAME_OCTETS, NameError, nameToText, wireFromText } from '../../dns/name.js';
import type { Octets } from '../../dns/octets.js';
import { PresentationError } from '../presentation-error.js';
import { fieldOf } from './field-codec.js';

/** Wire octets of a name as written; `@` and relative names take `origin`. Throws PresentationError. */
export function wireOfToken(token: string, origin: Octets): Octets {
  const plain = plainWire(token, origin);
  if (plain !== undefined) return plain;
  // An escaped quote is a character like any other; a bare one stands first or after `=` (see the entry scanner).
  if (token.startsWith('"') || token.includes('="'))
    throw new PresentationError(`${token} is not a domain name: names are not quoted`);
  try {
    return wireFromText(token, origin);
  } catch (error) {
    if (error instanceof NameError) throw new PresentationError(error.message);
    throw error;
  }
}

const DOT = 0x2e;
const scratch = Buffer.alloc(MAX_NAME_OCTETS + 1);

/**
 * The short way for names without escapes, `@` or anything else to think about (undefined for those): a quarter of the
 * time of the general one, which counts in files of a million records. In wire form every character stands one place
 * further than in the text, and the length of a label where the dot before it stood.
 */
function plainWire(token: string, origin: Octets): Octets | undefined {
  const end = token.length;
  if (end === 0 || end >= MAX_NAME_OCTETS) return undefined;
  let label = 0;
  for (let i = 0; i < end; i++) {
    const code = token.charCodeAt(i);
    if (code === DOT) {
      if (i === label || i - label > MAX_LABEL_OCTETS) return undefined;
      scratch[label] = i - label;
      label = i + 1;
    } else {
      // Backslash, `@`, and what is below `0` but for the hyphen (quotes, `*`, `/`) take the long way.
      if (code >= 0x7f || code === 0x5c || code === 0x40 || (code < 0x30 && code !== 0x2d)) return undefined;
      scratch[i + 1] = code;
    }
  }
  if (label === end) {
    scratch[end] = 0;
    return scratch.latin1Slice(0, end + 1) as Octets;
  }
  if (end - label > MAX_LABEL_OCTETS || end + 1 + origin.length > MAX_NAME_OCTETS) return undefined;
  scratch[label] = end - label;
  return (scratch.latin1Slice(0, end + 1) + origin) as Octets;
}

export const name = fieldOf({
  fromTokens: (tokens) => wireOfToken(tokens.next('a domain name'), tokens.origin),
  take: (octets) => nameToText(octets.name()),
  text: (value) => value,
});

/** All names to the end, none included. */
export const names = fieldOf({
  fromTokens: (tokens) =>
    tokens
      .rest()
      .map((token) => wireOfToken(token, tokens.origin))
      .join(''),
  take(octets) {
    const list: string[] = [];
    while (octets.remaining > 0) list.push(nameToText(octets.name()));
    return list;
  },
  text: (value) => value.join(' '),
});
