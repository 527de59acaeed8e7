/** Numbers: plain ones, ones with mnemonics (algorithms, types), and times (TTL, RFC 4034 §3.2 signature times). */
import { typeFromText, typeToText } from '../../dns/numbers.js';
import { octets16, octets32 } from '../../dns/octets.js';
import type { OctetReader } from '../octet-reader.js';
import { PresentationError } from '../presentation-error.js';
import type { TokenReader } from '../token-reader.js';
import { ttlFromText } from '../ttl.js';
import { type FieldCodec, fieldOf } from './field-codec.js';

type Width = 1 | 2 | 4;

/** An unsigned whole number in decimal, 0..max. Throws PresentationError. */
export function uintFromText(text: string, max: number): number {
  let value = 0;
  for (let i = 0; i < text.length; i++) {
    const digit = text.charCodeAt(i) - 0x30;
    if (digit < 0 || digit > 9) throw new PresentationError(`"${text}" is not a number from 0 to ${max}`);
    value = value * 10 + digit;
    if (value > max) throw new PresentationError(`${text} is above ${max}`);
  }
  if (text.length === 0) throw new PresentationError('a number is missing');
  return value;
}

export function uintOctets(value: number, width: Width): string {
  if (width === 4) return octets32(value);
  return width === 2 ? octets16(value) : String.fromCharCode(value);
}

function takeUint(octets: OctetReader, width: Width): number {
  if (width === 4) return octets.uint32();
  return width === 2 ? octets.uint16() : octets.uint8();
}

function uint(width: Width): FieldCodec {
  const max = 2 ** (8 * width) - 1;
  return fieldOf({
    fromTokens: (tokens) => uintOctets(uintFromText(tokens.next('a number'), max), width),
    take: (octets) => takeUint(octets, width),
    text: String,
  });
}

export const u8 = uint(1);
export const u16 = uint(2);
export const u32 = uint(4);

/** Seconds in 32 bits, written with or without units, shown as a number. */
export const ttl = fieldOf({
  fromTokens: (tokens) => octets32(ttlFromText(tokens.next('a time'))),
  take: (octets) => octets.uint32(),
  text: String,
});

/** A number that may be written as a mnemonic; `shown` says whether it is also shown as one. */
function mnemonic(width: Width, codes: Readonly<Record<string, number>>, shown: boolean): FieldCodec {
  const max = 2 ** (8 * width) - 1;
  const byName = new Map(Object.entries(codes));
  const byCode = new Map(shown ? Object.entries(codes).map(([name, code]) => [code, name]) : []);
  return fieldOf({
    fromTokens(tokens) {
      const token = tokens.next('a number or mnemonic');
      return uintOctets(byName.get(token.toUpperCase()) ?? uintFromText(token, max), width);
    },
    take: (octets) => takeUint(octets, width),
    text: (value) => byCode.get(value) ?? String(value),
    json: (value) => value,
  });
}

/** DNSSEC algorithm numbers (IANA), mnemonics accepted, shown as numbers like everyone does. */
// biome-ignore format: a table reads better in rows
export const algorithm = mnemonic(1, {
  RSAMD5: 1, DH: 2, DSA: 3, RSASHA1: 5, 'DSA-NSEC3-SHA1': 6, 'RSASHA1-NSEC3-SHA1': 7, RSASHA256: 8, RSASHA512: 10,
  'ECC-GOST': 12, ECDSAP256SHA256: 13, ECDSAP384SHA384: 14, ED25519: 15, ED448: 16, SM2SM3: 17, 'ECC-GOST12': 23,
  INDIRECT: 252, PRIVATEDNS: 253, PRIVATEOID: 254,
}, false);

/** Certificate types, RFC 4398 §2.1. */
// biome-ignore format: a table reads better in rows
export const certificateType = mnemonic(2, {
  PKIX: 1, SPKI: 2, PGP: 3, IPKIX: 4, ISPKI: 5, IPGP: 6, ACPKIX: 7, IACPKIX: 8, URI: 253, OID: 254,
}, true);

/** DSYNC schemes, RFC 9859 §2.1. */
export const dsyncScheme = mnemonic(1, { NOTIFY: 1 }, true);

/** A record type: its mnemonic or TYPEn. */
export const rrType = fieldOf({
  fromTokens: (tokens) => octets16(typeOfToken(tokens.next('a record type'))),
  take: (octets) => typeToText(octets.uint16()),
  text: (value) => value,
});

/** A record type from its mnemonic or TYPEn. Throws PresentationError. */
export function typeOfToken(token: string): number {
  const type = typeFromText(token);
  if (type === undefined) throw new PresentationError(`"${token}" is not a record type`);
  return type;
}

/** Signature times, RFC 4034 §3.2: YYYYMMDDHHmmSS, or seconds since 1970 modulo 2^32. */
export const signatureTime = fieldOf({
  fromTokens: (tokens) => octets32(secondsOfSignatureTime(tokens)),
  take: (octets) => dateText(octets.uint32()),
  text: (value) => value,
});

function secondsOfSignatureTime(tokens: TokenReader): number {
  const token = tokens.next('a signature time');
  // Ten digits at most make a 32-bit number, so fourteen are always a date.
  if (token.length !== 14) return uintFromText(token, 0xffffffff);
  const [, year, month, day, hour, minute, second] = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)$/.exec(token) ?? [];
  if (year === undefined) throw new PresentationError(`"${token}" is not a time like 20260904170000`);
  const iso = `${year}-${month}-${day}T${hour}:${minute}:${second}.000Z`;
  const time = new Date(iso);
  // Date rolls 31 April over to 1 May; the text it gives back tells.
  if (Number.isNaN(time.getTime()) || time.toISOString() !== iso || time.getTime() < 0) {
    throw new PresentationError(`"${token}" is not a date from 1970 on`);
  }
  return (time.getTime() / 1000) % 2 ** 32;
}

/** The first of the moments that 32 bits may mean: 1970 to 2106. */
function dateText(seconds: number): string {
  return new Date(seconds * 1000).toISOString().slice(0, 19).replace(/[-:T]/g, '');
}
