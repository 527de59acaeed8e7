/** How long things are kept. All figures in seconds. */
import { effectiveTtl, type RRset, soaOf } from '../dns/rrset.js';

export interface TtlRules {
  readonly minTtl: number;
  readonly maxTtl: number;
  readonly maxNegativeTtl: number;
}

/** A positive TTL within the operator's bounds (RFC 2181 §8, RFC 8767 §4). 0 stays 0 unless minTtl raises it. */
export function positiveTtl(ttl: number, rules: TtlRules): number {
  return Math.max(rules.minTtl, Math.min(effectiveTtl(ttl), rules.maxTtl));
}

/**
 * How long data is kept whose TTL was put within the bounds when it came. Since then that may have been cut short, by
 * its signatures (RFC 4035 §5.3.3), as bogus (§4.7), by the end of a negative trust anchor: minTtl must not undo it.
 */
export function keptTtl(ttl: number, { maxTtl }: TtlRules): number {
  return Math.min(effectiveTtl(ttl), maxTtl);
}

/** RFC 2308 §5: the lesser of the SOA's TTL and its MINIMUM field; 0 when there is no well-formed SOA. */
export function negativeTtl(soa: RRset | undefined, rules: TtlRules): number {
  const fields = soa === undefined ? undefined : soaOf(soa.rdatas[0]!);
  if (soa === undefined || fields === undefined) return 0;
  const ttl = Math.min(effectiveTtl(soa.ttl), effectiveTtl(fields.minimum));
  return Math.max(Math.min(rules.minTtl, rules.maxNegativeTtl), Math.min(ttl, rules.maxNegativeTtl));
}

/** The same for a denial, see keptTtl. 0 when there is no well-formed SOA. */
export function keptNegativeTtl(soa: RRset, rules: TtlRules): number {
  const fields = soaOf(soa.rdatas[0]!);
  if (fields === undefined) return 0;
  return Math.min(effectiveTtl(soa.ttl), Math.max(effectiveTtl(fields.minimum), rules.minTtl), rules.maxNegativeTtl);
}
