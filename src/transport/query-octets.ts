/** Which octets ask this? The query of an exchange in wire form (RFC 1035 §4.1, RFC 6891 §6.1). */
import { Class, Opcode, Rcode } from '../dns/numbers.js';
import type { Octets } from '../dns/octets.js';
import type { ExchangeQuery } from '../ports/exchange.js';
import { encodeMessage } from '../wire/encode-message.js';

/**
 * The message to send. `spelling` is the name as it is to be written, undefined for lower case. Throws RangeError for EDNS
 * that no message can carry.
 */
export function encodeQuery(query: ExchangeQuery, id: number, spelling: Octets | undefined): Buffer {
  const message = {
    id,
    opcode: Opcode.QUERY,
    rcode: Rcode.NOERROR,
    qr: false,
    aa: false,
    tc: false,
    rd: query.recursionDesired,
    ra: false,
    ad: false,
    cd: query.checkingDisabled,
    questions: [{ name: query.name, type: query.type, class: Class.IN }],
    answer: [],
    authority: [],
    additional: [],
    edns: query.edns,
  };
  return encodeMessage(message, spelling === undefined ? {} : { spelling }).bytes;
}
