/**
 * What is left of a reply, named. Pure: only the driver acts on it.
 *
 * Servers in the field leave AA out of answers they are authoritative for, so AA decides only where two readings are
 * possible: an answer without AA beside a referral is the parent showing glue, and a reply with RA but no AA that
 * holds nothing useful comes from a recursive server that was delegated to by mistake.
 */
import type { Delegation } from '../dns/delegation.js';
import type { Alias, Answer, NoData, NxDomain, TooLong } from '../dns/finding.js';
import { Rcode, rcodeToText } from '../dns/numbers.js';
import type { RRset } from '../dns/rrset.js';
import type { ScrubbedResponse } from './scrub.js';

export type Step =
  /** The end was reached: aliases on the way, then what was found there; nothing when the chain leaves the zone. */
  | { readonly kind: 'finding'; readonly finding: Answer | NoData | NxDomain | TooLong }
  | { readonly kind: 'alias'; readonly chain: readonly [Alias, ...Alias[]]; readonly end: Answer | undefined }
  | { readonly kind: 'referral'; readonly delegation: Delegation }
  /** NOERROR with nothing that says why: maybe no data, maybe a broken server. Others are asked. */
  | { readonly kind: 'vague' }
  /** Not a server of that zone. */
  | { readonly kind: 'lame'; readonly because: string }
  | { readonly kind: 'unusable'; readonly rcode: number; readonly because: string };

/** @param recursive whether a recursive server (forwarder) was asked, whose word is final. */
export function classify(response: ScrubbedResponse, recursive: boolean): Step {
  const { rcode, chain, final, aa, ra } = response;
  if (rcode === Rcode.YXDOMAIN && response.tooLong && chain.length === 0)
    return { kind: 'finding', finding: response.tooLong };
  const tooLongLater = rcode === Rcode.YXDOMAIN && chain.length > 0;
  if (rcode !== Rcode.NOERROR && rcode !== Rcode.NXDOMAIN && !tooLongLater) {
    return { kind: 'unusable', rcode, because: `answered ${rcodeToText(rcode)}` };
  }
  const first = chain[0];
  const below = response.ns?.where === 'below' ? response.ns.delegation : undefined;
  if (first !== undefined) {
    return {
      kind: 'alias',
      chain: [first, ...chain.slice(1)],
      end: final && answerOf(final, response.proof),
    };
  }
  if (final !== undefined) {
    // RFC 2181 §5.4.1: data shown by the parent beside its referral is glue, whatever section it stands in.
    if (!aa && !recursive && below !== undefined) return { kind: 'referral', delegation: below };
    return { kind: 'finding', finding: answerOf(final, response.proof) };
  }
  if (response.tooLong) return { kind: 'finding', finding: response.tooLong };
  if (rcode === Rcode.NXDOMAIN) {
    if (ra && !aa && !recursive) return recursionLame();
    if (response.soaAbove && !recursive) return answersFromAbove();
    return { kind: 'finding', finding: { kind: 'nxdomain', soa: response.soa, proof: response.proof } };
  }
  return classifyNoAnswer(response, below, recursive);
}

function classifyNoAnswer(response: ScrubbedResponse, below: Delegation | undefined, recursive: boolean): Step {
  const { aa, ra, soa, proof, ns } = response;
  if (recursive) {
    if (soa === undefined && (below !== undefined || !ra)) return { kind: 'lame', because: 'does not recurse' };
    return { kind: 'finding', finding: { kind: 'nodata', soa, proof } };
  }
  if (response.soaAbove && soa === undefined && below === undefined) return answersFromAbove();
  if (soa !== undefined && (aa || below === undefined) && ns?.where !== 'above') {
    return { kind: 'finding', finding: { kind: 'nodata', soa, proof } };
  }
  if (below !== undefined) return { kind: 'referral', delegation: below };
  if (ns?.where === 'above') return { kind: 'lame', because: 'refers back up the tree' };
  if (ra && !aa) return recursionLame();
  if (ns?.where === 'at') {
    if (!aa) return { kind: 'lame', because: 'refers to the zone it was asked for' };
    return { kind: 'finding', finding: { kind: 'nodata', soa: undefined, proof } };
  }
  // Denial records without a SOA say why all the same; the validator sees whether they prove it (RFC 4035 §5.4).
  if (proof.length > 0) return { kind: 'finding', finding: { kind: 'nodata', soa: undefined, proof } };
  return { kind: 'vague' };
}

function answersFromAbove(): Step {
  return { kind: 'lame', because: 'answers from the zone above' };
}

function recursionLame(): Step {
  return { kind: 'lame', because: 'recurses instead of being authoritative' };
}

function answerOf(rrset: RRset, proof: readonly RRset[]): Answer {
  return proof.length === 0 ? { kind: 'answer', rrset } : { kind: 'answer', rrset, proof };
}
