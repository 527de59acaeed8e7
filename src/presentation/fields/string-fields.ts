/** Character-strings (RFC 1035 §3.3: a length octet and up to 255 octets) and text that fills the rest of RDATA. */
import { bareText, jsonText, octetsOfToken, quotedText } from '../character-string.js';
import type { OctetReader } from '../octet-reader.js';
import { PresentationError } from '../presentation-error.js';
import { fieldOf } from './field-codec.js';

function lengthPrefixed(token: string): string {
  const octets = octetsOfToken(token);
  if (octets.length > 255) throw new PresentationError(`a string of ${octets.length} octets is longer than 255`);
  return String.fromCharCode(octets.length) + octets;
}

const takeString = (octets: OctetReader): string => octets.take(octets.uint8());

export const characterString = fieldOf({
  fromTokens: (tokens) => lengthPrefixed(tokens.next('a string')),
  take: takeString,
  text: quotedText,
  json: jsonText,
});

/** At the end of RDATA, present or not (ISDN subaddress, RFC 1183 §3.2). */
export const optionalCharacterString = fieldOf({
  fromTokens: (tokens) => (tokens.isDone ? '' : lengthPrefixed(tokens.next('a string'))),
  take: (octets) => (octets.remaining === 0 ? undefined : takeString(octets)),
  text: (value) => (value === undefined ? '' : quotedText(value)),
  json: (value) => (value === undefined ? undefined : jsonText(value)),
});

/** One or more, to the end (RFC 1035 §3.3.14). */
export const characterStrings = fieldOf({
  fromTokens(tokens) {
    if (tokens.isDone) throw new PresentationError('a string is missing: write at least ""');
    return tokens.rest().map(lengthPrefixed).join('');
  },
  take(octets) {
    const strings: string[] = [takeString(octets)];
    while (octets.remaining > 0) strings.push(takeString(octets));
    return strings;
  },
  text: (value) => value.map(quotedText).join(' '),
  json: (value) => value.map(jsonText),
});

/** A CAA property tag, RFC 8659 §4.1.1: a character-string shown without quotes. */
export const tag = fieldOf({
  fromTokens: (tokens) => lengthPrefixed(tokens.next('a property tag')),
  take: takeString,
  text: bareText,
  json: jsonText,
});

/** Text to the end of RDATA without any length (CAA value, URI target). */
export const longText = fieldOf<string>({
  fromTokens: (tokens) => octetsOfToken(tokens.next('a text')),
  take: (octets) => octets.rest(),
  text: quotedText,
  json: jsonText,
});
