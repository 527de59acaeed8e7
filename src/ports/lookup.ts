/** Recursion as a function one is handed: how iterator and validator reach the resolver without importing it. */
import type { Failure, Found } from '../dns/finding.js';
import type { DomainName } from '../dns/name.js';
import type { WorkBudget } from './budget.js';
import type { Trace } from './trace.js';

export interface LookupContext {
  readonly budget: WorkBudget;
  readonly trace: Trace;
  /** The flight this lookup is made for: lets the resolver see circles of lookups waiting for each other. */
  readonly flight: Flight | undefined;
  /** How many lookups this one is nested in: 0 for the client's own question. */
  readonly depth: number;
  /** Whether findings must have been judged: not for addresses of name servers, nor while validation is off. */
  readonly validate: boolean;
  /** The client's question as text, for provenance. */
  readonly askedFor: string;
}

/** A resolution under way. `waitsFor` are the flights it cannot end without; most need none. */
export interface Flight {
  readonly key: string;
  waitsFor: Set<Flight> | undefined;
  /** Place in the order of flushes when it began. */
  readonly begun: number;
}

export interface Lookup {
  /** One name and type from cache or network, aliases not followed. A circle of lookups is a Failure. */
  find(name: DomainName, type: number, context: LookupContext): Promise<Found | Failure>;
  /** The same from the network, whatever the cache knows. */
  refetch(name: DomainName, type: number, context: LookupContext): Promise<Found | Failure>;
  /** The same from the cache alone, no promise made. A Failure is one remembered (RFC 9520). */
  known(name: DomainName, type: number): Found | Failure | undefined;
}
