/** HOT. What happened within the last minute, or hour? Counts in a ring of slots: an addition each, no memory of its own. */

export class RecentOutcomes {
  /** Slot after slot, a count of each outcome. */
  readonly #counts: Float64Array;
  /** The number of the newest slot since time zero of the clock; nothing was counted before the first. */
  #newest = Number.NaN;

  /** @param slots how many @param slotMs milliseconds each @param outcomes how many are told apart */
  constructor(
    readonly slots: number,
    readonly slotMs: number,
    readonly outcomes: number,
  ) {
    this.#counts = new Float64Array(slots * outcomes);
  }

  /** @param now milliseconds, of a clock that never goes back @param outcome 0 and up */
  add(now: number, outcome: number, count = 1): void {
    const slot = Math.floor(now / this.slotMs);
    if (slot !== this.#newest) this.#turnTo(slot);
    this.#counts[(slot % this.slots) * this.outcomes + outcome]! += count;
  }

  /** How often each outcome was there, in the slot of `now` and those before it. */
  sums(now: number): number[] {
    const slot = Math.floor(now / this.slotMs);
    if (slot !== this.#newest) this.#turnTo(slot);
    const sums = new Array<number>(this.outcomes).fill(0);
    for (let i = 0; i < this.#counts.length; i++) sums[i % this.outcomes]! += this.#counts[i]!;
    return sums;
  }

  /** Empties the slots that come to stand for another time. */
  #turnTo(slot: number): void {
    const passed = Math.min(slot - this.#newest, this.slots);
    for (let i = 0; i < passed; i++) {
      const at = ((slot - i) % this.slots) * this.outcomes;
      this.#counts.fill(0, at, at + this.outcomes);
    }
    this.#newest = slot;
  }
}
