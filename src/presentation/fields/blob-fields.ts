/** Binary data in hexadecimal, base64 (RFC 4648 §4) or base32hex (RFC 4648 §7). */
import { hexOf, type Octets, octetsFromHex } from '../../dns/octets.js';
import { PresentationError } from '../presentation-error.js';
import { fieldOf } from './field-codec.js';

/** Octets of hexadecimal digits. Throws PresentationError. */
export function hexFromText(text: string): Octets {
  const octets = octetsFromHex(text);
  if (octets === undefined)
    throw new PresentationError(`"${excerpt(text)}" is not an even number of hexadecimal digits`);
  return octets;
}

/** Upper case, as the RFCs' examples have it. */
export function hexText(octets: string): string {
  return hexOf(octets).toUpperCase();
}

/** Octets of padded base64. Throws PresentationError. Buffer alone would skip over what it does not know. */
export function base64FromText(text: string): Octets {
  if (text.length % 4 !== 0 || !/^[A-Za-z0-9+/]*={0,2}$/.test(text)) {
    throw new PresentationError(`"${excerpt(text)}" is not base64`);
  }
  return Buffer.from(text, 'base64').latin1Slice() as Octets;
}

export function base64Text(octets: string): string {
  return Buffer.from(octets, 'latin1').toString('base64');
}

function excerpt(text: string): string {
  return text.length > 40 ? `${text.slice(0, 40)}...` : text;
}

function notEmpty(octets: Octets): Octets {
  if (octets.length === 0) throw new PresentationError('the data is missing');
  return octets;
}

/** To the end of RDATA, at least one octet; blanks anywhere in the text. */
export const hex = fieldOf({
  fromTokens: (tokens) => notEmpty(hexFromText(tokens.rest().join(''))),
  take: (octets) => hexText(notEmpty(octets.rest())),
  text: (value) => value,
});

/** As `hex`, in base64. */
export const base64 = fieldOf({
  fromTokens: (tokens) => notEmpty(base64FromText(tokens.rest().join(''))),
  take: (octets) => base64Text(notEmpty(octets.rest())),
  text: (value) => value,
});

/** As `base64`, or nothing at all. */
export const optionalBase64 = fieldOf({
  fromTokens: (tokens) => base64FromText(tokens.rest().join('')),
  take: (octets) => base64Text(octets.rest()),
  text: (value) => value,
});

/** As `base64`, with `-` for nothing (DOA). */
export const dashBase64 = fieldOf({
  fromTokens(tokens) {
    const text = tokens.rest().join('');
    return text === '-' ? '' : notEmpty(base64FromText(text));
  },
  take: (octets) => base64Text(octets.rest()),
  text: (value) => (value === '' ? '-' : value),
});

/** A salt with its length octet, RFC 5155 §3.3: one word of hexadecimal digits, `-` for none. */
export const salt = fieldOf({
  fromTokens(tokens) {
    const token = tokens.next('a salt');
    const octets = token === '-' ? '' : notEmpty(hexFromText(token));
    if (octets.length > 255) throw new PresentationError('a salt is longer than 255 octets');
    return String.fromCharCode(octets.length) + octets;
  },
  take: (octets) => hexText(octets.take(octets.uint8())),
  text: (value) => (value === '' ? '-' : value),
});

/** A hash with its length octet, RFC 5155 §3.3: one word of base32hex. */
export const hash32 = fieldOf({
  fromTokens(tokens) {
    const octets = base32hexFromText(tokens.next('a hashed name'));
    if (octets.length > 255) throw new PresentationError('a hash is longer than 255 octets');
    return String.fromCharCode(octets.length) + octets;
  },
  take: (octets) => base32hexText(notEmpty(octets.take(octets.uint8()))),
  text: (value) => value,
});

const DIGITS = '0123456789ABCDEFGHIJKLMNOPQRSTUV';

/** Without padding, upper case. */
function base32hexText(octets: string): string {
  let text = '';
  let bits = 0;
  let held = 0;
  for (let i = 0; i < octets.length; i++) {
    bits = ((bits << 8) | octets.charCodeAt(i)) & 0xfff;
    for (held += 8; held >= 5; held -= 5) text += DIGITS[(bits >>> (held - 5)) & 31];
  }
  return held === 0 ? text : text + DIGITS[(bits << (5 - held)) & 31];
}

/** RFC 5155 writes it without padding; padding to whole groups of eight is accepted. */
function base32hexFromText(text: string): string {
  const digits = text.replace(/={1,6}$/, '');
  const partial = digits.length % 8;
  const padded = digits.length < text.length;
  if (digits === '' || partial === 1 || partial === 3 || partial === 6 || (padded && text.length % 8 !== 0)) {
    throw new PresentationError(`"${excerpt(text)}" is not base32hex`);
  }
  let octets = '';
  let bits = 0;
  let held = 0;
  for (const char of digits) {
    const digit = Number.parseInt(char, 32);
    if (Number.isNaN(digit)) throw new PresentationError(`"${excerpt(text)}" is not base32hex`);
    bits = ((bits << 5) | digit) & 0xfff;
    held += 5;
    if (held < 8) continue;
    held -= 8;
    octets += String.fromCharCode((bits >>> held) & 0xff);
  }
  return octets;
}
