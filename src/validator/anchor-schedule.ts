/** When is a zone's DNSKEY RRset fetched again to follow its trust anchors? (RFC 5011 §2.3) */
import type { Rrsig } from '../dns/dnssec-rdata.js';

const HOUR = 3600;
const DAY = 24 * HOUR;

/** Seconds until the next fetch. */
export interface RefreshTimes {
  /** After a set that an anchor signed. */
  readonly refresh: number;
  /** After a fetch that failed. */
  readonly retry: number;
}

/** While no set was seen: the shortest the RFC allows. */
export const FIRST_TIMES: RefreshTimes = { refresh: HOUR, retry: HOUR };

/**
 * The queryInterval and retryTime of §2.3, from the signatures that held: half, and a tenth, of their original TTL or
 * of the time they have left, whichever is less.
 * @param now seconds since 1970
 */
export function refreshTimes(signatures: readonly Rrsig[], now: number): RefreshTimes {
  if (signatures.length === 0) return FIRST_TIMES;
  const originalTtl = Math.min(...signatures.map((rrsig) => rrsig.originalTtl));
  // Serial arithmetic (RFC 4034 §3.1.5): expiration is a time modulo 2^32.
  const left = Math.min(...signatures.map(({ expiration }) => (expiration - now) | 0));
  const shorter = Math.min(originalTtl, left);
  return {
    refresh: Math.floor(Math.max(HOUR, Math.min(15 * DAY, shorter / 2))),
    retry: Math.floor(Math.max(HOUR, Math.min(DAY, shorter / 10))),
  };
}
