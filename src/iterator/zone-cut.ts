/** Where a question enters the tree: the closest known zone cut and who can be asked there. */

import type { Cache } from '../cache/cache.js';
import type { ServerAddress } from '../dns/address.js';
import type { Delegation, NameServer } from '../dns/delegation.js';
import { type DomainName, parentOf, ROOT } from '../dns/name.js';
import { Type } from '../dns/numbers.js';

export interface ZoneCut {
  readonly zone: DomainName;
  /** `forward`: recursive servers, asked with RD for the whole name. The others are authoritative. */
  readonly kind: 'hints' | 'referral' | 'stub' | 'forward';
  /** Names from the delegation, with glue. Empty for stub and forward, whose `fixed` addresses are configured. */
  readonly servers: readonly NameServer[];
  readonly fixed: readonly ServerAddress[];
  /** Whether ordinary resolution may be tried when a stub or forwarder fails. */
  readonly fallback: boolean;
  /** Seconds the delegation lives: what it refers to lives no longer. */
  readonly ttl: number;
}

/** Configured cuts: the deepest stub or forward zone at or above a name. */
export type ConfiguredCut = (name: DomainName) => ZoneCut | undefined;

export function cutFromDelegation(delegation: Delegation, kind: 'hints' | 'referral'): ZoneCut {
  return { zone: delegation.zone, kind, servers: delegation.servers, fixed: [], fallback: false, ttl: delegation.ttl };
}

/**
 * The name whose closest cut answers a question: the parent side for DS (RFC 4035 §3.1.4.1), the name itself otherwise.
 */
export function searchStart(name: DomainName, type: number): DomainName {
  return type === Type.DS ? (parentOf(name) ?? ROOT) : name;
}

/**
 * The deepest cut at or above the name, configured or learnt; undefined when not even the root's is known.
 * A configured cut wins over a learnt one of the same zone; a deeper learnt one below a stub is honoured, below a
 * forwarder it is not (the forwarder recurses).
 */
export function closestCut(
  name: DomainName,
  type: number,
  cache: Cache,
  configured: ConfiguredCut | undefined,
): ZoneCut | undefined {
  const start = searchStart(name, type);
  const fixed = configured?.(start);
  if (fixed?.kind === 'forward') return fixed;
  const delegation = cache.closestDelegation(start);
  if (fixed !== undefined && (delegation === undefined || delegation.zone.length <= fixed.zone.length)) return fixed;
  return delegation && cutFromDelegation(delegation, 'referral');
}
