/** Which shelf is there for an eviction policy? */
import type { Config } from '../config/config.js';
import { CostShelf } from './cost-shelf.js';
import { LruShelf } from './lru-shelf.js';
import { RankedShelf } from './ranked-shelf.js';
import type { OnLeaving, Shelf, ShelfOptions } from './shelf.js';

export type EvictionPolicy = Config['cache']['eviction'];

export function createShelf(policy: EvictionPolicy, options: ShelfOptions, onLeaving: OnLeaving): Shelf {
  switch (policy) {
    case 'lru':
      return new LruShelf(options, onLeaving);
    case 'lfu':
    case 'ttl':
    case 'none':
      return new RankedShelf(policy, options, onLeaving);
    case 'cost':
      return new CostShelf(options, onLeaving);
    default:
      return policy satisfies never;
  }
}
