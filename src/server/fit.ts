/** How large may the reply be, and what goes when it is larger? Whole RRsets, then TC (RFC 2181 §9). */
import { PrefixSet } from '../dns/address.js';
import type { Edns, Message } from '../dns/message.js';
import { EdnsCode } from '../dns/numbers.js';
import { type Octets, sliceOctets } from '../dns/octets.js';
import { encodeMessage } from '../wire/encode-message.js';
import type { ClientRequest } from './client-request.js';

/** RFC 1035 §4.2.1: the largest UDP message without EDNS; RFC 6891 §6.2.3: smaller sizes mean this one. */
const LEAST_UDP_OCTETS = 512;
/** RFC 1035 §4.2.2: the length before a message on TCP has two octets. */
const TCP_OCTETS = 65_535;

/** Octets of a UDP reply on loopback at most: the size RFC 6891 §6.2.5 has clients start from. */
const LOOPBACK_UDP_OCTETS = 4096;

const LOOPBACK = new PrefixSet(['127.0.0.0/8', '::1/128']);

/**
 * Octets the reply to `query` may take. `ours`: the largest UDP message sent, against fragmentation and the forgeries it
 * allows (RFC 9715 §3.1). A reply to a client of this host crosses no path that could fragment it: loopback's MTU is
 * 16 KiB or more, and nobody else can put a fragment in.
 */
export function replyLimit(
  query: Message,
  { transport, address }: Pick<ClientRequest, 'transport' | 'address'>,
  ours: number,
): number {
  if (transport === 'tcp') return TCP_OCTETS;
  const theirs = Math.max(LEAST_UDP_OCTETS, query.edns?.udpSize ?? LEAST_UDP_OCTETS);
  // Reading an address from its text costs as much as all the rest here.
  if (theirs <= ours) return theirs;
  const most = LOOPBACK.has(address) ? Math.max(ours, LOOPBACK_UDP_OCTETS) : ours;
  return Math.max(LEAST_UDP_OCTETS, Math.min(theirs, most));
}

/**
 * The reply's octets, at most `maxOctets` (512 or more). The texts of extended errors go before any record does: an
 * explanation never truncates an answer. `spelling`: the client's own of the question's name.
 */
export function fitReply(reply: Message, maxOctets: number, spelling: Octets | undefined): Buffer {
  const options = spelling === undefined ? { maxOctets } : { maxOctets, spelling };
  const encoded = encodeMessage(reply, options);
  if (!encoded.truncated || reply.edns === undefined) return encoded.bytes;
  const terse = withoutTexts(reply.edns);
  return terse === undefined ? encoded.bytes : encodeMessage({ ...reply, edns: terse }, options).bytes;
}

/** The same EDNS with INFO-CODEs alone (RFC 8914 §2); undefined when no error has a text. */
function withoutTexts(edns: Edns): Edns | undefined {
  let shortened = false;
  const options = edns.options.map((option) => {
    if (option.code !== EdnsCode.EXTENDED_ERROR || option.data.length <= 2) return option;
    shortened = true;
    return { code: option.code, data: sliceOctets(option.data, 0, 2) };
  });
  return shortened ? { ...edns, options } : undefined;
}
