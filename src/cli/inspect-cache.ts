/**
 * The cache of a running resolver as http/ sees it: listed, flushed, dumped and loaded in slices, so that a million
 * entries keep no client waiting.
 */
import { setImmediate } from 'node:timers/promises';
import type { Cache } from '../cache/cache.js';
import { contentFault, contentOf, entryOf } from '../cache/entry-content.js';
import { matching, wouldGo } from '../cache/inspect.js';
import { listing } from '../cache/ranking.js';
import { batches, inSlices } from '../cache/slices.js';
import { zoneTree } from '../cache/zone-tree.js';
import type { Config } from '../config/config.js';
import type { RRset } from '../dns/rrset.js';
import type { CacheInspection, EntryContent, Loading } from '../ports/cache-inspection.js';
import type { Clock } from '../ports/clock.js';
import type { CacheFilter } from '../ports/inspection.js';
import type { Steps, Turns } from '../ports/turns.js';
import { signedFor } from '../validator/signed-until.js';

export interface InspectedParts {
  readonly cache: Cache;
  /** The configuration as it is now. */
  readonly config: () => Config;
  /** Forgets what matches, everywhere; resolves when the memory is free, with the number of entries. */
  readonly flush: (filter: CacheFilter) => Promise<number>;
}

/** Entries of a dump handed on together. */
const BATCH = 64;

export function inspectCache(parts: InspectedParts): CacheInspection {
  const { cache } = parts;
  const turns = turnsOf(cache.clock);
  return {
    list: (request) => inSlices(listing(cache, request), turns),
    tree: (name) => inSlices(zoneTree(cache, name), turns),
    contents: (filter) => batches(contentsOf(cache, filter), BATCH, turns),
    wall: () => cache.clock.wall(),
    load: (content) => load(content, parts),
    flush: (filter, dryRun) => (dryRun ? inSlices(wouldGo(cache, filter), turns) : parts.flush(filter)),
  };
}

/** Turns of the event loop, by that clock. */
export function turnsOf(clock: Clock): Turns {
  return { now: () => clock.now(), next: () => setImmediate() };
}

function* contentsOf(cache: Cache, filter: CacheFilter): Steps<EntryContent | undefined, void> {
  for (const held of matching(cache, filter)) {
    yield held === undefined || held[1].expires <= cache.now() ? undefined : contentOf(cache, ...held);
  }
}

/** Whoever holds the token says what is secure; only time is not his to say (RFC 4035 §5.3.3). */
function load(content: EntryContent, { cache, config }: InspectedParts): Loading {
  const fault = contentFault(content);
  if (fault !== undefined) return { kind: 'refused', because: fault };
  const { cache: bounds, dnssec } = config();
  if (content.expires <= cache.clock.wall()) return { kind: 'expired' };
  let longest = longestFor(content, config());
  if (content.security.kind === 'secure') {
    const now = Math.floor((dnssec.validationTime ?? cache.clock.wall()) / 1000);
    const signed = signedFor(setsOf(content), now);
    if (signed === undefined)
      return { kind: 'refused', because: 'it is said to be secure, and no signature is in its time' };
    longest = Math.min(longest, signed);
  }
  const { key, entry } = entryOf(cache, content, { maxTtl: Math.min(longest, bounds.maxTtl) });
  return { kind: cache.restore(key, entry) ? 'loaded' : 'known' };
}

/** Seconds an entry of that kind is kept at most, whatever was said of it. */
function longestFor({ kind, security }: EntryContent, { cache, limits }: Config): number {
  if (kind === 'failure') return limits.failureTtlMax;
  if (security.kind === 'bogus') return limits.bogusTtl;
  return kind === 'nodata' || kind === 'nxdomain' ? cache.maxNegativeTtl : cache.maxTtl;
}

function setsOf(content: EntryContent): RRset[] {
  switch (content.kind) {
    case 'rrset':
      return [content.rrset, ...content.proof];
    case 'denial':
      return [content.rrset];
    case 'nodata':
    case 'nxdomain':
      return [...(content.soa === undefined ? [] : [content.soa]), ...content.proof];
    case 'failure':
    case 'delegation':
      return [];
    default:
      return content satisfies never;
  }
}
