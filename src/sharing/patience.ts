/**
 * How long may this question still wait for the store? One question makes many lookups (aliases, name servers, keys),
 * some at the same time; together they wait no longer than a store that is there ever takes.
 */
import type { WorkBudget } from '../ports/budget.js';
import type { Clock } from '../ports/clock.js';

interface Waiting {
  /** Milliseconds waited by what has ended. */
  spent: number;
  /** Lookups under way, and since when there is at least one. */
  active: number;
  since: number;
}

export class Patience {
  /** By what all lookups of a question have in common. */
  readonly #waiting = new WeakMap<WorkBudget, Waiting>();

  /** `allowance` in ms for each question. */
  constructor(
    readonly clock: Clock,
    readonly allowance: number,
  ) {}

  /** Milliseconds, 0 when there is no more patience. */
  left(budget: WorkBudget): number {
    const waiting = this.#waiting.get(budget);
    const under = waiting === undefined || waiting.active === 0 ? 0 : this.clock.now() - waiting.since;
    const left = this.allowance - (waiting?.spent ?? 0) - under;
    return Math.max(0, Math.min(left, budget.timeLeft()));
  }

  begin(budget: WorkBudget): void {
    const waiting = this.#waiting.get(budget) ?? { spent: 0, active: 0, since: 0 };
    if (waiting.active++ === 0) waiting.since = this.clock.now();
    this.#waiting.set(budget, waiting);
  }

  end(budget: WorkBudget): void {
    const waiting = this.#waiting.get(budget);
    if (waiting !== undefined && --waiting.active === 0) waiting.spent += this.clock.now() - waiting.since;
  }
}
