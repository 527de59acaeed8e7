/** The least recently used leaves first: a list through the slots, the latest used at its end. */
import { type Newcomer, type OnLeaving, Shelf, type ShelfOptions } from './shelf.js';
import { IntRows } from './table/column.js';

const NONE = -1;
/** Neighbours in the list. */
const OLDER = 0;
const NEWER = 1;

export class LruShelf extends Shelf {
  readonly #links = new IntRows(1);
  #oldest = NONE;
  #newest = NONE;

  constructor(options: ShelfOptions, onLeaving: OnLeaving) {
    super(options, options.maxBytes, onLeaving);
  }

  protected touched(slot: number): void {
    if (slot === this.#newest) return;
    this.removed(slot);
    this.#append(slot);
  }

  protected admit({ size }: Newcomer): boolean {
    while (this.used + size > this.budget) this.take(this.#oldest, 'evicted');
    return true;
  }

  protected placed(slot: number): void {
    this.#links.reserve(slot + 1);
    this.#append(slot);
  }

  protected removed(slot: number): void {
    const older = this.#links.get(slot, OLDER);
    const newer = this.#links.get(slot, NEWER);
    if (older === NONE) this.#oldest = newer;
    else this.#links.set(older, NEWER, newer);
    if (newer === NONE) this.#newest = older;
    else this.#links.set(newer, OLDER, older);
  }

  #append(slot: number): void {
    this.#links.set(slot, OLDER, this.#newest);
    this.#links.set(slot, NEWER, NONE);
    if (this.#newest === NONE) this.#oldest = slot;
    else this.#links.set(this.#newest, NEWER, slot);
    this.#newest = slot;
  }
}
