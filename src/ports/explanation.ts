/**
 * Why an answer is what it is: the chain of trust from the anchor down, link by link, as plain data. What validator/ and
 * resolver/ find out, http/ sends as JSON and cli/ prints. Names are in presentation form, times RFC 3339 text (UTC).
 */
import type { Provenance } from '../dns/provenance.js';
import type { Security } from '../dns/security.js';

/** Where a link came from, and how old it is. */
export interface LinkOrigin extends Pick<Provenance, 'server' | 'transport' | 'askedFor' | 'costMs' | 'costExchanges'> {
  /** Seconds since it was stored; null when that is not known. */
  readonly ageSeconds: number | null;
  /** Seconds it will be kept yet. */
  readonly ttlLeft: number;
}

/** One signature, checked again now. */
export interface ExplainedSignature {
  readonly signer: string;
  readonly keyTag: number;
  /** Mnemonic and number. */
  readonly algorithm: string;
  readonly inception: string;
  readonly expiration: string;
  /** Seconds; negative: it ended so long ago. */
  readonly expiresIn: number;
  /** Seconds. */
  readonly originalTtl: number;
  readonly labels: number;
  /** The wildcard that was expanded, "*.example."; null when the owner itself was signed. */
  readonly wildcard: string | null;
  /** `unchecked`: the keys of the zone are not there to check it with. */
  readonly check: 'valid' | 'invalid' | 'unchecked';
  /** Why it is not valid, "expired at ..."; "" when it is. */
  readonly because: string;
}

/** A DS record, of a delegation or of an anchor. */
export interface ExplainedDs {
  readonly keyTag: number;
  readonly algorithm: string;
  readonly digestType: string;
  /** Why no chain is built on it: "" when one may be. */
  readonly unusable: string;
  /** Whether a key of the zone is the one it stands for; null when the keys are not known. */
  readonly matches: boolean | null;
}

export interface ExplainedKey {
  readonly keyTag: number;
  /** By the SEP bit, which is a hint for people (RFC 4034 §2.1.1). */
  readonly role: 'KSK' | 'ZSK';
  readonly flags: number;
  readonly algorithm: string;
  readonly revoked: boolean;
  /** Whether the DS, or the anchor, stands for it. */
  readonly trusted: boolean;
  /** Whether it signed the DNSKEY RRset. */
  readonly signsKeys: boolean;
}

/** One NSEC or NSEC3 record of a proof. */
export interface ExplainedProof {
  readonly owner: string;
  readonly type: string;
  readonly signatures: readonly ExplainedSignature[];
}

export interface ExplainedDenial {
  /** What each record shows, in words. */
  readonly words: readonly string[];
  readonly records: readonly ExplainedProof[];
}

interface Judged {
  /** As it stands in the cache. */
  readonly verdict: Security['kind'];
  /** The reason of that verdict, "" when it needs none: the text of the extended error. */
  readonly because: string;
  readonly origin: LinkOrigin;
}

export type ChainLink =
  | {
      readonly kind: 'anchor';
      readonly source: 'built-in' | 'configured';
      readonly ds: readonly ExplainedDs[];
      readonly keys: readonly ExplainedKey[];
    }
  | ({
      readonly kind: 'ds';
      readonly ds: readonly ExplainedDs[];
      readonly signatures: readonly ExplainedSignature[];
    } & Judged)
  | ({
      readonly kind: 'keys';
      readonly keys: readonly ExplainedKey[];
      readonly signatures: readonly ExplainedSignature[];
    } & Judged)
  /** The parent has no DS for it, and says so with proof. */
  | ({ readonly kind: 'no-ds'; readonly denial: ExplainedDenial } & Judged)
  /** DS or DNSKEY that the cache does not hold. */
  | { readonly kind: 'gone'; readonly name: string; readonly type: string }
  /** DS or DNSKEY that could not be had. */
  | { readonly kind: 'failed'; readonly name: string; readonly type: string; readonly because: readonly string[] }
  | { readonly kind: 'negative-anchor'; readonly reason: string; readonly until: string | null }
  | { readonly kind: 'no-anchor' }
  | { readonly kind: 'local-policy' }
  | { readonly kind: 'validation-off' };

/** A name of the alias chain, and what is known of it. */
export interface ExplainedData {
  /** Its place in the alias chain, from 1. */
  readonly step: number;
  readonly name: string;
  readonly type: string;
  /** `nothing`: neither an answer nor a failure is known; `unkept`: it was answered just now, with a TTL of 0. */
  readonly found:
    | 'answer'
    | 'alias'
    | 'nodata'
    | 'nxdomain'
    | 'too-long'
    | 'refused'
    | 'failure'
    | 'nothing'
    | 'unkept';
  /** Where an alias leads, null for everything else. */
  readonly target: string | null;
  /** Records as lines of a zone file, signatures apart: a few, the rest is counted in `more`. */
  readonly records: readonly string[];
  readonly more: number;
  readonly signatures: readonly ExplainedSignature[];
  readonly denial: ExplainedDenial | null;
  readonly verdict: Security['kind'];
  readonly because: readonly string[];
  /** null: nothing or local data. */
  readonly origin: LinkOrigin | null;
  /** The deepest delegation known when there is no answer, null when there is one. */
  readonly delegation: { readonly zone: string; readonly servers: readonly string[] } | null;
}

/** A zone on the way down: how trust comes into it, and what it holds of the answer. */
export interface ExplainedZone {
  readonly zone: string;
  readonly links: readonly ChainLink[];
  /** How far it is trusted; `unchecked` when a link is missing. */
  readonly trust: Security['kind'];
  /** Why trust ends here, "" when it does not. */
  readonly because: string;
  readonly data: readonly ExplainedData[];
  readonly below: readonly ExplainedZone[];
}

/** A resolution that failed, was bogus or took long. */
export interface RecordedResolution {
  readonly name: string;
  readonly type: string;
  /** The last time. */
  readonly at: string;
  /** How often since it was first recorded. */
  readonly times: number;
  readonly rcode: string;
  readonly verdict: Security['kind'];
  readonly ms: number;
  readonly exchanges: number;
  readonly because: readonly ExplainedReason[];
}

/** An extended error (RFC 8914). */
export interface ExplainedReason {
  readonly code: number;
  readonly name: string;
  readonly text: string;
}

export interface Explanation {
  readonly question: { readonly name: string; readonly type: string };
  /** When the signatures were checked for this. */
  readonly judgedAt: string;
  /** null: no answer and no failure is known. */
  readonly rcode: string | null;
  readonly verdict: Security['kind'] | null;
  /** The extended errors a client gets. */
  readonly because: readonly ExplainedReason[];
  /** The whole in a sentence. */
  readonly summary: string;
  /** What would mend it, "" when nothing is broken. */
  readonly remedy: string;
  /** One for each anchor, or lack of one, that governs a name of the alias chain. */
  readonly zones: readonly ExplainedZone[];
  readonly recorded: readonly RecordedResolution[];
}
