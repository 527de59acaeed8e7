/** Keys of every algorithm and signatures made with them: what an authoritative server's signer does, for tests. */
import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { type Dnskey, dnskeyOf, type Rrsig, rrsigOf } from '../../src/dns/dnssec-rdata.js';
import { type DomainName, nameFromText } from '../../src/dns/name.js';
import { Type } from '../../src/dns/numbers.js';
import { concatOctets, type Octets, octets16, octets32, octetsFrom, octetsOf } from '../../src/dns/octets.js';
import type { RRset } from '../../src/dns/rrset.js';
import { signedData, signedLabelCount } from '../../src/validator/signed-data.js';
import { canonicalRdatas } from '../../src/wire/canonical.js';

export interface SigningKey {
  readonly dnskey: Dnskey;
  readonly privateKey: KeyObject;
  readonly hash: string | undefined;
}

export const ZONE_FLAGS = 0x0100;
export const SEP_FLAGS = 0x0101;
export const REVOKED_FLAGS = 0x0181;

/** 2023-11-14T22:13:20Z; signatures made here are valid from a day before to ten days after. */
export const NOW = 1_700_000_000;
export const DAY = 86_400;

export function makeKey(algorithm: number, flags = ZONE_FLAGS): SigningKey {
  const { publicKey, privateKey, hash } = generate(algorithm);
  return { dnskey: dnskey(algorithm, publicKey, flags), privateKey, hash };
}

export function dnskey(algorithm: number, publicKey: Octets, flags = ZONE_FLAGS, protocol = 3): Dnskey {
  return dnskeyOf(concatOctets(octets16(flags), octetsFrom(protocol, algorithm), publicKey))!;
}

/** The same key with other flags. */
export function withFlags(key: SigningKey, flags: number): SigningKey {
  return { ...key, dnskey: dnskey(key.dnskey.algorithm, key.dnskey.publicKey, flags) };
}

function generate(algorithm: number): { publicKey: Octets; privateKey: KeyObject; hash: string | undefined } {
  const field = (key: KeyObject, name: 'n' | 'e' | 'x' | 'y'): Octets =>
    octetsOf(Buffer.from(key.export({ format: 'jwk' })[name]!, 'base64url'));
  if ([5, 7, 8, 10].includes(algorithm)) {
    const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 1024 });
    const hash = algorithm === 10 ? 'sha512' : algorithm === 8 ? 'sha256' : 'sha1';
    return { publicKey: rsaPublicKey(field(publicKey, 'e'), field(publicKey, 'n')), privateKey, hash };
  }
  if (algorithm === 13 || algorithm === 14) {
    const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: algorithm === 13 ? 'P-256' : 'P-384' });
    const point = concatOctets(field(publicKey, 'x'), field(publicKey, 'y'));
    return { publicKey: point, privateKey, hash: algorithm === 13 ? 'sha256' : 'sha384' };
  }
  const { publicKey, privateKey } = algorithm === 15 ? generateKeyPairSync('ed25519') : generateKeyPairSync('ed448');
  return { publicKey: field(publicKey, 'x'), privateKey, hash: undefined };
}

/** RFC 3110 §2 */
export function rsaPublicKey(exponent: Octets, modulus: Octets): Octets {
  return concatOctets(octetsFrom(exponent.length), exponent, modulus);
}

export interface SigningChoices {
  readonly signer?: DomainName;
  /** Labels to claim; those of the owner unless given. */
  readonly labels?: number;
  readonly inception?: number;
  readonly expiration?: number;
  readonly typeCovered?: number;
  readonly algorithm?: number;
  readonly keyTag?: number;
  readonly originalTtl?: number;
}

/** RRSIG RDATA over an RRset. */
export function signRrset(rrset: RRset, key: SigningKey, choices: SigningChoices = {}): Octets {
  const head = concatOctets(
    octets16(choices.typeCovered ?? rrset.type),
    octetsFrom(choices.algorithm ?? key.dnskey.algorithm, choices.labels ?? signedLabelCount(rrset.name)),
    octets32(choices.originalTtl ?? rrset.ttl),
    octets32(choices.expiration ?? NOW + 10 * DAY),
    octets32(choices.inception ?? NOW - DAY),
    octets16(choices.keyTag ?? key.dnskey.keyTag),
    choices.signer ?? ZONE,
  );
  const blank = rrsigOf(concatOctets(head, octetsFrom(0))) as Rrsig;
  const data = signedData(blank, rrset.name, rrset.type, canonicalRdatas(rrset.type, rrset.rdatas));
  const signature = sign(key.hash, data, { key: key.privateKey, dsaEncoding: 'ieee-p1363' });
  return concatOctets(head, octetsOf(signature));
}

export const ZONE = nameFromText('example.');

/** An A RRset of two addresses, unsigned. */
export function addresses(name = 'www.example.', ttl = 3600): RRset {
  const rdatas = [octetsFrom(192, 0, 2, 7), octetsFrom(192, 0, 2, 1)];
  return { name: nameFromText(name), type: Type.A, ttl, rdatas, signatures: [] };
}

export function signed(rrset: RRset, ...signatures: readonly Octets[]): RRset {
  return { ...rrset, signatures };
}
