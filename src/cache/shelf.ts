/**
 * Where entries lie, and which of them leaves when there is no room: one body for each eviction policy. A shelf knows
 * neither kinds nor time to live beyond what its policy needs; it never holds more than its budget in octets.
 */
import type { Entry } from './entry.js';

/** `replaced`: another took its key; `evicted`: no room; `deleted`: it was told to. */
export type Leaving = 'replaced' | 'evicted' | 'deleted';

/** Told of each entry that leaves, once, after it is out of reach. */
export type OnLeaving = (key: string, entry: Entry, why: Leaving) => void;

export interface Shelf {
  /** As it lies there, expired or not; for the policy that was use. */
  get(key: string): Entry | undefined;
  /** The same, which was no use. */
  peek(key: string): Entry | undefined;
  /**
   * Whether it is kept; when it is not, what lay under the key is gone all the same. `size` in octets, `now` in ticks.
   * Others may leave for it.
   */
  set(key: string, entry: Entry, size: number, now: number): boolean;
  /** Whether there was one. */
  delete(key: string): boolean;
  /**
   * Every entry that is there all the while, once; safe against all changes, uses included, made while reading, also when
   * the reader pauses for seconds. (An entry stored anew under its key may come again.)
   */
  entries(): Iterable<[string, Entry]>;
}
