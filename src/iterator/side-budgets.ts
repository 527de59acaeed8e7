/** Budgets for work beside or within a question: a slice of its time, and a small one of its own for probes. */

import type { Work, WorkBudget } from '../ports/budget.js';
import type { Clock } from '../ports/clock.js';

/** The question's own budget, with less time: what one of several ways may take before the next is tried. */
export class TimeSlice implements WorkBudget {
  readonly #deadline: number;

  /** @param ms milliseconds, within what is left of the whole */
  constructor(
    readonly whole: WorkBudget,
    readonly clock: Clock,
    ms: number,
  ) {
    this.#deadline = clock.now() + Math.min(ms, whole.timeLeft());
  }

  charge(work: Work, units = 1): boolean {
    return this.timeLeft() > 0 && this.whole.charge(work, units);
  }

  timeLeft(): number {
    return Math.max(0, Math.min(this.#deadline - this.clock.now(), this.whole.timeLeft()));
  }

  get exhausted(): string | undefined {
    return (
      this.whole.exhausted ?? (this.timeLeft() > 0 ? undefined : 'the share of time for one of several ways is over')
    );
  }

  used(work: Work): number {
    return this.whole.used(work);
  }
}

/** For probes and priming: a few exchanges, taken from no client's question. */
export class ProbeBudget implements WorkBudget {
  #left: number;
  readonly #deadline: number;
  readonly exhausted = undefined;

  /** @param ms milliseconds it may take */
  constructor(
    readonly clock: Clock,
    ms: number,
    exchanges = 3,
  ) {
    this.#left = exchanges;
    this.#deadline = clock.now() + ms;
  }

  charge(): boolean {
    return this.#left-- > 0;
  }

  timeLeft(): number {
    return Math.max(0, this.#deadline - this.clock.now());
  }

  used(): number {
    return 0;
  }
}
