/** A zone cut as its parent describes it (RFC 9499: delegation): who serves the zone, and where they are. */
import type { DomainName } from './name.js';
import type { RRset } from './rrset.js';

/** A name server with the addresses that came with the delegation (glue); none for names that must be looked up. */
export interface NameServer {
  readonly name: DomainName;
  /** Canonical text form, see address.ts. */
  readonly addresses: readonly string[];
}

export interface Delegation {
  readonly zone: DomainName;
  readonly servers: readonly NameServer[];
  /** The DS RRset of the referral; undefined when it held none. */
  readonly ds: RRset | undefined;
  /** NSEC and NSEC3 RRsets that came with the referral: they show that there is no DS. */
  readonly denial: readonly RRset[];
  /** Seconds; as left when it comes from the cache. */
  readonly ttl: number;
}
