/**
 * One number for each slot of a table. In pages, so that growing copies nothing: a typed array of millions of numbers
 * that is made anew holds everything up for as long.
 */
import { uncounted } from './uncounted.js';

/** Of 4096 numbers. */
const PAGE_BITS = 12;
export const PAGE = 1 << PAGE_BITS;

/** Integers of 32 bits, signed; 0 at first. */
export class IntColumn {
  readonly #pages: Int32Array[] = [];

  /** Makes room for the slots below `length`. */
  reserve(length: number): void {
    while (this.#pages.length << PAGE_BITS < length) this.#pages.push(uncounted(Int32Array, PAGE));
  }

  /** HOT */
  get(slot: number): number {
    return this.#pages[slot >>> PAGE_BITS]![slot & (PAGE - 1)]!;
  }

  /** HOT */
  set(slot: number, value: number): void {
    this.#pages[slot >>> PAGE_BITS]![slot & (PAGE - 1)] = value;
  }
}

/**
 * Several integers for each slot, beside each other: who reads one of them in memory that is not in a processor's cache
 * has the others for nothing.
 */
export class IntRows {
  readonly #pages: Int32Array[] = [];

  /** @param widthBits each row is of 2^widthBits integers */
  constructor(readonly widthBits: number) {}

  /** Makes room for the slots below `length`. */
  reserve(length: number): void {
    while (this.#pages.length << PAGE_BITS < length) this.#pages.push(uncounted(Int32Array, PAGE << this.widthBits));
  }

  /** HOT */
  get(slot: number, field: number): number {
    return this.#pages[slot >>> PAGE_BITS]![((slot & (PAGE - 1)) << this.widthBits) | field]!;
  }

  /** HOT */
  set(slot: number, field: number, value: number): void {
    this.#pages[slot >>> PAGE_BITS]![((slot & (PAGE - 1)) << this.widthBits) | field] = value;
  }
}

/** Numbers of any kind; 0 at first. */
export class FloatColumn {
  readonly #pages: Float64Array[] = [];

  /** Makes room for the slots below `length`. */
  reserve(length: number): void {
    while (this.#pages.length << PAGE_BITS < length) this.#pages.push(uncounted(Float64Array, PAGE));
  }

  /** HOT */
  get(slot: number): number {
    return this.#pages[slot >>> PAGE_BITS]![slot & (PAGE - 1)]!;
  }

  /** HOT */
  set(slot: number, value: number): void {
    this.#pages[slot >>> PAGE_BITS]![slot & (PAGE - 1)] = value;
  }
}

/** Numbers of which seven digits matter, in half the room; 0 at first. */
export class RoughColumn {
  readonly #pages: Float32Array[] = [];

  /** Makes room for the slots below `length`. */
  reserve(length: number): void {
    while (this.#pages.length << PAGE_BITS < length) this.#pages.push(uncounted(Float32Array, PAGE));
  }

  /** HOT */
  get(slot: number): number {
    return this.#pages[slot >>> PAGE_BITS]![slot & (PAGE - 1)]!;
  }

  /** HOT */
  set(slot: number, value: number): void {
    this.#pages[slot >>> PAGE_BITS]![slot & (PAGE - 1)] = value;
  }
}
