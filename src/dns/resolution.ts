/** The whole outcome for one client question: what resolver/ hands to server/, the CLI and embedders. */
import type { ExtendedError } from './extended-error.js';
import type { RRset } from './rrset.js';
import type { Security } from './security.js';

export interface Resolution {
  /** Rcode.NOERROR, NXDOMAIN, SERVFAIL, YXDOMAIN or, from policy, REFUSED. */
  readonly rcode: number;
  /** The alias chain in order (DNAME before the CNAME made from it), then the answer. TTLs are counted down. */
  readonly answer: readonly RRset[];
  /** The SOA of a negative answer and its proofs. */
  readonly authority: readonly RRset[];
  /** The weakest verdict of all links. */
  readonly security: Security;
  /** Reasons worth telling, the most telling first. */
  readonly because: readonly ExtendedError[];
  /**
   * `cache`: nothing was asked for it. `synthesised`: the same, and part of it was made from denial records (RFC 8198).
   * `local`: special-use names and local zones. `shared`: what was not here was in the cache shared with others.
   */
  readonly source: 'cache' | 'network' | 'local' | 'stale' | 'synthesised' | 'shared';
  /** The NXDOMAIN was made of a compact denial: who validates sees NOERROR in it (RFC 9824 §5). */
  readonly compact?: true;
  /** Part of it is being fetched again, or soon will be: the next answer may be another. */
  readonly isDue?: boolean;
  /** AA is set for answers from local zones only. */
  readonly authoritative: boolean;
  /** Drop the query, send nothing (local zone type `deny`). */
  readonly silent?: boolean;
}
