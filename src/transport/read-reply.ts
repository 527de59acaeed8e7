/** What does a reply that matched its query say? A message, or the reason why it is none. */
import type { Message } from '../dns/message.js';
import type { ExchangeOutcome } from '../ports/exchange.js';
import type { Log } from '../ports/log.js';
import { decodeMessage } from '../wire/decode-message.js';
import { HEADER_OCTETS } from '../wire/header.js';
import { WireError } from '../wire/wire-error.js';

/** TC in the third octet of the header (RFC 1035 §4.1.1). */
const TC = 0x02;
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
  try {
    return decodeMessage(reply);
  } catch (error) {
    if (!(error instanceof WireError) || (reply[2]! & TC) === 0) throw error;
    return decodeMessage(withoutRecords(reply, questionEnd));
  }
}

function withoutRecords(reply: Uint8Array, questionEnd: number): Uint8Array {
  const hasQuestion = reply[5] === 1;
  const head = Uint8Array.prototype.slice.call(reply, 0, hasQuestion ? questionEnd : HEADER_OCTETS);
  head.fill(0, RECORD_COUNTS, HEADER_OCTETS);
  return head;
}
