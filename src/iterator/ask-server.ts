/**
 * One question to one server, with all the ways its manners may need: TCP after truncation or guessing attempts,
 * plain DNS for servers that dislike EDNS, cookies. The outcome is a reply that can be read, or why there is none.
 */

import type { ServerState } from '../cache/server-book.js';
import type { ServerAddress } from '../dns/address.js';
import { type ExtendedError, ExtendedErrorCode } from '../dns/extended-error.js';
import type { EdnsOption, Message } from '../dns/message.js';
import { nameToText } from '../dns/name.js';
import { EdnsCode, Rcode, typeToText } from '../dns/numbers.js';
import type { Octets } from '../dns/octets.js';
import { type Continuation, promised } from '../ports/continuation.js';
import type { ExchangeOutcome } from '../ports/exchange.js';
import type { LookupContext } from '../ports/lookup.js';
import type { IteratorEnvironment } from './environment.js';
import { exchangeOnce, type ServerQuestion } from './exchange-once.js';
import { type CookieVerdict, type Manner, Talk } from './manner.js';

export type ServerReply =
  | { readonly kind: 'reply'; readonly message: Message; readonly transport: 'udp' | 'tcp'; readonly rtt: number }
  | {
      readonly kind: 'none';
      readonly reason: 'timeout' | 'unreachable' | 'malformed' | 'budget';
      readonly because: ExtendedError;
    };

/** Changes of manner for one question: EDNS off, TCP, another spelling, and once more for a fresh cookie. */
const MAX_MANNERS = 5;

/** As ServerTalk, with a promise. */
export function askServer(
  env: IteratorEnvironment,
  server: ServerAddress,
  question: ServerQuestion,
  context: LookupContext,
  tries: number,
): Promise<ServerReply> {
  return promised((waiting) => new ServerTalk(env, server, question, context, tries, waiting).begin());
}

/** HOT. One question to one server, in one manner after the other; what waits for its reply is `waiting`. */
export class ServerTalk implements Continuation<ExchangeOutcome> {
  /** The book may have forgotten the server between two exchanges: looked up anew for each. */
  #state: ServerState;
  readonly #talk: Talk;
  #round = 0;
  /** The client cookie, and perhaps the server's, of the exchange under way. */
  #cookie: Octets | undefined;

  /** @param tries how often the server stayed silent to this question before. */
  constructor(
    private readonly env: IteratorEnvironment,
    private readonly server: ServerAddress,
    private readonly question: ServerQuestion,
    private readonly context: LookupContext,
    private readonly tries: number,
    private readonly waiting: Continuation<ServerReply>,
  ) {
    this.#state = env.book.stateOf(server);
    this.#talk = new Talk(this.#state, tries, env.clock.now());
  }

  begin(): void {
    const { env, server, question, context } = this;
    if (this.#round++ === MAX_MANNERS) {
      this.waiting.resume(noReply(server, question, 'malformed', 'it asks for ever new ways of being asked'));
    } else if (context.budget.charge('exchanges')) {
      const { manner } = this.#talk;
      this.#cookie = manner.edns && env.settings.cookies ? this.#ownCookie() : undefined;
      exchangeOnce(env, this.#state, question, manner, this.#cookie, context, this);
    } else {
      this.waiting.resume(budgetSpent(context));
    }
  }

  resume(outcome: ExchangeOutcome): void {
    const { env, server } = this;
    const talk = this.#talk;
    const { manner } = talk;
    const cookie = this.#cookie;
    const verdict =
      cookie && outcome.kind === 'reply' ? checkCookie(env, this.#state, cookie, outcome.message) : 'none';
    const goesOn = talk.goesOn(outcome, verdict);
    if (talk.forgetCookies) env.book.forgetCookies(server);
    if (goesOn) {
      this.#state = env.book.stateOf(server);
      this.begin();
      return;
    }
    noteManner(env, server, talk, outcome, this.tries);
    this.waiting.resume(readOutcome(server, this.question, manner, outcome));
  }

  fail(error: unknown): void {
    this.waiting.fail(error);
  }

  /** RFC 7873 §5.1: ours for the server, then what it last gave us. */
  #ownCookie(): Octets {
    const client = this.#state.clientCookie ?? this.env.book.clientCookieFor(this.server, this.env.random);
    const { serverCookie } = this.#state;
    return serverCookie === undefined ? client : ((client + serverCookie) as Octets);
  }
}

/** What the end of the talk says of the server's manners. */
function noteManner(
  env: IteratorEnvironment,
  server: ServerAddress,
  talk: Talk,
  outcome: ExchangeOutcome,
  tries: number,
): void {
  if (outcome.kind === 'timeout' || outcome.kind === 'unreachable') {
    if (talk.manner.transport === 'tcp') env.book.avoidTcp(server);
    return;
  }
  if (outcome.kind !== 'reply' || !isAnswerLike(outcome.message)) return;
  if (talk.manner.transport === 'tcp' && talk.distrustsUdp) env.book.preferTcp(server);
  if (talk.manner.edns) return;
  if (talk.dislikedEdns) env.book.noteEdns(server, false);
  else if (tries > 0) env.book.noteEdnsLoss(server);
}

function isAnswerLike(message: Message): boolean {
  return message.rcode === Rcode.NOERROR || message.rcode === Rcode.NXDOMAIN;
}

/** RFC 7873 §5.3: a wrong client cookie is not from the server; none from one that had sent them is doubtful. */
function checkCookie(env: IteratorEnvironment, state: ServerState, sent: Octets, message: Message): CookieVerdict {
  const option = cookieOption(message);
  if (option === undefined) return state.serverCookie === undefined ? 'none' : 'missing';
  const client = sent.slice(0, 8) as Octets;
  if (!option.data.startsWith(client)) return 'wrong';
  const fromServer =
    option.data.length >= 16 && option.data.length <= 40 ? (option.data.slice(8) as Octets) : undefined;
  env.book.rememberCookies(state.server, client, fromServer);
  return 'good';
}

function cookieOption({ edns }: Message): EdnsOption | undefined {
  if (edns === undefined) return undefined;
  for (const option of edns.options) if (option.code === EdnsCode.COOKIE) return option;
  return undefined;
}

function readOutcome(
  server: ServerAddress,
  question: ServerQuestion,
  manner: Manner,
  outcome: ExchangeOutcome,
): ServerReply {
  switch (outcome.kind) {
    case 'reply':
      if (outcome.message.tc && manner.transport === 'tcp')
        return noReply(server, question, 'malformed', 'truncated over TCP');
      return { kind: 'reply', message: outcome.message, transport: manner.transport, rtt: outcome.rtt };
    case 'timeout':
      return noReply(server, question, 'timeout');
    case 'unreachable':
      return noReply(server, question, 'unreachable', outcome.reason);
    case 'malformed':
    case 'suspicious':
      return noReply(server, question, 'malformed', outcome.reason);
    default:
      return outcome satisfies never;
  }
}

function noReply(
  server: ServerAddress,
  question: ServerQuestion,
  reason: 'timeout' | 'unreachable' | 'malformed',
  detail = '',
): ServerReply {
  const words = { timeout: 'timeout', unreachable: 'unreachable', malformed: 'broken reply' }[reason];
  const about = `for ${nameToText(question.name)} ${typeToText(question.type)}`;
  const code = reason === 'malformed' ? ExtendedErrorCode.INVALID_DATA : ExtendedErrorCode.NETWORK_ERROR;
  return {
    kind: 'none',
    reason,
    because: { code, text: `${server.key} ${words}${detail === '' ? '' : ` (${detail})`} ${about}` },
  };
}

export function budgetSpent(context: LookupContext): Extract<ServerReply, { kind: 'none' }> {
  const bound = context.budget.exhausted ?? 'the work allowed for one question is spent';
  context.trace?.({ kind: 'budget', bound });
  return { kind: 'none', reason: 'budget', because: { code: ExtendedErrorCode.OTHER, text: bound } };
}
