/** What was found at one name: the outcome of iteration, of the cache and of local policy, before aliases are followed. */
import type { ExtendedError } from './extended-error.js';
import type { DomainName } from './name.js';
import type { Provenance } from './provenance.js';
import type { RRset } from './rrset.js';
import type { Security } from './security.js';

/** The name has records of the type asked for. */
export interface Answer {
  readonly kind: 'answer';
  readonly rrset: RRset;
  /** NSEC and NSEC3 RRsets beside it: an answer made from a wildcard needs them. */
  readonly proof?: readonly RRset[];
}

/** The name is an alias (RFC 1034 §3.6.2); `rrset` is its CNAME, `dname` what it was made from (RFC 6672). */
export interface Alias {
  readonly kind: 'alias';
  readonly rrset: RRset;
  readonly dname?: RRset;
  readonly target: DomainName;
  /** As with an answer. */
  readonly proof?: readonly RRset[];
}

/** The name exists without that type, or is an empty non-terminal (RFC 2308 §2.2). */
export interface NoData {
  readonly kind: 'nodata';
  /** Absent when the server gave none: then it is answered once and not cached (RFC 2308 §5). */
  readonly soa: RRset | undefined;
  /** NSEC and NSEC3 RRsets of the reply. */
  readonly proof: readonly RRset[];
}

/** The name does not exist (RFC 2308 §2.1), nor does anything below it (RFC 8020). */
export interface NxDomain {
  readonly kind: 'nxdomain';
  readonly soa: RRset | undefined;
  readonly proof: readonly RRset[];
  /** Said as no data, with NXNAME in the proof (RFC 9824 §3.1): the proof is of this name and of none below it. */
  readonly compact?: true;
}

/** A DNAME whose substitution makes too long a name (RFC 6672 §2.2: YXDOMAIN). */
export interface TooLong {
  readonly kind: 'too-long';
  readonly dname: RRset;
}

export type Finding = Answer | Alias | NoData | NxDomain | TooLong;

/** Why no finding could be had. Told to the client as SERVFAIL with these extended errors. */
export interface Failure {
  readonly kind: 'failure';
  /** The most telling first; at least one. */
  readonly because: readonly ExtendedError[];
  /** Whether the same question may be refused from the failure cache for a while (RFC 9520): not for spent budgets. */
  readonly cacheable: boolean;
  /** It comes from the failure cache. */
  readonly remembered?: true;
}

/** A finding with its verdict and where it came from. */
export interface Found {
  readonly kind: 'found';
  readonly finding: Finding;
  readonly security: Security;
  readonly provenance: Provenance;
  /** In use, and its time nearly over: it is being fetched again, or soon will be. */
  readonly isDue?: boolean;
}

/** The finding with no TTL above so many seconds: how long it may be kept when something but its records bounds that. */
export function withTtlWithin(finding: Finding, seconds: number): Finding {
  const cut = (rrset: RRset): RRset => (rrset.ttl <= seconds ? rrset : { ...rrset, ttl: seconds });
  switch (finding.kind) {
    case 'answer':
      return { ...finding, rrset: cut(finding.rrset) };
    case 'alias':
      return { ...finding, rrset: cut(finding.rrset), ...(finding.dname && { dname: cut(finding.dname) }) };
    case 'too-long':
      return { ...finding, dname: cut(finding.dname) };
    case 'nodata':
    case 'nxdomain':
      return { ...finding, soa: finding.soa && cut(finding.soa), proof: finding.proof.map(cut) };
    default:
      return finding satisfies never;
  }
}
