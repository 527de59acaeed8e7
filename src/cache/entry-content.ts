/**
 * What does an entry hold, as values, and which entry holds these values? The way out of the cache for dumps, and back.
 *
 * What comes back was written by somebody: it is well-formed (http/load-lines.ts has read it), but it may be anything a
 * person can write. So it is held to what the cache itself never breaks, and to the bounds of TTLs.
 */
import type { DomainName } from '../dns/name.js';
import { Credibility } from '../dns/provenance.js';
import { type RRset, rrsetKey } from '../dns/rrset.js';
import type { EntryContent } from '../ports/cache-inspection.js';
import {
  packDelegation,
  packFailure,
  packNegative,
  unpackDelegation,
  unpackFailure,
  unpackNegative,
  unpackPositive,
} from './bodies.js';
import type { Cache } from './cache.js';
import { denialKey, denialOfKey } from './denials.js';
import { Entry, storeKey } from './entry.js';
import { splitKey } from './inspect.js';
import {
  packHead,
  packRdatas,
  packRrset,
  storedAtOf,
  ttlOriginalOf,
  unpackProvenance,
  unpackSecurity,
} from './pack.js';
import { expiryOf, type PortableEntry, ticksOf, wallOf } from './portable.js';

export function contentOf(cache: Cache, key: string, entry: Entry): EntryContent {
  const { clock } = cache;
  const { name, type } = splitKey(key);
  const head = {
    name,
    type,
    expires: expiryOf(entry, clock),
    storedAt: wallOf(storedAtOf(entry.packed), clock),
    ttlOriginal: ttlOriginalOf(entry.packed),
    hits: entry.hits,
    security: unpackSecurity(entry.packed),
    provenance: unpackProvenance(entry.packed),
  };
  // Not a literal: see docs/architecture.md, "What always holds".
  return Object.assign(head, bodyOf(cache, key, entry));
}

/** A union's members without what they share. */
type Body<C = EntryContent> = C extends EntryContent ? Omit<C, keyof HeadOf> : never;
type HeadOf = Pick<
  EntryContent,
  'name' | 'type' | 'expires' | 'storedAt' | 'ttlOriginal' | 'hits' | 'security' | 'provenance'
>;

function bodyOf(cache: Cache, key: string, entry: Entry): Body {
  const { kind, name, type } = splitKey(key);
  const now = cache.now();
  switch (kind) {
    case 'rrset': {
      const { rrset, proof = [] } = unpackPositive(entry, name, type, now);
      return { kind, rrset, proof };
    }
    case 'nodata':
    case 'nxdomain': {
      const { soa, proof, compact = false } = unpackNegative(entry, now);
      return { kind, soa, proof, compact };
    }
    case 'failure':
      return { kind, ...unpackFailure(entry) };
    case 'delegation': {
      const { servers, ds, denial } = unpackDelegation(entry, name, now);
      return { kind, servers, ds, denial };
    }
    case 'denial':
      return { kind, zone: denialOfKey(key).zone, rrset: unpackPositive(entry, name, type, now).rrset };
    default:
      return kind satisfies never;
  }
}

export interface ContentBounds {
  /** Seconds from now that an entry may live at most. */
  readonly maxTtl: number;
}

/** Why there can be no such entry; undefined when there can. */
export function contentFault(content: EntryContent): string | undefined {
  const { kind, name, type, security, provenance } = content;
  if (provenance.credibility === Credibility.local) return 'local data is configured, not loaded';
  const isTypeless = kind === 'nxdomain' || kind === 'delegation';
  if (isTypeless !== (type === 0)) return isTypeless ? `${kind} stands for every type` : `${kind} needs a type`;
  const isOwn = (rrset: RRset): boolean => rrset.name === name && rrset.type === type;
  switch (kind) {
    case 'rrset':
      return isOwn(content.rrset) ? undefined : 'its records are of another name or type';
    case 'denial':
      if (security.kind !== 'secure') return 'denials are made of secure records only (RFC 8198)';
      return isOwn(content.rrset) ? undefined : 'its records are of another name or type';
    case 'nodata':
    case 'nxdomain':
      return content.soa === undefined && content.proof.length === 0 ? 'a denial has an SOA or a proof' : undefined;
    case 'failure':
      return content.backoff > 0 ? undefined : 'a failure has a backoff of at least a second';
    case 'delegation':
      return delegationFault(content.servers, content.ds, name);
    default:
      return kind satisfies never;
  }
}

function delegationFault(servers: readonly unknown[], ds: RRset | undefined, zone: DomainName): string | undefined {
  if (servers.length === 0) return 'a delegation names servers';
  return ds === undefined || ds.name === zone ? undefined : 'its DS records are of another zone';
}

/** @param content without contentFault */
export function entryOf(cache: Cache, content: EntryContent, { maxTtl }: ContentBounds): PortableEntry {
  const { clock } = cache;
  const { ttlOriginal, security, provenance } = content;
  const storedAt = Math.max(OLDEST_TICK, Math.min(ticksOf(content.storedAt, clock), cache.now()));
  const latest = clock.wall() + maxTtl * 1000;
  const packed = packHead({ storedAt, ttlOriginal, security, provenance }) + packBody(content);
  // Reading a char makes V8 flatten the rope that concatenation left.
  packed.charCodeAt(0);
  const entry = new Entry(packed, ticksOf(Math.min(content.expires, latest), clock));
  entry.hits = content.hits;
  return { key: keyOf(content), entry };
}

/** What the head of an entry can hold, see storedAtOf. */
const OLDEST_TICK = -0x80000000;

function keyOf(content: EntryContent): string {
  const { kind, name, type } = content;
  if (kind === 'denial') return denialKey(content.zone, name, type);
  return storeKey(kind, kind === 'nxdomain' || kind === 'delegation' ? name : rrsetKey(name, type));
}

function packBody(content: EntryContent): string {
  switch (content.kind) {
    case 'rrset':
      return packRdatas(content.rrset) + content.proof.map(packRrset).join('');
    case 'nodata':
    case 'nxdomain':
      return packNegative(content.soa, content.proof, content.compact);
    case 'failure':
      return packFailure(content.backoff, content.because);
    case 'delegation': {
      const { name: zone, servers, ds, denial } = content;
      return packDelegation({ zone, servers, ds, denial, ttl: 0 });
    }
    case 'denial':
      return packRdatas(content.rrset);
    default:
      return content satisfies never;
  }
}
