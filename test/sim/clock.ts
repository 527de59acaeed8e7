/** Time set by hand: timers fire only when a test lets time pass, or when `run` finds nothing else to do. */
import type { Cancel, Clock } from '../../src/ports/clock.js';

interface Timer {
  readonly at: number;
  readonly order: number;
  readonly action: () => void;
}

export class SimClock implements Clock {
  #now = 1_000_000;
  #wall = Date.UTC(2026, 10, 1);
  #order = 0;
  readonly #timers = new Set<Timer>();

  now(): number {
    return this.#now;
  }

  wall(): number {
    return this.#wall;
  }

  schedule(delay: number, action: () => void): Cancel {
    const timer = { at: this.#now + Math.max(0, delay), order: this.#order++, action };
    this.#timers.add(timer);
    return () => this.#timers.delete(timer);
  }

  /** Wall time alone is set `ms` forward, as when a machine finds out what day it is. */
  jump(ms: number): void {
    this.#wall += ms;
  }

  /** Lets `ms` pass; timers due on the way fire in order. */
  async pass(ms: number): Promise<void> {
    const end = this.#now + ms;
    for (let next = this.#next(); next !== undefined && next.at <= end; next = this.#next()) await this.#fire(next);
    this.#advance(end);
  }

  /** Waits for a promise, letting exactly as much time pass as it needs. Fails when it waits for nothing. */
  async run<T>(promise: Promise<T>): Promise<T> {
    let settled = false;
    const watched = promise.finally(() => {
      settled = true;
    });
    watched.catch(() => undefined);
    for (let turns = 0; turns < 100_000; turns++) {
      await idle();
      if (settled) return watched;
      const next = this.#next();
      if (next === undefined) throw new Error('waiting for something that will never happen');
      await this.#fire(next);
    }
    throw new Error('no end in sight after 100000 events');
  }

  #next(): Timer | undefined {
    let first: Timer | undefined;
    for (const timer of this.#timers) {
      if (first === undefined || timer.at < first.at || (timer.at === first.at && timer.order < first.order))
        first = timer;
    }
    return first;
  }

  async #fire(timer: Timer): Promise<void> {
    this.#timers.delete(timer);
    this.#advance(Math.max(timer.at, this.#now));
    timer.action();
    await idle();
  }

  #advance(to: number): void {
    this.#wall += to - this.#now;
    this.#now = to;
  }
}

/** A clock by which every look takes five milliseconds: a slice ends at the first. */
export class HurriedClock extends SimClock {
  #looks = 0;

  override now(): number {
    return super.now() + 5 * this.#looks++;
  }
}

/** Until every promise that can go on has gone on. */
function idle(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
