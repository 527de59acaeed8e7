/** Stub and forward zones of the configuration, as zone cuts the iterator starts from. */
import type { DomainName } from '../dns/name.js';
import { ROOT } from '../dns/name.js';
import type { ConfiguredCut } from '../iterator/zone-cut.js';
import type { Routes } from '../policy/routes.js';

/** What a configured zone refers to lives as long as any delegation may: nothing above it expires. */
const CONFIGURED_TTL = 86_400;

/** The cut of the deepest routed zone at or above a name. */
export function configuredCuts(routes: Routes): ConfiguredCut {
  return (name) => {
    const route = routes.routeFor(name);
    if (route === undefined) return undefined;
    const { zone, kind, servers, fallback } = route;
    return { zone, kind, servers: [], fixed: servers, fallback, ttl: CONFIGURED_TTL };
  };
}

/** The apex below which a denial from above may not reach (CVE-2026-44687). */
export function routedApex(routes: Routes): (name: DomainName) => DomainName {
  return (name) => routes.apexFor(name) ?? ROOT;
}
