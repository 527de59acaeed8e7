/** What is known of one name of an alias chain, and what of it is signed? Its records, signatures and proofs in words. */
import { rrsigOf } from '../dns/dnssec-rdata.js';
import type { Failure, Finding, Found } from '../dns/finding.js';
import { type DomainName, isAtOrBelow, nameToText, selfAndAncestors } from '../dns/name.js';
import { typeToText } from '../dns/numbers.js';
import { type ResourceRecord, type RRset, recordsOf } from '../dns/rrset.js';
import type { ExplainedData } from '../ports/explanation.js';
import { checkProof, explainNameError, explainNoData, explainWildcard } from './explain-denial.js';
import { checkSignatures } from './explain-records.js';
import { type ExplainTerms, originOf } from './explain-terms.js';
import { reasonOf, textsOf, type ZoneOnTheWay } from './explain-zone.js';
import { expandedFrom } from './signed-data.js';

/** Records of an answer that are shown. */
const MAX_RECORDS = 8;

type Told = Pick<ExplainedData, 'found' | 'target' | 'records' | 'more' | 'signatures' | 'denial'>;

const NOTHING_TOLD = { target: null, records: [], more: 0, signatures: [], denial: null } as const;

export function explainData(
  step: number,
  name: DomainName,
  type: number,
  known: Found | Failure | undefined | 'unkept',
  zone: ZoneOnTheWay,
  terms: ExplainTerms,
): ExplainedData {
  const head = { step, name: nameToText(name), type: typeToText(type) };
  if (known === undefined || known === 'unkept' || known.kind === 'failure') {
    return { ...head, ...NOTHING_TOLD, ...tellLack(known), origin: null, delegation: delegationAbove(name, terms) };
  }
  const { finding, security } = known;
  const reason = reasonOf(security);
  const ttl = signedSets(finding)[0]?.ttl ?? 0;
  return {
    ...head,
    ...tellFinding(name, type, finding, zone, terms),
    verdict: security.kind,
    because: reason === '' ? [] : [reason],
    origin: originOf(known, ttl, terms),
    delegation: null,
  };
}

function tellLack(known: Failure | undefined | 'unkept'): Pick<ExplainedData, 'found' | 'verdict' | 'because'> {
  const verdict = 'unchecked';
  if (known === 'unkept') return { found: 'unkept', verdict, because: [] };
  if (known === undefined) return { found: 'nothing', verdict, because: [] };
  return { found: 'failure', verdict, because: textsOf(known) };
}

function tellFinding(name: DomainName, type: number, finding: Finding, zone: ZoneOnTheWay, terms: ExplainTerms): Told {
  switch (finding.kind) {
    case 'answer':
      return tellPositive('answer', [finding.rrset], finding.proof ?? [], zone, terms);
    case 'alias': {
      const { dname, rrset, proof = [] } = finding;
      const sets = dname === undefined ? [rrset] : [dname, rrset];
      return { ...tellPositive('alias', sets, proof, zone, terms), target: nameToText(finding.target) };
    }
    case 'too-long':
      return tellPositive('too-long', [finding.dname], [], zone, terms);
    case 'nodata':
    case 'nxdomain':
      return tellNegative(name, type, finding, zone, terms);
    default:
      return finding satisfies never;
  }
}

function tellPositive(
  found: Told['found'],
  sets: readonly RRset[],
  proof: readonly RRset[],
  zone: ZoneOnTheWay,
  terms: ExplainTerms,
): Told {
  const signed = sets[0]!;
  const { views } = checkSignatures(signed, zone.apex, zone.keys, terms);
  const records = sets.flatMap((rrset) => [...recordsOf(rrset, false)]);
  const encloser = signed.signatures
    .map((rdata) => rrsigOf(rdata))
    .map((rrsig) => rrsig && expandedFrom(signed.name, rrsig.labels))
    .find((name) => name !== undefined);
  const denial =
    encloser === undefined
      ? null
      : explainWildcard(signed.name, encloser, checkProof(proof, zone.apex, zone.keys, terms), terms);
  return {
    found,
    target: null,
    ...fewOf(records, terms),
    signatures: views,
    denial,
  };
}

function tellNegative(
  name: DomainName,
  type: number,
  finding: Extract<Finding, { kind: 'nodata' | 'nxdomain' }>,
  zone: ZoneOnTheWay,
  terms: ExplainTerms,
): Told {
  const proof = checkProof(finding.proof, zone.apex, zone.keys, terms);
  const denial =
    finding.proof.length === 0
      ? null
      : finding.kind === 'nxdomain'
        ? explainNameError(name, proof, terms)
        : explainNoData(name, type, proof, terms);
  const soa = finding.soa;
  return {
    found: finding.kind,
    target: null,
    records: soa === undefined ? [] : [...recordsOf(soa, false)].map(terms.recordText),
    more: 0,
    signatures: soa === undefined ? [] : checkSignatures(soa, zone.apex, zone.keys, terms).views,
    denial,
  };
}

/** The deepest delegation known on the way to a name. */
function delegationAbove(name: DomainName, { delegationOf }: ExplainTerms): ExplainedData['delegation'] {
  for (const at of selfAndAncestors(name)) {
    const delegation = delegationOf(at);
    if (delegation !== undefined) {
      return { zone: nameToText(at), servers: delegation.servers.map((server) => nameToText(server.name)) };
    }
  }
  return null;
}

/** Data of a local zone: nobody signed it, and nobody need. */
export function explainLocalData(
  step: number,
  name: DomainName,
  type: number,
  finding: Finding | undefined,
  terms: ExplainTerms,
): ExplainedData {
  const head = { step, name: nameToText(name), type: typeToText(type), ...NOTHING_TOLD };
  const rest = { verdict: 'unchecked', because: [], origin: null, delegation: null } as const;
  if (finding === undefined) return { ...head, ...rest, found: 'refused' };
  const records = signedSets(finding).flatMap((rrset) => [...recordsOf(rrset, false)]);
  const target = finding.kind === 'alias' ? nameToText(finding.target) : null;
  return { ...head, ...rest, found: finding.kind, target, ...fewOf(records, terms) };
}

function fewOf(
  records: readonly ResourceRecord[],
  { recordText }: ExplainTerms,
): Pick<ExplainedData, 'records' | 'more'> {
  return {
    records: records.slice(0, MAX_RECORDS).map(recordText),
    more: Math.max(0, records.length - MAX_RECORDS),
  };
}

/** The zone that its signatures say a finding is from. */
export function signerOf(name: DomainName, finding: Finding): DomainName | undefined {
  for (const rrset of signedSets(finding)) {
    for (const rdata of rrset.signatures) {
      const signer = rrsigOf(rdata)?.signer;
      if (signer !== undefined && isAtOrBelow(name, signer)) return signer;
    }
  }
  return undefined;
}

function signedSets(finding: Finding): readonly RRset[] {
  switch (finding.kind) {
    case 'answer':
      return [finding.rrset];
    case 'alias':
      return [finding.dname ?? finding.rrset];
    case 'too-long':
      return [finding.dname];
    case 'nodata':
    case 'nxdomain':
      return finding.soa === undefined ? finding.proof : [finding.soa, ...finding.proof];
    default:
      return finding satisfies never;
  }
}
