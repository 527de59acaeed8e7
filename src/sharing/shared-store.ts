/**
 * What a store must be able to do to be shared: keep octets under keys for a while. One body for each kind of store; none
 * of them knows what the octets mean, or retries, or reconnects: link.ts does.
 */

export interface StoreWrite {
  /** At most 250 printable octets (memcached). */
  readonly key: string;
  readonly value: Buffer;
  /** Milliseconds until the store forgets it. */
  readonly ttl: number;
}

/** An open connection. Everything rejects when the store is out of reach or does not make sense. */
export interface SharedStore {
  /** In one round trip. What is not there, or longer than the body was told to read, is undefined. */
  getMany(keys: readonly string[]): Promise<readonly (Buffer | undefined)[]>;
  /** How many of them the store refused for want of room. */
  setMany(writes: readonly StoreWrite[]): Promise<number>;
  deleteMany(keys: readonly string[]): Promise<void>;
  /** Puts the value behind what is there, in one step with regard to others that do the same. */
  append(write: StoreWrite): Promise<void>;
  /** To all that listen on the channel; a store without such a thing does nothing. */
  publish(message: Buffer): Promise<void>;
  /** At once; what is under way rejects. */
  close(): void;
}

export interface StoreEvents {
  /** The connection is gone; told at most once, and not after close(). */
  lost(error: Error): void;
  /** Somebody published it; anybody may have. */
  message(octets: Buffer): void;
}

/** A fresh connection that listens on `channel`. */
export type OpenStore = (channel: string, events: StoreEvents) => Promise<SharedStore>;
