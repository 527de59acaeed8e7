/** Was this signature made over these octets with this key? The one place that calls crypto.verify. */
import { verify } from 'node:crypto';
import type { Dnskey } from '../dns/dnssec-rdata.js';
import { bytesOf, type Octets, octetAt, sliceOctets } from '../dns/octets.js';
import { Algorithm } from './algorithms.js';
import { type PublicKey, publicKeyOf } from './public-key.js';

/** `unusable key`: the DNSKEY holds no key of its algorithm, so nothing was computed. */
export type SignatureCheck = 'valid' | 'invalid' | 'unusable key';

/** Checks the mathematics alone: flags, tags and times are the caller's. */
export function verifySignature(dnskey: Dnskey, signature: Octets, data: Buffer): SignatureCheck {
  const publicKey = publicKeyOf(dnskey);
  if (publicKey === undefined) return 'unusable key';
  const isDsa = dnskey.algorithm === Algorithm.DSA || dnskey.algorithm === Algorithm.DSA_NSEC3_SHA1;
  const checked = isDsa ? verifyDsa(publicKey, signature, data) : verifyWith(publicKey, signature, data);
  return checked ? 'valid' : 'invalid';
}

function verifyWith(publicKey: PublicKey, signature: Octets, data: Buffer): boolean {
  const { key, hash, dsaEncoding } = publicKey;
  try {
    return verify(hash, data, dsaEncoding === undefined ? key : { key, dsaEncoding }, bytesOf(signature));
  } catch {
    // Thrown for signatures that are none at all, of the wrong length for instance.
    return false;
  }
}

const DER_SEQUENCE = 0x30;

/**
 * RFC 2536 §3: T, r and s, 41 octets. Early signers wrote DER; its first octet is no value of T, so the two cannot be
 * taken for each other, and the test zones of that time have it.
 */
function verifyDsa(publicKey: PublicKey, signature: Octets, data: Buffer): boolean {
  if (octetAt(signature, 0) === DER_SEQUENCE) {
    return verifyWith({ ...publicKey, dsaEncoding: undefined }, signature, data);
  }
  return signature.length === 41 && verifyWith(publicKey, sliceOctets(signature, 1), data);
}
