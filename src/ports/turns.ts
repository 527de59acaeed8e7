/** The event loop as a parameter: long work gives way to others through it. */

/** Work that yields wherever it may be interrupted. */
export type Steps<T, R> = Generator<T, R, undefined>;

export interface Turns {
  /** Milliseconds, see Clock. */
  now(): number;
  /** Resolves when everybody else who waits had a turn. */
  next(): Promise<void>;
}
