/** The least recently used leaves first: a list through the slots, the latest used at its end. */
import { type Newcomer, type OnLeaving, Shelf, type ShelfOptions } from './shelf.js';
import { IntColumn } from './table/column.js';

const NONE = -1;

export class LruShelf extends Shelf {
  readonly #older = new IntColumn();
  readonly #newer = new IntColumn();
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
    this.#older.reserve(slot + 1);
    this.#newer.reserve(slot + 1);
    this.#append(slot);
  }

  protected removed(slot: number): void {
    const older = this.#older.get(slot);
    const newer = this.#newer.get(slot);
    if (older === NONE) this.#oldest = newer;
    else this.#newer.set(older, newer);
    if (newer === NONE) this.#newest = older;
    else this.#older.set(newer, older);
  }

  #append(slot: number): void {
    this.#older.set(slot, this.#newest);
    this.#newer.set(slot, NONE);
    if (this.#newest === NONE) this.#oldest = slot;
    else this.#newer.set(this.#newest, slot);
    this.#newest = slot;
  }
}
