/**
 * What may a name server do wrong, and what does it then say? Faults are data, so that a lab map can name them and a
 * test without sockets can have them. Pure: waiting and sending are for who runs the server.
 */
import type { Message } from '../dns/message.js';
import { nameFromText, ROOT } from '../dns/name.js';
import { Class, Rcode, Type } from '../dns/numbers.js';
import type { ResourceRecord } from '../dns/rrset.js';
import { answerFrom, errorReply } from './answer.js';
import type { Zone } from './zone.js';
import type { ZoneSet } from './zone-set.js';

export type Fault =
  /** Receives and never answers, over UDP and TCP. */
  | { readonly kind: 'silent' }
  /** Nothing listens on its address: the system refuses at once. */
  | { readonly kind: 'closed' }
  /** Named in a delegation but not serving the zone; `manner` is how it says so. */
  | { readonly kind: 'lame'; readonly manner: LameManner }
  | { readonly kind: 'servfail' }
  /** FORMERR to every query with an OPT record (RFC 6891 §7: what servers without EDNS say). */
  | { readonly kind: 'formerrOnEdns' }
  /** Never answers a query with an OPT record, as some firewalls bring about. */
  | { readonly kind: 'dropsEdns' }
  /** Answers without OPT, as if there had been none in the query. */
  | { readonly kind: 'ignoresEdns' }
  /** Over UDP every reply is empty and has TC set. */
  | { readonly kind: 'truncatesAlways' }
  /** Not reachable over TCP. */
  | { readonly kind: 'noTcp' }
  /** Answers late. `delayMs`: milliseconds, 1..60000. */
  | { readonly kind: 'slow'; readonly delayMs: number }
  /** Replies carry another ID than the query. */
  | { readonly kind: 'wrongId' }
  /** Replies break off: they promise more records than they hold. */
  | { readonly kind: 'garbage' }
  /** NXDOMAIN where it should be NODATA: an empty non-terminal then hides what is below it (RFC 8020 §1). */
  | { readonly kind: 'nxdomainOnNoData' }
  /** The question comes back in lower case, against RFC 4343 §4.1: 0x20 spelling is lost. */
  | { readonly kind: 'losesCase' };

/** REFUSED; a referral up to the root; or data with the AA bit clear (RFC 1912 §2.8). */
export type LameManner = 'refused' | 'upwardReferral' | 'nonAuthoritative';
export const LAME_MANNERS: readonly LameManner[] = ['refused', 'upwardReferral', 'nonAuthoritative'];

type FaultKind = Fault['kind'];

/** What each fault does, in words for people. */
export const FAULT_MEANINGS: Readonly<Record<FaultKind, string>> = {
  silent: 'never answers',
  closed: 'nothing listens there',
  lame: 'does not serve the zones delegated to it',
  servfail: 'answers everything with SERVFAIL',
  formerrOnEdns: 'answers FORMERR to queries with EDNS',
  dropsEdns: 'never answers queries with EDNS',
  ignoresEdns: 'answers without EDNS',
  truncatesAlways: 'truncates every UDP reply',
  noTcp: 'not reachable over TCP',
  slow: 'answers late',
  wrongId: 'replies with the wrong ID',
  garbage: 'replies break off in the middle',
  nxdomainOnNoData: 'says NXDOMAIN for empty non-terminals and missing types',
  losesCase: 'does not keep the spelling of the question',
};

/** What leaves the server. */
export type LabReply =
  | { readonly kind: 'none' }
  | {
      readonly kind: 'message';
      readonly message: Message;
      readonly delayMs: number;
      /** Whether the question is echoed in the client's spelling, as it should be. */
      readonly keepsSpelling: boolean;
      /** Whether its octets are to promise more answers than follow: see `breakOff`. */
      readonly broken: boolean;
    };

/** The reply of a server with these zones and faults. Faults work together where that makes sense; silence wins. */
export function replyOf(
  zones: readonly Zone[] | ZoneSet,
  faults: readonly Fault[],
  query: Message,
  transport: 'udp' | 'tcp',
): LabReply {
  if (faults.some((fault) => silences(fault, query, transport))) return { kind: 'none' };
  const delayMs = faults.reduce((sum, fault) => sum + (fault.kind === 'slow' ? fault.delayMs : 0), 0);
  const has = (kind: FaultKind): boolean => faults.some((fault) => fault.kind === kind);
  // Who ignores OPT answers as if it were not there: no BADVERS, no DNSSEC, no large datagrams.
  const seen = has('ignoresEdns') ? { ...query, edns: undefined } : query;
  let message = answerFrom(zones, seen);
  for (const fault of faults) message = distort(message, fault, seen, transport);
  return { kind: 'message', message, delayMs, keepsSpelling: !has('losesCase'), broken: has('garbage') };
}

/** Adds to ANCOUNT what is not there, in place: header and question stay right, decoding runs off the end. */
export function breakOff(encoded: Uint8Array): void {
  encoded[7] = 0xff;
}

function silences(fault: Fault, query: Message, transport: 'udp' | 'tcp'): boolean {
  switch (fault.kind) {
    case 'silent':
    case 'closed':
      return true;
    case 'noTcp':
      return transport === 'tcp';
    case 'dropsEdns':
      return query.edns !== undefined;
    default:
      return false;
  }
}

function distort(message: Message, fault: Fault, query: Message, transport: 'udp' | 'tcp'): Message {
  switch (fault.kind) {
    case 'lame':
      return lameReply(message, fault.manner, query);
    case 'servfail':
      return errorReply(query, Rcode.SERVFAIL);
    case 'formerrOnEdns':
      return query.edns ? { ...errorReply(query, Rcode.FORMERR), edns: undefined } : message;
    case 'truncatesAlways':
      return transport === 'udp' ? { ...message, tc: true, answer: [], authority: [], additional: [] } : message;
    case 'wrongId':
      return { ...message, id: message.id ^ 0x5555 };
    case 'nxdomainOnNoData':
      return isNoData(message) ? { ...message, rcode: Rcode.NXDOMAIN } : message;
    case 'silent':
    case 'closed':
    case 'dropsEdns':
    case 'ignoresEdns':
    case 'noTcp':
    case 'slow':
    case 'garbage':
    case 'losesCase':
      return message;
    default:
      return fault satisfies never;
  }
}

/** RFC 2308 §2.2: NOERROR with authority, no answer, and an SOA rather than a referral. */
function isNoData(message: Message): boolean {
  return message.rcode === Rcode.NOERROR && message.aa && message.answer.length === 0;
}

/** The owner of the NS record is the root: up, not down, so nobody gets closer to an answer. */
const UPWARD: ResourceRecord = {
  name: ROOT,
  type: Type.NS,
  class: Class.IN,
  ttl: 3600,
  rdata: nameFromText('a.root-servers.net.'),
};

function lameReply(message: Message, manner: LameManner, query: Message): Message {
  switch (manner) {
    case 'refused':
      return errorReply(query, Rcode.REFUSED);
    case 'upwardReferral':
      return { ...errorReply(query, Rcode.NOERROR), authority: [UPWARD] };
    case 'nonAuthoritative':
      return { ...message, aa: false };
    default:
      return manner satisfies never;
  }
}
