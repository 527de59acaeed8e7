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
import { type Dnskey, type Ds, dnskeyOf, dsOf, rrsigOf } from '../dns/dnssec-rdata.js';
import { type ExtendedError, ExtendedErrorCode } from '../dns/extended-error.js';
import { type Failure, type Finding, type Found, withTtlWithin } from '../dns/finding.js';
import { type DomainName, isAtOrBelow, isBelow, labelCount, lastLabels, nameToText, prepend } from '../dns/name.js';
import { Type, typeToText } from '../dns/numbers.js';
import type { RRset } from '../dns/rrset.js';
import type { Security } from '../dns/security.js';
import type { WorkBudget } from '../ports/budget.js';
import type { Clock } from '../ports/clock.js';
import type { Lookup, LookupContext } from '../ports/lookup.js';
import { Algorithms } from './algorithms.js';
import { isCompactNameError } from './compact-denial.js';
import { type Denial, type DenialProof, denyCloserMatch, denyDs, denyName, denyType } from './denial.js';
import { dsMatches, usableDs } from './digest.js';
import type { TrustTerms } from './explain-terms.js';
import { isAtDelegation, isExpandable, isReusable } from './reusable.js';
import { signedLabelCount } from './signed-data.js';
import type { NegativeAnchor, TrustAnchors, ZoneAnchors } from './trust-anchors.js';
import { type SetVerdict, verifyRrset } from './verify-rrset.js';

export interface ValidatorSettings {
  readonly anchors: TrustAnchors;
  readonly legacyAlgorithms: readonly number[];
  readonly nsec3MaxIterations: number;
  /** Milliseconds since 1970 at which signatures are judged; null: now. */
  readonly validationTime: number | null;
}

export interface Judged {
  /**
   * The finding, its TTLs within what the signatures allow (RFC 4035 §5.3.3). Unless bogus or unsigned, its proof is
   * what was verified and no more: whoever looks at it later, for a zone cut for instance, takes it for the zone's word.
   */
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
  /** Those that stand at delegations: they tell of DS, whether or not they can serve for other names. */
  readonly cuts: readonly RRset[];
  /** What the answer was made from, under its true name. */
  readonly wildcard: RRset | undefined;
}

/** Denial records looked at in one reply. A name error needs three; more is noise or an attack. */
const MAX_PROOF_RRSETS = 8;
/** Denial records looked at beside an answer that needs none. */
const MAX_BESIDE = 2;

/** DS records of one set looked at: each may cost a digest over each key of its tag (KeyTrap, CVE-2023-50387). */
const MAX_DS = 16;
/** Keys of one DNSKEY RRset looked at. */
const MAX_KEYS = 32;
/** Seconds a denial of an anchored zone is kept that nobody can vouch for: it hides all the zone (RFC 8020 §2). */
const UNVOUCHED_TTL = 60;

type Negative = Extract<Finding, { kind: 'nodata' | 'nxdomain' }>;
type Bogus = Extract<Security, { kind: 'bogus' }>;
type Insecure = Extract<Security, { kind: 'insecure' }>;
type Unsecured = Exclude<Security, { kind: 'secure' | 'unchecked' }>;

type ZoneKeys = { readonly kind: 'keys'; readonly keys: readonly Dnskey[] } | { readonly kind: 'no-zone' } | Unsecured;

type Cut =
  | { readonly kind: 'signed'; readonly ds: RRset | undefined; readonly anchors: ZoneAnchors | undefined }
  | { readonly kind: 'none' }
  | Unsecured;

const SECURE: Security = { kind: 'secure' };

export class Validator {
  readonly #algorithms: Algorithms;

  constructor(
    readonly settings: ValidatorSettings,
    readonly clock: Clock,
    readonly lookup: Lookup,
  ) {
    this.#algorithms = new Algorithms(settings.legacyAlgorithms);
  }

  /** From where trust starts. */
  get anchors(): TrustAnchors {
    return this.settings.anchors;
  }

  /** The verdict on a finding for that name and type. Never rejects: what cannot be found out is bogus, with why. */
  async judge(name: DomainName, type: number, finding: Finding, context: LookupContext): Promise<Judged> {
    const governing = this.anchors.governing(name, type, this.clock.wall());
    if (governing.kind === 'none') return { finding, security: { kind: 'indeterminate' } };
    if (governing.kind === 'negative') return this.#judgedNot(finding, governing.anchor);
    const { zone } = governing.anchors;
    const above = deniedFromAbove(finding, zone);
    if (above !== undefined) return this.#judgeDenialOfAnchor(name, type, finding, above, zone, context);
    const judged = restored(name, await this.#judgeFinding(name, type, finding, zone, context));
    const { security } = judged;
    context.trace?.({
      kind: 'security',
      name: `${nameToText(name)} ${typeToText(type)}`,
      verdict: security.kind,
      because: security.kind === 'bogus' ? security.because : '',
    });
    return judged;
  }

  /**
   * A zone above says that there is nothing where an anchor stands. Where another anchor vouches for that zone it must
   * prove it; where none does, nobody can, and it goes out unauthenticated as with Unbound and Knot: the zone may be
   * gone. Anybody on the path can say it, so it is kept no longer than what is bogus. (A routed zone is out of its
   * reach: what its servers' parents say is lame there, see classify.ts.)
   */
  async #judgeDenialOfAnchor(
    name: DomainName,
    type: number,
    finding: Finding,
    above: DomainName,
    anchored: DomainName,
    context: LookupContext,
  ): Promise<Judged> {
    const governing = this.anchors.governing(above, Type.SOA, this.clock.wall());
    if (governing.kind === 'anchor') return this.#judgeFinding(name, type, finding, governing.anchors.zone, context);
    const text = `${nameToText(above)} denies ${nameToText(anchored)}, which has a trust anchor, and has none itself`;
    const ede = { code: ExtendedErrorCode.DNSSEC_INDETERMINATE, text };
    return { finding: withTtlWithin(finding, UNVOUCHED_TTL), security: { kind: 'insecure', ede } };
  }

  /** Below a negative trust anchor: unjudged, and not for longer than the anchor holds (RFC 7646 §2). */
  #judgedNot(finding: Finding, anchor: NegativeAnchor): Judged {
    const left = anchor.until === null ? undefined : Math.floor((anchor.until - this.clock.wall()) / 1000);
    return {
      finding: left === undefined ? finding : withTtlWithin(finding, left),
      security: { kind: 'insecure', ede: negativeError(anchor) },
    };
  }

  /** What judge goes by at this moment: for explanations. */
  terms(): TrustTerms {
    const { nsec3MaxIterations } = this.settings;
    const algorithms = this.#algorithms;
    return { anchors: this.anchors, algorithms, nsec3MaxIterations, now: this.#now(), wall: this.clock.wall() };
  }

  /** The zone of the anchor that a name's chain of trust starts from; undefined where nothing is validated. */
  anchorAbove(name: DomainName, type: number): DomainName | undefined {
    const governing = this.anchors.governing(name, type, this.clock.wall());
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
        return this.#judgeNegative(name, type, finding, top, context);
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
    // Whoever trusts that zone by other means needs the proof all the same.
    if (keys.kind !== 'keys') return { rrset, security: keys, ...(isExpanded(rrset) && { proof }) };
    const verdict = this.#verify(rrset, zone, keys.keys, context);
    if (verdict.kind !== 'secure') return { rrset, security: bogusFrom(verdict, rrset, context.budget) };
    const bounded = { ...rrset, ttl: Math.min(rrset.ttl, verdict.ttl) };
    if (verdict.closestEncloser === undefined) {
      // What stands beside an answer is of the delegations that an alias leads to (RFC 4035 §3.1.4.1), or noise.
      const beside = proof.filter((record) => isAtDelegation(record, zone)).slice(0, MAX_BESIDE);
      const shown = beside.length === 0 ? undefined : this.#verifiedProof(beside, zone, keys.keys, context);
      return { rrset: bounded, security: SECURE, learnt: shown && learntFrom(SECURE, shown, undefined, undefined) };
    }
    const verified = this.#verifiedProof(proof, zone, keys.keys, context);
    const denial = denyCloserMatch(rrset.name, verdict.closestEncloser, verified);
    const security = securityOfDenial(denial, context.budget);
    if (denial.kind === 'unproved') return { rrset: bounded, security, proof };
    const learnt = learntFrom(security, verified, undefined, wildcardOf(bounded, verdict.closestEncloser));
    // Kept as one: the answer is right for as long as it is shown that nothing closer exists.
    const ttl = leastTtl(bounded, verified.rrsets);
    return { rrset: { ...bounded, ttl }, security, proof: verified.rrsets, learnt };
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
    if (verdict.kind !== 'secure') return { rrset, security: bogusFrom(verdict, rrset, context.budget) };
    return { rrset: { ...rrset, ttl: Math.min(rrset.ttl, verdict.ttl) }, security: SECURE };
  }

  /** The keys of the set that the parent's DS, or the anchors, stand for. */
  #entryKeys(
    zone: DomainName,
    keys: readonly Dnskey[],
    cut: Extract<Cut, { kind: 'signed' }>,
  ): { kind: 'keys'; keys: readonly Dnskey[] } | Unsecured {
    const trusted = (cut.anchors?.ds ?? cut.ds?.rdatas ?? []).map(dsOf).filter(isRead);
    const known = (cut.anchors?.dnskeys ?? []).map(dnskeyOf).filter(isRead);
    // Of an anchored zone this is asked only now that it has shown keys: who configured the anchor said that it has some.
    const unsupported = this.#unsupported(zone, trusted, known, 'its trust anchor');
    if (unsupported !== undefined) return unsupported;
    const usable = usableDs(trusted, this.#algorithms).slice(0, MAX_DS);
    const usableKeys = known.filter((key) => this.#algorithms.supports(key.algorithm));
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
    // The anchored zone itself is not looked at: who configured an anchor said that it is signed, and data without any
    // signature contradicts that even where the signatures could not be verified.
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
    finding: Negative,
    top: DomainName,
    context: LookupContext,
  ): Promise<Judged> {
    const zone = this.#signerOfDenial(name, finding, top);
    if (zone === undefined) return { finding, security: await this.#judgeUnsigned(name, type, top, context) };
    const keys = await this.#keysOf(zone, context);
    if (keys.kind === 'no-zone') return { finding, security: noSuchSigner(finding.soa ?? finding.proof[0]!, zone) };
    if (keys.kind !== 'keys') return { finding, security: keys };
    const soa = finding.soa && this.#verify(finding.soa, zone, keys.keys, context);
    if (soa !== undefined && soa.kind !== 'secure')
      return { finding, security: bogusFrom(soa, finding.soa!, context.budget) };
    const verified = this.#verifiedProof(finding.proof, zone, keys.keys, context);
    const denial = finding.kind === 'nxdomain' ? denyName(name, verified) : denyType(name, type, verified);
    if (denial.kind !== 'unproved') {
      const security = securityOfDenial(denial, context.budget);
      const proved = withProof(finding, soa?.ttl, verified.rrsets);
      return { finding: proved, security, learnt: learntFrom(security, verified, proved.soa, undefined) };
    }
    if (!isBelow(name, zone)) return { finding, security: securityOfDenial(denial, context.budget) };
    // The proof may be the parent's of a cut below which nothing is signed (an unsigned child on the same servers).
    const around = await this.#zoneAround(name, type, top, context);
    return { finding, security: around.kind === 'insecure' ? around : securityOfDenial(denial, context.budget) };
  }

  /** What the zone above says of a cut at `name`; anchors speak for themselves. */
  async #cutAt(name: DomainName, context: LookupContext): Promise<Cut> {
    const anchors = this.anchors.at(name);
    if (anchors !== undefined) return { kind: 'signed', ds: undefined, anchors };
    const found = await this.lookup.find(name, Type.DS, context);
    if (found.kind === 'failure') return unreachable(name, Type.DS, found);
    if (found.security.kind !== 'secure') return this.#cutUnsecured(found);
    switch (found.finding.kind) {
      case 'answer':
        return this.#cutWithDs(name, found.finding.rrset);
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

  /** RFC 4035 §5.2: keys and digests with none among them that we can verify with are as good as no DS at all. */
  #unsupported(zone: DomainName, ds: readonly Ds[], keys: readonly Dnskey[], source: string): Insecure | undefined {
    const algorithms = this.#algorithms;
    if (usableDs(ds, algorithms).length > 0) return undefined;
    if (keys.some(({ algorithm }) => algorithms.supports(algorithm))) return undefined;
    // RFC 8914 §4.2, §4.3
    const isDigest = ds.some(({ algorithm }) => algorithms.supports(algorithm));
    const figures = isDigest ? ds.map((one) => one.digestType) : [...ds, ...keys].map((one) => one.algorithm);
    const what = `${isDigest ? 'digest type' : 'algorithm'} ${[...new Set(figures)].join(', ')}`;
    const text = `${nameToText(zone)} counts as unsigned: ${what} of ${source} is not supported`;
    const { UNSUPPORTED_DS_DIGEST_TYPE, UNSUPPORTED_DNSKEY_ALGORITHM } = ExtendedErrorCode;
    return {
      kind: 'insecure',
      ede: { code: isDigest ? UNSUPPORTED_DS_DIGEST_TYPE : UNSUPPORTED_DNSKEY_ALGORITHM, text },
    };
  }

  #cutWithDs(zone: DomainName, ds: RRset): Cut {
    const unsupported = this.#unsupported(zone, ds.rdatas.map(dsOf).filter(isRead), [], 'its DS');
    return unsupported ?? { kind: 'signed', ds, anchors: undefined };
  }

  #cutUnsecured({ security }: Found): Unsecured {
    return security.kind === 'secure' || security.kind === 'unchecked' ? { kind: 'indeterminate' } : security;
  }

  /** RFC 4035 §5.2, RFC 5155 §8.9: absence of DS is an unsigned delegation only where the proof shows a delegation. */
  #cutWithoutDs(name: DomainName, finding: Extract<Finding, { kind: 'nodata' }>, context: LookupContext): Cut {
    const zone = finding.proof.length === 0 ? undefined : this.#signers(finding.proof[0]!)[0];
    if (zone === undefined) return { kind: 'indeterminate' };
    // The finding is secure: what is left of its proof was verified when it was judged.
    const outcome = denyDs(name, this.#proofOf(finding.proof, zone, context));
    switch (outcome.kind) {
      case 'insecure-delegation':
      case 'insecure':
        return { kind: 'insecure' };
      case 'no-cut':
      case 'name-error':
        return { kind: 'none' };
      case 'spent':
        return spent(context.budget);
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
    const good: RRset[] = [];
    for (const rrset of proof.slice(0, MAX_PROOF_RRSETS)) {
      const verdict = this.#verify(rrset, zone, keys, context);
      if (verdict.kind !== 'secure' || verdict.closestEncloser !== undefined) continue;
      // Whoever reads the zone off these signatures later must not come upon one that somebody put beside them.
      const signatures = rrset.signatures.filter((rdata) => rrsigOf(rdata)?.signer === zone);
      good.push({ ...rrset, signatures, ttl: Math.min(rrset.ttl, verdict.ttl) });
    }
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

  #signerOfDenial(name: DomainName, finding: Negative, top: DomainName): DomainName | undefined {
    for (const rrset of [...(finding.soa === undefined ? [] : [finding.soa]), ...finding.proof]) {
      const signer = this.#signerOf(rrset, top);
      if (signer !== undefined && isAtOrBelow(name, signer)) return signer;
    }
    return undefined;
  }
}

/** The zone above the anchored one that a name error comes from, by its SOA. */
function deniedFromAbove(finding: Finding, anchored: DomainName): DomainName | undefined {
  if (finding.kind !== 'nxdomain' || finding.soa === undefined) return undefined;
  return isBelow(anchored, finding.soa.name) ? finding.soa.name : undefined;
}

/** Whether its signatures say that it was made from a wildcard (RFC 4035 §5.3.4). */
function isExpanded({ name, signatures }: RRset): boolean {
  const labels = signedLabelCount(name);
  return signatures.some((rdata) => (rrsigOf(rdata)?.labels ?? labels) < labels);
}

function isRead<T>(value: T | undefined): value is T {
  return value !== undefined;
}

/** RFC 9824 §5: the name error that a validated compact denial stands for, whichever RCODE the server gave it. */
function restored(name: DomainName, judged: Judged): Judged {
  const { finding, security } = judged;
  if (finding.kind !== 'nodata' && finding.kind !== 'nxdomain') return judged;
  if (security.kind !== 'secure' || !isCompactNameError(name, finding.proof)) return judged;
  return { ...judged, finding: { ...finding, kind: 'nxdomain', compact: true } };
}

/** A denial is kept as one: for as long as all that shows it (RFC 4035 §5.3.3). @param soaTtl as its signature allows */
function withProof(finding: Negative, soaTtl: number | undefined, proof: readonly RRset[]): Negative {
  const { soa } = finding;
  if (soa === undefined || soaTtl === undefined) return { ...finding, proof };
  const ttl = leastTtl({ ...soa, ttl: Math.min(soa.ttl, soaTtl) }, proof);
  return { ...finding, soa: { ...soa, ttl }, proof: proof.map((rrset) => ({ ...rrset, ttl })) };
}

function leastTtl(rrset: RRset, proof: readonly RRset[]): number {
  return Math.min(rrset.ttl, ...proof.map(({ ttl }) => ttl));
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
    cuts: rrsets.filter((rrset) => isAtDelegation(rrset, zone)),
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

function bogusFrom(verdict: Exclude<SetVerdict, { kind: 'secure' }>, rrset: RRset, budget: WorkBudget): Bogus {
  switch (verdict.kind) {
    case 'bogus':
      return { kind: 'bogus', because: verdict.because, ede: verdict.ede };
    case 'unsigned':
      return bogus(
        ExtendedErrorCode.RRSIGS_MISSING,
        `${nameToText(rrset.name)} ${typeToText(rrset.type)} has no usable signature`,
      );
    case 'spent':
      return spent(budget);
    default:
      return verdict satisfies never;
  }
}

/** The bound that was hit goes by its name; another question may get further. */
function spent(budget: WorkBudget): Bogus {
  const what = budget.exhausted ?? 'the work allowed for one question is used up';
  return { ...bogus(ExtendedErrorCode.OTHER, `validation stopped: ${what}`), passing: true };
}

function noSuchSigner(rrset: RRset, signer: DomainName): Bogus {
  return bogus(
    ExtendedErrorCode.DNSSEC_BOGUS,
    `${nameToText(rrset.name)} ${typeToText(rrset.type)} is signed by ${nameToText(signer)}, which is no zone`,
  );
}

function securityOfDenial(denial: Denial, budget: WorkBudget): Security {
  switch (denial.kind) {
    case 'proved':
      // RFC 5155 §9.2: below opt-out an unsigned name may exist, so the answer is not authentic.
      return denial.optOut ? { kind: 'insecure' } : SECURE;
    case 'insecure':
      return denial.ede === undefined ? { kind: 'insecure' } : { kind: 'insecure', ede: denial.ede };
    case 'unproved':
      return { kind: 'bogus', because: denial.because, ede: denial.ede };
    case 'spent':
      return spent(budget);
    default:
      return denial satisfies never;
  }
}

function unreachable(name: DomainName, type: number, failure: Failure): Bogus {
  const first: ExtendedError | undefined = failure.because[0];
  const what = `${typeToText(type)} of ${nameToText(name)} could not be had`;
  const code = type === Type.DNSKEY ? ExtendedErrorCode.DNSKEY_MISSING : ExtendedErrorCode.DNSSEC_INDETERMINATE;
  const verdict = bogus(code, first === undefined ? what : `${what}: ${first.text}`);
  return failure.cacheable || failure.remembered ? verdict : { ...verdict, passing: true };
}
