/** What does a reply say, whoever gave it? One shape for a message from a server and a resolution of this process. */
import type { ExtendedError } from '../dns/extended-error.js';
import type { Message, Question } from '../dns/message.js';
import { Class, Opcode, Rcode, Type } from '../dns/numbers.js';
import type { Resolution } from '../dns/resolution.js';
import { type ResourceRecord, type RRset, recordsOf } from '../dns/rrset.js';
import { extendedErrorsOf } from '../wire/edns.js';

export interface Reply {
  readonly opcode: number;
  readonly rcode: number;
  /** Absent for a resolution, which crossed no wire. */
  readonly id: number | undefined;
  /** Those that are set, in the order of the header. */
  readonly flags: readonly string[];
  /** EDNS version, UDP payload size in octets and whether DO is set. */
  readonly edns: { readonly version: number; readonly udpSize: number; readonly dnssecOk: boolean } | undefined;
  readonly question: Question;
  readonly answer: readonly ResourceRecord[];
  readonly authority: readonly ResourceRecord[];
  readonly additional: readonly ResourceRecord[];
  readonly reasons: readonly ExtendedError[];
  /** Lines about how it was got: label and text. */
  readonly circumstances: readonly (readonly [label: string, text: string])[];
}

/** A message as it came from a server. `question` is what was asked, for servers that echo none. */
export function replyFromMessage(message: Message, question: Question, circumstances: Reply['circumstances']): Reply {
  const flags = (['qr', 'aa', 'tc', 'rd', 'ra', 'ad', 'cd'] as const).filter((flag) => message[flag]);
  const { opcode, rcode, id, edns, answer, authority, additional } = message;
  return {
    opcode,
    rcode,
    id,
    flags,
    edns,
    question: message.questions[0] ?? question,
    answer,
    authority,
    additional,
    reasons: extendedErrorsOf(edns),
    circumstances,
  };
}

/** A resolution, as the server would send it: DNSSEC records only when `withSignatures`. */
export function replyFromResolution(
  resolution: Resolution,
  question: Question,
  withSignatures: boolean,
  milliseconds: number,
): Reply {
  const { rcode, authoritative, security, source, because } = resolution;
  const all = (rrsets: readonly RRset[]): ResourceRecord[] => rrsets.flatMap((s) => [...recordsOf(s, withSignatures)]);
  const flags = ['qr', ...(authoritative ? ['aa'] : []), 'rd', 'ra', ...(security.kind === 'secure' ? ['ad'] : [])];
  return {
    opcode: Opcode.QUERY,
    rcode,
    id: undefined,
    flags,
    edns: undefined,
    question,
    answer: all(resolution.answer),
    authority: all(resolution.authority.filter(({ type }) => withSignatures || type === Type.SOA || type === Type.NS)),
    additional: [],
    reasons: because,
    circumstances: [
      ['Security', security.kind === 'bogus' ? `bogus: ${security.because}` : security.kind],
      ['Source', source],
      ['Query time', `${milliseconds.toFixed(1)} ms`],
      ['Server', 'this process'],
    ],
  };
}

/** Whether the reply answers the question: NXDOMAIN does, SERVFAIL does not. */
export function isAnswer(reply: Reply): boolean {
  return reply.rcode === Rcode.NOERROR || reply.rcode === Rcode.NXDOMAIN;
}

export function questionOf(name: Question['name'], type: number): Question {
  return { name, type, class: Class.IN };
}
