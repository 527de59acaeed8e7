/** What does a parent say of a child's keys? DS records, RFC 4034 §5 with the digest of RFC 4509. */
import { createHash } from 'node:crypto';
import type { DomainName } from '../dns/name.js';
import { Type } from '../dns/numbers.js';
import {
  bytesOf,
  concatOctets,
  type Octets,
  octetAt,
  octets16,
  octetsFrom,
  octetsOf,
  uint16At,
} from '../dns/octets.js';
import { keyTag } from './signing-key.js';
import type { Zone } from './zone.js';

/** SHA-256, the one digest RFC 8624 §3.3 wants everybody to make. */
const DIGEST_TYPE = 2;

/** The SEP bit of a DNSKEY's flags (RFC 4034 §2.1.1). */
const SEP = 0x0001;

/** DS RDATA for every key of a signed zone that is a secure entry point; none for an unsigned zone. */
export function dsFor(zone: Zone): Octets[] {
  const keys = zone.rrset(zone.apex, Type.DNSKEY)?.rdatas ?? [];
  return keys.filter((dnskey) => (uint16At(dnskey, 0) & SEP) !== 0).map((dnskey) => dsOf(zone.apex, dnskey));
}

/** RFC 4034 §5.1: key tag, algorithm, digest type, and the digest of owner name and DNSKEY RDATA. */
function dsOf(owner: DomainName, dnskey: Octets): Octets {
  const digest = createHash('sha256').update(bytesOf(owner)).update(bytesOf(dnskey)).digest();
  return concatOctets(octets16(keyTag(dnskey)), octetsFrom(octetAt(dnskey, 3), DIGEST_TYPE), octetsOf(digest));
}
