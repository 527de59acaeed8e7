/**
 * One name and type, from the closest known zone cut to a finding: the loop that follows zone cuts.
 *
 *   delegation -> minimise -> ZoneQuestion (choose server, exchange, scrub, classify) -> act -> again
 *
 * RFC 1034 §5.3.3 with RFC 9156 (minimisation) and RFC 2308 (negative answers). Aliases are findings here; following
 * them is the resolver's loop. Every turn charges the question's budget, so the loop ends.
 * What is found is handed back, not stored: only what was judged may go into the cache. Delegations are stored here.
 * What it leaves out: validation, serving stale data.
 */

import type { Delegation } from '../dns/delegation.js';
import { type ExtendedError, ExtendedErrorCode } from '../dns/extended-error.js';
import type { Failure, Finding, Found } from '../dns/finding.js';
import { type DomainName, isAtOrBelow, isBelow, labelCount, nameToText, parentOf, ROOT } from '../dns/name.js';
import { Type, typeToText } from '../dns/numbers.js';
import { Credibility, type Provenance, type Section } from '../dns/provenance.js';
import { UNCHECKED } from '../dns/security.js';
import { type Continuation, resumedBy } from '../ports/continuation.js';
import type { LookupContext } from '../ports/lookup.js';
import { type ReplyOrigin, type UsefulStep, ZoneQuestion, type ZoneReply } from './ask-zone.js';
import { AskableServers } from './askable-servers.js';
import type { IteratorEnvironment, IteratorParts } from './environment.js';
import { lastResort } from './last-resort.js';
import { minimisedName } from './minimise.js';
import { createPrimer } from './prime.js';
import { signedFindings } from './signed-findings.js';
import { type ConfiguredCut, closestCut, cutFromDelegation, searchStart, type ZoneCut } from './zone-cut.js';

/** A finding for the name asked, and what the same reply said of the names its aliases lead to. */
export interface Iterated {
  readonly kind: 'iterated';
  readonly found: Found;
  readonly also: readonly Aside[];
  /** Whether a recursive server (forwarder) said it, which has no authority to show. */
  readonly recursive: boolean;
}

/** `outside`: of a zone the server was not asked for, to be believed only when it proves itself. */
export interface Aside {
  readonly name: DomainName;
  readonly type: number;
  readonly found: Found;
  readonly outside: boolean;
}

/** `avoid`: servers (keys) whose answer to this question was not to be believed; asked when nobody else is left. */
export type Iterate = (
  name: DomainName,
  type: number,
  context: LookupContext,
  avoid: ReadonlySet<string>,
  waiting: Continuation<Iterated | Failure>,
) => void;

export function createIterator(parts: IteratorParts): Iterate {
  const env = { ...parts, askable: new AskableServers(parts.settings) };
  const prime = createPrimer(env);
  return (name, type, context, avoid, waiting) => new Journey(env, prime, name, type, context, avoid, waiting).begin();
}

/** Another way is tried only when so much is left of the question's time, ms. */
const TIME_FOR_ANOTHER_WAY_MS = 1200;

/** HOT. The state of one resolution on its way down. */
class Journey implements Continuation<ZoneReply> {
  readonly #startedAt: number;
  #cut: ZoneCut | undefined;
  /** Labels of the name known to exist. */
  #known = 0;
  #minimisedSteps = 0;
  #inFull = false;
  /** Cuts entered from the cache may be out of date: after a failure the parent is asked once more. */
  #cutFromCache = false;
  /** The zone whose parent was asked once more. */
  #reasked: DomainName | undefined;
  /** What the last zone asked in vain had to say for itself. */
  #lastFailure: Failure | undefined;
  /** The zone whose servers' addresses were last sought from their parents' side. */
  #lastResort: DomainName | undefined;
  #configured: ConfiguredCut | undefined;
  /** What the servers of the cut are being asked for. */
  #asked: DomainName;

  constructor(
    readonly env: IteratorEnvironment,
    readonly prime: (context: LookupContext) => Promise<ZoneCut>,
    readonly name: DomainName,
    readonly type: number,
    readonly context: LookupContext,
    readonly avoid: ReadonlySet<string>,
    readonly waiting: Continuation<Iterated | Failure>,
  ) {
    this.#startedAt = env.clock.now();
    this.#configured = env.configured;
    this.#asked = name;
  }

  /** Nothing is waited for that is there. */
  begin(): void {
    const primed = this.#enterClosest();
    if (primed === undefined) this.#ask();
    else resumedBy(primed, { resume: () => this.#ask(), fail: (error) => this.fail(error) });
  }

  #ask(): void {
    if (!this.context.budget.charge('referrals')) {
      this.waiting.resume(this.#lastFailure ?? this.#budgetFailure());
      return;
    }
    const cut = this.#cut!;
    this.#asked = this.#nextName(cut);
    const minimised = this.#isMinimised;
    const type = minimised ? Type.A : this.type;
    const question = { name: this.#asked, type, recursive: cut.kind === 'forward', minimised };
    new ZoneQuestion(this.env, cut, question, this.context, this.avoid, this).begin();
  }

  get #isMinimised(): boolean {
    return this.#asked !== this.name;
  }

  resume(reply: ZoneReply): void {
    const cut = this.#cut!;
    const outcome = this.#act(cut, this.#asked, this.#isMinimised, reply);
    if (outcome === 'start-again') this.begin();
    else if (outcome === undefined) this.#ask();
    else if (outcome.kind === 'failure' && this.#hasLastResort(cut)) this.#tryLastResort(cut, outcome);
    else this.waiting.resume(outcome);
  }

  fail(error: unknown): void {
    this.waiting.fail(error);
  }

  /** Enters the closest cut that is known, at once; waits only to learn the root's. */
  #enterClosest(): Promise<void> | undefined {
    const above = this.#reasked && parentOf(this.#reasked);
    const cut =
      above === undefined
        ? closestCut(this.name, this.type, this.env.cache, this.#configured)
        : closestCut(above, Type.NS, this.env.cache, this.#configured);
    if (cut === undefined) return this.prime(this.context).then((primed) => this.#enter(primed, true));
    this.#enter(cut, true);
    return undefined;
  }

  #enter(cut: ZoneCut, fromCache: boolean): void {
    this.#cut = cut;
    this.#cutFromCache = fromCache && cut.kind === 'referral' && cut.zone !== ROOT;
    this.#known = Math.max(this.#known, labelCount(cut.zone));
    this.#inFull = false;
    this.context.trace?.({
      kind: 'delegation',
      zone: nameToText(cut.zone),
      servers: cut.fixed.length > 0 ? cut.fixed.map((s) => s.key) : cut.servers.map((s) => nameToText(s.name)),
      from: fromCache ? (cut.kind === 'referral' ? 'cache' : cut.kind) : 'referral',
    });
  }

  #nextName(cut: ZoneCut): DomainName {
    const { minimisation, maxMinimised } = this.env.settings;
    if (minimisation === 'off' || cut.kind === 'forward' || this.#inFull) return this.name;
    this.#known = Math.max(this.#known, labelCount(cut.zone));
    for (;;) {
      const asked = minimisedName(this.name, this.#known, this.#minimisedSteps, maxMinimised);
      if (asked === this.name || !this.#isKnownToExist(asked)) return asked;
      this.#known = labelCount(asked);
    }
  }

  #isKnownToExist(name: DomainName): boolean {
    const kind = this.env.cache.find(name, Type.A)?.finding.kind;
    return kind === 'answer' || kind === 'nodata';
  }

  /** Once for a zone cut whose servers were of no use, before that is its failure. */
  #hasLastResort(cut: ZoneCut): boolean {
    return this.#lastResort !== cut.zone && this.context.budget.timeLeft() >= TIME_FOR_ANOTHER_WAY_MS;
  }

  #tryLastResort(cut: ZoneCut, failure: Failure): void {
    this.#lastResort = cut.zone;
    resumedBy(lastResort(this.env, cut, this.context), {
      resume: (other) => {
        if (other === undefined) return this.waiting.resume(failure);
        this.#enter(other, false);
        this.#ask();
      },
      fail: (error) => this.fail(error),
    });
  }

  /** Acts on what the zone's servers said; undefined means: go on. */
  #act(
    cut: ZoneCut,
    asked: DomainName,
    minimised: boolean,
    reply: ZoneReply,
  ): Iterated | Failure | 'start-again' | undefined {
    switch (reply.kind) {
      case 'ask-in-full':
        this.#inFull = true;
        return undefined;
      case 'failed':
        return this.#afterFailure(cut, minimised, reply);
      case 'step':
        if (minimised) this.#minimisedSteps++;
        return this.#actOnStep(cut, asked, minimised, reply.step, reply.from);
      default:
        return reply satisfies never;
    }
  }

  #actOnStep(
    cut: ZoneCut,
    asked: DomainName,
    minimised: boolean,
    step: UsefulStep,
    from: ReplyOrigin,
  ): Iterated | Failure | undefined {
    switch (step.kind) {
      case 'referral':
        return this.#follow(cut, step.delegation, from);
      case 'alias':
        if (!minimised) return this.#finish(step, from);
        // Below a DNAME or beside an alias the whole name decides.
        this.#inFull = true;
        return undefined;
      case 'finding':
        if (!minimised) return this.#finish(step, from);
        return this.#afterMinimised(asked, step.finding, from);
      default:
        return step satisfies never;
    }
  }

  #afterMinimised(asked: DomainName, finding: Finding, from: ReplyOrigin): Iterated | Failure | undefined {
    this.#known = labelCount(asked);
    if (finding.kind !== 'nxdomain') {
      this.#store(asked, Type.A, finding, from);
      return undefined;
    }
    if (this.env.settings.minimisation === 'strict') {
      this.#store(asked, Type.A, finding, from);
      return this.#iterated(finding, from, []);
    }
    // Some servers deny empty non-terminals: the whole name is asked before the denial is believed.
    this.#inFull = true;
    return undefined;
  }

  /** A referral must lead down, towards the name (RFC 1034 §5.3.3 step 4.b); scrub saw to the first half. */
  #follow(cut: ZoneCut, delegation: Delegation, from: ReplyOrigin): Failure | undefined {
    const start = searchStart(this.name, this.type);
    if (!isBelow(delegation.zone, cut.zone) || !isAtOrBelow(start, delegation.zone)) {
      return this.#failure([
        {
          code: ExtendedErrorCode.INVALID_DATA,
          text: `${from.server} refers from ${nameToText(cut.zone)} to ${nameToText(delegation.zone)}, which leads nowhere`,
        },
      ]);
    }
    if (this.env.mayKeep(delegation.zone, this.context)) {
      const provenance = this.#provenance(from, 'authority', Credibility.authorityReferral);
      const parentTtl = cut.kind === 'referral' ? cut.ttl : delegation.ttl;
      this.env.cache.storeDelegation(delegation, cut.zone, parentTtl, provenance);
    }
    this.#enter(cutFromDelegation({ ...delegation, ttl: Math.min(delegation.ttl, cut.ttl) }, 'referral'), false);
    return undefined;
  }

  #finish(step: Extract<UsefulStep, { kind: 'finding' | 'alias' }>, from: ReplyOrigin): Iterated {
    if (step.kind === 'finding') {
      return this.#iterated(step.finding, from, []);
    }
    return this.#finishChain(step, from);
  }

  /**
   * Links of one zone are its word; a link whose owner lies below a deeper known cut is left for that zone's servers,
   * unless it comes with what proves it: many servers have both ends of an alias.
   */
  #finishChain(step: Extract<UsefulStep, { kind: 'alias' }>, from: ReplyOrigin): Iterated {
    const [first, ...rest] = step.chain;
    const also: Aside[] = [];
    let at = first.target;
    for (const finding of [...rest, ...(step.end === undefined ? [] : [step.end])]) {
      if (!this.#isZonesWord(at)) break;
      also.push({ name: at, type: this.type, found: this.#found(finding, from), outside: false });
      if (finding.kind !== 'alias') return this.#iterated(first, from, also);
      at = finding.target;
    }
    const signed = this.env.settings.dnssecOk ? signedFindings(this.env, from.message, at, this.type) : [];
    for (const { name, finding } of signed) {
      if (!this.#isRoutedAlike(name)) break;
      also.push({ name, type: this.type, found: this.#found(finding, from), outside: true });
    }
    return this.#iterated(first, from, also);
  }

  #isZonesWord(name: DomainName): boolean {
    const cut = this.#cut!;
    const closest = closestCut(name, this.type, this.env.cache, this.#configured);
    return closest === undefined || closest.zone.length <= cut.zone.length;
  }

  /**
   * Whether the name is reached by the same route as the zone asked. What stub and forward zones hold is for their
   * servers to say: elsewhere there may be another version of the zone, signed as well (CVE-2026-44687).
   */
  #isRoutedAlike(name: DomainName): boolean {
    const { configured } = this.env;
    return configured?.(searchStart(name, this.type))?.zone === configured?.(this.#cut!.zone)?.zone;
  }

  #afterFailure(
    cut: ZoneCut,
    minimised: boolean,
    reply: Extract<ZoneReply, { kind: 'failed' }>,
  ): Failure | 'start-again' | undefined {
    if (reply.spent) return { ...this.#failure(reply.because), cacheable: false };
    const time = this.context.budget.timeLeft() > TIME_FOR_ANOTHER_WAY_MS;
    // Servers may be silent to, or refuse, what they do not expect to be asked.
    if (minimised && time && this.env.settings.minimisation !== 'strict') {
      this.#inFull = true;
      return undefined;
    }
    this.#lastFailure = { kind: 'failure', because: reply.because, cacheable: reply.cacheable };
    if (cut.fallback) {
      this.#configured = undefined;
      return 'start-again';
    }
    if (this.#cutFromCache && this.#reasked === undefined && time && this.env.book.takeReask(cut.zone)) {
      // The delegation may have changed since it was learnt: the parent is asked once for its latest word. Until that is
      // heard the old one stands, and with it the glue that others may need.
      this.#reasked = cut.zone;
      this.#known = 0;
      return 'start-again';
    }
    return { ...this.#failure(reply.because), cacheable: reply.cacheable };
  }

  /** What was learnt on the way, beside the question. With validation on it would have to be judged first: it is not kept. */
  #store(name: DomainName, type: number, finding: Finding, from: ReplyOrigin): void {
    if (this.env.settings.dnssecOk || !this.env.mayKeep(name, this.context)) return;
    const { security, provenance } = this.#found(finding, from);
    this.env.cache.storeFinding(name, type, finding, security, provenance);
  }

  #found(finding: Finding, from: ReplyOrigin): Found {
    const negative = finding.kind === 'nodata' || finding.kind === 'nxdomain';
    const credibility = from.authoritative
      ? negative
        ? Credibility.authorityAuthoritative
        : Credibility.answerAuthoritative
      : Credibility.answerNonAuthoritative;
    const provenance = this.#provenance(from, negative ? 'authority' : 'answer', credibility);
    return { kind: 'found', finding: this.env.cache.clamped(finding), security: UNCHECKED, provenance };
  }

  #iterated(finding: Finding, from: ReplyOrigin, also: Iterated['also']): Iterated {
    // The parent answered itself where it used to refer.
    if (this.#reasked !== undefined && isBelow(this.#reasked, this.#cut!.zone)) {
      this.env.cache.dropDelegation(this.#reasked);
    }
    return { kind: 'iterated', found: this.#found(finding, from), also, recursive: this.#cut!.kind === 'forward' };
  }

  #provenance(from: ReplyOrigin, section: Section, credibility: Credibility): Provenance {
    return {
      server: from.server,
      transport: from.transport,
      section,
      credibility,
      askedFor: this.context.askedFor,
      costMs: Math.round(this.env.clock.now() - this.#startedAt),
      costExchanges: this.context.budget.used('exchanges'),
    };
  }

  #failure(because: readonly ExtendedError[]): Failure {
    this.context.trace?.({ kind: 'failure', because: because[0]?.text ?? '' });
    return { kind: 'failure', because, cacheable: true };
  }

  #budgetFailure(): Failure {
    const bound = this.context.budget.exhausted ?? 'the work allowed for one question is spent';
    const text = `${nameToText(this.name)} ${typeToText(this.type)}: ${bound}`;
    return { ...this.#failure([{ code: ExtendedErrorCode.OTHER, text }]), cacheable: false };
  }
}
