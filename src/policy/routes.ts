/** Who is asked about a name, if not the servers its delegations name: a forwarder, or servers given for its zone? */
import type { Config } from '../config/config.js';
import type { ServerAddress } from '../dns/address.js';
import type { DomainName } from '../dns/name.js';
import { ZoneTree } from './zone-tree.js';

export interface Route {
  readonly zone: DomainName;
  /** `forward`: resolvers, asked with RD. `stub`: authoritative servers of the zone, resolution goes on from there. */
  readonly kind: 'forward' | 'stub';
  /** At least one. */
  readonly servers: readonly ServerAddress[];
  /** Whether delegations are followed as if there were no route, when none of the servers gives an answer. */
  readonly fallback: boolean;
}

/** The subtrees of `zones:`. */
export class Routes {
  readonly #tree = new ZoneTree<Route>();

  constructor(zones: Config['zones']) {
    for (const { name, type, servers, fallback } of zones) {
      this.#tree.set(name, { zone: name, kind: type, servers, fallback });
    }
  }

  /**
   * The route of the deepest zone `name` is in. Undefined when there is none, or when that one forwards to no servers:
   * such an entry takes its subtree out of a forwarded zone. DS belongs above the zone cut (RFC 4034 §5): for the DS of
   * a routed zone's apex, ask for the route of the parent.
   */
  routeFor(name: DomainName): Route | undefined {
    const route = this.#tree.deepest(name);
    return route === undefined || route.servers.length === 0 ? undefined : route;
  }

  /** The apex of the deepest entry `name` is in, those that take a subtree out of a forwarded zone included. */
  apexFor(name: DomainName): DomainName | undefined {
    return this.#tree.deepest(name)?.zone;
  }
}
