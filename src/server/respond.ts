/**
 * What does the reply say? A query and its resolution to a message: flags, sections, EDNS.
 *
 * Nothing of the query is echoed but its ID, opcode, RD, CD, DO and question: error replies carry no octets an attacker
 * chose (Jiggle, 2026). Replies are minimal: no additional section, authority only where it proves something.
 */
import type { ExtendedError } from '../dns/extended-error.js';
import type { Edns, EdnsOption, Header, Message } from '../dns/message.js';
import { Class, EdnsCode, Rcode, Type } from '../dns/numbers.js';
import { NO_OCTETS, type Octets, octets16 } from '../dns/octets.js';
import type { Resolution } from '../dns/resolution.js';
import type { ResourceRecord, RRset } from '../dns/rrset.js';
import { UNCHECKED } from '../dns/security.js';
import type { Random } from '../ports/random.js';
import { extendedErrorOption } from '../wire/edns.js';
import { encodeMessage } from '../wire/encode-message.js';

/** Reasons told to a client: the cause, what it led to, and one more. */
const MAX_EXTENDED_ERRORS = 3;

export interface ReplyTerms {
  readonly transport: 'udp' | 'tcp';
  /** Octets, what our OPT record says we take. */
  readonly ednsBufferSize: number;
  /** Milliseconds an idle TCP connection is kept. */
  readonly tcpIdle: number;
  readonly random: Random;
}

/** The reply to a query that was understood; its size is not looked at. */
export function respond(query: Message, resolution: Resolution, terms: ReplyTerms): Message {
  const dnssecOk = query.edns?.dnssecOk === true;
  const qtype = query.questions[0]?.type;
  const answer = recordsFor(resolution.answer, dnssecOk, qtype, terms.random);
  // Asking for NSEC does not ask for the proof that there is none: the exception of RFC 4035 §3.2.1 is for the answer.
  const authority = recordsFor(resolution.authority, dnssecOk, undefined, terms.random);
  return {
    id: query.id,
    opcode: query.opcode,
    rcode: rcodeFor(query, resolution),
    qr: true,
    aa: resolution.authoritative,
    tc: false,
    rd: query.rd,
    ra: true,
    ad: isAuthentic(query, resolution) && answer.length + authority.length > 0,
    // RFC 4035 §3.2.2: CD is copied.
    cd: query.cd,
    questions: query.questions,
    answer,
    authority,
    additional: [],
    edns: query.edns === undefined ? undefined : replyEdns(query.edns, resolution.because, terms),
  };
}

/** RFC 9824 §5.1: to a validator without CO a compact denial is a proof of no data, and NXDOMAIN would contradict it. */
function rcodeFor({ edns }: Message, { rcode, compact }: Resolution): number {
  return compact && edns?.dnssecOk && !edns.compactOk ? Rcode.NOERROR : rcode;
}

/**
 * A reply of twelve octets to a message that was not understood, or is not for us: the ID, the opcode and RD of the
 * request and a response code below 16. It has no OPT, whose presence in the request nobody has verified.
 */
export function bareReply(header: Header, rcode: BareRcode): Buffer {
  const flags = { qr: true, aa: false, tc: false, rd: header.rd, ra: false, ad: false, cd: false };
  const sections = { questions: [], answer: [], authority: [], additional: [], edns: undefined };
  return encodeMessage({ id: header.id, opcode: header.opcode, rcode, ...flags, ...sections }).bytes;
}

export type BareRcode = typeof Rcode.FORMERR | typeof Rcode.NOTIMP | typeof Rcode.SERVFAIL | typeof Rcode.REFUSED;

/** The resolution of a question that the edge answers itself. */
export function refusal(rcode: number, because: readonly ExtendedError[]): Resolution {
  return { rcode, answer: [], authority: [], security: UNCHECKED, because, source: 'local', authoritative: false };
}

/**
 * AD: every record is secure (RFC 4035 §3.2.3) and the client showed by DO or AD that it knows the bit (RFC 6840 §5.7,
 * §5.8). With CD nothing need have been validated, so AD would depend on what the cache holds by chance.
 */
function isAuthentic(query: Message, resolution: Resolution): boolean {
  const understood = query.ad || query.edns?.dnssecOk === true;
  // A name error or data can be authentic; other codes say what became of the question, not what a zone holds.
  const said = resolution.rcode === Rcode.NOERROR || resolution.rcode === Rcode.NXDOMAIN;
  return understood && !query.cd && said && resolution.security.kind === 'secure';
}

/** Signatures and proofs go to those with DO only, and to those who asked for just them (RFC 4035 §3.2.1). */
function recordsFor(
  rrsets: readonly RRset[],
  dnssecOk: boolean,
  qtype: number | undefined,
  random: Random,
): ResourceRecord[] {
  const records: ResourceRecord[] = [];
  for (const rrset of rrsets) {
    const { name, type, ttl, signatures } = rrset;
    if (!dnssecOk && isAuthenticating(type) && type !== qtype) continue;
    for (const rdata of rotated(rrset, random)) records.push({ name, type, class: Class.IN, ttl, rdata });
    if (!dnssecOk) continue;
    for (const rdata of signatures) records.push({ name, type: Type.RRSIG, class: Class.IN, ttl, rdata });
  }
  return records;
}

function isAuthenticating(type: number): boolean {
  return type === Type.RRSIG || type === Type.NSEC || type === Type.NSEC3;
}

/** Addresses start at another one each time, which spreads the load of clients that take the first (RFC 1794). */
function rotated({ type, rdatas }: RRset, random: Random): readonly Octets[] {
  if (rdatas.length < 2 || (type !== Type.A && type !== Type.AAAA)) return rdatas;
  const first = random.below(rdatas.length);
  return first === 0 ? rdatas : [...rdatas.slice(first), ...rdatas.slice(0, first)];
}

/** RFC 6891 §7: OPT answers OPT. Version 0 is all we speak (§6.1.3); DO is copied (RFC 3225 §3); options are ours. */
function replyEdns(asked: Edns, because: readonly ExtendedError[], terms: ReplyTerms): Edns {
  const options: EdnsOption[] = [];
  if (terms.transport === 'tcp' && asksForKeepalive(asked)) options.push(keepaliveOption(terms.tcpIdle));
  for (const error of because.slice(0, MAX_EXTENDED_ERRORS)) options.push(extendedErrorOption(error));
  const compact = asked.dnssecOk && asked.compactOk === true;
  const edns = { version: 0, udpSize: terms.ednsBufferSize, dnssecOk: asked.dnssecOk, options };
  return compact ? { compactOk: true, ...edns } : edns;
}

/** RFC 7828 §3.2.1: a client sends the option without a timeout. */
function asksForKeepalive(asked: Edns): boolean {
  return asked.options.some((option) => option.code === EdnsCode.TCP_KEEPALIVE && option.data === NO_OCTETS);
}

/** RFC 7828 §3.1: TIMEOUT counts 100 milliseconds. */
function keepaliveOption(tcpIdle: number): EdnsOption {
  return { code: EdnsCode.TCP_KEEPALIVE, data: octets16(Math.min(0xffff, Math.floor(tcpIdle / 100))) };
}
