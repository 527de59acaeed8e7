/**
 * The whole answer to one client question: the loop that fills gaps until nothing is missing.
 *
 *   local zones -> cache -> failures remembered -> shared cache -> iterate; then the next name of the alias chain, the same again
 *
 * `known` does it synchronously from what is there; `resolve` waits for what is missing; `find` is the same for one
 * name without aliases and is what iterator and validator are handed as Lookup. All charge one budget a question.
 */

import type { CachedFound } from '../cache/cached-found.js';
import { ExtendedErrorCode } from '../dns/extended-error.js';
import type { Failure, Found } from '../dns/finding.js';
import { type Question, questionKey } from '../dns/message.js';
import { type DomainName, nameToText, ROOT } from '../dns/name.js';
import { Type, typeToText } from '../dns/numbers.js';
import type { Resolution } from '../dns/resolution.js';
import type { Aside, Iterated } from '../iterator/iterate.js';
import { searchStart } from '../iterator/zone-cut.js';
import type { WorkBudget } from '../ports/budget.js';
import { type Continuation, promised, resumedBy } from '../ports/continuation.js';
import type { CacheFilter } from '../ports/inspection.js';
import type { Flight, Lookup, LookupContext } from '../ports/lookup.js';
import type { ResolveOptions, Resolver, Resolving } from '../ports/resolver.js';
import { ClientSide, isFromReferral } from './client-side.js';
import { Fetching, isPassing } from './fetching.js';
import { FindingKeeper } from './finding-keeper.js';
import { Flights, type TurnedAway } from './flights.js';
import { answerSentinel } from './key-sentinel.js';
import { RefreshAhead } from './refresh-ahead.js';
import type { ResolverParts } from './resolver-parts.js';
import { ServeStale } from './stale.js';
import { Synthesis } from './synthesise.js';

export class CachingResolver implements Resolver, Lookup {
  readonly #parts: ResolverParts;
  readonly #flights: Flights<Iterated | Failure>;
  readonly #client: ClientSide;
  readonly #synthesis: Synthesis | undefined;
  readonly #keeper: FindingKeeper;
  /** Resolutions without a client. */
  readonly refreshes: RefreshAhead;
  readonly stale: ServeStale | undefined;

  constructor(parts: ResolverParts) {
    this.#parts = parts;
    this.#synthesis = parts.validates ? new Synthesis(parts) : undefined;
    this.#flights = new Flights(parts.limits.waitersPerQuestion);
    this.refreshes = new RefreshAhead(parts, (name, type, context) =>
      promised((waiting) => this.iterated(name, type, context, waiting)),
    );
    this.stale = parts.serveStale ? new ServeStale(parts, parts.serveStale, this.refreshes) : undefined;
    this.#keeper = new FindingKeeper({ parts, flights: this.#flights, synthesis: this.#synthesis, stale: this.stale });
    this.#client = new ClientSide(parts, this);
  }

  /** Resolutions under way. */
  get inFlight(): number {
    return this.#flights.size;
  }

  // Two faces of `known` meet here: a question (Resolver) and a name with its type (Lookup).
  known(question: Question, options: ResolveOptions): Resolution | undefined;
  known(name: DomainName, type: number): Found | Failure | undefined;
  known(first: Question | DomainName, second: ResolveOptions | number): Resolution | Found | Failure | undefined {
    if (typeof first === 'string') return this.#fromCache(first, second as number);
    return this.#client.known(first, second as ResolveOptions);
  }

  begin(question: Question, options: ResolveOptions): Resolution | Resolving {
    return this.#client.begin(question, options);
  }

  resolve(question: Question, options: ResolveOptions): Promise<Resolution> {
    return this.#client.resolve(question, options);
  }

  shown(question: Question, resolution: Resolution, options: ResolveOptions): Resolution {
    const { rootKeySentinel, validator } = this.#parts;
    if (!rootKeySentinel || options.checkingDisabled) return resolution;
    return answerSentinel(question, resolution, () => validator()?.anchors.tagsAt(ROOT) ?? []);
  }

  /** The cache was flushed: what was asked for before that is not kept, and nobody joins in waiting for it. */
  flushed(filter: CacheFilter): void {
    this.#flights.flushed(filter);
  }

  mayKeep(name: DomainName, context: LookupContext): boolean {
    return this.#keeper.mayKeep(name, context);
  }

  /** What a reply said beside the answer to the question; see FindingKeeper. */
  settle(aside: Aside, context: LookupContext): Promise<Found | undefined> {
    return this.#keeper.settle(aside, context);
  }

  async find(name: DomainName, type: number, context: LookupContext): Promise<Found | Failure> {
    const known = this.#fromCache(name, type, context.budget);
    if (known !== undefined && isJudged(known, context)) {
      this.#synthesis?.count(known);
      return known;
    }
    const shown =
      type === Type.DS && context.validate ? this.#synthesis?.cutWithoutDs(name, context.budget) : undefined;
    if (shown !== undefined) return shown;
    const outcome = await this.#boarded(name, type, context, { referralWillDo: true, fromNetwork: false });
    return outcome.kind === 'iterated' ? outcome.found : outcome;
  }

  async refetch(name: DomainName, type: number, context: LookupContext): Promise<Found | Failure> {
    const outcome = await this.#boarded(name, type, context, { referralWillDo: false, fromNetwork: true });
    return outcome.kind === 'iterated' ? outcome.found : outcome;
  }

  /** HOT. From the cache for a client: counted as its hit or miss. */
  knownToClient(name: DomainName, type: number, mayFetch: boolean, clients: number): Found | Failure | undefined {
    const { cache, routedApex, prefetch } = this.#parts;
    const found = cache.findCounted(name, type, routedApex(searchStart(name, type)), clients);
    if (found !== undefined) {
      if (found.isDue && prefetch && mayFetch) this.#prefetch(found, type);
      return found;
    }
    const made = this.#synthesis?.find(name, type);
    if (made === undefined) return cache.findFailure(name, type);
    this.#synthesis?.count(made);
    return made;
  }

  /** Of a DNAME or a name error above the name asked for, that one is fetched: not each name below it. */
  #prefetch({ finding, owner }: CachedFound, type: number): void {
    const made = (finding.kind === 'alias' && finding.dname !== undefined) || finding.kind === 'too-long';
    void this.refreshes.start(owner, made ? Type.DNAME : type, 'prefetch');
  }

  #fromCache(name: DomainName, type: number, budget?: WorkBudget): Found | Failure | undefined {
    const { cache, routedApex } = this.#parts;
    const found = cache.find(name, type, routedApex(searchStart(name, type)));
    return found ?? this.#synthesis?.find(name, type, budget) ?? cache.findFailure(name, type);
  }

  /** From the shared cache or the network, joined with an equal resolution under way. */
  iterated(name: DomainName, type: number, context: LookupContext, waiting: Continuation<Iterated | Failure>): void {
    this.#board(name, type, context, BY_DEFAULT, waiting);
  }

  #boarded(name: DomainName, type: number, context: LookupContext, wish: Wish): Promise<Iterated | Failure> {
    return promised((waiting) => this.#board(name, type, context, wish, waiting));
  }

  #board(
    name: DomainName,
    type: number,
    context: LookupContext,
    { referralWillDo, fromNetwork }: Wish,
    waiting: Continuation<Iterated | Failure>,
  ): void {
    const flights = this.#flights;
    const ownDs = referralWillDo && type === Type.DS && context.validate;
    // Joined with others it might be given what lay in the shared cache.
    const apart = fromNetwork && this.#parts.secondLevel !== undefined ? 'n' : '';
    const key = `${context.validate ? 'v' : 'u'}${ownDs ? 'r' : ''}${apart}${questionKey(name, type)}`;
    const fly = (flight: Flight, landing: Continuation<Iterated | Failure>): void =>
      this.#fly(name, type, context, { flight, ownDs, fromNetwork }, landing);
    if (!flights.mayJoin(key, name)) {
      flights.start(key, context.flight, fly, waiting);
      return;
    }
    // Another question's spent budget is not ours: with our own there may still be an answer.
    const orOwn: Continuation<Iterated | Failure> = {
      resume: (outcome) => {
        if (!isPassing(outcome) || context.budget.timeLeft() === 0) waiting.resume(outcome);
        else if (!flights.mayJoin(key, name)) flights.start(key, context.flight, fly, waiting);
        else if (flights.join(key, context.flight, waiting) !== undefined) waiting.resume(outcome);
      },
      fail: (error) => waiting.fail(error),
    };
    const away = flights.join(key, context.flight, orOwn);
    if (away !== undefined) waiting.resume(turnedAway(away, name, type));
  }

  #fly(
    name: DomainName,
    type: number,
    context: LookupContext,
    { flight, ownDs, fromNetwork }: FlightPlan,
    waiting: Continuation<Iterated | Failure>,
  ): void {
    const inside = inFlight(context, flight);
    const fetching = new Fetching(this.#parts.iterate(), this.#keeper, name, type, inside, waiting);
    const shares = !fromNetwork && this.#parts.secondLevel !== undefined;
    // HOT: nothing is waited for that cannot be there.
    if (!ownDs && !shares) fetching.begin();
    else {
      resumedBy(this.#elsewhere(name, type, inside, ownDs, shares), {
        resume: (found) => (found === undefined ? fetching.begin() : waiting.resume(found)),
        fail: (error) => waiting.fail(error),
      });
    }
  }

  /** From the referral or from another instance, so that no server need be asked. */
  async #elsewhere(
    name: DomainName,
    type: number,
    context: LookupContext,
    ownDs: boolean,
    shares: boolean,
  ): Promise<Iterated | undefined> {
    const proven = ownDs ? await this.#keeper.dsFromReferral(name, context) : undefined;
    if (proven !== undefined) return proven;
    return shares ? this.#shared(name, type, context, ownDs) : undefined;
  }

  /** What another instance found: looked up here again, since it may have come as any kind of entry. */
  async #shared(name: DomainName, type: number, context: LookupContext, ownDs: boolean): Promise<Iterated | undefined> {
    const { secondLevel } = this.#parts;
    const fetching = secondLevel?.fetch(name, type, context);
    if (fetching === undefined || !(await fetching)) return undefined;
    const found = this.#fromCache(name, type, context.budget);
    if (found?.kind !== 'found' || !isJudged(found, context) || (!ownDs && isFromReferral(found))) return undefined;
    secondLevel?.countAnswer();
    return { kind: 'iterated', found, also: [], recursive: false };
  }
}

/** What may be given in place of what the zone's servers say now. */
interface Wish {
  /** DS may be what the referral said, which is without SOA and no reply for a client (RFC 2308 §2.2). */
  readonly referralWillDo: boolean;
  /** Nothing that lies in the shared cache. */
  readonly fromNetwork: boolean;
}

const BY_DEFAULT: Wish = { referralWillDo: false, fromNetwork: false };

/** What is particular about one flight. */
interface FlightPlan {
  readonly flight: Flight;
  /** DS may be what the referral said. */
  readonly ownDs: boolean;
  readonly fromNetwork: boolean;
}

/** The context of what a flight causes. */
function inFlight({ budget, trace, depth, validate, askedFor }: LookupContext, flight: Flight): LookupContext {
  return { budget, trace, flight, depth, validate, askedFor };
}

function isJudged(known: Found | Failure, context: LookupContext): boolean {
  return known.kind === 'failure' || !context.validate || known.security.kind !== 'unchecked';
}

function turnedAway(why: TurnedAway, name: DomainName, type: number): Failure {
  const what = why === 'circle' ? 'needed to find itself' : 'being asked for by too many already';
  const text = `${nameToText(name)} ${typeToText(type)} is ${what}`;
  return { kind: 'failure', because: [{ code: ExtendedErrorCode.OTHER, text }], cacheable: false };
}
