/** What the resolver is made of: handed over by cli/compose.ts. */
import type { Cache } from '../cache/cache.js';
import type { Limits } from '../config/limits.js';
import type { DomainName } from '../dns/name.js';
import type { Iterate } from '../iterator/iterate.js';
import type { LocalZones } from '../policy/local-zones.js';
import type { Clock } from '../ports/clock.js';
import type { StaleReason } from '../ports/inspection.js';
import type { SecondLevel } from '../ports/second-level.js';
import type { Validator } from '../validator/validate.js';
import type { Flown } from './flight-recorder.js';
import type { BudgetLimits } from './question-budget.js';
import type { RefreshTally } from './refresh-ahead.js';
import type { StaleTerms } from './stale.js';

export interface ResolverParts {
  readonly cache: Cache;
  readonly clock: Clock;
  /** Given late: the iterator is made with this resolver as its Lookup. */
  readonly iterate: () => Iterate;
  /** Undefined while validation is off. */
  readonly validator: () => Validator | undefined;
  /** The cache shared with other instances; undefined while there is none. */
  readonly secondLevel: SecondLevel | undefined;
  /** Validated denial records answer for what nobody was asked about (cache.aggressiveNsec). */
  readonly aggressive: boolean;
  /** Findings are validated (dnssec.mode other than off). */
  readonly validates: boolean;
  /** Seconds. */
  readonly maxNegativeTtl: number;
  /** Bogus data is given out all the same (dnssec.mode permissive). */
  readonly permissive: boolean;
  /** Whether names of RFC 8509 tell which root keys are trusted. */
  readonly rootKeySentinel: boolean;
  readonly localZones: LocalZones;
  /** The apex of the deepest stub or forward zone at or above a name; the root when there is none. */
  readonly routedApex: (name: DomainName) => DomainName;
  /** Entries in use are fetched again before their time is over (cache.prefetch). */
  readonly prefetch: boolean;
  readonly serveStale: StaleTerms | false;
  readonly refreshes: RefreshTally;
  readonly staleAnswers: Record<StaleReason, number>;
  readonly limits: BudgetLimits & Pick<Limits, 'waitersPerQuestion' | 'bogusTtl' | 'refreshes' | 'failureTtl'>;
  readonly shadow: ReadonlySet<string>;
  readonly onShadow: (bound: string) => void;
  /** False once another has taken over: what is still under way here is judged and routed as it should be no more. */
  readonly isCurrent: () => boolean;
  /** Told of what was thrown where no client hears of it: a mistake of ours. */
  readonly onBug: (error: unknown) => void;
  /** Told of every resolution that asked the network. */
  readonly landed: (flown: Flown) => void;
}
