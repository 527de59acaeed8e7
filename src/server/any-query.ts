/**
 * What is the answer to type ANY? Few records that are true, never all of them (RFC 8482): large answers to small
 * questions are what amplification attacks are made of, and the cache does not know whether it holds all types.
 *
 * A subset (§4.1) when any RRset of the name can be had; else, when the name exists without the types tried, the HINFO
 * record of §4.2. That one is unsigned: a validating client below a signed zone will not believe it.
 */
import type { Question } from '../dns/message.js';
import { Rcode, Type } from '../dns/numbers.js';
import { octetsFrom } from '../dns/octets.js';
import type { Resolution } from '../dns/resolution.js';
import type { RRset } from '../dns/rrset.js';
import { UNCHECKED } from '../dns/security.js';
import type { ResolveOptions, Resolver } from '../ports/resolver.js';

/** Types looked for, the smallest and most usual first. Aliases turn up with any of them. */
const TRIED = [Type.A, Type.AAAA, Type.MX, Type.NS, Type.SOA, Type.TXT, Type.HTTPS, Type.PTR, Type.SRV] as const;

/** CPU "RFC8482", OS empty (RFC 8482 §4.2). */
const HINFO_RDATA = octetsFrom(7, ...Buffer.from('RFC8482', 'latin1'), 0);
/** Seconds. RFC 8482 §4.2 leaves the figure open; nothing becomes wrong by keeping it an hour. */
const HINFO_TTL = 3600;

/** An answer from cache and local zones; undefined when they know nothing of the name. */
export function knownAny(question: Question, resolver: Resolver, options: ResolveOptions): Resolution | undefined {
  for (const type of TRIED) {
    const resolution = resolver.known({ ...question, type }, options);
    if (resolution === undefined) continue;
    const subset = subsetOf(question, resolution);
    if (subset !== undefined) return subset;
  }
  return undefined;
}

/** An answer from the network. Addresses are asked for: that settles whether the name exists. */
export async function resolveAny(question: Question, resolver: Resolver, options: ResolveOptions): Promise<Resolution> {
  const resolution = await resolver.resolve({ ...question, type: Type.A }, options);
  const subset = subsetOf(question, resolution);
  if (subset !== undefined) return subset;
  if (resolution.rcode !== Rcode.NOERROR) return resolution;
  return { ...resolution, answer: [hinfoFor(question)], authority: [], security: UNCHECKED };
}

/** What the resolution says of the name itself; undefined when that is only "not this type", or a failure. */
function subsetOf(question: Question, resolution: Resolution): Resolution | undefined {
  if (resolution.silent === true) return resolution;
  const own = resolution.answer.findIndex((rrset) => rrset.name === question.name);
  // An alias is an answer to ANY and is not followed (RFC 1034 §3.6.2). The DNAME it was made from stands before it.
  if (own >= 0)
    return { ...resolution, rcode: Rcode.NOERROR, answer: resolution.answer.slice(0, own + 1), authority: [] };
  return resolution.rcode === Rcode.NXDOMAIN || resolution.rcode === Rcode.REFUSED ? resolution : undefined;
}

function hinfoFor(question: Question): RRset {
  return { name: question.name, type: Type.HINFO, ttl: HINFO_TTL, rdatas: [HINFO_RDATA], signatures: [] };
}
