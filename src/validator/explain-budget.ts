/** How much may one explanation compute? Its own allowance: people who ask why do not charge anybody's question. */
import type { Work, WorkBudget } from '../ports/budget.js';

/** An alias chain of twelve names, each five zones down with two signatures a link, makes some 250 checks. */
const ALLOWED: Readonly<Record<Work, number>> = {
  signatures: 512,
  nsec3Hashes: 1200,
  exchanges: 0,
  nsLookups: 0,
  aliases: 0,
  referrals: 0,
};

export class ExplainBudget implements WorkBudget {
  readonly #used = new Map<Work, number>();
  #exhausted: string | undefined;

  get exhausted(): string | undefined {
    return this.#exhausted;
  }

  charge(work: Work): boolean {
    const used = this.used(work) + 1;
    this.#used.set(work, used);
    if (used <= ALLOWED[work]) return true;
    this.#exhausted ??= `${work} of one explanation`;
    return false;
  }

  /** Nothing here waits. */
  timeLeft(): number {
    return 0;
  }

  used(work: Work): number {
    return this.#used.get(work) ?? 0;
  }
}
