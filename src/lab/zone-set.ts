/** Which of a server's zones answers for a name? The one whose apex is closest (RFC 1034 §4.3.2 step 2). */
import { type DomainName, parentOf, selfAndAncestors } from '../dns/name.js';
import { Type } from '../dns/numbers.js';
import type { Zone } from './zone.js';

export class ZoneSet {
  readonly #byApex: ReadonlyMap<DomainName, Zone>;

  /** Of two zones with the same apex the later one is served. */
  constructor(zones: readonly Zone[]) {
    this.#byApex = new Map(zones.map((zone) => [zone.apex, zone]));
  }

  /** The zone to answer a question from; undefined when none of them is an ancestor of `name`. */
  zoneFor(name: DomainName, type: number): Zone | undefined {
    const zone = this.#closest(name);
    if (type !== Type.DS || zone?.apex !== name) return zone;
    // RFC 4035 §3.1.4.1: DS lives on the parent side of a cut. A server of the child alone answers from the child.
    const parent = parentOf(name);
    return (parent && this.#closest(parent)) ?? zone;
  }

  #closest(name: DomainName): Zone | undefined {
    for (const at of selfAndAncestors(name)) {
      const zone = this.#byApex.get(at);
      if (zone !== undefined) return zone;
    }
    return undefined;
  }
}
