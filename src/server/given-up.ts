/** Which questions wait for the network, so that a server that stops can give up on them? */
import { Place } from '../dns/ring.js';

/** Leaves its place when it waits no longer. */
export abstract class GivenUp extends Place {
  /** Waits no longer. */
  abstract giveUp(): void;
}

export class WaitingQuestions {
  readonly #waiting = new Place();

  enter(question: GivenUp): void {
    this.#waiting.append(question);
  }

  /** Whatever waits now waits no longer. */
  giveUp(): void {
    while (!this.#waiting.isAlone) {
      const question = this.#waiting.next as GivenUp;
      question.leave();
      question.giveUp();
    }
  }
}
