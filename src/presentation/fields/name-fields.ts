/** Domain names inside RDATA, their spelling kept. */
import { NameError, nameToText, wireFromText } from '../../dns/name.js';
import type { Octets } from '../../dns/octets.js';
import { PresentationError } from '../presentation-error.js';
import { fieldOf } from './field-codec.js';

/** Wire octets of a name as written; `@` and relative names take `origin`. Throws PresentationError. */
export function wireOfToken(token: string, origin: Octets): Octets {
  if (token.includes('"')) throw new PresentationError(`${token} is not a domain name: names are not quoted`);
  try {
    return wireFromText(token, origin);
  } catch (error) {
    if (error instanceof NameError) throw new PresentationError(error.message);
    throw error;
  }
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
