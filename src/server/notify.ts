/**
 * What is said to a NOTIFY (RFC 1996)? To senders listed in access.notify that it was heard, to others that it is refused;
 * while nobody is listed the opcode is not implemented (§3.12).
 *
 * The address is all there is to know a sender by, over TCP as over UDP, where it may be forged: the most a NOTIFY does is
 * a flush at a bounded rate (resolver/zone-changes.ts). PowerDNS once flushed at anybody's word (CVE-2025-59030).
 */
import { type ExtendedError, ExtendedErrorCode } from '../dns/extended-error.js';
import type { Message } from '../dns/message.js';
import { Class, Opcode, Rcode, Type, typeToText } from '../dns/numbers.js';
import type { Resolution } from '../dns/resolution.js';
import { type Soa, soaOf } from '../dns/rrset.js';
import type { NotifyResult } from '../ports/inspection.js';
import type { NotifyOutcome } from '../ports/notify.js';
import { decodeMessage } from '../wire/decode-message.js';
import { type PeekedHeader, questionSpelling } from '../wire/peek.js';
import { WireError } from '../wire/wire-error.js';
import { classRefusal, ednsRefusal } from './admit.js';
import type { ClientRequest, Reply } from './client-request.js';
import type { Edge } from './edge.js';
import { fitReply, replyLimit } from './fit.js';
import { type BareRcode, bareReply, refusal, respond } from './respond.js';

/** The hint at the new SOA, and its signatures; more records than that are not worth decoding. */
const MAX_RECORDS = 16;

/** The reply to a NOTIFY; undefined when the message is none, or nobody may send one. */
export function answerNotify(request: ClientRequest, header: PeekedHeader, edge: Edge): Reply {
  if (header.opcode !== Opcode.NOTIFY || edge.notified === undefined || !edge.access.takesNotify) return undefined;
  // RFC 1996 §3.10. Not one of its octets is looked at.
  if (!edge.access.mayNotify(request.address)) return sendBare(header, Rcode.REFUSED, 'refused', edge);
  const message = understand(request, header);
  if (message === undefined) return sendBare(header, Rcode.FORMERR, 'malformed', edge);
  const refused = refusalOf(message);
  if (refused !== undefined) return send(request, message, refused, 'malformed', edge);
  const outcome = edge.notified(message.questions[0]!.name, hintOf(message));
  return send(request, message, replyTo(outcome), outcome, edge);
}

/** Undefined when it is no message, or has not one question: RFC 1996 §3.7 wants some, RFC 9619 §4 no more than one. */
function understand({ octets }: ClientRequest, header: PeekedHeader): Message | undefined {
  if (header.questions !== 1 || header.answers + header.authorities + header.additionals > MAX_RECORDS)
    return undefined;
  try {
    return decodeMessage(octets);
  } catch (error) {
    if (error instanceof WireError) return undefined;
    throw error;
  }
}

function refusalOf(message: Message): Resolution | undefined {
  const question = message.questions[0]!;
  const refused = ednsRefusal(message.edns) ?? classRefusal(question);
  if (refused !== undefined) return refused;
  // RFC 8945 §5.2: signed with a key that is not known here. To take it as unsigned would be to believe it for nothing.
  if (message.additional.some(({ type }) => type === Type.TSIG)) {
    return refusal(Rcode.NOTAUTH, [{ code: ExtendedErrorCode.NOT_SUPPORTED, text: 'no TSIG key is known here' }]);
  }
  if (question.type === Type.SOA) return undefined;
  // RFC 1996 §3.11: the SOA is the one thing that is told of.
  const text = `a NOTIFY is for SOA, not for ${typeToText(question.type)}`;
  return refusal(Rcode.NOTIMP, [{ code: ExtendedErrorCode.NOT_SUPPORTED, text }]);
}

/** RFC 1996 §3.7: the new SOA as the sender hints at it; undefined when there is not exactly one for the zone. */
function hintOf({ questions, answer }: Message): Soa | undefined {
  const { name } = questions[0]!;
  const hints = answer.filter(
    (record) => record.name === name && record.type === Type.SOA && record.class === Class.IN,
  );
  return hints.length === 1 ? soaOf(hints[0]!.rdata) : undefined;
}

function replyTo(outcome: NotifyOutcome): Resolution {
  switch (outcome) {
    case 'flushed':
    case 'later':
    case 'same':
      // RFC 1996 §4.7: as the request was, with AA.
      return { ...refusal(Rcode.NOERROR, []), authoritative: true };
    case 'too-wide':
      return refusal(Rcode.REFUSED, [because('a zone this wide is not flushed for NOTIFY, unless it is in "zones"')]);
    case 'crowded':
      // RFC 1996 §3.6: the sender tries again later.
      return refusal(Rcode.SERVFAIL, [because('too many zones wait to be flushed')]);
    default:
      return outcome satisfies never;
  }
}

function because(text: string): ExtendedError {
  return { code: ExtendedErrorCode.OTHER, text };
}

function send(request: ClientRequest, message: Message, said: Resolution, result: NotifyResult, edge: Edge): Reply {
  const { ednsBufferSize, limits } = edge.settings;
  const terms = { transport: request.transport, ednsBufferSize, tcpIdle: limits.tcpIdle, random: edge.random };
  const reply = { ...respond(message, said, terms), ra: false };
  count(said.rcode, result, edge);
  return fitReply(reply, replyLimit(message, request, ednsBufferSize), questionSpelling(request.octets));
}

function sendBare(header: PeekedHeader, rcode: BareRcode, result: NotifyResult, edge: Edge): Reply {
  count(rcode, result, edge);
  return bareReply(header, rcode);
}

/** Counted apart from what clients ask: a server that notifies asked nothing. */
function count(rcode: number, result: NotifyResult, edge: Edge): void {
  edge.stats.answered({ type: undefined, rcode, source: undefined, ms: 0, now: 0 });
  edge.stats.notified(result);
}
