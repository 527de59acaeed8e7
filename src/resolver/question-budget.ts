/**
 * The work one client question may cause, as one object that everything it causes charges and nothing resets
 * (CAMP, USENIX Security 2024; CVE-2026-50045). That any resolution ends is a property of this file.
 */

import type { Work, WorkBudget } from '../ports/budget.js';
import type { Clock } from '../ports/clock.js';

/** How much of each kind; `wallTime` in ms. */
export type BudgetLimits = Readonly<Record<Work, number>> & { readonly wallTime: number };

/** What is left of the time while its bound only counts, ms: no single wait is cut short by it. */
const SHADOW_TIME_MS = 60_000;

export class QuestionBudget implements WorkBudget {
  readonly #used: Record<Work, number> = {
    exchanges: 0,
    nsLookups: 0,
    aliases: 0,
    referrals: 0,
    signatures: 0,
    nsec3Hashes: 0,
  };
  readonly #deadline: number;
  #exhausted: string | undefined;

  /** `shadow` bounds are counted and reported through `onShadow`, but do not stop anything. */
  constructor(
    readonly limits: BudgetLimits,
    readonly shadow: ReadonlySet<string>,
    readonly clock: Clock,
    readonly onShadow: (bound: string) => void,
  ) {
    this.#deadline = clock.now() + limits.wallTime;
  }

  get exhausted(): string | undefined {
    return this.#exhausted;
  }

  charge(work: Work, units = 1): boolean {
    if (this.clock.now() >= this.#deadline && !this.#overrun('wallTime', `${this.limits.wallTime} ms`)) return false;
    this.#used[work] += units;
    const used = this.#used[work];
    return used <= this.limits[work] || this.#overrun(work, String(this.limits[work]));
  }

  timeLeft(): number {
    if (this.shadow.has('wallTime')) return SHADOW_TIME_MS;
    return Math.max(0, this.#deadline - this.clock.now());
  }

  used(work: Work): number {
    return this.#used[work];
  }

  #overrun(bound: string, figure: string): boolean {
    if (this.shadow.has(bound)) {
      this.onShadow(bound);
      return true;
    }
    this.#exhausted ??= `limit ${bound} of ${figure} for one question is reached`;
    return false;
  }
}
