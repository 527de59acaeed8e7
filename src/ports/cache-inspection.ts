/**
 * The whole cache looked into and changed while it goes on answering: what cli/inspect-cache.ts gives to http/. All of
 * these take turns with the questions of clients (see cache/slices.ts).
 */
import type { ExtendedError } from '../dns/extended-error.js';
import type { DomainName } from '../dns/name.js';
import type { Provenance } from '../dns/provenance.js';
import type { RRset } from '../dns/rrset.js';
import type { Security } from '../dns/security.js';
import type { CacheEntryView, CacheFilter } from './inspection.js';

/**
 * What comes first: the most hits, the soonest to expire, the largest, the dearest to fetch again (ms, then exchanges),
 * the oldest, the first in canonical order (RFC 4034 §6.1).
 */
export const ENTRY_ORDERS = ['hits', 'ttl', 'bytes', 'cost', 'age', 'name'] as const;
export type EntryOrder = (typeof ENTRY_ORDERS)[number];

export interface ListRequest {
  readonly filter: CacheFilter;
  /** In no order unless given. */
  readonly sort: EntryOrder | undefined;
  /** The last of that order come first. */
  readonly reverse: boolean;
  /** At most so many. */
  readonly limit: number;
}

export interface EntryList {
  /** None is expired. */
  readonly entries: readonly CacheEntryView[];
  readonly more: boolean;
}

/** A zone on the way from the root to a name, as far as the cache knows it. Records and TTLs as left. */
export interface ZoneOnTheWay {
  readonly zone: DomainName;
  /** What the parent said of the zone cut; undefined when that is not held. */
  readonly delegation: CacheEntryView | undefined;
  /** The name servers it names, and the addresses known: glue first, then those looked up. */
  readonly servers: readonly { readonly name: DomainName; readonly glue: readonly string[]; readonly known: number }[];
  /** The DS RRset or its denial: an answer, or what came with the referral, which was not judged. */
  readonly ds: KeyLink | undefined;
  readonly dnskey: KeyLink | undefined;
}

export interface KeyLink {
  readonly kind: 'held' | 'denied';
  /** DS or DNSKEY records. */
  readonly count: number;
  readonly security: Security['kind'];
  /** Seconds. */
  readonly ttlLeft: number;
}

export interface ZoneTree {
  readonly name: DomainName;
  /** From the root down; the root is always there. */
  readonly zones: readonly ZoneOnTheWay[];
  /** Entries of the name itself, the delegation apart. */
  readonly entries: readonly CacheEntryView[];
  /** An ancestor that is known not to exist: then neither does the name (RFC 8020). */
  readonly deniedAt: DomainName | undefined;
}

interface ContentHead {
  readonly name: DomainName;
  /** 0 for nxdomain and delegation. */
  readonly type: number;
  /** Milliseconds since 1970. */
  readonly expires: number;
  readonly storedAt: number;
  /** Seconds, as the server sent it. */
  readonly ttlOriginal: number;
  readonly hits: number;
  readonly security: Security;
  readonly provenance: Provenance;
}

/** The TTL of the RRsets says nothing: what counts is `expires`. */
export type EntryContent = ContentHead &
  (
    | { readonly kind: 'rrset'; readonly rrset: RRset; readonly proof: readonly RRset[] }
    | {
        readonly kind: 'nodata' | 'nxdomain';
        readonly soa: RRset | undefined;
        readonly proof: readonly RRset[];
        /** RFC 9824 */
        readonly compact: boolean;
      }
    /** `backoff` in seconds. */
    | { readonly kind: 'failure'; readonly backoff: number; readonly because: readonly ExtendedError[] }
    | {
        readonly kind: 'delegation';
        readonly servers: readonly { readonly name: DomainName; readonly addresses: readonly string[] }[];
        readonly ds: RRset | undefined;
        readonly denial: readonly RRset[];
      }
    | { readonly kind: 'denial'; readonly zone: DomainName; readonly rrset: RRset }
  );

/**
 * What became of an entry to be loaded. `known`: something that lives stands in its place, or there was no room.
 * `refused`: it cannot be so.
 */
export type Loading =
  | { readonly kind: 'loaded' }
  | { readonly kind: 'known' }
  | { readonly kind: 'expired' }
  | { readonly kind: 'refused'; readonly because: string };

export interface CacheInspection {
  list(request: ListRequest): Promise<EntryList>;
  /** The number removed, or that would be. Nothing that matches and was there at the call is left when it resolves. */
  flush(filter: CacheFilter, dryRun: boolean): Promise<number>;
  tree(name: DomainName): Promise<ZoneTree>;
  /** All that matches and lives, in no order, some at a time. What changes meanwhile is there once or not at all. */
  contents(filter: CacheFilter): AsyncIterable<readonly EntryContent[]>;
  /** Milliseconds since 1970, by the clock that `expires` is by. */
  wall(): number;
  load(content: EntryContent): Loading;
}
