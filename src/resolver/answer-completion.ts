/**
 * HOT. Fills the gaps of an answer until nothing is missing: the current name from what replies said beside, from local
 * zones and the cache, else from the network; then the next name of the alias chain, the same again.
 */
import type { Failure, Found } from '../dns/finding.js';
import { questionKey } from '../dns/message.js';
import { type DomainName, nameToText } from '../dns/name.js';
import { typeToText } from '../dns/numbers.js';
import type { Resolution } from '../dns/resolution.js';
import type { Aside, Iterated } from '../iterator/iterate.js';
import { type Continuation, promised, resumedBy } from '../ports/continuation.js';
import type { LookupContext } from '../ports/lookup.js';
import type { ResolveOptions } from '../ports/resolver.js';
import type { AnswerInProgress } from './answer-in-progress.js';
import { type ClientSide, taken } from './client-side.js';
import type { Stale } from './stale.js';
import { isSynthesised, synthesisEvent } from './synthesise.js';

/** What the current name may come to. */
type Link = Iterated | Failure | Stale;

export class AnswerCompletion implements Continuation<Link> {
  /** What replies said of names beside those asked for; few have any. */
  #asides: Map<string, Aside> | undefined;
  readonly #started: number;

  constructor(
    private readonly side: ClientSide,
    private readonly answer: AnswerInProgress,
    private readonly options: ResolveOptions,
    private readonly context: LookupContext,
    private readonly waiting: Continuation<Resolution>,
  ) {
    this.#started = side.parts.clock.now();
  }

  begin(): void {
    const aside = this.#aside();
    if (aside === undefined) this.#goOn(this.#fromHere(undefined));
    else {
      resumedBy(this.side.engine.settle(aside, this.context), {
        resume: (here) => this.#goOn(this.#fromHere(here)),
        fail: (error) => this.fail(error),
      });
    }
  }

  /** The same when the current name is known not to be there. */
  beginMissing(): void {
    this.#goOn('missing');
  }

  resume(link: Link): void {
    this.#goOn(this.#take(link));
  }

  fail(error: unknown): void {
    this.waiting.fail(error);
  }

  /** @param done undefined: an alias was followed */
  #goOn(done: Resolution | 'missing' | undefined): void {
    if (done === 'missing') this.#fetch();
    else if (done === undefined) this.begin();
    else this.#end(done);
  }

  #end(resolution: Resolution): void {
    const { answer, context, side, options } = this;
    const { question } = answer;
    if (answer.asked) {
      const ms = side.parts.clock.now() - this.#started;
      side.parts.landed({ question, resolution, ms, exchanges: context.budget.used('exchanges') });
    }
    this.waiting.resume(side.engine.shown(question, resolution, options));
  }

  /** What a reply said of the current name beside what it was asked for; nothing where local zones decide. */
  #aside(): Aside | undefined {
    if (this.#asides === undefined) return undefined;
    const { name, question } = this.answer;
    const aside = this.#asides.get(questionKey(name, question.type));
    const isLocal = aside !== undefined && this.side.parts.localZones.answer(name, question.type) !== undefined;
    return isLocal ? undefined : aside;
  }

  /** From local zones, what a reply said beside (`here`), and the cache; undefined: an alias was followed. */
  #fromHere(here: Found | undefined): Resolution | 'missing' | undefined {
    const { answer, side, options, context } = this;
    const { name } = answer;
    const { type } = answer.question;
    const local = side.parts.localZones.answer(name, type);
    if (local !== undefined) {
      context.trace?.({ kind: 'policy', zone: nameToText(local.zone), action: local.kind });
      return answer.addLocal(local);
    }
    const known = here ?? side.engine.known(name, type);
    const usable = known !== undefined && side.mayAnswer(known, options.checkingDisabled) ? known : undefined;
    traceKnown(context, name, type, usable);
    if (here !== undefined && here === usable) answer.asked = true;
    const atHand = usable?.kind === 'found' ? usable : side.withoutWaiting(name, type, usable, options);
    return atHand === undefined ? 'missing' : taken(answer, atHand, context.trace);
  }

  /** From the network, or stale once the client has waited long enough. */
  #fetch(): void {
    const { answer, context, side } = this;
    const { name } = answer;
    const { type } = answer.question;
    const { engine } = side;
    answer.asked = true;
    if (engine.stale?.holds(name, type) !== true) {
      engine.iterated(name, type, context, this);
      return;
    }
    const running = promised<Iterated | Failure>((waiting) => engine.iterated(name, type, context, waiting));
    resumedBy(engine.stale.orStale(name, type, running, this.#started, answer.withBogus), this);
  }

  /** Puts what the network gave, or came to, into the answer; the whole answer when that ended it. */
  #take(link: Link): Resolution | undefined {
    switch (link.kind) {
      case 'failure':
        return this.answer.failed(link.because);
      case 'stale':
        return taken(this.answer, link, this.context.trace);
      case 'iterated':
        for (const aside of link.also) this.#keepAside(aside);
        return taken(this.answer, link.found);
      default:
        return link satisfies never;
    }
  }

  #keepAside(aside: Aside): void {
    this.#asides ??= new Map();
    this.#asides.set(questionKey(aside.name, aside.type), aside);
  }
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
