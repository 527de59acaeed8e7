/**
 * One exchange with a server: the same question in the same way is sent once at a time, whoever waits for it, and what
 * comes of it is noted in the book before anybody hears of it.
 */
import type { ServerState } from '../cache/server-book.js';
import type { ServerAddress } from '../dns/address.js';
import { type Edns, questionKey } from '../dns/message.js';
import { type DomainName, nameToText } from '../dns/name.js';
import { EdnsCode, rcodeToText, typeToText } from '../dns/numbers.js';
import type { Octets } from '../dns/octets.js';
import { type Continuation, resumed } from '../ports/continuation.js';
import type { ExchangeOutcome } from '../ports/exchange.js';
import type { LookupContext } from '../ports/lookup.js';
import type { Trace } from '../ports/trace.js';
import type { IteratorEnvironment } from './environment.js';
import type { Manner } from './manner.js';

export interface ServerQuestion {
  readonly name: DomainName;
  readonly type: number;
  /** RD: the server is a forwarder. */
  readonly recursive: boolean;
  /** For the trace: only part of the name is shown to the server. */
  readonly minimised: boolean;
}

/**
 * The same question to the same server in the same way is sent once at a time, whoever waits for it: a thousand cold
 * names must not put a thousand equal questions on the wire, which would also help who guesses IDs (VU#457875).
 */
export function exchangeOnce(
  env: IteratorEnvironment,
  state: ServerState,
  question: ServerQuestion,
  manner: Manner,
  cookie: Octets | undefined,
  context: LookupContext,
  waiting: Continuation<ExchangeOutcome>,
): void {
  const key = state.server.key + howOf(manner, question.recursive) + questionKey(question.name, question.type);
  const pending = env.pending.get(key);
  if (pending !== undefined) {
    pending.join(waiting);
    return;
  }
  const own = new PendingExchange(env, key, state, manner, context.trace, waiting);
  env.pending.set(key, own);
  own.begin(question, cookie, context.budget.timeLeft());
}

/** Part of a key: no two ways of asking have the same. */
function howOf({ transport, edns, mixedCase }: Manner, recursive: boolean): string {
  if (transport === 'udp' && edns && mixedCase && !recursive) return ' ';
  return ` ${transport}${edns ? 'e' : ''}${mixedCase ? 'x' : ''}${recursive ? 'r' : ''} `;
}

/** HOT. An exchange on the wire, and all that wait for it. */
export class PendingExchange implements Continuation<ExchangeOutcome> {
  /** Emptied when it has ended, see PassingMap. */
  #waiting: Continuation<ExchangeOutcome> | undefined;
  #others: Continuation<ExchangeOutcome>[] | undefined;
  readonly #started: number;
  #full = true;

  constructor(
    private readonly env: IteratorEnvironment,
    private readonly key: string,
    private readonly state: ServerState,
    private readonly manner: Manner,
    private readonly trace: Trace,
    waiting: Continuation<ExchangeOutcome>,
  ) {
    this.#waiting = waiting;
    this.#started = trace === undefined ? 0 : env.clock.now();
  }

  join(waiting: Continuation<ExchangeOutcome>): void {
    if (this.#others === undefined) this.#others = [waiting];
    else this.#others.push(waiting);
  }

  /** @param timeLeft of the question that it is sent for, ms */
  begin(question: ServerQuestion, cookie: Octets | undefined, timeLeft: number): void {
    const { env, state, manner } = this;
    const { server } = state;
    try {
      this.#traceQuery(question);
      const wanted = env.book.timeoutFor(state, question.recursive) * (manner.transport === 'tcp' ? 2 : 1);
      this.#full = timeLeft >= wanted;
      env.exchange.begin(
        {
          server,
          name: question.name,
          type: question.type,
          recursionDesired: question.recursive,
          checkingDisabled: false,
          edns: manner.edns ? ednsFor(env, cookie) : undefined,
          transport: manner.transport,
          caseRandomisation: env.settings.caseRandomisation && manner.mixedCase && manner.transport === 'udp',
          timeout: this.#full ? wanted : timeLeft,
        },
        this,
      );
    } catch (error) {
      this.fail(error);
    }
  }

  /** Nobody hears of the outcome before it is noted and the same may be asked again. */
  resume(outcome: ExchangeOutcome): void {
    const { env, manner } = this;
    const { server } = this.state;
    env.pending.delete(this.key);
    note(env, server, manner, outcome, this.#full);
    this.trace?.({
      kind: 'reply',
      server: server.key,
      outcome: describe(outcome),
      ms: Math.round(env.clock.now() - this.#started),
    });
    const waiting = this.#waiting;
    const others = this.#others;
    this.#empty();
    if (waiting !== undefined) resumed(waiting, outcome);
    if (others !== undefined) for (const other of others) resumed(other, outcome);
  }

  fail(error: unknown): void {
    this.env.pending.delete(this.key);
    const waiting = this.#waiting;
    const others = this.#others ?? [];
    this.#empty();
    waiting?.fail(error);
    for (const other of others) other.fail(error);
  }

  #empty(): void {
    this.#waiting = undefined;
    this.#others = undefined;
  }

  #traceQuery({ name, type, minimised }: ServerQuestion): void {
    const { manner } = this;
    this.trace?.({
      kind: 'query',
      server: this.state.server.key,
      name: nameToText(name),
      type: typeToText(type),
      transport: manner.edns ? manner.transport : `${manner.transport}, no EDNS`,
      minimised,
    });
  }
}

function ednsFor(env: IteratorEnvironment, cookie: Octets | undefined): Edns {
  return {
    version: 0,
    udpSize: env.settings.ednsBufferSize,
    dnssecOk: env.settings.dnssecOk,
    options: cookie === undefined ? [] : [{ code: EdnsCode.COOKIE, data: cookie }],
  };
}

/** Tells the book. A loss counts only when the server was given its full time, not the tail of a spent budget. */
function note(
  env: IteratorEnvironment,
  server: ServerAddress,
  manner: Manner,
  outcome: ExchangeOutcome,
  full: boolean,
): void {
  switch (outcome.kind) {
    case 'reply':
      env.book.noteReply(server, outcome.rtt, manner.transport === 'tcp');
      if (manner.edns && outcome.message.edns !== undefined) env.book.noteEdns(server, true);
      return;
    case 'malformed':
    case 'suspicious':
      return;
    case 'timeout':
      if (full) env.book.noteTimeout(server);
      return;
    case 'unreachable':
      env.book.noteUnreachable(server, outcome.scope);
      return;
    default:
      outcome satisfies never;
  }
}

function describe(outcome: ExchangeOutcome): string {
  switch (outcome.kind) {
    case 'reply': {
      const { message } = outcome;
      const flags = [message.aa ? 'aa' : '', message.tc ? 'tc' : '', message.ra ? 'ra' : ''].filter(Boolean).join(' ');
      const counts = `${message.answer.length}/${message.authority.length}/${message.additional.length} records`;
      return `${rcodeToText(message.rcode)}${flags === '' ? '' : ` ${flags}`}, ${counts}`;
    }
    case 'timeout':
      return 'timeout';
    default:
      return `${outcome.kind}: ${outcome.reason}`;
  }
}
