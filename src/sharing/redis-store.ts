/**
 * Redis and Valkey, alone or as a cluster, through node-redis: one connection (to each node of a cluster) for commands and
 * for messages. Its own reconnecting and offline queue are off, link.ts does that. Values are read with GETRANGE: whoever
 * can write to the store could put half a gigabyte under a key, and GET would bring all of it.
 */
import { createClient, createCluster, ErrorReply, RESP_TYPES } from '@redis/client';
import type { SharedCacheConfig } from '../config/config.js';
import type { OpenStore, SharedStore, StoreEvents, StoreWrite } from './shared-store.js';

/** Milliseconds; link.ts gives up earlier. */
const CONNECT_MS = 5000;
/** Commands under way: what a busy second may send while nothing comes back. */
const MAX_COMMANDS = 50_000;

/** The commands used, as client and cluster have them alike. */
interface Redis {
  connect(): Promise<unknown>;
  destroy(): void;
  on(event: 'error', listener: (error: Error) => void): unknown;
  getRange(key: string, from: number, to: number): Promise<Buffer>;
  set(key: string, value: Buffer, options: { expiration: { type: 'PX'; value: number } }): Promise<unknown>;
  del(key: string): Promise<unknown>;
  append(key: string, value: Buffer): Promise<unknown>;
  pExpire(key: string, ms: number): Promise<unknown>;
  publish(channel: string, message: Buffer): Promise<unknown>;
  subscribe(channel: string, listener: (message: Buffer) => void, asBuffer: true): Promise<unknown>;
}

/** @param maxOctets longest value worth reading */
export function redisStore(config: SharedCacheConfig, maxOctets: number): OpenStore {
  return async (channel, events) => {
    const redis = config.cluster ? clusterOf(config) : clientOf(config);
    const store = new RedisStore(redis, channel, maxOctets, events);
    // Without a listener an error would end the process; while connecting it is told by the rejection.
    redis.on('error', (error) => store.lost(error));
    try {
      await redis.connect();
      await redis.subscribe(channel, (message) => events.message(message), true);
    } catch (error) {
      store.close();
      throw error;
    }
    return store;
  };
}

function clientOf(config: SharedCacheConfig): Redis {
  return createClient({
    url: config.url,
    ...common(config),
    commandsQueueMaxLength: MAX_COMMANDS,
    commandOptions: { typeMapping: { [RESP_TYPES.BLOB_STRING]: Buffer } },
  }) as unknown as Redis;
}

function clusterOf(config: SharedCacheConfig): Redis {
  const { username, password } = new URL(config.url);
  return createCluster({
    rootNodes: [config.url, ...config.nodes].map((url) => ({ url, ...common(config) })),
    defaults: {
      ...(username !== '' && { username: decodeURIComponent(username) }),
      ...(password !== '' && { password: decodeURIComponent(password) }),
      ...common(config),
    },
    commandOptions: { typeMapping: { [RESP_TYPES.BLOB_STRING]: Buffer } },
  }) as unknown as Redis;
}

function common({ url, tls }: SharedCacheConfig) {
  const { ca, cert, key } = tls;
  const certificates = { ...(ca && { ca }), ...(cert && { cert }), ...(key && { key }) };
  const socket = { reconnectStrategy: false, connectTimeout: CONNECT_MS } as const;
  return {
    disableOfflineQueue: true,
    disableClientInfo: true,
    maintNotifications: 'disabled' as const,
    socket: url.startsWith('rediss:') ? { ...socket, ...certificates, tls: true as const } : socket,
  };
}

class RedisStore implements SharedStore {
  #isClosed = false;

  constructor(
    readonly redis: Redis,
    readonly channel: string,
    readonly maxOctets: number,
    readonly events: StoreEvents,
  ) {}

  /** All in one tick: node-redis sends them together. */
  async getMany(keys: readonly string[]): Promise<(Buffer | undefined)[]> {
    const values = await Promise.all(keys.map((key) => this.#get(key)));
    return values.map((value) => (value.length === 0 || value.length > this.maxOctets ? undefined : value));
  }

  async setMany(writes: readonly StoreWrite[]): Promise<number> {
    const outcomes = await Promise.allSettled(
      writes.map(({ key, value, ttl }) =>
        this.redis.set(key, value, { expiration: { type: 'PX', value: Math.ceil(ttl) } }),
      ),
    );
    const errors = outcomes.filter((outcome) => outcome.status === 'rejected').map(({ reason }) => reason as unknown);
    const trouble = errors.find((error) => !isFull(error));
    if (trouble !== undefined) throw trouble;
    return errors.length;
  }

  async deleteMany(keys: readonly string[]): Promise<void> {
    await Promise.all(keys.map((key) => this.redis.del(key)));
  }

  async append({ key, value, ttl }: StoreWrite): Promise<void> {
    await Promise.all([this.redis.append(key, value), this.redis.pExpire(key, Math.ceil(ttl))]);
  }

  async publish(message: Buffer): Promise<void> {
    await this.redis.publish(this.channel, message);
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.redis.destroy();
  }

  lost(error: Error): void {
    if (this.#isClosed) return;
    this.close();
    this.events.lost(error);
  }

  async #get(key: string): Promise<Buffer> {
    try {
      return await this.redis.getRange(key, 0, this.maxOctets);
    } catch (error) {
      // Somebody put a list under our key.
      if (error instanceof ErrorReply && error.message.startsWith('WRONGTYPE')) return Buffer.alloc(0);
      throw error;
    }
  }
}

/** OOM: over maxmemory with nothing that may be evicted. MISCONF: the disk is full, and writes are refused for that. */
function isFull(error: unknown): boolean {
  return error instanceof ErrorReply && /^(OOM|MISCONF) /.test(error.message);
}
