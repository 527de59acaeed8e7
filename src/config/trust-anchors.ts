/** Which keys does the chain of trust start from (RFC 4033 §2, RFC 9718)? */
import { type DomainName, nameToText, ROOT } from '../dns/name.js';
import { Class, Type, typeToText } from '../dns/numbers.js';
import { concatOctets, type Octets, octetAt, octets16, octetsFrom, octetsFromHex, uint16At } from '../dns/octets.js';
import type { ResourceRecord } from '../dns/rrset.js';
import { parseMasterFile } from '../presentation/master-file.js';
import { recordFromText } from '../presentation/record-text.js';

/** A DS or DNSKEY record that is believed without proof. */
export interface TrustAnchor {
  readonly zone: DomainName;
  readonly type: typeof Type.DS | typeof Type.DNSKEY;
  readonly rdata: Octets;
}

/** The DS records of the root's key-signing keys (KSK-2017, KSK-2024), both RSA/SHA-256 (8) with a SHA-256 digest (2). */
const ROOT_KEYS: readonly { readonly keyTag: number; readonly digest: string }[] = [
  { keyTag: 20326, digest: 'e06d44b80b8f1d39a95c0b0d7c65d08458e880409bbc683457104237c7f8ec8d' },
  { keyTag: 38696, digest: '683d2d0acb8c9b712a1948b27f741219298d0a450d612c483af444a4c0fb2b16' },
];

/** The trust anchors of the Internet's root zone. */
export function builtInTrustAnchors(): readonly TrustAnchor[] {
  return ROOT_KEYS.map(({ keyTag, digest }) => ({
    zone: ROOT,
    type: Type.DS,
    rdata: concatOctets(octets16(keyTag), octetsFrom(8, 2), octetsFromHex(digest)!),
  }));
}

/** One DS or DNSKEY line, ". IN DS 20326 8 2 E06D...". Throws PresentationError, or RangeError when it is no anchor. */
export function trustAnchorFromText(line: string): TrustAnchor {
  return trustAnchorFrom(recordFromText(line));
}

/** The anchors of a master file (as root.key files are), and what is wrong in it; other records are problems. */
export function trustAnchorsFromFile(
  text: string,
  file: string,
): { readonly anchors: readonly TrustAnchor[]; readonly problems: readonly string[] } {
  const { records, problems: syntax } = parseMasterFile(text, { origin: ROOT, defaultTtl: 0, file });
  const problems = syntax.map(({ line, message }) => `${file}:${line}: ${message}`);
  const anchors: TrustAnchor[] = [];
  for (const record of records) {
    try {
      anchors.push(trustAnchorFrom(record));
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      problems.push(`${file}: ${error.message}`);
    }
  }
  if (anchors.length === 0 && problems.length === 0) problems.push(`${file}: no DS or DNSKEY record`);
  return { anchors, problems };
}

function trustAnchorFrom(record: ResourceRecord): TrustAnchor {
  const { name: zone, type, rdata } = record;
  if (record.class !== Class.IN) throw new RangeError(`the trust anchor of ${nameToText(zone)} is not of class IN`);
  if (type === Type.DS) checkDs(zone, rdata);
  else if (type === Type.DNSKEY) checkDnskey(zone, rdata);
  else throw new RangeError(`a trust anchor is a DS or DNSKEY record, not ${typeToText(type)}`);
  return { zone, type, rdata };
}

/** Octets of digests: RFC 4034 §5.1.3 (SHA-1), RFC 4509 (SHA-256), RFC 6605 (SHA-384). */
const DIGEST_OCTETS = [20, 32, 48];

/**
 * A digest that was cut or misspelt is a mistake. One of another type than it says is the validator's business: it
 * stands for no key, as any resolver has it (RFC 4035 §5.2).
 */
function checkDs(zone: DomainName, rdata: Octets): void {
  const actual = rdata.length - 4;
  if (DIGEST_OCTETS.includes(actual)) return;
  const lengths = DIGEST_OCTETS.map((octets) => octets * 2).join(', ');
  throw new RangeError(
    `the digest in the DS of ${nameToText(zone)} has ${actual * 2} hexadecimal digits: digests have one of ${lengths}`,
  );
}

/** RFC 4034 §2.1.1 and RFC 5011 §2.1 */
const ZONE_KEY = 0x0100;
const REVOKED = 0x0080;

function checkDnskey(zone: DomainName, rdata: Octets): void {
  const owner = nameToText(zone);
  if (rdata.length < 5) throw new RangeError(`the DNSKEY of ${owner} holds no key`);
  const flags = uint16At(rdata, 0);
  if ((flags & ZONE_KEY) === 0) throw new RangeError(`the DNSKEY of ${owner} is no zone key: flags are 256 or 257`);
  if ((flags & REVOKED) !== 0) throw new RangeError(`the DNSKEY of ${owner} is revoked (RFC 5011)`);
  // RFC 4034 §2.1.2
  if (octetAt(rdata, 2) !== 3) throw new RangeError(`the protocol field in the DNSKEY of ${owner} is not 3`);
  const least = leastKeyOctets(octetAt(rdata, 3));
  if (rdata.length - 4 < least) {
    throw new RangeError(
      `the key in the DNSKEY of ${owner} has ${rdata.length - 4} octets: its algorithm takes ${least}`,
    );
  }
}

/**
 * Octets of a public key at least: exponent and modulus (RFC 3110 §2), points of elliptic curves (RFC 6605 §4, RFC 8080
 * §3). A modulus may be as short as in the example of RFC 5155, whose whole key has 27 octets. Of other algorithms nothing
 * is known but that there is a key.
 */
function leastKeyOctets(algorithm: number): number {
  switch (algorithm) {
    case 1:
    case 5:
    case 7:
    case 8:
    case 10:
      return 1 + 1 + 16;
    case 13:
      return 64;
    case 14:
      return 96;
    case 15:
      return 32;
    case 16:
      return 57;
    default:
      return 1;
  }
}
