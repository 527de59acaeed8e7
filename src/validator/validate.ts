/**
 * A finding to a verdict (RFC 4035 §5, RFC 6840): its signatures, or the proof that it need not have any.
 *
 * Trust runs down: an anchor or a validated DS names the keys that may sign a zone's DNSKEY RRset; those keys sign its
 * data and the DS of the zones below, or prove that there is none. The links above are chain-of-trust.ts; this file
 * judges one more.
 */
import { type Dnskey, dnskeyOf, rrsigOf, signersOf } from '../dns/dnssec-rdata.js';
import { ExtendedErrorCode } from '../dns/extended-error.js';
import { type Finding, withTtlWithin } from '../dns/finding.js';
import { type DomainName, isAtOrBelow, isBelow, nameToText } from '../dns/name.js';
import { Type, typeToText } from '../dns/numbers.js';
import type { RRset } from '../dns/rrset.js';
import type { Security } from '../dns/security.js';
import type { Clock } from '../ports/clock.js';
import type { Lookup, LookupContext } from '../ports/lookup.js';
import { Algorithms } from './algorithms.js';
import { ChainOfTrust, MAX_KEYS } from './chain-of-trust.js';
import { isCompactNameError } from './compact-denial.js';
import { type DenialProof, denyCloserMatch, denyName, denyType } from './denial.js';
import type { TrustTerms } from './explain-terms.js';
import { type Learnt, learntFrom, wildcardOf } from './learnt.js';
import { isAtDelegation } from './reusable.js';
import { signedLabelCount } from './signed-data.js';
import type { NegativeAnchor, TrustAnchors } from './trust-anchors.js';
import { bogus, bogusFrom, negativeError, noSuchSigner, SECURE, securityOfDenial } from './verdict.js';
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

/** Denial records looked at in one reply. A name error needs three; more is noise or an attack. */
const MAX_PROOF_RRSETS = 8;
/** Denial records looked at beside an answer that needs none. */
const MAX_BESIDE = 2;

/** Seconds a denial of an anchored zone is kept that nobody can vouch for: it hides all the zone (RFC 8020 §2). */
const UNVOUCHED_TTL = 60;

type Negative = Extract<Finding, { kind: 'nodata' | 'nxdomain' }>;

export class Validator {
  readonly #algorithms: Algorithms;
  readonly #chain: ChainOfTrust;

  constructor(
    readonly settings: ValidatorSettings,
    readonly clock: Clock,
    readonly lookup: Lookup,
  ) {
    this.#algorithms = new Algorithms(settings.legacyAlgorithms);
    this.#chain = new ChainOfTrust(settings.anchors, this.#algorithms, settings.nsec3MaxIterations, lookup);
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
    const keys = await this.#chain.keysOf(zone, context);
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
    const cut = await this.#chain.cutAt(zone, context);
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
    const entry = this.#chain.entryKeys(zone, keys, cut);
    if (entry.kind !== 'keys') return { rrset, security: entry };
    const verdict = this.#verify(rrset, zone, entry.keys, context);
    if (verdict.kind !== 'secure') return { rrset, security: bogusFrom(verdict, rrset, context.budget) };
    return { rrset: { ...rrset, ttl: Math.min(rrset.ttl, verdict.ttl) }, security: SECURE };
  }

  /** Data without a signature is all right below an unsigned delegation only. */
  async #judgeUnsigned(name: DomainName, type: number, top: DomainName, context: LookupContext): Promise<Security> {
    const zone = await this.#chain.zoneAround(name, type, top, context);
    const what = `${nameToText(name)} ${typeToText(type)} has no signature`;
    if (zone.kind === 'signed-zone') {
      return bogus(ExtendedErrorCode.RRSIGS_MISSING, `${what}, yet its zone ${nameToText(zone.zone)} is signed`);
    }
    if (zone.kind !== 'bogus' || type === Type.DS) return zone;
    // The missing proof is told after what it would have been needed for.
    const because = `${what}, and nothing shows that it need not: ${zone.because}`;
    return { ...zone, because, ede: { code: zone.ede.code, text: because } };
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
    const keys = await this.#chain.keysOf(zone, context);
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
    const around = await this.#chain.zoneAround(name, type, top, context);
    return { finding, security: around.kind === 'insecure' ? around : securityOfDenial(denial, context.budget) };
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
    return signersOf(rrset).find(
      (signer) =>
        isAtOrBelow(rrset.name, signer) &&
        isAtOrBelow(signer, top) &&
        (rrset.type !== Type.DS || signer !== rrset.name),
    );
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

/** RFC 9824 §5: the name error that a validated compact denial stands for, whichever RCODE the server gave it. */
function restored(name: DomainName, judged: Judged): Judged {
  const { finding, security } = judged;
  if (finding.kind !== 'nodata' && finding.kind !== 'nxdomain') return judged;
  if (security.kind !== 'secure' || !isCompactNameError(name, finding.proof)) return judged;
  return { ...judged, finding: { compact: true, ...finding, kind: 'nxdomain' } };
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
