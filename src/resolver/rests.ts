/** What should not be tried again before a moment has come? A bounded memory of it: the oldest are forgotten first. */
import type { Clock } from '../ports/clock.js';

export class Rests {
  /** By key, the moment its rest is over (Clock.now()); those put to rest last come last. */
  readonly #until = new Map<string, number>();

  /** @param capacity keys remembered */
  constructor(
    readonly clock: Pick<Clock, 'now'>,
    readonly capacity: number,
  ) {}

  get isEmpty(): boolean {
    return this.#until.size === 0;
  }

  has(key: string): boolean {
    const until = this.#until.get(key);
    if (until === undefined) return false;
    if (until > this.clock.now()) return true;
    this.#until.delete(key);
    return false;
  }

  /** @param ms from now on */
  add(key: string, ms: number): void {
    this.#until.delete(key);
    this.#until.set(key, this.clock.now() + ms);
    for (const oldest of this.#until.keys()) {
      if (this.#until.size <= this.capacity) break;
      this.#until.delete(oldest);
    }
  }

  delete(key: string): void {
    this.#until.delete(key);
  }
}
