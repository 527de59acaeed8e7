/**
 * Which keys does a snapshot have to look at? The store cannot be walked over several turns of the event loop while
 * entries move about in it, so keys are noted here: those that stood at the last snapshot in an array, which is small,
 * some of them gone by now; those stored since in a set.
 */
export class LiveKeys {
  #settled: string[] = [];
  #fresh = new Set<string>();

  stored(key: string): void {
    this.#fresh.add(key);
  }

  /** As stored(), for many that are known to be new. */
  loaded(key: string): void {
    this.#settled.push(key);
  }

  gone(key: string): void {
    this.#fresh.delete(key);
  }

  /** Whether it was stored since the last snapshot, or since the start. */
  isFresh(key: string): boolean {
    return this.#fresh.has(key);
  }

  /** Those stored since the last snapshot. */
  get fresh(): Iterable<string> {
    return this.#fresh;
  }

  /**
   * Every key that may be held, once, the oldest first; may go on over many turns. What is stored meanwhile may be left
   * out. `isHeld` tells those to forget.
   */
  *walk(isHeld: (key: string) => boolean): Generator<string> {
    const before = this.#fresh;
    const settled: string[] = [];
    const isSettled = (key: string): boolean => !this.#fresh.has(key) && isHeld(key);
    this.#fresh = new Set();
    let isWhole = false;
    try {
      for (const key of this.#settled) {
        if (before.has(key) || !isSettled(key)) continue;
        settled.push(key);
        yield key;
      }
      for (const key of before) {
        if (!isSettled(key)) continue;
        settled.push(key);
        yield key;
      }
      isWhole = true;
    } finally {
      if (isWhole) this.#settled = settled;
      else for (const key of before) this.#fresh.add(key);
    }
  }
}
