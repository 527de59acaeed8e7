/**
 * Why may a signature not be used, before any mathematics? The rules of RFC 4035 §5.3.1, each with the reason it gives.
 *
 * A set has several signatures and each may fail in its own way. The reason told is that of the signature which came
 * furthest: faults are ordered by `progress`.
 */
import { type Dnskey, isRevoked, isZoneKey, type Rrsig } from '../dns/dnssec-rdata.js';
import { type ExtendedError, ExtendedErrorCode } from '../dns/extended-error.js';
import type { DomainName } from '../dns/name.js';
import { nameToText } from '../dns/name.js';
import { typeToText } from '../dns/numbers.js';
import type { RRset } from '../dns/rrset.js';
import type { Algorithms } from './algorithms.js';
import { signedLabelCount } from './signed-data.js';
import { periodOf, timeToText } from './validity-period.js';

/** How far a signature came, least first. */
export const Progress = {
  UNREADABLE: 0,
  UNKNOWN_ALGORITHM: 1,
  MISFIT: 2,
  NO_KEY: 3,
  KEY_UNFIT: 4,
  OUT_OF_TIME: 5,
  INVALID: 6,
} as const;

export interface Fault {
  readonly progress: number;
  readonly code: number;
  /** Made when it is told: most faults are forgotten because the next signature is good. */
  readonly text: () => string;
}

/** The fault that came further; the first of equals. */
export function furtherFault(a: Fault | undefined, b: Fault): Fault {
  return a === undefined || b.progress > a.progress ? b : a;
}

export function errorOf(fault: Fault): ExtendedError {
  return { code: fault.code, text: fault.text() };
}

/** What a signature is about, for people: "the RRSIG of www.example. A by key 123 of example., RSASHA256 (8)". */
export function describe(rrsig: Rrsig, rrset: RRset, algorithms: Algorithms): string {
  const maker = `key ${rrsig.keyTag} of ${nameToText(rrsig.signer)}, ${algorithms.name(rrsig.algorithm)},`;
  return `the RRSIG of ${setToText(rrset)} by ${maker}`;
}

export function setToText(rrset: RRset): string {
  return `${nameToText(rrset.name)} ${typeToText(rrset.type)}`;
}

/** Whether the signature is one for this RRset, made by this zone with an algorithm we know. */
export function formFault(rrsig: Rrsig, rrset: RRset, zone: DomainName, algorithms: Algorithms): Fault | undefined {
  const misfit = (what: string): Fault => ({
    progress: Progress.MISFIT,
    code: ExtendedErrorCode.DNSSEC_BOGUS,
    text: () => `${describe(rrsig, rrset, algorithms)} ${what}`,
  });
  if (rrsig.typeCovered !== rrset.type) return misfit(`covers ${typeToText(rrsig.typeCovered)}`);
  if (rrsig.signer !== zone) return misfit(`is not signed by ${nameToText(zone)}`);
  const labels = signedLabelCount(rrset.name);
  if (rrsig.labels > labels) return misfit(`counts ${rrsig.labels} labels, the name has ${labels}`);
  // CVE-2026-44690: a wildcard above the zone would be expanded by a key that does not own it.
  if (rrsig.labels < signedLabelCount(zone)) return misfit(`counts ${rrsig.labels} labels, fewer than its zone has`);
  if (algorithms.supports(rrsig.algorithm)) return undefined;
  return {
    progress: Progress.UNKNOWN_ALGORITHM,
    code: ExtendedErrorCode.UNSUPPORTED_DNSKEY_ALGORITHM,
    text: () => `${describe(rrsig, rrset, algorithms)} is of an algorithm that is not supported`,
  };
}

/** Whether a key whose tag and algorithm match may sign data of its zone. */
export function keyFault(key: Dnskey, mayBeRevoked: boolean, what: () => string): Fault | undefined {
  const unfit = (code: number, why: string): Fault => ({
    progress: Progress.KEY_UNFIT,
    code,
    text: () => `${what()} is by a key ${why}`,
  });
  if (!isZoneKey(key)) return unfit(ExtendedErrorCode.NO_ZONE_KEY_BIT_SET, 'without the zone key flag');
  // RFC 4034 §2.1.2
  if (key.protocol !== 3) return unfit(ExtendedErrorCode.DNSSEC_BOGUS, `of protocol ${key.protocol}, not 3`);
  // RFC 5011 §2.1
  if (isRevoked(key) && !mayBeRevoked) return unfit(ExtendedErrorCode.DNSSEC_BOGUS, 'that is revoked (RFC 5011)');
  return undefined;
}

/** Whether now is within the validity period. @param now seconds since 1970 */
export function timeFault(rrsig: Rrsig, now: number, what: () => string): Fault | undefined {
  const period = periodOf(rrsig, now);
  const outOfTime = (code: number, why: string): Fault => ({
    progress: Progress.OUT_OF_TIME,
    code,
    text: () => `${what()} ${why}`,
  });
  switch (period.kind) {
    case 'current':
      return undefined;
    case 'expired':
      return outOfTime(ExtendedErrorCode.SIGNATURE_EXPIRED, `expired at ${timeToText(rrsig.expiration, now)}`);
    case 'not yet':
      return outOfTime(
        ExtendedErrorCode.SIGNATURE_NOT_YET_VALID,
        `is not valid before ${timeToText(rrsig.inception, now)}`,
      );
    case 'reversed':
      return outOfTime(ExtendedErrorCode.SIGNATURE_EXPIRED_BEFORE_VALID, 'expires before it becomes valid');
    default:
      return period satisfies never;
  }
}
