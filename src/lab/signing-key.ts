/**
 * Which key pair signs a zone, and how does its public half look in a DNSKEY record?
 *
 * RFC 4034 §2, and for the algorithms RFC 3110 and RFC 5702 (RSA), RFC 6605 (ECDSA), RFC 8080 (EdDSA).
 */
import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { bytesOf, concatOctets, type Octets, octetAt, octets16, octetsFrom, octetsOf } from '../dns/octets.js';

/** How an algorithm of DNSSEC is said in the terms of node:crypto. */
type Scheme =
  | { readonly kind: 'rsa'; readonly digest: string }
  | { readonly kind: 'ecdsa'; readonly digest: string; readonly curve: string }
  | { readonly kind: 'eddsa'; readonly curve: 'ed25519' | 'ed448' };

/** Those of RFC 8624 §3.1 that may be signed with, by number. */
const SCHEMES = {
  8: { kind: 'rsa', digest: 'sha256' },
  10: { kind: 'rsa', digest: 'sha512' },
  13: { kind: 'ecdsa', digest: 'sha256', curve: 'P-256' },
  14: { kind: 'ecdsa', digest: 'sha384', curve: 'P-384' },
  15: { kind: 'eddsa', curve: 'ed25519' },
  16: { kind: 'eddsa', curve: 'ed448' },
} as const satisfies Readonly<Record<number, Scheme>>;

/** RSASHA256, RSASHA512, ECDSAP256SHA256, ECDSAP384SHA384, ED25519, ED448. */
export type SigningAlgorithm = keyof typeof SCHEMES;
export const SIGNING_ALGORITHMS = Object.keys(SCHEMES).map(Number) as SigningAlgorithm[];

/** Flags of a DNSKEY record: a zone key, and one that is a secure entry point as well (RFC 4034 §2.1.1). */
const ZONE_KEY = 256;
const SECURE_ENTRY_POINT = 257;

const RSA_BITS = 2048;

export interface SigningKey {
  readonly algorithm: SigningAlgorithm;
  /** RDATA of its DNSKEY record. */
  readonly dnskey: Octets;
  /** RFC 4034 appendix B: not unique, a hint. 0..65535 */
  readonly tag: number;
  readonly privateKey: KeyObject;
}

/** The keys of a zone; one and the same when a single key does both (a combined signing key). */
export interface ZoneKeys {
  /** Signs the DNSKEY RRset and is what the parent's DS stands for. */
  readonly ksk: SigningKey;
  /** Signs everything else. */
  readonly zsk: SigningKey;
}

/**
 * Makes keys. All RSA keys of one maker are the same pair: making one takes a tenth of a second or more, and in a lab
 * nothing depends on two zones having different ones.
 */
export class KeyMaker {
  #rsa: KeyObject | undefined;

  /** `split`: a key signing key and a zone signing key. `csk`: one key for both. */
  zoneKeys(algorithm: SigningAlgorithm, style: 'split' | 'csk'): ZoneKeys {
    const ksk = this.#key(algorithm, SECURE_ENTRY_POINT);
    return { ksk, zsk: style === 'csk' ? ksk : this.#key(algorithm, ZONE_KEY) };
  }

  #key(algorithm: SigningAlgorithm, flags: number): SigningKey {
    const privateKey = this.#privateKey(SCHEMES[algorithm]);
    // RFC 4034 §2.1.2: the protocol field is 3, always.
    const dnskey = concatOctets(octets16(flags), octetsFrom(3, algorithm), publicKeyOctets(privateKey));
    return { algorithm, dnskey, tag: keyTag(dnskey), privateKey };
  }

  #privateKey(scheme: Scheme): KeyObject {
    switch (scheme.kind) {
      case 'rsa':
        this.#rsa ??= generateKeyPairSync('rsa', { modulusLength: RSA_BITS }).privateKey;
        return this.#rsa;
      case 'ecdsa':
        return generateKeyPairSync('ec', { namedCurve: scheme.curve }).privateKey;
      case 'eddsa':
        // One call for both does not type-check: the declarations know each curve by itself.
        return scheme.curve === 'ed25519'
          ? generateKeyPairSync('ed25519').privateKey
          : generateKeyPairSync('ed448').privateKey;
      default:
        return scheme satisfies never;
    }
  }
}

/** The signature field of an RRSIG record over `data`. */
export function signWith(key: SigningKey, data: Octets): Octets {
  const scheme: Scheme = SCHEMES[key.algorithm];
  const bytes = bytesOf(data);
  switch (scheme.kind) {
    case 'rsa':
      return octetsOf(sign(scheme.digest, bytes, key.privateKey));
    case 'ecdsa':
      // RFC 6605 §4: r and s side by side, not DER.
      return octetsOf(sign(scheme.digest, bytes, { key: key.privateKey, dsaEncoding: 'ieee-p1363' }));
    case 'eddsa':
      return octetsOf(sign(null, bytes, key.privateKey));
    default:
      return scheme satisfies never;
  }
}

/** The public key field: RFC 3110 §2 (exponent's length, exponent, modulus), RFC 6605 §4 (x, y), RFC 8080 §3 (x). */
function publicKeyOctets(key: KeyObject): Octets {
  const { kty, n, e, x, y } = key.export({ format: 'jwk' });
  const field = (text: string | undefined): Octets => octetsOf(Buffer.from(text ?? '', 'base64url'));
  if (kty !== 'RSA') return concatOctets(field(x), field(y));
  const exponent = field(e);
  return concatOctets(octetsFrom(exponent.length), exponent, field(n));
}

/** RFC 4034 appendix B: the 16-bit halves summed, the carry added in once. */
export function keyTag(dnskey: Octets): number {
  let sum = 0;
  for (let i = 0; i < dnskey.length; i++) sum += octetAt(dnskey, i) << (i % 2 === 0 ? 8 : 0);
  return (sum + (sum >>> 16)) & 0xffff;
}
