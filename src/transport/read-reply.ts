/** What does a reply that matched its query say? A message, or the reason why it is none. */
import type { Message } from '../dns/message.js';
import type { ExchangeOutcome } from '../ports/exchange.js';
import type { Log } from '../ports/log.js';
import { decodeMessage } from '../wire/decode-message.js';
import { HEADER_OCTETS } from '../wire/header.js';
import { WireError } from '../wire/wire-error.js';

/** TC in the third octet of the header (RFC 1035 §4.1.1). */
const TC = 0x02;
/** Octets after the name of a question. */
const TYPE_AND_CLASS = 4;
/** The counts of answer, authority and additional: octets 6 to 11. */
const RECORD_COUNTS = 6;

/**
 * Decodes a reply that matchReply() let through; `questionEnd` as there, `rtt` in milliseconds. A truncated reply may be
 * cut anywhere, so with TC set header and question are enough (RFC 2181 §9: what came with TC is not used anyway).
 * Never throws: it runs where octets arrive, and a defect of the decoder must cost one query, not the process.
 */
export function readReply(reply: Uint8Array, questionEnd: number, rtt: number, log: Log): ExchangeOutcome {
  try {
    return { kind: 'reply', message: decode(reply, questionEnd), rtt, octets: reply.length };
  } catch (error) {
    if (!(error instanceof WireError)) log.error({ err: error }, 'decoding a reply failed in an unforeseen way');
    return { kind: 'malformed', reason: error instanceof Error ? error.message : String(error) };
  }
}

function decode(reply: Uint8Array, questionEnd: number): Message {
  foldQuestion(reply, questionEnd);
  try {
    return decodeMessage(reply);
  } catch (error) {
    if (!(error instanceof WireError) || (reply[2]! & TC) === 0) throw error;
    return decodeMessage(withoutRecords(reply, questionEnd));
  }
}

/**
 * Names inside records are compressed against the question, whose letters we randomised (0x20): unless the question is
 * folded first, clients would be shown "mail.eXaMPlE.cOm". Length octets are below "A", so all octets can be folded.
 */
function foldQuestion(reply: Uint8Array, questionEnd: number): void {
  if (reply[5] !== 1) return;
  for (let at = HEADER_OCTETS; at < questionEnd - TYPE_AND_CLASS; at++) {
    const octet = reply[at]!;
    if (octet >= 0x41 && octet <= 0x5a) reply[at] = octet | 0x20;
  }
}

function withoutRecords(reply: Uint8Array, questionEnd: number): Uint8Array {
  const hasQuestion = reply[5] === 1;
  const head = Uint8Array.prototype.slice.call(reply, 0, hasQuestion ? questionEnd : HEADER_OCTETS);
  head.fill(0, RECORD_COUNTS, HEADER_OCTETS);
  return head;
}
