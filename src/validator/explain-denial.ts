/** What do the NSEC and NSEC3 records of a finding show? The proofs of denial.ts again, with a witness in the room. */
import type { Dnskey } from '../dns/dnssec-rdata.js';
import { type DomainName, isAtOrBelow, nameToText, parentOf } from '../dns/name.js';
import { typeToText } from '../dns/numbers.js';
import type { RRset } from '../dns/rrset.js';
import type { ExplainedDenial, ExplainedProof } from '../ports/explanation.js';
import { type Denial, type DenialProof, type DsDenial, denyCloserMatch, denyDs, denyName, denyType } from './denial.js';
import { DenialWitness } from './denial-witness.js';
import { checkSignatures } from './explain-records.js';
import type { ExplainTerms } from './explain-terms.js';

/** Denial records looked at, as in validate.ts. */
const MAX_PROOF_RRSETS = 8;

/** The proof's records with their signatures, and those of them that hold. */
export interface CheckedProof {
  readonly zone: DomainName;
  readonly records: readonly ExplainedProof[];
  readonly held: readonly RRset[];
}

export function checkProof(
  proof: readonly RRset[],
  zone: DomainName,
  keys: readonly Dnskey[] | undefined,
  terms: ExplainTerms,
): CheckedProof {
  const records: ExplainedProof[] = [];
  const held: RRset[] = [];
  for (const rrset of proof.slice(0, MAX_PROOF_RRSETS)) {
    const { views } = checkSignatures(rrset, zone, keys, terms);
    records.push({ owner: nameToText(rrset.name), type: typeToText(rrset.type), signatures: views });
    // One made from a wildcard proves nothing (RFC 4035 §5.3.4).
    if (views.some(({ check, wildcard }) => check === 'valid' && wildcard === null)) held.push(rrset);
  }
  return { zone, records, held };
}

interface Told<T> {
  readonly outcome: T;
  readonly denial: ExplainedDenial;
}

/** The records may be those that deny a name above it: then nothing below does exist either (RFC 8020). */
export function explainNameError(name: DomainName, proof: CheckedProof, terms: ExplainTerms): ExplainedDenial {
  const first = told(proof, terms, (watched) => denyName(name, watched));
  if (first.outcome.kind !== 'unproved') return first.denial;
  for (let at = parentOf(name); at !== undefined && isAtOrBelow(at, proof.zone); at = parentOf(at)) {
    const above = at;
    const shown = told(proof, terms, (watched) => denyName(above, watched));
    if (shown.outcome.kind === 'proved') return shown.denial;
  }
  return first.denial;
}

export function explainNoData(
  name: DomainName,
  type: number,
  proof: CheckedProof,
  terms: ExplainTerms,
): ExplainedDenial {
  return told(proof, terms, (watched) => denyType(name, type, watched)).denial;
}

export function explainNoDs(name: DomainName, proof: CheckedProof, terms: ExplainTerms): Told<DsDenial> {
  return told(proof, terms, (watched) => denyDs(name, watched));
}

export function explainWildcard(
  name: DomainName,
  encloser: DomainName,
  proof: CheckedProof,
  terms: ExplainTerms,
): ExplainedDenial {
  return told(proof, terms, (watched) => denyCloserMatch(name, encloser, watched)).denial;
}

function told<T extends Denial | DsDenial>(
  { zone, records, held }: CheckedProof,
  terms: ExplainTerms,
  prove: (proof: DenialProof) => T,
): Told<T> {
  const witness = new DenialWitness();
  const { budget, nsec3MaxIterations: maxIterations } = terms;
  const outcome = prove({ zone, rrsets: held, budget, maxIterations, watch: witness.watch });
  const missing = outcome.kind === 'unproved' || outcome.kind === 'insecure' ? [outcome.because] : [];
  return { outcome, denial: { words: [...witness.words, ...missing], records } };
}
