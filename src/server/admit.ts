/**
 * Is this a question for a resolver? Checks in the order of a message's parts, each naming its RFC. What fails before
 * the message is decoded is answered with twelve octets, what fails after with its question and a reason.
 */

import { type ExtendedError, ExtendedErrorCode } from '../dns/extended-error.js';
import type { Edns, Message, Question } from '../dns/message.js';
import { Class, classToText, EdnsCode, isMetaType, Opcode, Rcode, Type, typeToText } from '../dns/numbers.js';
import type { Resolution } from '../dns/resolution.js';
import type { PeekedHeader } from '../wire/peek.js';
import type { AccessList } from './access.js';
import { type BareRcode, refusal } from './respond.js';

/** What is wrong with a query as far as its header tells; undefined: nothing. */
export function headerError(header: PeekedHeader): BareRcode | undefined {
  // UPDATE, STATUS, DSO: no side effects, whatever they carry. NOTIFY from listed senders never comes here (notify.ts).
  if (header.opcode !== Opcode.QUERY) return Rcode.NOTIMP;
  // RFC 9619 §4. None at all is a request for a cookie (RFC 7873 §5.4), which nobody gives here.
  if (header.questions !== 1) return Rcode.FORMERR;
  // A query has a question and perhaps OPT and a signature; only IXFR has one record more (RFC 1995 §3). Records
  // nobody will look at are not worth decoding either.
  if (header.answers > 0 || header.authorities > 1 || header.additionals > MAX_ADDITIONAL) return Rcode.FORMERR;
  return undefined;
}

/** OPT, and TSIG or SIG(0) (RFC 8945 §5.1, RFC 2931 §3.1), with room for one nobody knows yet. */
const MAX_ADDITIONAL = 3;

/** The resolution of a decoded query that is not looked up; undefined: it is. */
export function refusalOf(query: Message, address: string, access: AccessList): Resolution | undefined {
  if (!access.mayAsk(address)) return refusal(Rcode.REFUSED, [NOT_ALLOWED]);
  return ednsRefusal(query.edns) ?? questionRefusal(query.questions[0]!);
}

const NOT_ALLOWED: ExtendedError = {
  code: ExtendedErrorCode.PROHIBITED,
  text: 'this resolver does not answer your address (access.allow)',
};

/** What is wrong with EDNS; undefined: nothing, or there is none. */
export function ednsRefusal(edns: Edns | undefined): Resolution | undefined {
  if (edns === undefined) return undefined;
  // RFC 6891 §6.1.3: checked before anything a later version may have given another meaning.
  if (edns.version > 0) return refusal(Rcode.BADVERS, []);
  const cookie = edns.options.find((option) => option.code === EdnsCode.COOKIE);
  // RFC 7873 §5.2.2; of several only the first counts (§4).
  if (cookie !== undefined && !isCookieLength(cookie.data.length)) return refusal(Rcode.FORMERR, []);
  return undefined;
}

/** A client cookie of 8 octets, alone or with a server cookie of 8 to 32 (RFC 7873 §4). */
function isCookieLength(octets: number): boolean {
  return octets === 8 || (octets >= 16 && octets <= 40);
}

/** CHAOS names such as version.bind included: nothing is recursed for outside IN (BIND CVE-2026-5946). */
export function classRefusal(question: Question): Resolution | undefined {
  if (question.class === Class.IN) return undefined;
  const text = `class ${classToText(question.class)} is not looked up, only IN`;
  return refusal(Rcode.REFUSED, [{ code: ExtendedErrorCode.NOT_SUPPORTED, text }]);
}

function questionRefusal(question: Question): Resolution | undefined {
  const refused = classRefusal(question);
  if (refused !== undefined) return refused;
  if (question.type === Type.ANY || !isMetaType(question.type)) return undefined;
  const text = `${typeToText(question.type)} is no type to ask a resolver for`;
  return refusal(metaTypeRcode(question.type), [{ code: ExtendedErrorCode.INVALID_QUERY_TYPE, text }]);
}

/** RFC 6895 §3.1 sets 0 and 128 to 255 apart: types that are not data, or not of this world. */
function metaTypeRcode(type: number): number {
  switch (type) {
    // RFC 5936 §2.2.1: a server that will not transfer a zone refuses.
    case Type.AXFR:
    case Type.IXFR:
      return Rcode.REFUSED;
    // Type 0 stands for "no type" (RFC 2931), OPT and TSIG are never asked for, and NXNAME must not (RFC 9824 §3.5).
    case 0:
    case Type.OPT:
    case Type.TSIG:
    case Type.NXNAME:
      return Rcode.FORMERR;
    // TKEY (RFC 2930) and MAILA, MAILB (RFC 1035 §3.2.3) could be asked for; the rest is not assigned.
    default:
      return Rcode.NOTIMP;
  }
}
