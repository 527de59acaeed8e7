/**
 * One question to one server, with all the ways its manners may need: TCP after truncation or guessing attempts,
 * plain DNS for servers that dislike EDNS, cookies. The outcome is a reply that can be read, or why there is none.
 */

import type { ServerState } from '../cache/server-book.js';
import type { ServerAddress } from '../dns/address.js';
import { type ExtendedError, ExtendedErrorCode } from '../dns/extended-error.js';
import type { Edns, Message } from '../dns/message.js';
import { type DomainName, nameToText } from '../dns/name.js';
import { EdnsCode, Rcode, rcodeToText, typeToText } from '../dns/numbers.js';
import { NO_OCTETS, type Octets, octetsFrom } from '../dns/octets.js';
import type { ExchangeOutcome } from '../ports/exchange.js';
import type { LookupContext } from '../ports/lookup.js';
import type { IteratorEnvironment } from './environment.js';

export interface ServerQuestion {
  readonly name: DomainName;
  readonly type: number;
  /** RD: the server is a forwarder. */
  readonly recursive: boolean;
  /** For the trace: only part of the name is shown to the server. */
  readonly minimised: boolean;
}

export type ServerReply =
  | { readonly kind: 'reply'; readonly message: Message; readonly transport: 'udp' | 'tcp'; readonly rtt: number }
  | {
      readonly kind: 'none';
      readonly reason: 'timeout' | 'unreachable' | 'malformed' | 'budget';
      readonly because: ExtendedError;
    };

/** How this server is to be asked, one state of a short path: EDNS over UDP, then what its replies call for. */
interface Manner {
  readonly transport: 'udp' | 'tcp';
  readonly edns: boolean;
}

/** Changes of manner for one question: EDNS off, TCP, and once more for a fresh cookie. */
const MAX_MANNERS = 4;

/** @param tries how often the server stayed silent to this question before. */
export async function askServer(
  env: IteratorEnvironment,
  server: ServerAddress,
  question: ServerQuestion,
  context: LookupContext,
  tries: number,
): Promise<ServerReply> {
  const state = env.book.stateOf(server);
  // Firewalls drop what they do not know: a server never seen to speak EDNS is asked without after a silence.
  const plain = state.edns === 'no' || (state.edns === 'unknown' && tries > 0);
  let manner: Manner = { transport: state.tcpUntil > env.clock.now() ? 'tcp' : 'udp', edns: !plain };
  let reply: ServerReply = noReply(server, question, 'timeout');
  for (let round = 0; round < MAX_MANNERS; round++) {
    if (!context.budget.charge('exchanges')) return budgetSpent(context);
    const cookie = manner.edns && env.settings.cookies ? clientCookie(env, state) : undefined;
    const outcome = await exchangeOnce(env, server, question, manner, cookie, context);
    reply = readOutcome(env, server, question, manner, outcome);
    const next = nextManner(env, server, manner, outcome, cookie);
    if (next === undefined) {
      if (reply.kind === 'reply' && !manner.edns && isAnswerLike(reply.message)) {
        if (round > 0) env.book.noteEdns(server, false);
        else if (tries > 0) env.book.noteEdnsLoss(server);
      }
      return reply;
    }
    manner = next;
  }
  return reply;
}

async function exchangeOnce(
  env: IteratorEnvironment,
  server: ServerAddress,
  question: ServerQuestion,
  manner: Manner,
  cookie: Octets | undefined,
  context: LookupContext,
): Promise<ExchangeOutcome> {
  const { name, type } = question;
  const wanted = env.book.timeoutFor(server) * (manner.transport === 'tcp' ? 2 : 1);
  const timeout = Math.min(wanted, context.budget.timeLeft());
  context.trace?.({
    kind: 'query',
    server: server.key,
    name: nameToText(name),
    type: typeToText(type),
    transport: manner.edns ? manner.transport : `${manner.transport}, no EDNS`,
    minimised: question.minimised,
  });
  const started = env.clock.now();
  const outcome = await env.exchange.ask({
    server,
    name,
    type,
    recursionDesired: question.recursive,
    checkingDisabled: false,
    edns: manner.edns ? ednsFor(env, cookie) : undefined,
    transport: manner.transport,
    caseRandomisation: env.settings.caseRandomisation && manner.transport === 'udp',
    timeout,
  });
  note(env, server, manner, outcome, timeout >= wanted);
  context.trace?.({
    kind: 'reply',
    server: server.key,
    outcome: describe(outcome),
    ms: Math.round(env.clock.now() - started),
  });
  return outcome;
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
      env.book.noteUnreachable(server);
      return;
    default:
      outcome satisfies never;
  }
}

/** How to go on with the same server; undefined when its last word is the outcome. */
function nextManner(
  env: IteratorEnvironment,
  server: ServerAddress,
  manner: Manner,
  outcome: ExchangeOutcome,
  cookie: Octets | undefined,
): Manner | undefined {
  switch (outcome.kind) {
    case 'reply':
      return mannerAfterReply(env, server, manner, outcome.message, cookie);
    case 'suspicious':
      // RFC 5452 §9.2 and field practice: someone is guessing, or the server mangles the name; TCP tells them apart.
      return manner.transport === 'udp' ? { ...manner, transport: 'tcp' } : undefined;
    case 'malformed':
      return manner.transport === 'udp' ? { ...manner, transport: 'tcp' } : undefined;
    case 'timeout':
    case 'unreachable':
      return undefined;
    default:
      return outcome satisfies never;
  }
}

function mannerAfterReply(
  env: IteratorEnvironment,
  server: ServerAddress,
  manner: Manner,
  message: Message,
  cookie: Octets | undefined,
): Manner | undefined {
  if (manner.edns && message.edns === undefined && dislikesEdns(message.rcode)) return { ...manner, edns: false };
  if (message.rcode === Rcode.BADVERS && manner.edns) return { ...manner, edns: false };
  if (manner.transport === 'udp' && message.tc) return { ...manner, transport: 'tcp' };
  if (cookie === undefined) return undefined;
  const verdict = checkCookie(env, server, cookie, message);
  if (verdict === 'forged') return manner.transport === 'udp' ? { ...manner, transport: 'tcp' } : undefined;
  return message.rcode === Rcode.BADCOOKIE && verdict === 'good' ? manner : undefined;
}

/** RFC 6891 §7: what servers without EDNS say to it. */
function dislikesEdns(rcode: number): boolean {
  return rcode === Rcode.FORMERR || rcode === Rcode.NOTIMP || rcode === Rcode.SERVFAIL;
}

function isAnswerLike(message: Message): boolean {
  return message.rcode === Rcode.NOERROR || message.rcode === Rcode.NXDOMAIN;
}

/** RFC 7873 §4.1 and §5.1: eight random octets for each server, then what it last gave us. */
function clientCookie(env: IteratorEnvironment, state: ServerState): Octets {
  const client = state.clientCookie ?? freshCookie(env);
  return (client + (state.serverCookie ?? NO_OCTETS)) as Octets;
}

function freshCookie(env: IteratorEnvironment): Octets {
  return octetsFrom(...Array.from({ length: 8 }, () => env.random.below(256)));
}

/** RFC 7873 §5.3: a wrong client cookie, or none from a server that had sent them, is not its reply. */
function checkCookie(
  env: IteratorEnvironment,
  server: ServerAddress,
  sent: Octets,
  message: Message,
): 'good' | 'none' | 'forged' {
  const state = env.book.stateOf(server);
  const option = message.edns?.options.find((o) => o.code === EdnsCode.COOKIE);
  const client = sent.slice(0, 8) as Octets;
  if (option === undefined) return state.serverCookie === undefined ? 'none' : 'forged';
  if (!option.data.startsWith(client)) return 'forged';
  const fromServer =
    option.data.length >= 16 && option.data.length <= 40 ? (option.data.slice(8) as Octets) : undefined;
  env.book.rememberCookies(server, client, fromServer);
  return 'good';
}

function readOutcome(
  env: IteratorEnvironment,
  server: ServerAddress,
  question: ServerQuestion,
  manner: Manner,
  outcome: ExchangeOutcome,
): ServerReply {
  switch (outcome.kind) {
    case 'reply':
      return { kind: 'reply', message: outcome.message, transport: manner.transport, rtt: outcome.rtt };
    case 'timeout':
      return noReply(server, question, 'timeout');
    case 'unreachable':
      return noReply(server, question, 'unreachable', outcome.reason);
    case 'malformed':
    case 'suspicious':
      if (outcome.kind === 'suspicious') env.book.preferTcp(server);
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
