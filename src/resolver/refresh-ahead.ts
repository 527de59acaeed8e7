/**
 * Resolutions that no client waits for: entries in use are fetched again before their time is over, stale ones after
 * they were given out, names to be kept warm.
 *
 * Each has a budget of its own, is validated as any other, and joins an equal one under way. What it finds takes the
 * place of the old as any finding does; a failure takes nothing away. DNSKEY, DS and delegations that it needs and that
 * have run out are fetched on its account: so for names in use nobody waits for those either.
 *
 * Bounded three ways: so many at once (limits.refreshes), one of a kind, and a rest before the next, which after failures
 * is that of RFC 9520: with it servers in trouble are asked every half minute at most, as RFC 8767 §5 wants.
 */
import type { Failure } from '../dns/finding.js';
import { questionKey } from '../dns/message.js';
import { type DomainName, nameToText } from '../dns/name.js';
import { typeToText } from '../dns/numbers.js';
import type { Iterated } from '../iterator/iterate.js';
import { REFRESH_CAUSES, type RefreshCause, type RefreshCounts, type RefreshStats } from '../ports/inspection.js';
import type { LookupContext } from '../ports/lookup.js';
import { QuestionBudget } from './question-budget.js';
import type { ResolverParts } from './resolver-parts.js';
import { Rests } from './rests.js';

type Outcome = Iterated | Failure;

/** Names remembered as fetched in vain, or just now: as many as come in half a minute from a busy network. */
const RESTING = 10_000;
/**
 * Milliseconds between two refreshes of one name whatever comes of them: an answer that is kept for as short as before,
 * by a forwarder that counts down, would have it asked for with every hit.
 */
const PAUSE_MS = 1000;

/** What refreshes came to since start; outlives the resolver that a changed configuration replaces. */
export class RefreshTally {
  readonly byCause: Record<RefreshCause, { -readonly [K in keyof RefreshCounts]: number }>;
  inFlight = 0;

  constructor() {
    const zero = (): RefreshCounts => ({ started: 0, succeeded: 0, failed: 0, refused: 0 });
    this.byCause = Object.fromEntries(REFRESH_CAUSES.map((cause) => [cause, zero()])) as RefreshTally['byCause'];
  }

  stats(hits: number): RefreshStats {
    const byCause = Object.fromEntries(REFRESH_CAUSES.map((cause) => [cause, { ...this.byCause[cause] }]));
    return { byCause: byCause as Record<RefreshCause, RefreshCounts>, inFlight: this.inFlight, hits };
  }
}

/** How a name is had from the network; see CachingResolver.iterated. */
export type Iterating = (name: DomainName, type: number, context: LookupContext) => Promise<Outcome>;

export class RefreshAhead {
  readonly #parts: ResolverParts;
  readonly #iterated: Iterating;
  readonly #tally: RefreshTally;
  readonly #running = new Set<string>();
  readonly #resting: Rests;

  constructor(parts: ResolverParts, iterated: Iterating) {
    this.#parts = parts;
    this.#iterated = iterated;
    this.#tally = parts.refreshes;
    this.#resting = new Rests(parts.clock, RESTING);
  }

  /** So many are under way that none more is begun. */
  get isFull(): boolean {
    return this.#running.size >= this.#parts.limits.refreshes;
  }

  /**
   * Fetches a name again, whatever the cache knows of it. Undefined when that is not done: it is under way, it rests, or
   * there are too many. Never rejects.
   */
  start(name: DomainName, type: number, cause: RefreshCause): Promise<Outcome> | undefined {
    const key = questionKey(name, type);
    const { cache, routedApex, isCurrent } = this.#parts;
    if (this.#running.has(key) || this.#resting.has(key) || !isCurrent()) return undefined;
    // RFC 9520 §3.2: the rest after a failure grows with each one.
    if (cache.isFailing(name, type)) return undefined;
    const counts = this.#tally.byCause[cause];
    if (this.isFull) {
      counts.refused++;
      return undefined;
    }
    counts.started++;
    return this.#follow(key, this.#iterated(name, type, this.#context(name, type))).then((outcome) => {
      if (isFailed(outcome)) counts.failed++;
      else {
        counts.succeeded++;
        if (cause !== 'stale') cache.fetchedAhead(name, type, routedApex(name));
      }
      return outcome;
    });
  }

  /** Takes over a resolution whose clients have been answered: it goes on, and counts as one of those under way. */
  adopt(name: DomainName, type: number, outcome: Promise<Outcome>): void {
    const key = questionKey(name, type);
    if (!this.#running.has(key)) void this.#follow(key, outcome);
  }

  async #follow(key: string, running: Promise<Outcome>): Promise<Outcome> {
    this.#running.add(key);
    this.#tally.inFlight++;
    const outcome = await running.catch((error: unknown): Failure => {
      this.#parts.onBug(error);
      return { kind: 'failure', because: [], cacheable: false };
    });
    this.#running.delete(key);
    this.#tally.inFlight--;
    this.#resting.add(key, isFailed(outcome) ? this.#parts.limits.failureTtl * 1000 : PAUSE_MS);
    return outcome;
  }

  #context(name: DomainName, type: number): LookupContext {
    const { limits, shadow, clock, onShadow, validator } = this.#parts;
    return {
      budget: new QuestionBudget(limits, shadow, clock, onShadow),
      trace: undefined,
      flight: undefined,
      depth: 0,
      validate: validator() !== undefined,
      askedFor: `${nameToText(name)} ${typeToText(type)}`,
    };
  }
}

/** Nothing came of it that a client could be given. */
export function isFailed(outcome: Outcome): boolean {
  return outcome.kind === 'failure' || outcome.found.security.kind === 'bogus';
}
