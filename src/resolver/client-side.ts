/** What clients see: local zones, the alias chain name by name, and the shape of the answer. */
import type { ExtendedError } from '../dns/extended-error.js';
import { ExtendedErrorCode } from '../dns/extended-error.js';
import type { Failure, Found } from '../dns/finding.js';
import { type Question, questionKey } from '../dns/message.js';
import { type DomainName, nameToText } from '../dns/name.js';
import { typeToText } from '../dns/numbers.js';
import { Credibility } from '../dns/provenance.js';
import type { Resolution } from '../dns/resolution.js';
import type { Aside, Iterated } from '../iterator/iterate.js';
import type { LookupContext } from '../ports/lookup.js';
import type { ResolveOptions, Resolving } from '../ports/resolver.js';
import type { Trace, TraceEvent } from '../ports/trace.js';
import { AnswerInProgress } from './answer-in-progress.js';
import { QuestionBudget } from './question-budget.js';
import type { ResolverParts } from './resolver-parts.js';
import type { ServeStale, Stale } from './stale.js';
import { isSynthesised, synthesisEvent } from './synthesise.js';

/** How findings for one name are had; see resolve.ts. */
export interface Engine {
  /** `mayFetch`: an entry near its end may be fetched again. */
  knownToClient(name: DomainName, type: number, mayFetch: boolean, clients: number): Found | Failure | undefined;
  known(name: DomainName, type: number): Found | Failure | undefined;
  settle(aside: Aside, context: LookupContext): Promise<Found | undefined>;
  iterated(name: DomainName, type: number, context: LookupContext): Promise<Iterated | Failure>;
  /** What the client gets to see of a whole answer. */
  shown(question: Question, resolution: Resolution, options: ResolveOptions): Resolution;
  /** Undefined when stale data is not given out. */
  readonly stale: ServeStale | undefined;
}

const SHADOW_ALIASES = 100;
export class ClientSide {
  constructor(
    readonly parts: ResolverParts,
    readonly engine: Engine,
  ) {}

  known(question: Question, options: ResolveOptions): Resolution | undefined {
    const begun = this.begin(question, options);
    return typeof begun === 'function' ? undefined : begun;
  }

  /** HOT. What is there, or what fetches the rest; see Resolver. */
  begin(question: Question, options: ResolveOptions): Resolution | Resolving {
    const answer = new AnswerInProgress(
      question,
      this.#maxAliases(),
      options.checkingDisabled || this.parts.permissive,
    );
    const clients = 1 + (options.uncounted ?? 0);
    for (;;) {
      const local = this.parts.localZones.answer(answer.name, question.type);
      if (local !== undefined) {
        const done = answer.addLocal(local);
        if (done !== undefined) return this.engine.shown(question, done, options);
        continue;
      }
      const found = this.engine.knownToClient(answer.name, question.type, options.looksOnly !== true, clients);
      const usable = found !== undefined && this.#mayAnswer(found, options.checkingDisabled) ? found : undefined;
      const link =
        usable?.kind === 'found' ? usable : this.#withoutWaiting(answer.name, question.type, usable, options);
      if (link === undefined) return () => this.#finish(answer, options, this.#context(question, options), true);
      const done = taken(answer, link);
      if (done !== undefined) return this.engine.shown(question, done, options);
    }
  }

  /** What a client gets at once though the cache has nothing fresh: stale data, or the failure remembered. */
  #withoutWaiting(
    name: DomainName,
    type: number,
    failure: Failure | undefined,
    options: ResolveOptions,
  ): Stale | Failure | undefined {
    const { stale } = this.engine;
    if (stale === undefined || options.looksOnly === true) return failure;
    if (failure === undefined) return stale.atOnce(name, type);
    return stale.give(name, type, 'backoff', failure.because) ?? failure;
  }

  resolve(question: Question, options: ResolveOptions): Promise<Resolution> {
    const answer = new AnswerInProgress(
      question,
      this.#maxAliases(),
      options.checkingDisabled || this.parts.permissive,
    );
    options.trace?.({ kind: 'question', name: nameToText(question.name), type: typeToText(question.type) });
    return this.#finish(answer, options, this.#context(question, options), false);
  }

  /** Fills gaps until nothing is missing. @param isMissing the current name is known not to be there */
  async #finish(
    answer: AnswerInProgress,
    options: ResolveOptions,
    context: LookupContext,
    isMissing: boolean,
  ): Promise<Resolution> {
    const { question } = answer;
    const { clock } = this.parts;
    const also = new Asides();
    const started = clock.now();
    for (let missing = isMissing; ; missing = false) {
      const here = also.isEmpty ? undefined : await this.#settled(answer, also, context);
      let done = missing ? 'missing' : this.#fromHere(answer, here, options, context);
      if (done === 'missing') {
        answer.asked = true;
        done = takeFetched(answer, await this.#fetched(answer, context, started), also, context);
      }
      if (done === undefined) continue;
      if (answer.asked) {
        const ms = clock.now() - started;
        this.parts.landed({ question, resolution: done, ms, exchanges: context.budget.used('exchanges') });
      }
      return this.engine.shown(question, done, options);
    }
  }

  /** What a reply said beside what it was asked for, judged; nothing where local zones decide. */
  async #settled(answer: AnswerInProgress, also: Asides, context: LookupContext): Promise<Found | undefined> {
    const { name, question } = answer;
    const aside = also.of(name, question.type);
    if (aside === undefined || this.parts.localZones.answer(name, question.type) !== undefined) return undefined;
    return this.engine.settle(aside, context);
  }

  /** From local zones, what a reply said beside, and the cache; undefined: an alias was followed. */
  #fromHere(
    answer: AnswerInProgress,
    here: Found | undefined,
    options: ResolveOptions,
    context: LookupContext,
  ): Resolution | 'missing' | undefined {
    const { name } = answer;
    const { type } = answer.question;
    const local = this.parts.localZones.answer(name, type);
    if (local !== undefined) {
      context.trace?.({ kind: 'policy', zone: nameToText(local.zone), action: local.kind });
      return answer.addLocal(local);
    }
    const known = here ?? this.engine.known(name, type);
    const usable = known !== undefined && this.#mayAnswer(known, options.checkingDisabled) ? known : undefined;
    traceKnown(context, name, type, usable);
    if (here !== undefined && here === usable) answer.asked = true;
    const atHand = usable?.kind === 'found' ? usable : this.#withoutWaiting(name, type, usable, options);
    return atHand === undefined ? 'missing' : taken(answer, atHand, context.trace);
  }

  /** From the network, or stale once the client has waited long enough since `started` (Clock.now()). */
  #fetched(
    { name, question: { type }, withBogus }: AnswerInProgress,
    context: LookupContext,
    started: number,
  ): Promise<Iterated | Failure | Stale> {
    const running = this.engine.iterated(name, type, context);
    const { stale } = this.engine;
    return stale === undefined ? running : stale.orStale(name, type, running, started, withBogus);
  }

  #maxAliases(): number {
    // A circle is seen at once, so that a bound in shadow mode may give way to a mere safety net.
    return this.parts.shadow.has('aliases') ? SHADOW_ALIASES : this.parts.limits.aliases;
  }

  /** Data fetched for the resolver's own use was never judged: it answers nobody, CD apart. */
  #mayAnswer(known: Found | Failure, checkingDisabled: boolean): boolean {
    if (known.kind === 'failure') return true;
    if (isFromReferral(known)) return false;
    if (checkingDisabled || this.parts.validator() === undefined) return true;
    return known.security.kind !== 'unchecked';
  }

  #context(question: Question, options: ResolveOptions): LookupContext {
    const { limits, shadow, clock, onShadow } = this.parts;
    return {
      budget: new QuestionBudget(limits, shadow, clock, onShadow),
      trace: options.trace,
      flight: undefined,
      depth: 0,
      validate: this.parts.validator() !== undefined,
      askedFor: `${nameToText(question.name)} ${typeToText(question.type)}`,
    };
  }
}

/** A referral's word that there is no DS: it lacks the SOA that a client needs (RFC 2308 §2.2). */
export function isFromReferral({ finding, provenance }: Found): boolean {
  return (
    finding.kind === 'nodata' && finding.soa === undefined && provenance.credibility === Credibility.authorityReferral
  );
}

/** What replies said of names beside those asked for; few have any. */
class Asides {
  #byQuestion: Map<string, Aside> | undefined;

  get isEmpty(): boolean {
    return this.#byQuestion === undefined;
  }

  of(name: DomainName, type: number): Aside | undefined {
    return this.#byQuestion?.get(questionKey(name, type));
  }

  add(aside: Aside): void {
    this.#byQuestion ??= new Map();
    this.#byQuestion.set(questionKey(aside.name, aside.type), aside);
  }
}

/** Puts what the network gave, or came to, into the answer; the whole answer when that ended it. */
function takeFetched(
  answer: AnswerInProgress,
  link: Iterated | Failure | Stale,
  also: Asides,
  { trace }: LookupContext,
): Resolution | undefined {
  switch (link.kind) {
    case 'failure':
      return answer.failed(link.because);
    case 'stale':
      return taken(answer, link, trace);
    case 'iterated':
      for (const aside of link.also) also.add(aside);
      return taken(answer, link.found);
    default:
      return link satisfies never;
  }
}

/** Puts a link that is at hand into the answer; the whole answer when that ended it. */
function taken(answer: AnswerInProgress, link: Found | Failure | Stale, trace?: Trace): Resolution | undefined {
  switch (link.kind) {
    case 'found':
      if (isSynthesised(link)) answer.synthesised = true;
      if (link.isDue) answer.isDue = true;
      return answer.add(link.finding, link.security);
    case 'failure':
      return answer.failed(remembered(link));
    case 'stale':
      trace?.(staleEvent(answer.name, answer.question.type, link));
      return answer.addStale(link);
    default:
      return link satisfies never;
  }
}

function staleEvent(name: DomainName, type: number, { reason, overdue }: Stale): TraceEvent {
  return { kind: 'stale', name: nameToText(name), type: typeToText(type), reason, overdue };
}

/** RFC 8914 §4.14: told that the failure comes from the cache, then why it was. */
function remembered(failure: Failure): ExtendedError[] {
  return [{ code: ExtendedErrorCode.CACHED_ERROR, text: 'failed a moment ago' }, ...failure.because];
}

function traceKnown(context: LookupContext, name: DomainName, type: number, known: Found | Failure | undefined): void {
  const made = known !== undefined && isSynthesised(known);
  context.trace?.({
    kind: 'cache',
    name: nameToText(name),
    type: typeToText(type),
    found: known === undefined || made ? 'nothing' : known.kind === 'failure' ? 'failure' : known.finding.kind,
  });
  if (made) context.trace?.(synthesisEvent(name, type, known));
}
