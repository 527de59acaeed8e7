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
/** Milliseconds after which no more are begun, however few those were: a processor is not always equally fast. */
const MAY_TAKE = 1;
/** Milliseconds that others may take between two turns. */
const OTHERS_MAY_TAKE = 0.5;

export class TurnShare {
  #most = SHARE;
  #until = 0;
  /** Clock.now() when a turn left questions behind; infinity when it left none. */
  #leftAt = Number.POSITIVE_INFINITY;

  constructor(private readonly clock: Pick<Clock, 'now'>) {}

  /** Comes before the first question. @param turnBegan Clock.now() at that time */
  begin(turnBegan: number): void {
    this.#most = turnBegan - this.#leftAt > OTHERS_MAY_TAKE ? SHARE_BESIDE_REPLIES : SHARE;
    this.#until = this.clock.now() + MAY_TAKE;
  }

  /** Whether one more may be begun in this turn after so many: the first always. */
  allows(begun: number): boolean {
    return begun === 0 || (begun < this.#most && this.clock.now() < this.#until);
  }

  /** Comes last. @param isLeft whether questions wait for the next turn, which follows at once */
  end(isLeft: boolean): void {
    this.#leftAt = isLeft ? this.clock.now() : Number.POSITIVE_INFINITY;
  }
}
