/** What do RRSIG, DNSKEY and DS records say? Their RDATA taken apart (RFC 4034 §2, §3, §5). */
import { type DomainName, nameAt } from './name.js';
import { type Octets, octetAt, sliceOctets, uint16At, uint32At } from './octets.js';
import type { RRset } from './rrset.js';

/** RRSIG RDATA, RFC 4034 §3.1. */
export interface Rrsig {
  readonly typeCovered: number;
  readonly algorithm: number;
  /** Labels of the owner name as signed, neither root nor a leading `*` counted. */
  readonly labels: number;
  /** Seconds. */
  readonly originalTtl: number;
  /** Seconds since 1970 modulo 2^32, to be compared by serial arithmetic (RFC 4034 §3.1.5). */
  readonly expiration: number;
  readonly inception: number;
  readonly keyTag: number;
  readonly signer: DomainName;
  readonly signature: Octets;
  readonly rdata: Octets;
}

/** Octets before the signer's name. */
export const RRSIG_FIXED_OCTETS = 18;

/** RRSIG RDATA taken apart; undefined when it is malformed or its signature is empty. */
export function rrsigOf(rdata: Octets): Rrsig | undefined {
  const signer = nameAt(rdata, RRSIG_FIXED_OCTETS);
  if (signer === undefined) return undefined;
  const signature = sliceOctets(rdata, RRSIG_FIXED_OCTETS + signer.length);
  if (signature.length === 0) return undefined;
  return {
    typeCovered: uint16At(rdata, 0),
    algorithm: octetAt(rdata, 2),
    labels: octetAt(rdata, 3),
    originalTtl: uint32At(rdata, 4),
    expiration: uint32At(rdata, 8),
    inception: uint32At(rdata, 12),
    keyTag: uint16At(rdata, 16),
    signer,
    signature,
    rdata,
  };
}

/** The zones that signed an RRset, as its signatures say: nothing of it is verified. */
export function signersOf({ signatures }: Pick<RRset, 'signatures'>): DomainName[] {
  return signatures.map((rdata) => rrsigOf(rdata)?.signer).filter((signer) => signer !== undefined);
}

/** DNSKEY RDATA, RFC 4034 §2.1. */
export interface Dnskey {
  readonly flags: number;
  readonly protocol: number;
  readonly algorithm: number;
  /** In the form of the algorithm; not looked into here, perhaps empty. */
  readonly publicKey: Octets;
  readonly rdata: Octets;
  /** Of this RDATA as it stands: the REVOKE bit changes it (RFC 5011 §2.1). Tags are not unique. */
  readonly keyTag: number;
}

/** DNSKEY RDATA taken apart; undefined when it has no room for the fixed fields. */
export function dnskeyOf(rdata: Octets): Dnskey | undefined {
  if (rdata.length < 4) return undefined;
  return {
    flags: uint16At(rdata, 0),
    protocol: octetAt(rdata, 2),
    algorithm: octetAt(rdata, 3),
    publicKey: sliceOctets(rdata, 4),
    rdata,
    keyTag: keyTagOf(rdata),
  };
}

const RSAMD5 = 1;

/** RFC 4034 Appendix B; B.1 for algorithm 1, whose tag is cut out of the modulus. */
function keyTagOf(rdata: Octets): number {
  const { length } = rdata;
  if (octetAt(rdata, 3) === RSAMD5) return length < 7 ? 0 : uint16At(rdata, length - 3);
  // At most 65535 octets of at most 0xff00: the sum stays below 2^32, a double holds it exactly.
  let sum = 0;
  for (let at = 0; at < length; at++) sum += at & 1 ? rdata.charCodeAt(at) : rdata.charCodeAt(at) << 8;
  return (sum + ((sum >>> 16) & 0xffff)) & 0xffff;
}

const ZONE_KEY = 0x0100;
const REVOKED = 0x0080;
const SECURE_ENTRY_POINT = 0x0001;

/** RFC 4034 §2.1.1: a key without this flag signs no zone data. */
export function isZoneKey(key: Dnskey): boolean {
  return (key.flags & ZONE_KEY) !== 0;
}

/** RFC 5011 §2.1: a key that says of itself that it is no longer to be used. */
export function isRevoked(key: Dnskey): boolean {
  return (key.flags & REVOKED) !== 0;
}

/** RFC 4034 §2.1.1: a hint for people and RFC 5011; validation does not depend on it. */
export function isSecureEntryPoint(key: Dnskey): boolean {
  return (key.flags & SECURE_ENTRY_POINT) !== 0;
}

/** DS RDATA, RFC 4034 §5.1. */
export interface Ds {
  readonly keyTag: number;
  readonly algorithm: number;
  readonly digestType: number;
  /** Not checked against the length its type demands: a digest of another length matches no key. */
  readonly digest: Octets;
}

/** DS RDATA taken apart; undefined when it has no room for the fixed fields. */
export function dsOf(rdata: Octets): Ds | undefined {
  if (rdata.length < 4) return undefined;
  return {
    keyTag: uint16At(rdata, 0),
    algorithm: octetAt(rdata, 2),
    digestType: octetAt(rdata, 3),
    digest: sliceOctets(rdata, 4),
  };
}
