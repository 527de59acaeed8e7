/**
 * HOT. Which octets ask this? The query of an exchange in wire form (RFC 1035 §4.1, RFC 6891 §6.1).
 *
 * Written straight into the one buffer that is sent: a query is a header, a question and perhaps OPT, and the general
 * encoder with its sections, sizes and compression took a tenth of the time of a whole exchange.
 */

import type { Edns } from '../dns/message.js';
import { Class, Type } from '../dns/numbers.js';
import type { ExchangeQuery } from '../ports/exchange.js';
import type { Random } from '../ports/random.js';
import { ednsOctets, ednsTtl } from '../wire/edns.js';
import { Flag, HEADER_OCTETS } from '../wire/header.js';
import { questionEndOf } from './match.js';
import { spellAtRandom } from './spelling.js';

const MAX_OCTETS = 0xffff;

/**
 * The message to send, its memory shared with others' but its octets its own. With `spelling` the letters of the name
 * get a random case (0x20). Throws RangeError for EDNS options that no message can carry.
 */
export function encodeQuery(query: ExchangeQuery, id: number, spelling: Random | undefined): Buffer {
  const { name, edns } = query;
  const questionEnd = questionEndOf(name.length);
  const length = edns === undefined ? questionEnd : questionEnd + ednsOctets(edns, edns.options.length);
  if (length > MAX_OCTETS) throw new RangeError(`a query of ${length} octets is longer than ${MAX_OCTETS}`);
  const octets = Buffer.allocUnsafe(length);
  uint16(octets, 0, id);
  uint16(octets, 2, (query.recursionDesired ? Flag.RD : 0) | (query.checkingDisabled ? Flag.CD : 0));
  uint16(octets, 4, 1);
  uint16(octets, 6, 0);
  uint16(octets, 8, 0);
  uint16(octets, 10, edns === undefined ? 0 : 1);
  // For so little a loop is faster than latin1Write, which leaves JavaScript.
  for (let i = 0; i < name.length; i++) octets[HEADER_OCTETS + i] = name.charCodeAt(i);
  if (spelling !== undefined) spellAtRandom(octets, HEADER_OCTETS, HEADER_OCTETS + name.length, spelling);
  uint16(octets, questionEnd - 4, query.type);
  uint16(octets, questionEnd - 2, Class.IN);
  if (edns !== undefined) writeOpt(octets, questionEnd, edns);
  return octets;
}

function writeOpt(octets: Buffer, start: number, edns: Edns): void {
  const ttl = ednsTtl(edns, 0);
  octets[start] = 0;
  uint16(octets, start + 1, Type.OPT);
  uint16(octets, start + 3, edns.udpSize);
  uint16(octets, start + 5, ttl >>> 16);
  uint16(octets, start + 7, ttl & 0xffff);
  uint16(octets, start + 9, octets.length - start - 11);
  let at = start + 11;
  for (const { code, data } of edns.options) {
    uint16(octets, at, code);
    uint16(octets, at + 2, data.length);
    octets.latin1Write(data, at + 4);
    at += 4 + data.length;
  }
}

function uint16(octets: Buffer, at: number, value: number): void {
  octets[at] = value >>> 8;
  octets[at + 1] = value & 0xff;
}
