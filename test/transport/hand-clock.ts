/** A clock that stands still until a test moves it. */
import type { Clock } from '../../src/ports/clock.js';

export class HandClock implements Clock {
  #now = 0;
  readonly #timers = new Set<{ readonly at: number; readonly action: () => void }>();

  now(): number {
    return this.#now;
  }

  wall(): number {
    return this.#now;
  }

  schedule(delay: number, action: () => void): () => void {
    const timer = { at: this.#now + delay, action };
    this.#timers.add(timer);
    return () => this.#timers.delete(timer);
  }

  /** Timers that neither ran nor were cancelled. */
  get pending(): number {
    return this.#timers.size;
  }

  /** Moves on by so many milliseconds and runs what is due, earliest first. */
  advance(ms: number): void {
    this.#now += ms;
    const due = [...this.#timers].filter((timer) => timer.at <= this.#now).sort((a, b) => a.at - b.at);
    for (const timer of due) if (this.#timers.delete(timer)) timer.action();
  }
}
