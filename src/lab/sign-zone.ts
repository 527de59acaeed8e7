/**
 * What does a zone look like when it is signed? DNSKEY at its apex, an NSEC or NSEC3 chain, and a signature on every
 * RRset the zone has authority over (RFC 4035 §2, RFC 5155 §7.1).
 */
import type { DomainName } from '../dns/name.js';
import { Type } from '../dns/numbers.js';
import { type RRset, soaOf } from '../dns/rrset.js';
import { authoritativeNames } from './authoritative-names.js';
import { nsecChain } from './nsec-chain.js';
import { type Nsec3Style, nsec3Chain, nsec3Param } from './nsec3-chain.js';
import { signatureOver } from './signature.js';
import type { SigningKey, ZoneKeys } from './signing-key.js';
import { Zone } from './zone.js';

/** How the zone proves what it does not have. */
export type DenialStyle = { readonly kind: 'nsec' } | ({ readonly kind: 'nsec3' } & Nsec3Style);

export interface SigningOptions {
  readonly keys: ZoneKeys;
  /** What the DNSKEY RRset holds; `keys` unless given. */
  readonly published?: readonly SigningKey[];
  readonly denial: DenialStyle;
  /** Seconds since 1970: the signatures are valid from and until, both included. */
  readonly inception: number;
  readonly expiration: number;
  /** The signer's name in all signatures but those of the DNSKEY RRset; the apex unless given. */
  readonly signerName?: DomainName;
}

/**
 * The zone with keys, chain and signatures. `zone` must be unsigned and have a SOA record (RangeError); its DS RRsets
 * are those of its secure delegations.
 */
export function signZone(zone: Zone, options: SigningOptions): Zone {
  const { keys, denial, published = [keys.ksk, keys.zsk] } = options;
  const { soa } = zone;
  const minimum = soa && soaOf(soa.rdatas[0]!)?.minimum;
  if (soa === undefined || minimum === undefined) throw new RangeError('a zone without SOA cannot be signed');
  if (zone.rrset(zone.apex, Type.DNSKEY) !== undefined) throw new RangeError('the zone is already signed');

  const atApex = [keyRRset(zone.apex, published, soa.ttl)];
  if (denial.kind === 'nsec3') atApex.push(nsec3Param(zone.apex, denial, soa.ttl));
  const unsigned = [...zone.rrsets(), ...atApex];
  const names = authoritativeNames(new Zone(zone.apex, unsigned));
  // RFC 9077 §3: as long as a negative answer.
  const ttl = Math.min(soa.ttl, minimum);
  const chain = denial.kind === 'nsec' ? nsecChain(names, ttl) : nsec3Chain(names, zone.apex, denial, ttl);

  const toSign = new Set([...names.flatMap((name) => name.signed), ...chain]);
  return new Zone(
    zone.apex,
    [...unsigned, ...chain].map((rrset) => (toSign.has(rrset) ? signed(rrset, zone.apex, options) : rrset)),
  );
}

function keyRRset(apex: DomainName, keys: readonly SigningKey[], ttl: number): RRset {
  const rdatas = [...new Set(keys.map((key) => key.dnskey))];
  return { name: apex, type: Type.DNSKEY, ttl, rdatas, signatures: [] };
}

function signed(rrset: RRset, apex: DomainName, options: SigningOptions): RRset {
  const { keys, inception, expiration, signerName = apex } = options;
  const signer =
    rrset.type === Type.DNSKEY
      ? { key: keys.ksk, name: apex, inception, expiration }
      : { key: keys.zsk, name: signerName, inception, expiration };
  return { ...rrset, signatures: [signatureOver(rrset, signer)] };
}
