/**
 * A finding to a verdict: the chain of trust from the anchors to this data (RFC 4035 §5, RFC 6840).
 *
 * Trust runs down: an anchor or a validated DS names the keys that may sign a zone's DNSKEY RRset; those keys sign its
 * data and the DS of the zones below, or prove that there is none. DS and DNSKEY come through Lookup, each validated in
 * a flight of its own, so this file never loops: it asks for the link above and judges one more.
 *
 *   judge            one finding: its signatures, or the proof that it need not have any
 *   keysOf(zone)     the validated DNSKEY RRset of a zone, or why there is none to be had
 *   cutAt(name)      what the parent says of a zone cut: signed, unsigned, none
 */
import type { TrustAnchor } from '../config/trust-anchors.js';
import { type Dnskey, dnskeyOf, dsOf, rrsigOf } from '../dns/dnssec-rdata.js';
import { type ExtendedError, ExtendedErrorCode } from '../dns/extended-error.js';
import type { Failure, Finding, Found } from '../dns/finding.js';
import { type DomainName, isAtOrBelow, isBelow, labelCount, lastLabels, nameToText, prepend } from '../dns/name.js';
import { Type, typeToText } from '../dns/numbers.js';
import type { RRset } from '../dns/rrset.js';
import type { Security } from '../dns/security.js';
import type { Clock } from '../ports/clock.js';
import type { Lookup, LookupContext } from '../ports/lookup.js';
import { Algorithms } from './algorithms.js';
import { type Denial, type DenialProof, denyCloserMatch, denyDs, denyName, denyType } from './denial.js';
import { dsMatches, usableDs } from './digest.js';
import { isExpandable, isReusable } from './reusable.js';
import { type NegativeAnchor, TrustAnchors, type ZoneAnchors } from './trust-anchors.js';
import { type SetVerdict, verifyRrset } from './verify-rrset.js';

export interface ValidatorSettings {
  readonly trustAnchors: readonly TrustAnchor[];
  readonly negativeTrustAnchors: readonly NegativeAnchor[];
  readonly legacyAlgorithms: readonly number[];
  readonly nsec3MaxIterations: number;
  /** Milliseconds since 1970 at which signatures are judged; null: now. */
  readonly validationTime: number | null;
}

export interface Judged {
  /** The finding, its TTLs within what the signatures allow (RFC 4035 §5.3.3). */
  readonly finding: Finding;
  readonly security: Security;
  /** Of secure findings that rest on denial records: what else those are good for. */
  readonly learnt?: Learnt | undefined;
}

/** What a secure finding teaches of its zone beyond itself (RFC 8198). TTLs are within what the signatures allow. */
export interface Learnt {
  readonly zone: DomainName;
  readonly soa: RRset | undefined;
  /** NSEC and NSEC3 RRsets whose signatures hold, those that can serve again. */
  readonly denial: readonly RRset[];
  /** What the answer was made from, under its true name. */
  readonly wildcard: RRset | undefined;
}

/** Denial records looked at in one reply. A name error needs three; more is noise or an attack. */
const MAX_PROOF_RRSETS = 8;

/** DS records of one set looked at: each may cost a digest over each key of its tag (KeyTrap, CVE-2023-50387). */
const MAX_DS = 16;
/** Keys of one DNSKEY RRset looked at. */
const MAX_KEYS = 32;

type Bogus = Extract<Security, { kind: 'bogus' }>;
type Unsecured = Exclude<Security, { kind: 'secure' | 'unchecked' }>;

type ZoneKeys = { readonly kind: 'keys'; readonly keys: readonly Dnskey[] } | { readonly kind: 'no-zone' } | Unsecured;

type Cut =
  | { readonly kind: 'signed'; readonly ds: RRset | undefined; readonly anchors: ZoneAnchors | undefined }
  | { readonly kind: 'none' }
  | Unsecured;

const SECURE: Security = { kind: 'secure' };

export class Validator {
  readonly #anchors: TrustAnchors;
  readonly #algorithms: Algorithms;

  constructor(
    readonly settings: ValidatorSettings,
    readonly clock: Clock,
    readonly lookup: Lookup,
  ) {
    this.#anchors = new TrustAnchors(settings.trustAnchors, settings.negativeTrustAnchors);
    this.#algorithms = new Algorithms(settings.legacyAlgorithms);
  }

  /** The verdict on a finding for that name and type. Never rejects: what cannot be found out is bogus, with why. */
  async judge(name: DomainName, type: number, finding: Finding, context: LookupContext): Promise<Judged> {
    const governing = this.#anchors.governing(name, type, this.clock.wall());
    if (governing.kind === 'none') return { finding, security: { kind: 'indeterminate' } };
    if (governing.kind === 'negative')
      return { finding, security: { kind: 'insecure', ede: negativeError(governing.anchor) } };
    const judged = await this.#judgeFinding(name, type, finding, governing.anchors.zone, context);
    const { security } = judged;
    context.trace?.({
      kind: 'security',
      name: `${nameToText(name)} ${typeToText(type)}`,
      verdict: security.kind,
      because: security.kind === 'bogus' ? security.because : '',
    });
    return judged;
  }

  /** The zone of the anchor that a name's chain of trust starts from; undefined where nothing is validated. */
  anchorAbove(name: DomainName, type: number): DomainName | undefined {
    const governing = this.#anchors.governing(name, type, this.clock.wall());
    return governing.kind === 'none' || governing.kind === 'negative' ? undefined : governing.anchors.zone;
  }

  #now(): number {
    return Math.floor((this.settings.validationTime ?? this.clock.wall()) / 1000);
  }

  async #judgeFinding(
    name: DomainName,
    type: number,
    finding: Finding,
    top: DomainName,
    context: LookupContext,
  ): Promise<Judged> {
    switch (finding.kind) {
      case 'answer': {
        const { rrset, security, proof, learnt } = await this.#judgePositive(
          finding.rrset,
          finding.proof ?? [],
          top,
          context,
        );
        return { finding: { kind: 'answer', rrset, ...(proof && { proof }) }, security, learnt };
      }
      case 'alias': {
        const { target, dname } = finding;
        const signed = dname ?? finding.rrset;
        // The parent alone answers for DS: an alias there is in its zone, and no cut need be looked for at its owner.
        const side = type === Type.DS && signed.name === name ? Type.DS : signed.type;
        const judged = await this.#judgePositive(signed, finding.proof ?? [], top, context, side);
        const { rrset, security, proof, learnt } = judged;
        if (dname === undefined)
          return { finding: { kind: 'alias', rrset, target, ...(proof && { proof }) }, security, learnt };
        const made = { ...finding.rrset, ttl: Math.min(finding.rrset.ttl, rrset.ttl) };
        return { finding: { kind: 'alias', dname: rrset, rrset: made, target }, security };
      }
      case 'too-long': {
        const { rrset, security } = await this.#judgePositive(finding.dname, [], top, context);
        return { finding: { ...finding, dname: rrset }, security };
      }
      case 'nodata':
      case 'nxdomain':
        return { finding, ...(await this.#judgeNegative(name, type, finding, top, context)) };
      default:
        return finding satisfies never;
    }
  }

  async #judgePositive(
    rrset: RRset,
    proof: readonly RRset[],
    top: DomainName,
    context: LookupContext,
    side: number = rrset.type,
  ): Promise<{ rrset: RRset; security: Security; proof?: readonly RRset[]; learnt?: Learnt | undefined }> {
    if (rrset.type === Type.DNSKEY) return this.#judgeKeys(rrset, context);
    // RFC 4035 §2.2: nobody signs signatures.
    if (rrset.type === Type.RRSIG) return { rrset, security: { kind: 'insecure' } };
    const zone = this.#signerOf(rrset, top);
    if (zone === undefined) {
      return { rrset, security: await this.#judgeUnsigned(rrset.name, side, top, context) };
    }
    const keys = await this.#keysOf(zone, context);
    if (keys.kind === 'no-zone') return { rrset, security: noSuchSigner(rrset, zone) };
    if (keys.kind !== 'keys') return { rrset, security: keys };
    const verdict = this.#verify(rrset, zone, keys.keys, context);
    if (verdict.kind !== 'secure') return { rrset, security: bogusFrom(verdict, rrset) };
    const bounded = { ...rrset, ttl: Math.min(rrset.ttl, verdict.ttl) };
    if (verdict.closestEncloser === undefined) return { rrset: bounded, security: SECURE };
    const verified = this.#verifiedProof(proof, zone, keys.keys, context);
    const security = securityOfDenial(denyCloserMatch(rrset.name, verdict.closestEncloser, verified));
    const wildcard = wildcardOf(bounded, verdict.closestEncloser);
    return { rrset: bounded, security, proof, learnt: learntFrom(security, verified, undefined, wildcard) };
  }

  /** RFC 4035 §5.2: the key that a DS or an anchor names must have signed the DNSKEY RRset it stands in. */
  async #judgeKeys(rrset: RRset, context: LookupContext): Promise<{ rrset: RRset; security: Security }> {
    const zone = rrset.name;
    const cut = await this.#cutAt(zone, context);
    if (cut.kind === 'none') {
      return {
        rrset,
        security: bogus(ExtendedErrorCode.DNSSEC_BOGUS, `${nameToText(zone)} is not a zone, yet has keys`),
      };
    }
    if (cut.kind !== 'signed') return { rrset, security: cut };
    const keys = rrset.rdatas
      .slice(0, MAX_KEYS)
      .map(dnskeyOf)
      .filter((key) => key !== undefined);
    const entry = this.#entryKeys(zone, keys, cut);
    if (entry.kind !== 'keys') return { rrset, security: entry };
    const verdict = this.#verify(rrset, zone, entry.keys, context);
    if (verdict.kind !== 'secure') return { rrset, security: bogusFrom(verdict, rrset) };
    return { rrset: { ...rrset, ttl: Math.min(rrset.ttl, verdict.ttl) }, security: SECURE };
  }

  /** The keys of the set that the parent's DS, or the anchors, stand for. */
  #entryKeys(
    zone: DomainName,
    keys: readonly Dnskey[],
    cut: Extract<Cut, { kind: 'signed' }>,
  ): { kind: 'keys'; keys: readonly Dnskey[] } | Unsecured {
    const trusted = (cut.anchors?.ds ?? cut.ds?.rdatas ?? []).map(dsOf).filter((ds) => ds !== undefined);
    const anchored = cut.anchors?.dnskeys ?? [];
    const usable = usableDs(trusted, this.#algorithms).slice(0, MAX_DS);
    const known = anchored.map(dnskeyOf).filter((key) => key !== undefined);
    const usableKeys = known.filter((key) => this.#algorithms.supports(key.algorithm));
    // RFC 4035 §5.2: nothing here that we can verify with is as good as no DS at all.
    if (usable.length === 0 && usableKeys.length === 0) return { kind: 'insecure' };
    const entry = keys.filter(
      (key) => usable.some((ds) => dsMatches(ds, zone, key)) || usableKeys.some((anchor) => anchor.rdata === key.rdata),
    );
    if (entry.length > 0) return { kind: 'keys', keys: entry };
    const wanted = [...usable, ...usableKeys].map((k) => `${k.keyTag} (${this.#algorithms.name(k.algorithm)})`);
    const source = cut.anchors === undefined ? 'the DS at its parent' : 'the trust anchor';
    return bogus(
      ExtendedErrorCode.DNSKEY_MISSING,
      `no DNSKEY of ${nameToText(zone)} is the one ${source} asks for: key tag ${wanted.join(', ')}`,
    );
  }

  /** Data without a signature is all right below an unsigned delegation only. */
  async #judgeUnsigned(name: DomainName, type: number, top: DomainName, context: LookupContext): Promise<Security> {
    const zone = await this.#zoneAround(name, type, top, context);
    if (zone.kind !== 'signed-zone') return zone;
    return bogus(
      ExtendedErrorCode.RRSIGS_MISSING,
      `${nameToText(name)} ${typeToText(type)} has no signature, yet its zone ${nameToText(zone.zone)} is signed`,
    );
  }

  /** Walks the cuts from the anchor down to the name (RFC 4035 §5.2, §4.3): the signed zone it is in, or what ends trust. */
  async #zoneAround(
    name: DomainName,
    type: number,
    top: DomainName,
    context: LookupContext,
  ): Promise<{ kind: 'signed-zone'; zone: DomainName } | Unsecured> {
    let zone = top;
    const depth = labelCount(name) - (type === Type.DS ? 1 : 0);
    for (let labels = labelCount(top) + 1; labels <= depth; labels++) {
      const at = lastLabels(name, labels);
      const cut = await this.#cutAt(at, context);
      if (cut.kind === 'signed') zone = at;
      else if (cut.kind !== 'none') return cut;
    }
    return { kind: 'signed-zone', zone };
  }

  async #judgeNegative(
    name: DomainName,
    type: number,
    finding: Extract<Finding, { kind: 'nodata' | 'nxdomain' }>,
    top: DomainName,
    context: LookupContext,
  ): Promise<Omit<Judged, 'finding'> & Partial<Pick<Judged, 'finding'>>> {
    const zone = this.#signerOfDenial(name, finding, top);
    if (zone === undefined) return { security: await this.#judgeUnsigned(name, type, top, context) };
    const keys = await this.#keysOf(zone, context);
    if (keys.kind === 'no-zone') return { security: noSuchSigner(finding.soa ?? finding.proof[0]!, zone) };
    if (keys.kind !== 'keys') return { security: keys };
    let soa: RRset | undefined;
    if (finding.soa !== undefined) {
      const verdict = this.#verify(finding.soa, zone, keys.keys, context);
      if (verdict.kind !== 'secure') return { security: bogusFrom(verdict, finding.soa) };
      soa = { ...finding.soa, ttl: verdict.ttl };
    }
    const verified = this.#verifiedProof(finding.proof, zone, keys.keys, context);
    const denial = finding.kind === 'nxdomain' ? denyName(name, verified) : denyType(name, type, verified);
    const security = securityOfDenial(denial);
    if (denial.kind !== 'unproved' || !isBelow(name, zone)) {
      return {
        security,
        learnt: learntFrom(security, verified, soa, undefined),
        ...(security.kind === 'secure' && { finding: { ...finding, ...withinSignatures(soa, verified.rrsets) } }),
      };
    }
    // The proof may be the parent's of a cut below which nothing is signed (an unsigned child on the same servers).
    const around = await this.#zoneAround(name, type, top, context);
    return { security: around.kind === 'insecure' ? around : security };
  }

  /** What the zone above says of a cut at `name`; anchors speak for themselves. */
  async #cutAt(name: DomainName, context: LookupContext): Promise<Cut> {
    const anchors = this.#anchors.at(name);
    if (anchors !== undefined) return { kind: 'signed', ds: undefined, anchors };
    const found = await this.lookup.find(name, Type.DS, context);
    if (found.kind === 'failure') return unreachable(name, Type.DS, found);
    if (found.security.kind !== 'secure') return this.#cutUnsecured(found);
    switch (found.finding.kind) {
      case 'answer':
        return { kind: 'signed', ds: found.finding.rrset, anchors: undefined };
      case 'nodata':
        return this.#cutWithoutDs(name, found.finding, context);
      case 'nxdomain':
      case 'alias':
      case 'too-long':
        return { kind: 'none' };
      default:
        return found.finding satisfies never;
    }
  }

  #cutUnsecured({ security }: Found): Unsecured {
    return security.kind === 'secure' || security.kind === 'unchecked' ? { kind: 'indeterminate' } : security;
  }

  /** RFC 4035 §5.2, RFC 5155 §8.9: absence of DS is an unsigned delegation only where the proof shows a delegation. */
  #cutWithoutDs(name: DomainName, finding: Extract<Finding, { kind: 'nodata' }>, context: LookupContext): Cut {
    const zone = finding.proof.length === 0 ? undefined : this.#signers(finding.proof[0]!)[0];
    if (zone === undefined) return { kind: 'indeterminate' };
    // The finding is secure: its proof was verified when it was judged.
    const outcome = denyDs(name, this.#proofOf(finding.proof, zone, context));
    switch (outcome.kind) {
      case 'insecure-delegation':
      case 'insecure':
        return { kind: 'insecure' };
      case 'no-cut':
      case 'name-error':
        return { kind: 'none' };
      case 'spent':
        return spent();
      case 'unproved':
        return bogus(outcome.ede.code, outcome.because);
      default:
        return outcome satisfies never;
    }
  }

  /** The keys that sign a zone's data. */
  async #keysOf(zone: DomainName, context: LookupContext): Promise<ZoneKeys> {
    const cut = await this.#cutAt(zone, context);
    if (cut.kind === 'none') return { kind: 'no-zone' };
    if (cut.kind !== 'signed') return cut;
    const found = await this.lookup.find(zone, Type.DNSKEY, context);
    if (found.kind === 'failure') return unreachable(zone, Type.DNSKEY, found);
    if (found.security.kind === 'bogus') return found.security;
    if (found.security.kind !== 'secure') return this.#cutUnsecured(found);
    if (found.finding.kind !== 'answer') {
      return bogus(ExtendedErrorCode.DNSKEY_MISSING, `${nameToText(zone)} has DS at its parent but no DNSKEY`);
    }
    return {
      kind: 'keys',
      keys: found.finding.rrset.rdatas
        .slice(0, MAX_KEYS)
        .map(dnskeyOf)
        .filter((key) => key !== undefined),
    };
  }

  #verify(rrset: RRset, zone: DomainName, keys: readonly Dnskey[], context: LookupContext): SetVerdict {
    return verifyRrset(rrset, zone, keys, this.#now(), context.budget, this.#algorithms);
  }

  /** Denial records of the zone whose signatures hold; one made from a wildcard proves nothing (RFC 4035 §5.3.4). */
  #verifiedProof(
    proof: readonly RRset[],
    zone: DomainName,
    keys: readonly Dnskey[],
    context: LookupContext,
  ): DenialProof {
    const good = proof.slice(0, MAX_PROOF_RRSETS).flatMap((rrset) => {
      const verdict = this.#verify(rrset, zone, keys, context);
      return verdict.kind === 'secure' && verdict.closestEncloser === undefined ? [{ ...rrset, ttl: verdict.ttl }] : [];
    });
    return this.#proofOf(good, zone, context);
  }

  #proofOf(rrsets: readonly RRset[], zone: DomainName, context: LookupContext): DenialProof {
    return { zone, rrsets, budget: context.budget, maxIterations: this.settings.nsec3MaxIterations };
  }

  /** The zone that signed an RRset, from its signatures; undefined when none names a zone it can be in. */
  #signerOf(rrset: RRset, top: DomainName): DomainName | undefined {
    return this.#signers(rrset).find(
      (signer) =>
        isAtOrBelow(rrset.name, signer) &&
        isAtOrBelow(signer, top) &&
        (rrset.type !== Type.DS || signer !== rrset.name),
    );
  }

  #signers(rrset: RRset): DomainName[] {
    return rrset.signatures.map((rdata) => rrsigOf(rdata)?.signer).filter((signer) => signer !== undefined);
  }

  #signerOfDenial(
    name: DomainName,
    finding: Extract<Finding, { kind: 'nodata' | 'nxdomain' }>,
    top: DomainName,
  ): DomainName | undefined {
    for (const rrset of [...(finding.soa === undefined ? [] : [finding.soa]), ...finding.proof]) {
      const signer = this.#signerOf(rrset, top);
      if (signer !== undefined && isAtOrBelow(name, signer)) return signer;
    }
    return undefined;
  }
}

/** RFC 4035 §5.3.3: a denial lives no longer than the signatures of what proves it; what proves nothing is left off. */
function withinSignatures(soa: RRset | undefined, proof: readonly RRset[]): { soa: RRset | undefined; proof: RRset[] } {
  const ttl = Math.min(...[...(soa === undefined ? [] : [soa]), ...proof].map((rrset) => rrset.ttl));
  return { soa: soa && { ...soa, ttl }, proof: proof.map((rrset) => ({ ...rrset, ttl })) };
}

function learntFrom(
  security: Security,
  { zone, rrsets }: DenialProof,
  soa: RRset | undefined,
  wildcard: RRset | undefined,
): Learnt | undefined {
  if (security.kind !== 'secure') return undefined;
  return {
    zone,
    soa: soa?.name === zone ? soa : undefined,
    denial: rrsets.filter((rrset) => isReusable(rrset, zone)),
    wildcard,
  };
}

/** What an answer was expanded from (RFC 4034 §3.1.3): the wildcard at its closest encloser. */
function wildcardOf(rrset: RRset, closestEncloser: DomainName): RRset | undefined {
  const name = isExpandable(rrset.type) ? prepend('*', closestEncloser) : undefined;
  return name && { ...rrset, name };
}

function negativeError({ name, reason }: NegativeAnchor): ExtendedError {
  const text = `validation is turned off at ${nameToText(name)}${reason === '' ? '' : `: ${reason}`}`;
  return { code: ExtendedErrorCode.NEGATIVE_TRUST_ANCHOR, text };
}

function bogus(code: number, because: string): Bogus {
  return { kind: 'bogus', because, ede: { code, text: because } };
}

function bogusFrom(verdict: Exclude<SetVerdict, { kind: 'secure' }>, rrset: RRset): Bogus {
  switch (verdict.kind) {
    case 'bogus':
      return { kind: 'bogus', because: verdict.because, ede: verdict.ede };
    case 'unsigned':
      return bogus(
        ExtendedErrorCode.RRSIGS_MISSING,
        `${nameToText(rrset.name)} ${typeToText(rrset.type)} has no usable signature`,
      );
    case 'spent':
      return spent();
    default:
      return verdict satisfies never;
  }
}

function spent(): Bogus {
  return bogus(ExtendedErrorCode.OTHER, 'the signature checks allowed for one question are used up');
}

function noSuchSigner(rrset: RRset, signer: DomainName): Bogus {
  return bogus(
    ExtendedErrorCode.DNSSEC_BOGUS,
    `${nameToText(rrset.name)} ${typeToText(rrset.type)} is signed by ${nameToText(signer)}, which is no zone`,
  );
}

function securityOfDenial(denial: Denial): Security {
  switch (denial.kind) {
    case 'proved':
      // RFC 5155 §9.2: below opt-out an unsigned name may exist, so the answer is not authentic.
      return denial.optOut ? { kind: 'insecure' } : SECURE;
    case 'insecure':
      return denial.ede === undefined ? { kind: 'insecure' } : { kind: 'insecure', ede: denial.ede };
    case 'unproved':
      return { kind: 'bogus', because: denial.because, ede: denial.ede };
    case 'spent':
      return spent();
    default:
      return denial satisfies never;
  }
}

function unreachable(name: DomainName, type: number, failure: Failure): Bogus {
  const first: ExtendedError | undefined = failure.because[0];
  const what = `${typeToText(type)} of ${nameToText(name)} could not be had`;
  const code = type === Type.DNSKEY ? ExtendedErrorCode.DNSKEY_MISSING : ExtendedErrorCode.DNSSEC_INDETERMINATE;
  return bogus(code, first === undefined ? what : `${what}: ${first.text}`);
}
