/** What clients see: local zones, the alias chain name by name, and the shape of the answer. */
import type { ExtendedError } from '../dns/extended-error.js';
import { ExtendedErrorCode } from '../dns/extended-error.js';
import type { Failure, Found } from '../dns/finding.js';
import type { Question } from '../dns/message.js';
import { type DomainName, nameToText } from '../dns/name.js';
import { typeToText } from '../dns/numbers.js';
import { Credibility } from '../dns/provenance.js';
import type { Resolution } from '../dns/resolution.js';
import type { Aside, Iterated } from '../iterator/iterate.js';
import { type Continuation, promised } from '../ports/continuation.js';
import type { LookupContext } from '../ports/lookup.js';
import type { ResolveOptions, Resolving } from '../ports/resolver.js';
import type { Trace, TraceEvent } from '../ports/trace.js';
import { AnswerCompletion } from './answer-completion.js';
import { AnswerInProgress } from './answer-in-progress.js';
import { QuestionBudget } from './question-budget.js';
import type { ResolverParts } from './resolver-parts.js';
import type { ServeStale, Stale } from './stale.js';
import { isSynthesised } from './synthesise.js';

/** How findings for one name are had; see resolve.ts. */
export interface Engine {
  /** `mayFetch`: an entry near its end may be fetched again. */
  knownToClient(name: DomainName, type: number, mayFetch: boolean, clients: number): Found | Failure | undefined;
  known(name: DomainName, type: number): Found | Failure | undefined;
  settle(aside: Aside, context: LookupContext): Promise<Found | undefined>;
  iterated(name: DomainName, type: number, context: LookupContext, waiting: Continuation<Iterated | Failure>): void;
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
      const usable = found !== undefined && this.mayAnswer(found, options.checkingDisabled) ? found : undefined;
      const link = usable?.kind === 'found' ? usable : this.withoutWaiting(answer.name, question.type, usable, options);
      if (link === undefined) return this.#completing(answer, options);
      const done = taken(answer, link);
      if (done !== undefined) return this.engine.shown(question, done, options);
    }
  }

  /** What a client gets at once though the cache has nothing fresh: stale data, or the failure remembered. */
  withoutWaiting(
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
    return promised((waiting) => this.#completion(answer, options, waiting).begin());
  }

  /** What completes an answer whose current name is known not to be there. */
  #completing(answer: AnswerInProgress, options: ResolveOptions): Resolving {
    return (waiting) => this.#completion(answer, options, waiting).beginMissing();
  }

  #completion(answer: AnswerInProgress, options: ResolveOptions, waiting: Continuation<Resolution>): AnswerCompletion {
    return new AnswerCompletion(this, answer, options, this.#context(answer.question, options), waiting);
  }

  #maxAliases(): number {
    // A circle is seen at once, so that a bound in shadow mode may give way to a mere safety net.
    return this.parts.shadow.has('aliases') ? SHADOW_ALIASES : this.parts.limits.aliases;
  }

  /** Data fetched for the resolver's own use was never judged: it answers nobody, CD apart. */
  mayAnswer(known: Found | Failure, checkingDisabled: boolean): boolean {
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

/** Puts a link that is at hand into the answer; the whole answer when that ended it. */
export function taken(answer: AnswerInProgress, link: Found | Failure | Stale, trace?: Trace): Resolution | undefined {
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
