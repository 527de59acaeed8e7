/**
 * How do the records of one link of the chain read? DS, DNSKEY and RRSIG taken apart for people, each signature checked
 * again by itself, so that of several every one has its own outcome.
 */
import { type Dnskey, type Ds, dnskeyOf, dsOf, isRevoked, isSecureEntryPoint, rrsigOf } from '../dns/dnssec-rdata.js';
import { type DomainName, nameToText, ROOT } from '../dns/name.js';
import type { Octets } from '../dns/octets.js';
import type { RRset } from '../dns/rrset.js';
import type { WorkBudget } from '../ports/budget.js';
import type { ExplainedDs, ExplainedKey, ExplainedSignature } from '../ports/explanation.js';
import { type Algorithms, DigestType } from './algorithms.js';
import { dsMatches, usableDs } from './digest.js';
import { describe } from './signature-fault.js';
import { expandedFrom } from './signed-data.js';
import { timeToText } from './validity-period.js';
import { type SetVerdict, verifyRrset } from './verify-rrset.js';

/** Records of one set that are shown: as many as the validator looks at. */
const MAX_SHOWN = { ds: 16, keys: 32, signatures: 8 } as const;

export interface CheckTerms {
  readonly algorithms: Algorithms;
  readonly budget: WorkBudget;
  /** Seconds since 1970. */
  readonly now: number;
}

export function dsRecords(rdatas: readonly Octets[]): readonly Ds[] {
  return rdatas
    .slice(0, MAX_SHOWN.ds)
    .map(dsOf)
    .filter((ds) => ds !== undefined);
}

export function keyRecords(rdatas: readonly Octets[]): readonly Dnskey[] {
  return rdatas
    .slice(0, MAX_SHOWN.keys)
    .map(dnskeyOf)
    .filter((key) => key !== undefined);
}

/** @param keys of the zone; undefined when they are not known */
export function explainDs(
  set: readonly Ds[],
  zone: DomainName,
  keys: readonly Dnskey[] | undefined,
  algorithms: Algorithms,
): ExplainedDs[] {
  const usable = usableDs(set, algorithms);
  return set.map((ds) => ({
    keyTag: ds.keyTag,
    algorithm: algorithms.name(ds.algorithm),
    digestType: digestName(ds.digestType),
    unusable: usable.includes(ds) ? '' : whyUnusable(ds, algorithms),
    matches: keys === undefined ? null : keys.some((key) => dsMatches(ds, zone, key)),
  }));
}

function whyUnusable(ds: Ds, algorithms: Algorithms): string {
  if (!algorithms.supports(ds.algorithm)) return 'its algorithm is not supported';
  if (!algorithms.supportsDigest(ds.digestType)) return 'its digest type is not supported';
  return 'a stronger digest stands beside it (RFC 4509)';
}

const digestNames = new Map<number, string>([
  [DigestType.SHA1, 'SHA-1'],
  [DigestType.SHA256, 'SHA-256'],
  [3, 'GOST R 34.11-94'],
  [DigestType.SHA384, 'SHA-384'],
]);

export function digestName(digestType: number): string {
  const name = digestNames.get(digestType);
  return name === undefined ? `digest type ${digestType}` : `${name} (${digestType})`;
}

/** @param trusted RDATA of the keys that the DS or the anchor stands for; @param signers RDATA of those that signed the set */
export function explainKeys(
  keys: readonly Dnskey[],
  trusted: ReadonlySet<Octets>,
  signers: ReadonlySet<Octets>,
  algorithms: Algorithms,
): ExplainedKey[] {
  return keys.map((key) => ({
    keyTag: key.keyTag,
    role: isSecureEntryPoint(key) ? 'KSK' : 'ZSK',
    flags: key.flags,
    algorithm: algorithms.name(key.algorithm),
    revoked: isRevoked(key),
    trusted: trusted.has(key.rdata),
    signsKeys: signers.has(key.rdata),
  }));
}

export interface CheckedSignatures {
  readonly views: readonly ExplainedSignature[];
  /** The keys by which one holds. */
  readonly signers: readonly Dnskey[];
}

/** Every signature of a set by itself. @param keys of `zone`; undefined: there is nothing to check with */
export function checkSignatures(
  rrset: RRset,
  zone: DomainName,
  keys: readonly Dnskey[] | undefined,
  terms: CheckTerms,
): CheckedSignatures {
  const views: ExplainedSignature[] = [];
  const signers: Dnskey[] = [];
  for (const rdata of rrset.signatures.slice(0, MAX_SHOWN.signatures)) {
    const verdict =
      keys && verifyRrset({ ...rrset, signatures: [rdata] }, zone, keys, terms.now, terms.budget, terms.algorithms);
    if (verdict?.kind === 'secure') signers.push(verdict.key);
    const view = signatureView(rdata, rrset, verdict, terms);
    if (view !== undefined) views.push(view);
  }
  return { views, signers };
}

function signatureView(
  rdata: Octets,
  rrset: RRset,
  verdict: SetVerdict | undefined,
  { algorithms, now }: CheckTerms,
): ExplainedSignature | undefined {
  const rrsig = rrsigOf(rdata);
  if (rrsig === undefined) return undefined;
  const encloser = expandedFrom(rrset.name, rrsig.labels);
  return {
    signer: nameToText(rrsig.signer),
    keyTag: rrsig.keyTag,
    algorithm: algorithms.name(rrsig.algorithm),
    inception: timeToText(rrsig.inception, now),
    expiration: timeToText(rrsig.expiration, now),
    // RFC 4034 §3.1.5: times compare modulo 2^32.
    expiresIn: (rrsig.expiration - now) | 0,
    originalTtl: rrsig.originalTtl,
    labels: rrsig.labels,
    wildcard: encloser === undefined ? null : encloser === ROOT ? '*.' : `*.${nameToText(encloser)}`,
    ...outcome(verdict, `${describe(rrsig, rrset, algorithms)} `),
  };
}

/** @param about what a reason begins with that stands beside it already */
function outcome(verdict: SetVerdict | undefined, about: string): Pick<ExplainedSignature, 'check' | 'because'> {
  if (verdict === undefined) return { check: 'unchecked', because: 'the keys of its zone are not known' };
  switch (verdict.kind) {
    case 'secure':
      return { check: 'valid', because: '' };
    case 'bogus':
      return { check: 'invalid', because: withoutHead(verdict.because, about) };
    case 'spent':
      return { check: 'unchecked', because: 'the checks allowed for one explanation are used up' };
    case 'unsigned':
      return { check: 'unchecked', because: 'signatures are not signed' };
    default:
      return verdict satisfies never;
  }
}

function withoutHead(text: string, head: string): string {
  return text.startsWith(head) ? text.slice(head.length) : text;
}
