/** What does a finding teach of its zone beyond itself? (RFC 8198 §5) */
import { type DomainName, prepend } from '../dns/name.js';
import type { RRset } from '../dns/rrset.js';
import type { Security } from '../dns/security.js';
import type { DenialProof } from './denial.js';
import { isAtDelegation, isExpandable, isReusable } from './reusable.js';

/** What a secure finding teaches of its zone beyond itself (RFC 8198). TTLs are within what the signatures allow. */
export interface Learnt {
  readonly zone: DomainName;
  readonly soa: RRset | undefined;
  /** NSEC and NSEC3 RRsets whose signatures hold, those that can serve again. */
  readonly denial: readonly RRset[];
  /** Those that stand at delegations: they tell of DS, whether or not they can serve for other names. */
  readonly cuts: readonly RRset[];
  /** What the answer was made from, under its true name. */
  readonly wildcard: RRset | undefined;
}

/** Nothing unless it is secure. */
export function learntFrom(
  security: Security,
  { zone, rrsets }: DenialProof,
  soa: RRset | undefined,
  wildcard: RRset | undefined,
): Learnt | undefined {
  if (security.kind !== 'secure') return undefined;
  return {
    zone,
    soa: soa?.name === zone ? soa : undefined,
    denial: rrsets.filter((rrset) => isReusable(rrset, zone)),
    cuts: rrsets.filter((rrset) => isAtDelegation(rrset, zone)),
    wildcard,
  };
}

/** What an answer was expanded from (RFC 4034 §3.1.3): the wildcard at its closest encloser. */
export function wildcardOf(rrset: RRset, closestEncloser: DomainName): RRset | undefined {
  const name = isExpandable(rrset.type) ? prepend('*', closestEncloser) : undefined;
  return name && { ...rrset, name };
}
