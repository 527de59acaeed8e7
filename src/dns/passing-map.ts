/**
 * A Map for what passes through: questions in flight, exchanges under way. HOT.
 *
 * A Map in V8 lays itself out anew every few hundred additions, and each layout it leaves points to the next. Once one of
 * them has grown old (a pause in the traffic is enough), the collector of young objects takes all that follow for alive,
 * with all they ever held, until the next full collection: measured, each question then took half as long again. So a
 * new Map is begun in time. What was held should be emptied when it is taken out all the same.
 */

/** Additions after which a new Map is begun; more where many are held, so that taking those over costs a fraction. */
const ADDITIONS = 1000;
const ADDITIONS_PER_HELD = 4;

export class PassingMap<K, V> {
  #map = new Map<K, V>();
  #left = ADDITIONS;

  get size(): number {
    return this.#map.size;
  }

  get(key: K): V | undefined {
    return this.#map.get(key);
  }

  has(key: K): boolean {
    return this.#map.has(key);
  }

  set(key: K, value: V): void {
    if (--this.#left < 0) this.#renew();
    this.#map.set(key, value);
  }

  delete(key: K): boolean {
    return this.#map.delete(key);
  }

  /** In the order they were set. Nothing may be set meanwhile. */
  values(): Iterable<V> {
    return this.#map.values();
  }

  #renew(): void {
    const renewed = new Map<K, V>();
    for (const [key, value] of this.#map) renewed.set(key, value);
    this.#map = renewed;
    this.#left = Math.max(ADDITIONS, ADDITIONS_PER_HELD * renewed.size);
  }
}
