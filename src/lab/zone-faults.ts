/**
 * What can be wrong with a signed zone? The mistakes operators make and the forgeries validation is there for, as data:
 * a fault changes how the zone is signed, what is then served, or what the parent says of its keys. Pure.
 */
import { parentOf, ROOT } from '../dns/name.js';
import { Type } from '../dns/numbers.js';
import { concatOctets, type Octets, octetAt, octets16, octetsFrom, sliceOctets, uint16At } from '../dns/octets.js';
import type { RRset } from '../dns/rrset.js';
import type { SigningOptions } from './sign-zone.js';
import type { KeyMaker } from './signing-key.js';
import { Zone } from './zone.js';

/** All but the two of unknown numbers make something bogus. */
export const ZONE_FAULTS = [
  /** All signatures ended a week ago. */
  'expired',
  /** All signatures begin in a week. */
  'notYetValid',
  /** Signatures are made with another key than the one they name. */
  'wrongKey',
  /** Signatures name a key that is not in the DNSKEY RRset. */
  'unpublishedKey',
  /** Signatures name the parent zone as their signer. */
  'wrongSigner',
  /** Addresses were changed after they were signed. */
  'altered',
  /** Nothing but the DNSKEY RRset carries signatures. */
  'signaturesStripped',
  /** The parent has DS, the zone is not signed. */
  'neverSigned',
  /** There are no NSEC or NSEC3 records. */
  'noProof',
  /** DS is of a key the zone does not have. */
  'dsOfAnotherKey',
  /** DS names the right key and has another digest. */
  'dsWrongDigest',
  /** DS is of an algorithm nobody knows: insecure (RFC 4035 §5.2). */
  'unknownAlgorithm',
  /** DS has a digest type nobody knows: insecure (RFC 4509 §3). */
  'unknownDigest',
] as const;
export type ZoneFault = (typeof ZONE_FAULTS)[number];

const WEEK = 7 * 86_400;

/** Reserved or unassigned in the IANA registries of algorithms and of digest types. */
const UNKNOWN_ALGORITHM = 200;
const UNKNOWN_DIGEST = 200;

/** How the zone is signed. `keyMaker` gives the keys that should not be there. */
export function faultySigning(
  options: SigningOptions,
  fault: ZoneFault,
  zone: Zone,
  keyMaker: KeyMaker,
): SigningOptions {
  const { keys, inception, expiration } = options;
  const { algorithm } = keys.zsk;
  switch (fault) {
    case 'expired':
      return { ...options, inception: inception - (expiration - inception) - WEEK, expiration: inception - WEEK };
    case 'notYetValid':
      return { ...options, inception: inception + WEEK, expiration: expiration + WEEK };
    case 'wrongKey': {
      const { privateKey } = keyMaker.zoneKeys(algorithm, 'csk').zsk;
      return { ...options, keys: { ...keys, zsk: { ...keys.zsk, privateKey } } };
    }
    case 'unpublishedKey':
      return { ...options, keys: { ...keys, zsk: keyMaker.zoneKeys(algorithm, 'csk').zsk }, published: [keys.ksk] };
    case 'wrongSigner':
      return { ...options, signerName: parentOf(zone.apex) ?? ROOT };
    default:
      return options;
  }
}

/** What the zone's servers have of it once it is signed. */
export function faultyContents(signed: Zone, fault: ZoneFault): Zone {
  const changed = (change: (rrset: RRset) => RRset): Zone => new Zone(signed.apex, [...signed.rrsets()].map(change));
  const without = (...types: number[]): Zone =>
    new Zone(
      signed.apex,
      [...signed.rrsets()].filter((rrset) => !types.includes(rrset.type)),
    );
  switch (fault) {
    case 'altered':
      return changed((rrset) =>
        rrset.type === Type.A ? { ...rrset, rdatas: rrset.rdatas.map(withLastBitFlipped) } : rrset,
      );
    case 'signaturesStripped':
      return changed((rrset) => (rrset.type === Type.DNSKEY ? rrset : { ...rrset, signatures: [] }));
    case 'neverSigned': {
      const bare = without(Type.DNSKEY, Type.NSEC, Type.NSEC3, Type.NSEC3PARAM);
      return new Zone(
        bare.apex,
        [...bare.rrsets()].map((rrset) => ({ ...rrset, signatures: [] })),
      );
    }
    case 'noProof':
      return without(Type.NSEC, Type.NSEC3);
    default:
      return signed;
  }
}

/** What the parent has for DS: `ds` is what it should have. */
export function faultyDs(ds: readonly Octets[], fault: ZoneFault): readonly Octets[] {
  switch (fault) {
    case 'dsOfAnotherKey':
      return ds.map((rdata) =>
        withLastBitFlipped(concatOctets(octets16(uint16At(rdata, 0) ^ 0x5555), sliceOctets(rdata, 2))),
      );
    case 'dsWrongDigest':
      return ds.map(withLastBitFlipped);
    case 'unknownAlgorithm':
      return ds.map((rdata) => withOctet(rdata, 2, UNKNOWN_ALGORITHM));
    case 'unknownDigest':
      return ds.map((rdata) => withOctet(rdata, 3, UNKNOWN_DIGEST));
    default:
      return ds;
  }
}

function withLastBitFlipped(rdata: Octets): Octets {
  return withOctet(rdata, rdata.length - 1, octetAt(rdata, rdata.length - 1) ^ 1);
}

function withOctet(rdata: Octets, at: number, value: number): Octets {
  return concatOctets(sliceOctets(rdata, 0, at), octetsFrom(value), sliceOctets(rdata, at + 1));
}
