/** Which of many zones is a name in? The deepest one, found label by label from the root down (HOT: on every query). */
import { type DomainName, labelCount, lastLabels, ROOT, selfAndAncestors } from '../dns/name.js';

/** Values keyed by zone. A name that shares no last label with any zone costs one Map look-up. */
export class ZoneTree<T extends object> {
  /** Every zone, and every name above one (null), so that a walk down knows when to stop. */
  readonly #nodes = new Map<DomainName, T | null>();
  #root: T | undefined;

  /** Sets the value of `zone`; a later one replaces it. */
  set(zone: DomainName, value: T): void {
    for (const name of selfAndAncestors(zone)) if (!this.#nodes.has(name)) this.#nodes.set(name, null);
    this.#nodes.set(zone, value);
    if (zone === ROOT) this.#root = value;
  }

  get(zone: DomainName): T | undefined {
    return this.#nodes.get(zone) ?? undefined;
  }

  *values(): Generator<T> {
    for (const value of this.#nodes.values()) if (value !== null) yield value;
  }

  /** The value of the deepest zone `name` is at or below. */
  deepest(name: DomainName): T | undefined {
    let best = this.#root;
    const labels = labelCount(name);
    for (let count = 1; count <= labels; count++) {
      const value = this.#nodes.get(lastLabels(name, count));
      if (value === undefined) return best;
      if (value !== null) best = value;
    }
    return best;
  }
}
