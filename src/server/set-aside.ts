/**
 * HOT. Questions that nothing lay ready for wait here while those beside them are answered. First come, first served; so
 * many at most that the last of them is not older than its client's patience.
 */
import type { Client } from './batched-replies.js';

export interface AsideQuestion {
  /** A copy of its own. */
  readonly octets: Buffer;
  readonly client: Client;
  /** Clock.now() when it was read. */
  readonly arrived: number;
}

export class SetAside {
  /** A ring. */
  readonly #places: (AsideQuestion | undefined)[];
  #first = 0;
  #size = 0;

  /** @param most that wait at once */
  constructor(most: number) {
    this.#places = new Array<AsideQuestion | undefined>(most).fill(undefined);
  }

  get size(): number {
    return this.#size;
  }

  get isFull(): boolean {
    return this.#size === this.#places.length;
  }

  /** Only when it is not full. */
  put(question: AsideQuestion): void {
    this.#places[(this.#first + this.#size) % this.#places.length] = question;
    this.#size++;
  }

  /** The one that has waited longest; undefined when none does. */
  take(): AsideQuestion | undefined {
    const question = this.#places[this.#first];
    if (question === undefined) return undefined;
    this.#places[this.#first] = undefined;
    this.#first = (this.#first + 1) % this.#places.length;
    this.#size--;
    return question;
  }
}
