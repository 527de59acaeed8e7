/**
 * Which key of node:crypto does a DNSKEY hold? Each algorithm has its own form (RFC 3110, RFC 5702, RFC 6605, RFC 8080,
 * RFC 2536); what does not have it, or is outside its bounds, is no key.
 *
 * Keys go in as JWK: OpenSSL 3 takes 13 us for an RSA key that way and 200 us for the same key in DER. For DSA there is
 * no JWK.
 */
import { createPublicKey, type JsonWebKey, type KeyObject } from 'node:crypto';
import type { Dnskey } from '../dns/dnssec-rdata.js';
import { bytesOf, type Octets, octetAt, sliceOctets, uint16At } from '../dns/octets.js';
import { Algorithm } from './algorithms.js';
import { dsaSubjectPublicKeyInfo } from './dsa-key.js';

/** What crypto.verify needs to know. */
export interface PublicKey {
  readonly key: KeyObject;
  /** Undefined for the algorithms that hash by themselves (RFC 8032). */
  readonly hash: 'sha1' | 'sha256' | 'sha384' | 'sha512' | undefined;
  /** How DNS writes the signature: r and s side by side (RFC 6605 §4), or in a way that has no choice. */
  readonly dsaEncoding: 'ieee-p1363' | undefined;
}

/**
 * Keys kept ready: reading an ECDSA key costs as much as verifying with it, and each is used for every answer of its
 * zone. A key object takes 3 to 5 KB. Two generations instead of an order of use: a key found costs one look and no
 * writing, and those not used while half of the bound were added are let go.
 */
export const MAX_KEYS_KEPT = 512;
/** `null`: no key. */
type Kept = Map<Octets, PublicKey | null>;
let young: Kept = new Map();
let old: Kept = new Map();

/** The key a DNSKEY holds; undefined when it is malformed, out of bounds or of an unknown algorithm. */
export function publicKeyOf(dnskey: Dnskey): PublicKey | undefined {
  const known = young.get(dnskey.rdata);
  return (known === undefined ? renewed(dnskey) : known) ?? undefined;
}

function renewed(dnskey: Dnskey): PublicKey | null {
  const known = old.get(dnskey.rdata);
  const key = known === undefined ? (readKey(dnskey) ?? null) : known;
  if (young.size >= MAX_KEYS_KEPT / 2) {
    old = young;
    young = new Map();
  }
  young.set(dnskey.rdata, key);
  return key;
}

function readKey({ algorithm, publicKey }: Dnskey): PublicKey | undefined {
  switch (algorithm) {
    case Algorithm.RSASHA1:
    case Algorithm.RSASHA1_NSEC3_SHA1:
      return rsaKey(publicKey, 'sha1', 512);
    case Algorithm.RSASHA256:
      return rsaKey(publicKey, 'sha256', 512);
    case Algorithm.RSASHA512:
      return rsaKey(publicKey, 'sha512', 1024);
    case Algorithm.ECDSAP256SHA256:
      return curveKey(publicKey, 'P-256', 32, 'sha256');
    case Algorithm.ECDSAP384SHA384:
      return curveKey(publicKey, 'P-384', 48, 'sha384');
    case Algorithm.ED25519:
      return edwardsKey(publicKey, 'Ed25519', 32);
    case Algorithm.ED448:
      return edwardsKey(publicKey, 'Ed448', 57);
    case Algorithm.DSA:
    case Algorithm.DSA_NSEC3_SHA1:
      return dsaKey(publicKey);
    default:
      return undefined;
  }
}

/** RFC 3110 §2 and RFC 5702 §2 */
const MAX_MODULUS_BITS = 4096;
/** Not in any RFC; the time to verify grows with it, and a zone may choose it. BIND takes no more; in use are 2 to 33. */
const MAX_EXPONENT_BITS = 35;

/** RFC 3110 §2: length of the exponent in one octet, or in two after a zero; exponent; modulus. */
function rsaKey(octets: Octets, hash: PublicKey['hash'], minBits: number): PublicKey | undefined {
  if (octets.length < 3) return undefined;
  const short = octetAt(octets, 0);
  const start = short === 0 ? 3 : 1;
  const end = start + (short === 0 ? uint16At(octets, 1) : short);
  const exponent = withoutLeadingZeros(sliceOctets(octets, start, end));
  const modulus = withoutLeadingZeros(sliceOctets(octets, end));
  const bits = bitLength(modulus);
  if (bits < minBits || bits > MAX_MODULUS_BITS || !isOdd(modulus)) return undefined;
  if (bitLength(exponent) < 2 || bitLength(exponent) > MAX_EXPONENT_BITS || !isOdd(exponent)) return undefined;
  return imported({ kty: 'RSA', n: base64(modulus), e: base64(exponent) }, hash, undefined);
}

/** RFC 6605 §4: the coordinates of a point side by side. OpenSSL refuses those that are not on the curve. */
function curveKey(octets: Octets, crv: string, size: number, hash: PublicKey['hash']): PublicKey | undefined {
  if (octets.length !== 2 * size) return undefined;
  const x = base64(sliceOctets(octets, 0, size));
  const y = base64(sliceOctets(octets, size));
  return imported({ kty: 'EC', crv, x, y }, hash, 'ieee-p1363');
}

/** The sign of x, above the y that stands in front of it (RFC 8032 §5.1.2, §5.2.2). */
const SIGN_BIT = 0x80;
const zeros = (count: number): string => '00'.repeat(count);

/**
 * Points of small order as y in hexadecimal, least octet first: under such a key anybody can make signatures, and RFC
 * 8032 does not refuse them. Ed25519: 0, 1, the two of order 8, -1, and 0 and 1 with p added. Ed448: 0, 1, -1.
 */
const SMALL_ORDER: ReadonlySet<string> = new Set([
  zeros(32),
  `01${zeros(31)}`,
  '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05',
  'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a',
  ...['ec', 'ed', 'ee'].map((first) => `${first}${'ff'.repeat(30)}7f`),
  zeros(57),
  `01${zeros(56)}`,
  `fe${'ff'.repeat(27)}fe${'ff'.repeat(27)}00`,
]);

function isOfSmallOrder(octets: Octets): boolean {
  const y = bytesOf(octets);
  y[y.length - 1]! &= ~SIGN_BIT;
  return SMALL_ORDER.has(y.toString('hex'));
}

/** RFC 8080 §3 */
function edwardsKey(octets: Octets, crv: string, size: number): PublicKey | undefined {
  if (octets.length !== size || isOfSmallOrder(octets)) return undefined;
  return imported({ kty: 'OKP', crv, x: base64(octets) }, undefined, undefined);
}

function dsaKey(octets: Octets): PublicKey | undefined {
  const key = dsaSubjectPublicKeyInfo(octets);
  if (key === undefined) return undefined;
  try {
    return { key: createPublicKey({ key, format: 'der', type: 'spki' }), hash: 'sha1', dsaEncoding: 'ieee-p1363' };
  } catch {
    return undefined;
  }
}

function imported(
  key: JsonWebKey,
  hash: PublicKey['hash'],
  dsaEncoding: PublicKey['dsaEncoding'],
): PublicKey | undefined {
  try {
    return { key: createPublicKey({ key, format: 'jwk' }), hash, dsaEncoding };
  } catch {
    // OpenSSL found the numbers to be no key; which of its errors it was says nothing to people.
    return undefined;
  }
}

function base64(octets: Octets): string {
  return bytesOf(octets).toString('base64url');
}

/** RFC 3110 §2 forbids zeros in front; BIND and Unbound pass over them. */
function withoutLeadingZeros(octets: Octets): Octets {
  let at = 0;
  while (at < octets.length && octets.charCodeAt(at) === 0) at++;
  return at === 0 ? octets : sliceOctets(octets, at);
}

/** Of a number without leading zero octets. */
function bitLength(octets: Octets): number {
  return octets.length === 0 ? 0 : octets.length * 8 - (Math.clz32(octets.charCodeAt(0)) - 24);
}

function isOdd(octets: Octets): boolean {
  return (octets.charCodeAt(octets.length - 1) & 1) === 1;
}
