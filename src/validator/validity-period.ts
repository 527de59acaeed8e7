/** Is a signature in its time, and for how long yet? (RFC 4034 §3.1.5, RFC 4035 §5.3.1 and §5.3.3) */
import type { Rrsig } from '../dns/dnssec-rdata.js';

/**
 * Clocks are off and signers late: both ends are stretched by a tenth of the period, at least an hour, at most a day.
 * The figures are those Unbound ships (val-sig-skew-min, val-sig-skew-max).
 */
const SKEW_SHARE = 10;
const MIN_SKEW = 3600;
const MAX_SKEW = 86_400;

export type Period =
  /** `seconds`: until it ends, 0 or more. */
  | { readonly kind: 'current'; readonly seconds: number }
  /** `seconds`: since it ended, beyond the skew allowed. */
  | { readonly kind: 'expired'; readonly seconds: number }
  /** `seconds`: until it begins. */
  | { readonly kind: 'not yet'; readonly seconds: number }
  /** It ends before it begins. */
  | { readonly kind: 'reversed' };

/** @param now seconds since 1970 */
export function periodOf(rrsig: Rrsig, now: number): Period {
  const length = serialDifference(rrsig.expiration, rrsig.inception);
  if (length < 0) return { kind: 'reversed' };
  const skew = Math.min(Math.max(Math.trunc(length / SKEW_SHARE), MIN_SKEW), MAX_SKEW);
  const left = serialDifference(rrsig.expiration, now);
  if (left + skew < 0) return { kind: 'expired', seconds: -left };
  const ahead = serialDifference(rrsig.inception, now);
  if (ahead > skew) return { kind: 'not yet', seconds: ahead };
  // Past the end and forgiven: what is left of the forgiveness bounds the TTL instead.
  return { kind: 'current', seconds: left > 0 ? left : left + skew };
}

/** a - b for times modulo 2^32, -2^31..2^31-1 (RFC 1982 §3.2, as RFC 4034 §3.1.5 asks). */
function serialDifference(a: number, b: number): number {
  return (a - b) | 0;
}

/** A time modulo 2^32 as RFC 3339 text: the moment nearest to `now`. Both in seconds since 1970. */
export function timeToText(time: number, now: number): string {
  return `${new Date((now + serialDifference(time, now)) * 1000).toISOString().slice(0, 19)}Z`;
}
