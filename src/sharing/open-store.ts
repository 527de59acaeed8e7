/** Which body of a store does an address ask for? Loaded only then: who shares nothing need not wait for node-redis. */
import type { SharedCacheConfig } from '../config/config.js';
import type { OpenStore } from './shared-store.js';

/** @param maxOctets longest value worth reading */
export function storeFor(config: SharedCacheConfig, maxOctets: number): OpenStore {
  return async (channel, events) => {
    const open = config.url.startsWith('memcached:')
      ? (await import('./memcached-store.js')).memcachedStore(config.url, maxOctets)
      : (await import('./redis-store.js')).redisStore(config, maxOctets);
    return open(channel, events);
  };
}
