/**
 * Does this datagram answer that query? Judged on the octets, before anything is decoded: the question comes first in a
 * message and is never compressed, so it must be the query's own octets again (RFC 5452 §9.1).
 */
import { Rcode } from '../dns/numbers.js';
import { HEADER_OCTETS } from '../wire/header.js';

/**
 * `misspelled`: all is right but the case of the question's letters, which was demanded back.
 * `other`: not a reply to this query.
 */
export type ReplyMatch = 'match' | 'misspelled' | 'other';

const QR = 0x80;
const OPCODE_MASK = 0x78;
const RCODE_MASK = 0x0f;
/** Type and class after the question's name. */
const QUESTION_TAIL = 4;

/** Errors that servers which cannot read a query send as a bare header (RFC 6891 §7 has FORMERR in mind). */
const BARE_ERRORS: ReadonlySet<number> = new Set([Rcode.FORMERR, Rcode.SERVFAIL, Rcode.NOTIMP, Rcode.REFUSED]);

/**
 * Compares a reply of any octets with the query that was sent: ID, QR, opcode and the one question.
 * `questionEnd` is where the question of `query` ends. With `exact` the letters' case counts too (0x20).
 */
export function matchReply(reply: Uint8Array, query: Uint8Array, questionEnd: number, exact: boolean): ReplyMatch {
  if (reply.length < HEADER_OCTETS || reply[0] !== query[0] || reply[1] !== query[1]) return 'other';
  if (((reply[2]! ^ query[2]!) & (QR | OPCODE_MASK)) !== QR || reply[4] !== 0) return 'other';
  if (reply[5] === 0) return isBareError(reply) ? 'match' : 'other';
  if (reply[5] !== 1 || reply.length < questionEnd) return 'other';
  return matchQuestion(reply, query, questionEnd, exact);
}

/** The end of the one question in a query whose name has `nameOctets`. */
export function questionEndOf(nameOctets: number): number {
  return HEADER_OCTETS + nameOctets + QUESTION_TAIL;
}

/** An error without its question may carry nothing else that could be believed: no answer, no authority. */
function isBareError(reply: Uint8Array): boolean {
  const nothingElse = (reply[6]! | reply[7]! | reply[8]! | reply[9]!) === 0;
  return nothingElse && BARE_ERRORS.has(reply[3]! & RCODE_MASK);
}

function matchQuestion(reply: Uint8Array, query: Uint8Array, end: number, exact: boolean): ReplyMatch {
  let sameCase = true;
  const nameEnd = end - QUESTION_TAIL;
  for (let i = HEADER_OCTETS; i < end; i++) {
    const got = reply[i]!;
    const sent = query[i]!;
    if (got === sent) continue;
    if (i >= nameEnd || folded(got) !== folded(sent)) return 'other';
    sameCase = false;
  }
  return exact && !sameCase ? 'misspelled' : 'match';
}

/** Length octets are below 0x40: folding cannot make one equal to a letter. */
function folded(octet: number): number {
  return octet >= 0x41 && octet <= 0x5a ? octet | 0x20 : octet;
}
