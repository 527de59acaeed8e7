/** What does an explanation look at? The trust of the validator, and the cache: never the network. */
import type { Delegation } from '../dns/delegation.js';
import type { Found } from '../dns/finding.js';
import { type DomainName, nameToText } from '../dns/name.js';
import { typeToText } from '../dns/numbers.js';
import type { ResourceRecord } from '../dns/rrset.js';
import type { WorkBudget } from '../ports/budget.js';
import type { LinkOrigin } from '../ports/explanation.js';
import type { Lookup } from '../ports/lookup.js';
import type { Algorithms } from './algorithms.js';
import type { TrustAnchors } from './trust-anchors.js';

/** What a validator judges by, at one moment. */
export interface TrustTerms {
  /** undefined: validation is off. */
  readonly anchors: Pick<TrustAnchors, 'at' | 'governing'> | undefined;
  readonly algorithms: Algorithms;
  readonly nsec3MaxIterations: number;
  /** Seconds since 1970 at which signatures are judged. */
  readonly now: number;
  /** Milliseconds since 1970, for negative trust anchors that end. */
  readonly wall: number;
}

export interface ExplainSources {
  readonly known: Lookup['known'];
  /** Seconds since it was stored; undefined when it does not lie in the cache. */
  readonly ageOf: (found: Found) => number | undefined;
  /** What the parent of exactly that zone said of it. */
  readonly delegationOf: (zone: DomainName) => Delegation | undefined;
  /** A record as a line of a zone file. */
  readonly recordText: (record: ResourceRecord) => string;
}

export interface ExplainTerms extends TrustTerms, ExplainSources {
  readonly budget: WorkBudget;
}

/** @param ttl seconds */
export function originOf(found: Found, ttl: number, { ageOf }: Pick<ExplainSources, 'ageOf'>): LinkOrigin {
  const { server, transport, askedFor, costMs, costExchanges } = found.provenance;
  return { server, transport, askedFor, costMs, costExchanges, ageSeconds: ageOf(found) ?? null, ttlLeft: ttl };
}

export function setText(name: DomainName, type: number): string {
  return `${typeToText(type)} of ${nameToText(name)}`;
}
