/** How is an RRset signed? RRSIG RDATA, RFC 4034 §3.1, over the canonical form of §3.1.8.1 and §6. */
import { type DomainName, firstLabel, labelCount } from '../dns/name.js';
import { Class } from '../dns/numbers.js';
import { concatOctets, type Octets, octets16, octets32, octetsFrom } from '../dns/octets.js';
import type { RRset } from '../dns/rrset.js';
import { canonicalRdatas } from '../wire/canonical.js';
import { type SigningKey, signWith } from './signing-key.js';

/** Who signs, and for which time. */
export interface Signer {
  readonly key: SigningKey;
  /** The apex of the zone; anything else makes signatures nobody believes. */
  readonly name: DomainName;
  /** Seconds since 1970: valid from and until, both included. */
  readonly inception: number;
  readonly expiration: number;
}

/** The RDATA of an RRSIG record that covers the RRset. */
export function signatureOver(rrset: RRset, { key, name, inception, expiration }: Signer): Octets {
  const head = concatOctets(
    octets16(rrset.type),
    octetsFrom(key.algorithm, signedLabels(rrset.name)),
    octets32(rrset.ttl),
    octets32(expiration),
    octets32(inception),
    octets16(key.tag),
    name,
  );
  return concatOctets(head, signWith(key, concatOctets(head, canonicalRecords(rrset))));
}

/** RFC 4034 §3.1.3: a leading asterisk does not count. */
function signedLabels(name: DomainName): number {
  return labelCount(name) - (firstLabel(name) === '*' ? 1 : 0);
}

function canonicalRecords(rrset: RRset): Octets {
  const head = concatOctets(rrset.name, octets16(rrset.type), octets16(Class.IN), octets32(rrset.ttl));
  const rdatas = canonicalRdatas(rrset.type, rrset.rdatas);
  return concatOctets(...rdatas.map((rdata) => concatOctets(head, octets16(rdata.length), rdata)));
}
