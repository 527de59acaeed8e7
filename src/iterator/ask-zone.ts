/**
 * One question to the servers of one zone cut, until one of them gives a reply worth acting on or all have failed.
 * Servers are taken by choose-server.ts; what they say goes through scrub and classify; what they are is noted.
 */
import { isDueForProbe, isLame, isResting } from '../cache/server-book.js';
import type { Family, ServerAddress } from '../dns/address.js';
import { type ExtendedError, ExtendedErrorCode } from '../dns/extended-error.js';
import type { Message } from '../dns/message.js';
import { nameToText } from '../dns/name.js';
import { Rcode, typeToText } from '../dns/numbers.js';
import { type Continuation, promised, resumedBy } from '../ports/continuation.js';
import type { LookupContext } from '../ports/lookup.js';
import { budgetSpent, type ServerReply, ServerTalk } from './ask-server.js';
import { type Candidate, chooseExplored, chooseServer } from './choose-server.js';
import { classify, type Step } from './classify.js';
import type { IteratorEnvironment } from './environment.js';
import type { ServerQuestion } from './exchange-once.js';
import { scrub, scrubRules } from './scrub.js';
import { ServerAddresses } from './server-addresses.js';
import { ProbeBudget } from './side-budgets.js';
import type { ZoneCut } from './zone-cut.js';

/** Steps the driver acts on. */
export type UsefulStep = Extract<Step, { kind: 'finding' | 'alias' | 'referral' }>;

export type ZoneReply =
  | { readonly kind: 'step'; readonly step: UsefulStep; readonly from: ReplyOrigin }
  /** The server answered, but not in a way a minimised question can be judged by: ask for the whole name. */
  | { readonly kind: 'ask-in-full' }
  | {
      readonly kind: 'failed';
      readonly because: readonly ExtendedError[];
      readonly spent: boolean;
      /** Whether any server said anything at all. */
      readonly heard: boolean;
      /** Whether the zone is to blame, so that the failure may be remembered for others. */
      readonly cacheable: boolean;
    };

export interface ReplyOrigin {
  readonly server: string;
  readonly transport: 'udp' | 'tcp';
  readonly authoritative: boolean;
  /** As it came, nothing dropped. */
  readonly message: Message;
}

/** How often a silent server is asked the same question: once more when others are there, twice when it is alone. */
const MAX_TRIES = 2;
const MAX_TRIES_ALONE = 3;
/** Sends for one question at one zone cut, whatever the number of servers (field: Unbound 32). */
const MAX_SENDS = 32;
/** Sends without any reply after which the zone is given up: clients wait 5 s, and SERVFAIL should reach them. */
const MAX_SILENT_SENDS = 14;
/** ... or so many ms of silence; and when every server is known to be silent, one short try of a few. */
const MAX_SILENCE_MS = 3300;
const MAX_SENDS_TO_RESTING = 3;
/** Silent sends over one family before the other is asked first. */
const FAMILY_SILENCES = 2;
const NOBODY: ReadonlySet<string> = new Set();
const NO_REASONS: readonly ExtendedError[] = [];
/** Milliseconds a probe may take. */
const PROBE_MS = 5000;
/** Reasons kept for the extended errors. */
const MAX_REASONS = 8;

/** As ZoneQuestion, with a promise. */
export function askZone(
  env: IteratorEnvironment,
  cut: ZoneCut,
  question: ServerQuestion,
  context: LookupContext,
): Promise<ZoneReply> {
  return promised((waiting) => new ZoneQuestion(env, cut, question, context, NOBODY, waiting).begin());
}

/**
 * HOT: one is made for each question to a zone, and most are answered by the first server, so what only others need is
 * made when there are others.
 */
export class ZoneQuestion implements Continuation<ServerReply> {
  readonly #addresses: ServerAddresses;
  readonly #started: number;
  #silences: Record<Family, number> | undefined;
  #asked: Map<string, number> | undefined;
  #excluded: Set<string> | undefined;
  #reasons: readonly ExtendedError[] = NO_REASONS;
  #vague: ZoneReply | undefined;
  #heard = false;
  #sends = 0;
  #toResting = 0;
  /** Whose reply is waited for. */
  #chosen: Candidate | undefined;

  /** @param avoid keys of servers that come last, as if they had been asked before */
  constructor(
    private readonly env: IteratorEnvironment,
    private readonly cut: ZoneCut,
    private readonly question: ServerQuestion,
    private readonly context: LookupContext,
    avoid: ReadonlySet<string>,
    private readonly waiting: Continuation<ZoneReply>,
  ) {
    this.#addresses = new ServerAddresses(env, cut);
    this.#started = env.clock.now();
    if (avoid.size > 0) this.#asked = new Map([...avoid].map((server) => [server, 1]));
  }

  begin(): void {
    const next = this.#next();
    if (next === 'nobody') this.waiting.resume(this.#failed());
    else if (next === 'look up') this.#lookUp();
    else {
      this.#chosen = next;
      new ServerTalk(this.env, next.server, this.question, this.context, next.tries, this).begin();
    }
  }

  resume(reply: ServerReply): void {
    const done = this.#take(this.#chosen!, reply);
    if (done === undefined) this.begin();
    else this.waiting.resume(done);
  }

  fail(error: unknown): void {
    this.waiting.fail(error);
  }

  #lookUp(): void {
    resumedBy(this.#addresses.resolveNext(this.context), {
      resume: (mayGoOn) => (mayGoOn ? this.begin() : this.waiting.resume(this.#spent())),
      fail: (error) => this.fail(error),
    });
  }

  /** Whom to ask next; or that an address is to be looked up first, or that nobody is left. */
  #next(): Candidate | 'look up' | 'nobody' {
    const { env, cut, context } = this;
    if (this.#sends >= (this.#heard ? MAX_SENDS : MAX_SILENT_SENDS)) return 'nobody';
    const candidates = this.#candidates();
    // A name not looked up yet is worth more than a server that just stayed silent.
    if (this.#addresses.hasUnresolved(!this.#heard) && candidates.every((c) => c.tries > 0)) return 'look up';
    const chosen = chooseServer(candidates, env.random);
    if (chosen === undefined) return 'nobody';
    if (!this.#heard && this.#sends > 0 && env.clock.now() - this.#started > MAX_SILENCE_MS) return 'nobody';
    if (chosen.resting && ++this.#toResting > (cut.fallback ? 0 : MAX_SENDS_TO_RESTING)) return 'nobody';
    traceChoice(context, cut, chosen, candidates);
    probeBeside(env, chosen, candidates, this.question, context);
    this.#sends++;
    return chosen;
  }

  #candidates(): Candidate[] {
    const { env, cut } = this;
    const candidates: Candidate[] = [];
    const known = this.#addresses.known;
    const maxTries = known.length === 1 ? MAX_TRIES_ALONE : MAX_TRIES;
    const now = env.clock.now();
    for (const server of known) {
      const tries = this.#asked?.get(server.key) ?? 0;
      if (tries >= maxTries || this.#excluded?.has(server.key)) continue;
      const state = env.book.stateOf(server);
      candidates.push({
        server,
        srtt: state.srtt,
        tries,
        lame: isLame(state, cut.zone, now),
        resting: isResting(state, now),
        due: isDueForProbe(state, now),
        familyDown: env.book.familyDown(server.family) || this.#silencesOf(server.family) >= FAMILY_SILENCES,
      });
    }
    return candidates;
  }

  /** What is to be done about it, undefined: the next is asked. */
  #take(chosen: Candidate, reply: ServerReply): ZoneReply | undefined {
    const { server, tries } = chosen;
    const judged = judge(this.env, this.cut, this.question, server, reply, this.context);
    this.#heard ||= reply.kind === 'reply';
    if (judged.kind === 'step' || judged.kind === 'ask-in-full') return judged;
    if (reply.kind === 'none') this.#noteSilence(server.family);
    this.#asked = (this.#asked ?? new Map<string, number>()).set(server.key, tries + 1);
    if (judged.kind === 'vague') {
      this.#vague ??= judged.reply;
      this.#exclude(server);
      return undefined;
    }
    if (this.#reasons.length < MAX_REASONS) this.#reasons = [...this.#reasons, judged.because];
    if (judged.spent) return this.#spent();
    if (judged.final || (chosen.resting && tries > 0)) this.#exclude(server);
    return undefined;
  }

  #silencesOf(family: Family): number {
    return this.#silences === undefined ? 0 : this.#silences[family];
  }

  #noteSilence(family: Family): void {
    this.#silences ??= { 4: 0, 6: 0 };
    this.#silences[family]++;
  }

  #exclude(server: ServerAddress): void {
    this.#excluded = (this.#excluded ?? new Set()).add(server.key);
  }

  #spent(): ZoneReply {
    return spent(this.context, this.cut, this.#reasons, this.#heard);
  }

  #failed(): ZoneReply {
    if (this.#vague !== undefined) return this.#vague;
    const because = explain(this.cut, this.#addresses, this.#reasons);
    const cacheable = !this.#addresses.inconclusive;
    return { kind: 'failed', because, spent: false, heard: this.#heard, cacheable };
  }
}

type Judgement =
  | Extract<ZoneReply, { kind: 'step' | 'ask-in-full' }>
  | { readonly kind: 'vague'; readonly reply: ZoneReply }
  /** `final`: this server need not be asked again for this question. */
  | { readonly kind: 'reject'; readonly because: ExtendedError; readonly final: boolean; readonly spent: boolean };

function judge(
  env: IteratorEnvironment,
  cut: ZoneCut,
  question: ServerQuestion,
  server: ServerAddress,
  reply: ServerReply,
  context: LookupContext,
): Judgement {
  if (reply.kind === 'none') {
    return {
      kind: 'reject',
      because: reply.because,
      final: reply.reason !== 'timeout',
      spent: reply.reason === 'budget',
    };
  }
  const rules = scrubRules(env.settings, cut.zone, question.name, question.type);
  const response = scrub(reply.message, rules, context.trace);
  const step = classify(response, question.recursive);
  context.trace?.({ kind: 'step', step: step.kind, detail: describeStep(step) });
  const { message, transport } = reply;
  const from: ReplyOrigin = { server: server.key, transport, authoritative: response.aa, message };
  switch (step.kind) {
    case 'finding':
    case 'alias':
      // A recursive server that was delegated to by mistake: what it says may be old. Others are asked first.
      if (response.ra && !response.aa && !question.recursive) {
        return mayAskInFull(env, question)
          ? { kind: 'ask-in-full' }
          : { kind: 'vague', reply: { kind: 'step', step, from } };
      }
      return { kind: 'step', step, from };
    case 'referral':
      return { kind: 'step', step, from };
    case 'vague': {
      if (mayAskInFull(env, question)) return { kind: 'ask-in-full' };
      const finding = { kind: 'nodata', soa: undefined, proof: [] } as const;
      return { kind: 'vague', reply: { kind: 'step', step: { kind: 'finding', finding }, from } };
    }
    case 'lame':
      env.book.markLame(server, cut.zone);
      return reject(server, question, step.because, ExtendedErrorCode.NOT_AUTHORITATIVE);
    case 'unusable':
      if (mayAskInFull(env, question)) return { kind: 'ask-in-full' };
      // Whom it refuses the whole question it does not serve: others come first, however fast it refuses.
      if (step.rcode === Rcode.REFUSED) env.book.markLame(server, cut.zone);
      return reject(server, question, step.because, ExtendedErrorCode.NETWORK_ERROR);
    default:
      return step satisfies never;
  }
}

/** RFC 9156 §2.3: strict minimisation never shows the whole name to who cannot answer for a part of it. */
function mayAskInFull(env: IteratorEnvironment, question: ServerQuestion): boolean {
  return question.minimised && env.settings.minimisation !== 'strict';
}

function reject(server: ServerAddress, question: ServerQuestion, what: string, code: number): Judgement {
  const text = `${server.key} ${what} for ${nameToText(question.name)} ${typeToText(question.type)}`;
  return { kind: 'reject', because: { code, text }, final: true, spent: false };
}

/**
 * A server that was silent before, or one of a family held to be broken, is asked the same beside the chosen one when
 * its rest is over; and now and then any other one. Nobody waits for it: what it does is noted in the book.
 */
function probeBeside(
  env: IteratorEnvironment,
  chosen: Candidate,
  candidates: readonly Candidate[],
  question: ServerQuestion,
  context: LookupContext,
): void {
  if (chosen.resting || chosen.tries > 0) return;
  const due = dueBeside(env, chosen, candidates) ?? chooseExplored(candidates, chosen, env.random);
  if (due === undefined) return;
  if (due.resting || due.due) env.book.beginProbe(due.server);
  const budget = new ProbeBudget(env.clock, PROBE_MS);
  new ServerTalk(env, due.server, question, { ...context, budget, trace: undefined }, 0, NOBODY_WAITS).begin();
}

/** The transport tells the log of what it did not foresee. */
const NOBODY_WAITS: Continuation<unknown> = { resume() {}, fail() {} };

function dueBeside(
  env: IteratorEnvironment,
  chosen: Candidate,
  candidates: readonly Candidate[],
): Candidate | undefined {
  for (const candidate of candidates) if (candidate !== chosen && isDue(env, candidate)) return candidate;
  return undefined;
}

function isDue(env: IteratorEnvironment, candidate: Candidate): boolean {
  const { server, familyDown, due } = candidate;
  return familyDown ? env.book.takeFamilyProbe(server.family) : due;
}

/** RFC 8914 §4.23 first: no server of the zone was of use; then why each was not. */
function explain(cut: ZoneCut, addresses: ServerAddresses, reasons: readonly ExtendedError[]): ExtendedError[] {
  const zone = nameToText(cut.zone);
  const who = cut.kind === 'forward' ? `forwarder for ${zone}` : `name server of ${zone}`;
  const text = addresses.known.length === 0 ? `no ${who} has a usable address` : `no ${who} gave a usable answer`;
  return [
    { code: ExtendedErrorCode.NO_REACHABLE_AUTHORITY, text },
    ...reasons,
    ...addresses.problems.slice(0, MAX_REASONS),
  ];
}

/** Out of time while the zone's servers were silent is their failure; out of anything else is the question's. */
function spent(context: LookupContext, cut: ZoneCut, reasons: readonly ExtendedError[], heard: boolean): ZoneReply {
  const { because } = budgetSpent(context);
  if (context.budget.timeLeft() > 0 || reasons.length === 0) {
    return { kind: 'failed', because: [because, ...reasons], spent: true, heard, cacheable: false };
  }
  const text = `no name server of ${nameToText(cut.zone)} gave a usable answer in time`;
  const code = ExtendedErrorCode.NO_REACHABLE_AUTHORITY;
  return { kind: 'failed', because: [{ code, text }, ...reasons], spent: false, heard: false, cacheable: true };
}

function traceChoice(context: LookupContext, cut: ZoneCut, chosen: Candidate, candidates: readonly Candidate[]): void {
  context.trace?.({
    kind: 'server',
    zone: nameToText(cut.zone),
    chosen: chosen.server.key,
    rttMs: Math.round(chosen.srtt ?? -1),
    passedOver: candidates.filter((c) => c !== chosen).map(whyNot),
  });
}

function whyNot(candidate: Candidate): string {
  if (candidate.tries > 0) return `${candidate.server.key} (asked before)`;
  if (candidate.lame) return `${candidate.server.key} (lame for this zone)`;
  if (candidate.resting) return `${candidate.server.key} (resting after losses)`;
  if (candidate.familyDown) return `${candidate.server.key} (IPv${candidate.server.family} seems broken)`;
  return `${candidate.server.key} (${candidate.srtt === undefined ? 'not known' : `${Math.round(candidate.srtt)} ms`})`;
}

function describeStep(step: Step): string {
  switch (step.kind) {
    case 'finding':
      return step.finding.kind;
    case 'alias':
      return `to ${nameToText(step.chain[step.chain.length - 1]!.target)}`;
    case 'referral':
      return `to ${nameToText(step.delegation.zone)}`;
    case 'vague':
      return 'no records and no reason';
    case 'lame':
    case 'unusable':
      return step.because;
    default:
      return step satisfies never;
  }
}
