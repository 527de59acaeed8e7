/** Which shelf is there for an eviction policy? */
import type { Config } from '../config/config.js';
import { CostShelf } from './cost-shelf.js';
import { LruShelf } from './lru-shelf.js';
import { RankedShelf } from './ranked-shelf.js';
import type { OnLeaving, Shelf } from './shelf.js';

export type EvictionPolicy = Config['cache']['eviction'];

export interface ShelfOptions {
  /** Octets. */
  readonly maxBytes: number;
  /** Octets; larger entries are not kept. */
  readonly maxEntryBytes: number;
  /** 32 bits of chance: who sends names must not foresee what shares a place with what. */
  readonly seed: number;
}

export function createShelf(policy: EvictionPolicy, options: ShelfOptions, onLeaving: OnLeaving): Shelf {
  const { maxBytes, maxEntryBytes, seed } = options;
  switch (policy) {
    case 'lru':
      return new LruShelf(maxBytes, maxEntryBytes, onLeaving);
    case 'lfu':
    case 'ttl':
    case 'none':
      return new RankedShelf(policy, maxBytes, maxEntryBytes, onLeaving);
    case 'cost':
      return new CostShelf(maxBytes, maxEntryBytes, seed, onLeaving);
    default:
      return policy satisfies never;
  }
}
