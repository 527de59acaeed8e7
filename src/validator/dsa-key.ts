/** How is the DSA key of a DNSKEY (RFC 2536 §2) written so that node:crypto reads it (RFC 3279 §2.3.2)? */
import { concatOctets, type Octets, octetAt, octetsFrom, octetsFromHex, sliceOctets } from '../dns/octets.js';

const MAX_T = 8;
const Q_OCTETS = 20;

const INTEGER = 0x02;
const BIT_STRING = 0x03;
const SEQUENCE = 0x30;
/** The object identifier id-dsa, 1.2.840.10040.4.1, tag and length included. */
const ID_DSA = octetsFromHex('06072a8648ce380401')!;

/** The key as a SubjectPublicKeyInfo in DER; undefined when it does not have the lengths RFC 2536 §2 demands. */
export function dsaSubjectPublicKeyInfo(octets: Octets): Buffer | undefined {
  const t = octetAt(octets, 0);
  const size = 64 + 8 * t;
  if (t < 0 || t > MAX_T || octets.length !== 1 + Q_OCTETS + 3 * size) return undefined;
  const number = (index: number): Octets =>
    sliceOctets(octets, 1 + Q_OCTETS + index * size, 1 + Q_OCTETS + (index + 1) * size);
  const q = sliceOctets(octets, 1, 1 + Q_OCTETS);
  const parameters = element(SEQUENCE, integer(number(0)), integer(q), integer(number(1)));
  const noUnusedBits = octetsFrom(0);
  const key = element(BIT_STRING, noUnusedBits, integer(number(2)));
  return Buffer.from(element(SEQUENCE, element(SEQUENCE, ID_DSA, parameters), key), 'latin1');
}

/** An unsigned number in DER: no needless zeros in front, one where the highest bit would make it negative. */
function integer(octets: Octets): Octets {
  let at = 0;
  while (at < octets.length - 1 && octets.charCodeAt(at) === 0) at++;
  const sign = octets.charCodeAt(at) >= 0x80 ? octetsFrom(0) : octetsFrom();
  return element(INTEGER, sign, sliceOctets(octets, at));
}

/** Tag, length and content in DER; contents here stay far below 65536 octets. */
function element(tag: number, ...content: readonly Octets[]): Octets {
  const all = concatOctets(...content);
  const { length } = all;
  const lengthOctets = length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >>> 8, length];
  return concatOctets(octetsFrom(tag, ...lengthOctets), all);
}
