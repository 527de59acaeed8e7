/**
 * The whole answer to one client question: the loop that fills gaps until nothing is missing.
 *
 *   local zones -> cache -> failures remembered -> shared cache -> iterate; then the next name of the alias chain, the same again
 *
 * `known` does it synchronously from what is there; `resolve` waits for what is missing; `find` is the same for one
 * name without aliases and is what iterator and validator are handed as Lookup. All charge one budget a question.
 */

import type { CachedFound } from '../cache/cached-found.js';
import type { Delegation } from '../dns/delegation.js';
import { ExtendedErrorCode } from '../dns/extended-error.js';
import { type Failure, type Finding, type Found, withTtlWithin } from '../dns/finding.js';
import { type Question, questionKey } from '../dns/message.js';
import { type DomainName, nameToText, ROOT } from '../dns/name.js';
import { Type, typeToText } from '../dns/numbers.js';
import { Credibility, type Provenance } from '../dns/provenance.js';
import type { Resolution } from '../dns/resolution.js';
import { UNCHECKED } from '../dns/security.js';
import type { Aside, Iterated } from '../iterator/iterate.js';
import { searchStart } from '../iterator/zone-cut.js';
import type { WorkBudget } from '../ports/budget.js';
import type { CacheFilter } from '../ports/inspection.js';
import type { Flight, Lookup, LookupContext } from '../ports/lookup.js';
import type { ResolveOptions, Resolver, Resolving } from '../ports/resolver.js';
import { ClientSide, isFromReferral } from './client-side.js';
import { type Boarding, Flights } from './flights.js';
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
  /** Resolutions without a client. */
  readonly refreshes: RefreshAhead;
  readonly stale: ServeStale | undefined;

  constructor(parts: ResolverParts) {
    this.#parts = parts;
    this.#synthesis = parts.validates ? new Synthesis(parts) : undefined;
    this.#flights = new Flights(parts.limits.waitersPerQuestion);
    this.refreshes = new RefreshAhead(parts, (name, type, context) => this.iterated(name, type, context));
    this.stale = parts.serveStale ? new ServeStale(parts, parts.serveStale, this.refreshes) : undefined;
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

  /** Whether what a resolution learnt of a name is worth keeping: not flushed since it began, by the rules of now. */
  mayKeep(name: DomainName, { flight }: LookupContext): boolean {
    return this.#parts.isCurrent() && (flight === undefined || !this.#flights.isOutdated(flight.begun, name));
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
    const outcome = await this.iterated(name, type, context, true);
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

  /**
   * From the shared cache or the network, joined with an equal resolution under way. @param referralWillDo DS may be what
   * the referral said, which is without SOA and no reply for a client (RFC 2308 §2.2)
   */
  iterated(
    name: DomainName,
    type: number,
    context: LookupContext,
    referralWillDo = false,
  ): Promise<Iterated | Failure> {
    return this.#boarded(name, type, context, { referralWillDo, fromNetwork: false });
  }

  #boarded(
    name: DomainName,
    type: number,
    context: LookupContext,
    { referralWillDo, fromNetwork }: { readonly referralWillDo: boolean; readonly fromNetwork: boolean },
  ): Promise<Iterated | Failure> {
    const ownDs = referralWillDo && type === Type.DS && context.validate;
    // Joined with others it might be given what lay in the shared cache.
    const apart = fromNetwork && this.#parts.secondLevel !== undefined ? 'n' : '';
    const key = `${context.validate ? 'v' : 'u'}${ownDs ? 'r' : ''}${apart}${questionKey(name, type)}`;
    const fly = (flight: Flight) => this.#fly(name, type, context, flight, ownDs, fromNetwork);
    const boarding = this.#flights.board(key, name, context.flight, fly);
    switch (boarding.kind) {
      case 'circle':
        return Promise.resolve(turnedAway(`${nameToText(name)} ${typeToText(type)} is needed to find itself`));
      case 'crowded':
        return Promise.resolve(
          turnedAway(`${nameToText(name)} ${typeToText(type)} is being asked for by too many already`),
        );
      case 'flying':
        return boarding.joined
          ? orOwn(boarding.outcome, context, () => this.#flights.board(key, name, context.flight, fly))
          : boarding.outcome;
      default:
        return boarding satisfies never;
    }
  }

  async #fly(
    name: DomainName,
    type: number,
    context: LookupContext,
    flight: Flight,
    ownDs: boolean,
    fromNetwork: boolean,
  ): Promise<Iterated | Failure> {
    const inside = inFlight(context, flight);
    const untouched = context.budget.used('signatures') + context.budget.used('nsec3Hashes') === 0;
    const proven = ownDs ? await this.#dsFromReferral(name, inside) : undefined;
    if (proven !== undefined) return proven;
    const shares = !fromNetwork && this.#parts.secondLevel !== undefined;
    const shared = shares ? await this.#shared(name, type, inside, ownDs) : undefined;
    if (shared !== undefined) return shared;
    let avoid: Set<string> | undefined;
    for (;;) {
      const outcome = await this.#parts.iterate()(name, type, inside, avoid ?? NOBODY);
      if (outcome.kind === 'failure') {
        // Better the referral's word, without SOA, than none.
        const told = type === Type.DS && context.validate ? await this.#dsFromReferral(name, inside) : undefined;
        if (told !== undefined) return told;
        if (outcome.cacheable) this.#storeFailure(name, type, outcome.because, inside);
        return outcome;
      }
      // HOT: without validation nothing is judged, and nothing waited for.
      const judged = context.validate ? await this.#judge(name, type, outcome.found, inside) : outcome.found;
      const found = untouched ? this.#blamed(judged, context) : judged;
      const iterated = found === outcome.found ? outcome : { ...outcome, found };
      if (isPassing(iterated)) return iterated;
      const { server } = found.provenance;
      // RFC 4035 §4.7 and field practice: one server's bad data is not the zone's, others are asked before it is believed.
      const baseless = !outcome.recursive && isBaseless(found, type);
      const doubted = baseless || (found.security.kind === 'bogus' && !this.#checksSpent(context));
      avoid ??= doubted ? new Set() : undefined;
      if (doubted && avoid !== undefined && avoid.size < MAX_AVOIDED && !avoid.has(server)) {
        avoid.add(server);
        continue;
      }
      if (baseless) return this.#rejected(name, type, server, inside);
      this.#store(name, type, found, inside);
      return iterated;
    }
  }

  #rejected(name: DomainName, type: number, server: string, context: LookupContext): Failure {
    const question = `${nameToText(name)} ${typeToText(type)}`;
    const text = `${server} has no authority over ${question} and no proof that there is none`;
    const because = [{ code: ExtendedErrorCode.NOT_AUTHORITATIVE, text }];
    this.#storeFailure(name, type, because, context);
    return { kind: 'failure', because, cacheable: true };
  }

  #storeFailure(name: DomainName, type: number, because: Failure['because'], context: LookupContext): void {
    const { cache } = this.#parts;
    if (this.mayKeep(name, context)) cache.storeFailure(name, type, because, failureOrigin(context));
  }

  /**
   * The referral to a zone brought its DS, or the proof that there is none (RFC 4035 §3.1.4): nobody need be asked, when
   * it holds.
   */
  async #dsFromReferral(name: DomainName, context: LookupContext): Promise<Iterated | undefined> {
    const type = Type.DS;
    const delegation = this.#parts.cache.delegationOf(name);
    const finding = delegation && dsFinding(delegation);
    if (finding === undefined) return undefined;
    const provenance = {
      ...failureOrigin(context),
      section: 'authority',
      credibility: Credibility.authorityReferral,
    } as const;
    const told = { kind: 'found', finding, security: UNCHECKED, provenance } as const;
    const judged = await this.#judge(name, type, told, context);
    if (judged.security.kind !== 'secure' && judged.security.kind !== 'insecure') return undefined;
    const found = judged.security.kind === 'secure' && judged.finding.kind === 'answer' ? asAnswer(judged) : judged;
    this.#store(name, type, found, context);
    return { kind: 'iterated', found, also: [], recursive: false };
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

  /** What used up the checks of a whole question by itself would do so again: it is bogus, and remembered. */
  #blamed(found: Found, context: LookupContext): Found {
    if (found.security.kind !== 'bogus' || !found.security.passing || !this.#checksSpent(context)) return found;
    const { because, ede } = found.security;
    return {
      kind: 'found',
      finding: found.finding,
      security: { kind: 'bogus', because, ede },
      provenance: found.provenance,
    };
  }

  #checksSpent({ budget }: LookupContext): boolean {
    const { signatures, nsec3Hashes } = this.#parts.limits;
    return budget.used('signatures') > signatures || budget.used('nsec3Hashes') > nsec3Hashes;
  }

  /**
   * Judges and stores what a reply said beside the answer to the question. Undefined when that is not to be believed: it
   * was not asked for, so asking for it comes before calling the zone's data bogus.
   */
  async settle({ name, type, found, outside }: Aside, context: LookupContext): Promise<Found | undefined> {
    const judged = await this.#judge(name, type, found, context);
    if (outside ? judged.security.kind !== 'secure' : judged.security.kind === 'bogus') return undefined;
    this.#store(name, type, judged, context);
    return judged;
  }

  async #judge(name: DomainName, type: number, found: Found, context: LookupContext): Promise<Found> {
    const validator = context.validate ? this.#parts.validator() : undefined;
    if (validator === undefined) return found;
    const { finding, security, learnt } = await validator.judge(name, type, found.finding, context);
    // Denial records speak of other names too, any of which may have been flushed.
    const stands = context.flight === undefined || !this.#flights.isFlushedSince(context.flight.begun);
    if (learnt !== undefined && stands && this.#parts.isCurrent()) this.#synthesis?.learn(learnt, found.provenance);
    return { kind: 'found', finding, security, provenance: found.provenance };
  }

  #store(name: DomainName, type: number, found: Found, context: LookupContext): void {
    const { cache, limits } = this.#parts;
    if (!this.mayKeep(name, context)) return;
    const { security } = found;
    if (security.kind === 'bogus' && this.#standsAgainst(name, type)) {
      cache.storeFailure(name, type, [security.ede], found.provenance);
      return;
    }
    // RFC 4035 §4.7: bogus data is kept for a short while only.
    const finding = found.security.kind === 'bogus' ? withTtlWithin(found.finding, limits.bogusTtl) : found.finding;
    // The zone above a routed one may deny the name; what it says holds for DS, which is its own (CVE-2026-44687).
    const routed =
      type === Type.DS && finding.kind === 'nxdomain' && this.#parts.routedApex(name) === name && name !== ROOT;
    cache.storeFinding(name, type, routed ? { ...finding, kind: 'nodata' } : finding, found.security, found.provenance);
  }

  /**
   * Whether there is something better than bogus data to give out, in its time or past it: then the bogus data is a
   * failed attempt, remembered as one, and takes the place of nothing.
   */
  #standsAgainst(name: DomainName, type: number): boolean {
    const { cache, routedApex } = this.#parts;
    const held = cache.find(name, type, routedApex(searchStart(name, type)))?.security.kind;
    if (held !== undefined) return held !== 'bogus' && held !== 'unchecked';
    return this.stale?.holds(name, type) === true;
  }
}

/** Signed DS are the zone's word wherever they stand. As mere referral data they would be verified for every question. */
function asAnswer({ finding, security, provenance }: Found): Found {
  return {
    kind: 'found',
    finding,
    security,
    provenance: { ...provenance, credibility: Credibility.answerNonAuthoritative },
  };
}

function dsFinding({ ds, denial }: Delegation): Finding | undefined {
  if (ds !== undefined) return { kind: 'answer', rrset: ds };
  return denial.length === 0 ? undefined : { kind: 'nodata', soa: undefined, proof: denial };
}

const NOBODY: ReadonlySet<string> = new Set();

/** The context of what a flight causes. */
function inFlight({ budget, trace, depth, validate, askedFor }: LookupContext, flight: Flight): LookupContext {
  return { budget, trace, flight, depth, validate, askedFor };
}

/** Another question's spent budget is not ours: with our own there may still be an answer. */
async function orOwn(
  others: Promise<Iterated | Failure>,
  { budget }: LookupContext,
  board: () => Boarding<Iterated | Failure>,
): Promise<Iterated | Failure> {
  const outcome = await others;
  if (!isPassing(outcome) || budget.timeLeft() === 0) return outcome;
  const again = board();
  return again.kind === 'flying' ? again.outcome : outcome;
}

/** Servers whose bogus answer to one question is not believed before another was asked. */
const MAX_AVOIDED = 2;

/** Whether the question, not what it is about, is to blame: nothing to remember, and worth another try by another. */
function isPassing(outcome: Iterated | Failure): boolean {
  if (outcome.kind === 'failure') return !outcome.cacheable;
  const { security } = outcome.found;
  return security.kind === 'bogus' && security.passing === true;
}

/**
 * A denial without SOA from a server without authority (no AA) rests on its proof alone (RFC 2308 §2.2, RFC 2181
 * §5.4.1); in a zone where nothing is proved it rests on nothing. DS is the parent's, whose word may be in a referral.
 */
function isBaseless({ finding, security, provenance }: Found, type: number): boolean {
  return (
    type !== Type.DS &&
    finding.kind === 'nodata' &&
    finding.soa === undefined &&
    finding.proof.length > 0 &&
    provenance.credibility < Credibility.authorityAuthoritative &&
    (security.kind === 'insecure' || security.kind === 'indeterminate')
  );
}

function isJudged(known: Found | Failure, context: LookupContext): boolean {
  return known.kind === 'failure' || !context.validate || known.security.kind !== 'unchecked';
}

function turnedAway(text: string): Failure {
  return { kind: 'failure', because: [{ code: ExtendedErrorCode.OTHER, text }], cacheable: false };
}

function failureOrigin(context: LookupContext): Provenance {
  return {
    server: '',
    transport: 'local',
    section: 'answer',
    credibility: Credibility.additional,
    askedFor: context.askedFor,
    costMs: 0,
    costExchanges: context.budget.used('exchanges'),
  };
}
