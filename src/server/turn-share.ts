/**
 * How many questions may be begun in this turn of the event loop? A few, so that nobody else waits for long; and fewer
 * while others take long, which is to say while replies of servers wait as well: what is begun should first end, since
 * each question under way makes every collection of garbage longer.
 */
import type { Clock } from '../ports/clock.js';

/** Some 0.5 ms of work. With half of it a question took a tenth more CPU, with twice as much the slowest hits took half as long again. */
const SHARE = 16;
/** A quarter of the replies told of in a turn (native/readable-set.ts): most questions take fewer than four. */
const SHARE_BESIDE_REPLIES = 8;
/** Milliseconds that others may take between two turns. */
const OTHERS_MAY_TAKE = 0.5;

export class TurnShare {
  /** Clock.now() when a turn left questions behind; infinity when it left none. */
  #leftAt = Number.POSITIVE_INFINITY;

  constructor(private readonly clock: Pick<Clock, 'now'>) {}

  /** Questions that may be begun. Comes first in a turn. */
  begin(): number {
    return this.clock.now() - this.#leftAt > OTHERS_MAY_TAKE ? SHARE_BESIDE_REPLIES : SHARE;
  }

  /** Comes last. @param isLeft whether questions wait for the next turn, which follows at once */
  end(isLeft: boolean): void {
    this.#leftAt = isLeft ? this.clock.now() : Number.POSITIVE_INFINITY;
  }
}
