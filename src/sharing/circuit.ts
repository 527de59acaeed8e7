/**
 * Is the store worth asking? A few failures in a row open the circuit: nobody waits for it then. It is tried again after
 * a while that doubles as long as that is in vain, and closes when a trial succeeds. Knows no clock: it is told the time.
 */
import type { CircuitState } from '../ports/second-level.js';

/** In a row. Each may have cost a question the whole timeout. */
const FAILURES_TO_OPEN = 3;
const FIRST_PAUSE_MS = 1000;
const LONGEST_PAUSE_MS = 30_000;

export class Circuit {
  /** Open until the first trial succeeds: a store that is not there at start costs nothing. */
  #state: CircuitState = 'open';
  #failures = 0;
  #pause = FIRST_PAUSE_MS;
  #closedAt = 0;
  /** How often it was opened. */
  opens = 0;

  get state(): CircuitState {
    return this.#state;
  }

  /** A trial begins. */
  try(): void {
    this.#state = 'half-open';
  }

  /** The trial succeeded. `now` in ms. */
  close(now: number): void {
    this.#state = 'closed';
    this.#failures = 0;
    this.#closedAt = now;
  }

  succeeded(): void {
    this.#failures = 0;
  }

  /** Whether that was one too many. */
  failed(): boolean {
    return this.#state === 'closed' && ++this.#failures >= FAILURES_TO_OPEN;
  }

  /**
   * Milliseconds until the next trial. The pause is short again only for a store that was in use for as long as the
   * longest pause: one that comes and goes is left alone more and more.
   */
  open(now: number): number {
    if (this.#state === 'closed') {
      this.opens++;
      if (now - this.#closedAt >= LONGEST_PAUSE_MS) this.#pause = FIRST_PAUSE_MS;
    }
    this.#state = 'open';
    const pause = this.#pause;
    this.#pause = Math.min(pause * 2, LONGEST_PAUSE_MS);
    return pause;
  }
}
