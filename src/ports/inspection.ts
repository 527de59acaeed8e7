/** What a running resolver shows of itself: filled by cli/compose.ts, read by http/ and, through it, by the CLI. */
import type { ExtendedError } from '../dns/extended-error.js';
import type { DomainName } from '../dns/name.js';
import type { Provenance } from '../dns/provenance.js';
import type { Resolution } from '../dns/resolution.js';
import type { ResourceRecord } from '../dns/rrset.js';
import type { Security } from '../dns/security.js';
import type { CacheInspection } from './cache-inspection.js';
import type { Explanation, RecordedResolution } from './explanation.js';
import type { LocalRecords } from './local-records.js';
import type { NotifyOutcome } from './notify.js';
import type { SharedCacheStats } from './second-level.js';

/**
 * The stores of the cache. `rrset`: positive data, aliases included. `denial`: validated NSEC and NSEC3 records and the
 * SOA of their zone, from which denials are made that nobody sent (RFC 8198).
 */
export const ENTRY_KINDS = ['rrset', 'nodata', 'nxdomain', 'failure', 'delegation', 'denial'] as const;
export type EntryKind = (typeof ENTRY_KINDS)[number];

/** One cache entry, unpacked for people. */
export interface CacheEntryView {
  readonly kind: EntryKind;
  readonly name: DomainName;
  /** The type asked for; 0 for nxdomain and delegation, which stand for every type. */
  readonly type: number;
  /** The RRset and its RRSIGs; the SOA and proofs of a negative entry; NS, DS and glue of a delegation. TTL as left. */
  readonly records: readonly ResourceRecord[];
  /** Seconds; negative when expired but still held. */
  readonly ttlLeft: number;
  /** Seconds, as the server sent it. */
  readonly ttlOriginal: number;
  readonly security: Security['kind'];
  readonly provenance: Provenance;
  /** Milliseconds since 1970. */
  readonly storedAt: number;
  readonly hits: number;
  /** Octets of memory charged to the entry. */
  readonly bytes: number;
  /** Reasons, for a failure. */
  readonly because: readonly ExtendedError[];
}

/** All conditions must hold. No condition at all matches everything. */
export interface CacheFilter {
  readonly name?: DomainName;
  /** Everything at or below this name. */
  readonly suffix?: DomainName;
  readonly type?: number;
  readonly kind?: EntryKind;
  /** `bogus` takes in failures remembered because something was bogus. */
  readonly security?: Security['kind'];
  /** Denials of every kind, those that denials are made from, and failures. */
  readonly negative?: true;
}

export interface StoreStats {
  readonly hits: number;
  readonly misses: number;
  /** Expired entries given out on purpose: never counted as hits. */
  readonly staleHits: number;
  readonly inserts: number;
  /** Entries found or swept past their TTL. */
  readonly expirations: number;
  /** Entries thrown out for want of space. */
  readonly evictions: number;
  /** Not stored at all: too large, or for want of space with a policy that keeps what it has. */
  readonly rejected: number;
  readonly flushed: number;
  readonly entries: number;
  readonly bytes: number;
}

/** What an answer can be that was made from NSEC or NSEC3 records: a denial, or what a wildcard stands for. */
export const SYNTHESISED_KINDS = ['nxdomain', 'nodata', 'wildcard'] as const;
export type SynthesisedKind = (typeof SYNTHESISED_KINDS)[number];

export interface CacheStats {
  readonly maxBytes: number;
  /** Answers nobody sent, made from validated NSEC and NSEC3 records (RFC 8198): each saved asking a server. */
  readonly synthesised: Readonly<Record<SynthesisedKind, number>>;
  readonly byKind: Readonly<Record<EntryKind, StoreStats>>;
}

/**
 * Why an answer past its TTL was given out (RFC 8767). `timeout`: its client had waited long enough; `failure`: nothing
 * newer could be had; `backoff`: that was so a moment ago; `atOnce`: the configuration has nobody wait.
 */
export const STALE_REASONS = ['timeout', 'failure', 'backoff', 'atOnce'] as const;
export type StaleReason = (typeof STALE_REASONS)[number];

/** Why something was fetched that no client waited for: near its end and in use, given out stale, or kept warm. */
export const REFRESH_CAUSES = ['prefetch', 'stale', 'warm'] as const;
export type RefreshCause = (typeof REFRESH_CAUSES)[number];

export interface RefreshCounts {
  readonly started: number;
  readonly succeeded: number;
  /** A failure or bogus data: what the cache held stays. */
  readonly failed: number;
  /** Not begun, since limits.refreshes were under way. */
  readonly refused: number;
}

/** Resolutions without a client: neither queries nor hits nor misses. */
export interface RefreshStats {
  readonly byCause: Readonly<Record<RefreshCause, RefreshCounts>>;
  /** Under way, those included whose clients were given stale answers meanwhile. */
  readonly inFlight: number;
  /** Hits on entries that prefetching or keeping warm had fetched: each might have been a client's wait. */
  readonly hits: number;
}

/** The hit ratio of clients' lookups had the cache been of another size, as far as a sample of names tells. */
export interface WhatIfView {
  /** Of clients in the cache since start, aliases name by name. */
  readonly lookups: number;
  /** 0..1, of the cache as it is; 0 while there were none. */
  readonly hitRatio: number;
  /** Names in the sample, 0..1 of all. */
  readonly sampleRate: number;
  /** Lookups of these names. */
  readonly sampled: number;
  /** Octets of memory that this takes, beside the cache. */
  readonly bytes: number;
  readonly sizes: readonly {
    /** Times the size of the cache. */
    readonly factor: number;
    readonly maxBytes: number;
    /** 0..1 */
    readonly hitRatio: number;
  }[];
}

/** Milliseconds. All zero while nothing was counted. */
export interface Percentiles {
  readonly count: number;
  readonly p50: number;
  readonly p90: number;
  readonly p99: number;
  readonly max: number;
}

/** Queries of a time, by where their answers came from. */
export interface QueryOutcomes {
  /** Keys are those of Resolution.source. */
  readonly bySource: Readonly<Record<string, number>>;
  readonly hits: number;
  readonly misses: number;
  /** hits / (hits + misses), 0..1; 0 while there were none. */
  readonly hitRatio: number;
}
/** What became of a NOTIFY (RFC 1996). `refused`: from a sender that is not listed. `malformed`: not understood. */
export const NOTIFY_RESULTS = [
  'flushed',
  'later',
  'same',
  'too-wide',
  'crowded',
  'refused',
  'malformed',
] as const satisfies readonly (NotifyOutcome | 'refused' | 'malformed')[];
export type NotifyResult = (typeof NOTIFY_RESULTS)[number];

/** Client queries since start. Keys of the records are mnemonics ("AAAA", "NXDOMAIN"). */
export interface QueryStats {
  readonly total: number;
  /** Answered from cache without asking anyone. */
  readonly hits: number;
  readonly misses: number;
  readonly inFlight: number;
  /** Left unanswered on purpose: malformed beyond a reply, access policy, late. */
  readonly dropped: number;
  readonly byType: Readonly<Record<string, number>>;
  readonly byRcode: Readonly<Record<string, number>>;
  readonly byTransport: Readonly<Record<string, number>>;
  readonly bySource: Readonly<Record<string, number>>;
  readonly hitsByType: Readonly<Record<string, number>>;
  readonly missesByType: Readonly<Record<string, number>>;
  /** Up to now, the second or minute begun included. */
  readonly lastMinute: QueryOutcomes;
  readonly lastHour: QueryOutcomes;
  readonly byNotify: Readonly<Record<NotifyResult, number>>;
  readonly latencyMs: { readonly hit: Percentiles; readonly miss: Percentiles };
}

export interface UpstreamServerView {
  /** ServerAddress.key */
  readonly server: string;
  /** Smoothed round trip and variation in ms; undefined while never heard. */
  readonly srttMs: number | undefined;
  readonly rttvarMs: number | undefined;
  /** Timeouts in a row since the last reply. */
  readonly timeoutsInRow: number;
  /** Milliseconds until it is tried again, 0 when it is in use. */
  readonly restingMs: number;
  readonly edns: 'yes' | 'no' | 'unknown';
  readonly lameFor: readonly string[];
  readonly exchanges: number;
  readonly timeouts: number;
}

export interface UpstreamStats {
  readonly exchanges: number;
  readonly timeouts: number;
  readonly unreachable: number;
  readonly overTcp: number;
  readonly ipv4: 'up' | 'down' | 'off';
  readonly ipv6: 'up' | 'down' | 'off';
  /** The busiest first, at most 50. */
  readonly servers: readonly UpstreamServerView[];
}

/**
 * `static`: configured, not followed; `unseen`: a configured digest whose key did not show yet; the others are the states
 * of RFC 5011 §4.2. Trusted are all but addPend, revoked and removed.
 */
export const TRUST_ANCHOR_STATES = ['static', 'unseen', 'addPend', 'valid', 'missing', 'revoked', 'removed'] as const;
export type TrustAnchorState = (typeof TRUST_ANCHOR_STATES)[number];

/** A trust anchor. Times in milliseconds since 1970. */
export interface TrustAnchorView {
  readonly zone: DomainName;
  readonly keyTag: number;
  /** Mnemonic and number. */
  readonly algorithm: string;
  readonly state: TrustAnchorState;
  readonly source: 'built-in' | 'config' | 'learnt';
  /** When it came into this state. */
  readonly since: number | undefined;
  /** When a validated DNSKEY RRset held it last. */
  readonly lastSeen: number | undefined;
  /** When it will be an anchor, if it stays; of addPend only. */
  readonly validFrom: number | undefined;
}

/** How it stands with following the anchors of a zone. Times in milliseconds since 1970. */
export interface AnchorRefreshView {
  readonly zone: DomainName;
  /** `failure` is why it failed, undefined when it did not. Undefined while none was tried. */
  readonly last: { readonly at: number; readonly failure: string | undefined } | undefined;
  readonly next: number | undefined;
}

/** A negative trust anchor (RFC 7646): validation is off at and below the name. */
export interface NegativeAnchorView {
  readonly name: DomainName;
  /** Milliseconds since 1970; null: for ever. */
  readonly until: number | null;
  readonly reason: string;
  readonly isExpired: boolean;
}

/** What is believed without proof, and where nothing is to be proved. Empty while validation is off. */
export interface TrustView {
  readonly anchors: readonly TrustAnchorView[];
  readonly refreshes: readonly AnchorRefreshView[];
  readonly negative: readonly NegativeAnchorView[];
  /** Where the state is kept; undefined: nowhere. */
  readonly file: string | undefined;
}

/** How the cache is kept over restarts. */
export interface PersistenceStats {
  readonly directory: string;
  /** `failing`: the disk refuses, and is tried again; answers go on from memory. */
  readonly state: 'loading' | 'keeping' | 'failing' | 'stopped';
  /** What came back at start; undefined while it is being loaded. */
  readonly loaded:
    | {
        readonly entries: number;
        /** Not taken back: over by time, signature or a later change. */
        readonly outdated: number;
        /** Places of files that could not be read. */
        readonly damage: number;
        readonly ms: number;
      }
    | undefined;
  /** The latest one of this process. `at` in milliseconds since 1970. */
  readonly snapshot:
    | { readonly at: number; readonly entries: number; readonly bytes: number; readonly ms: number }
    | undefined;
  readonly snapshots: number;
  /** Octets of the journal since the latest snapshot. */
  readonly journalBytes: number;
  /** Times the disk refused, and why the last time. */
  readonly failures: number;
  readonly lastFailure: string | undefined;
}

/** Threads that answer what lies ready, and ask the main one for the rest. What they answer is in `queries` too. */
export interface FrontsStats {
  readonly threads: number;
  /** Those that read sockets now: another one is being started in the place of each that is missing. */
  readonly serving: number;
  /** Threads that were started in the place of another. */
  readonly restarts: number;
}

export interface StatsSnapshot {
  readonly version: string;
  /** Milliseconds since 1970. */
  readonly startedAt: number;
  readonly uptimeSeconds: number;
  readonly queries: QueryStats;
  /** queries.hits / (hits + misses), 0..1; 0 while there were none. */
  readonly hitRatio: number;
  readonly cache: CacheStats;
  /** Links of answers that were past their TTL. */
  readonly stale: Readonly<Record<StaleReason, number>>;
  readonly refreshes: RefreshStats;
  readonly upstream: UpstreamStats;
  /** null: no cache is shared with other instances. */
  readonly shared: SharedCacheStats | null;
  /** How many there are in each state. */
  readonly trustAnchors: Readonly<Record<TrustAnchorState, number>>;
  /** Undefined while cache.persistence is off. */
  readonly persistence?: PersistenceStats | undefined;
  /** Undefined while one thread does everything. */
  readonly fronts?: FrontsStats | undefined;
  /** Resident set size, octets. */
  readonly rss: number;
}

export interface Inspection {
  stats(): StatsSnapshot;
  trust(): TrustView;
  whatIf(): WhatIfView;
  /** Lazily, in no order; stop reading when enough. Reading does not count as use. */
  entries(filter: CacheFilter): Iterable<CacheEntryView>;
  /** Forgets what matches, at once; resolves when its memory is free, with the number of entries. */
  flush(filter: CacheFilter): Promise<number>;
  /** The same, and more, without keeping questions waiting. */
  readonly cache: CacheInspection;
  /** Records of local zones, which may be changed. */
  readonly local: LocalRecords;
  /** Resolves when what was flushed would not come back after a crash either. */
  flushesKept(): Promise<void>;
  /**
   * Why the answer is what it is, from what is known; with `resolve`, what is not known is asked for first. The type must
   * not be ANY or a meta type. @param fresh what was answered just now, in case nothing of it was kept
   */
  why(name: DomainName, type: number, resolve: boolean, fresh?: Resolution): Promise<Explanation>;
  /** Resolutions that failed, were bogus, came to stale data or took long, the latest first. */
  recorded(): readonly RecordedResolution[];
}
