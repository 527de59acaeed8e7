/** APL, RFC 3123: lists of address prefixes. `1:192.168.32.0/21 !1:192.168.38.0/28` */
import { type Octets, octets16 } from '../../dns/octets.js';
import type { OctetReader } from '../octet-reader.js';
import { PresentationError } from '../presentation-error.js';
import { addressText, ipv4FromText, ipv6FromText } from './address-fields.js';
import { fieldOf } from './field-codec.js';
import { uintFromText } from './number-fields.js';

export const prefixList = fieldOf({
  fromTokens: (tokens) => tokens.rest().map(prefixFromText).join(''),
  take(octets) {
    const prefixes: string[] = [];
    while (octets.remaining > 0) prefixes.push(takePrefix(octets));
    return prefixes;
  },
  text: (value) => value.join(' '),
});

function prefixFromText(text: string): string {
  const [, negation, family, address, length] = /^(!?)([12]):([^/]*)\/(\d{1,3})$/.exec(text) ?? [];
  if (family === undefined || address === undefined || length === undefined) {
    throw new PresentationError(`"${text}" is not a prefix like 1:192.0.2.0/24 or !2:2001:db8::/32`);
  }
  const octets = family === '1' ? ipv4FromText(address) : ipv6FromText(address);
  const bits = uintFromText(length, octets.length * 8);
  const part = withoutTrailingZeros(octets);
  return octets16(Number(family)) + String.fromCharCode(bits, (negation === '!' ? 0x80 : 0) | part.length) + part;
}

/** RFC 3123 §4: trailing zero octets are not sent. */
function withoutTrailingZeros(octets: Octets): string {
  let end = octets.length;
  while (end > 0 && octets.charCodeAt(end - 1) === 0) end--;
  return octets.slice(0, end);
}

function takePrefix(octets: OctetReader): string {
  const family = octets.uint16();
  const bits = octets.uint8();
  const flags = octets.uint8();
  const part = octets.take(flags & 0x7f);
  const size = family === 1 ? 4 : 16;
  if ((family !== 1 && family !== 2) || bits > size * 8 || part.length > size || part.endsWith('\0')) {
    throw new PresentationError('APL holds a malformed prefix');
  }
  const address = addressText(part.padEnd(size, '\0') as Octets);
  return `${flags & 0x80 ? '!' : ''}${family}:${address}/${bits}`;
}
