/**
 * The way from an anchor down to a zone: what its parent says of each cut, and the keys that sign there (RFC 4035 §5.2).
 *
 * DS and DNSKEY come through Lookup, each validated in a flight of its own (which comes back here for the link above),
 * so nothing here loops but the walk along the labels of one name.
 */
import { type Dnskey, type Ds, dnskeyOf, dsOf, signersOf } from '../dns/dnssec-rdata.js';
import { ExtendedErrorCode } from '../dns/extended-error.js';
import type { Finding, Found } from '../dns/finding.js';
import { type DomainName, labelCount, lastLabels, nameToText } from '../dns/name.js';
import { Type } from '../dns/numbers.js';
import type { RRset } from '../dns/rrset.js';
import type { Lookup, LookupContext } from '../ports/lookup.js';
import type { Algorithms } from './algorithms.js';
import { denyDs } from './denial.js';
import { dsMatches, usableDs } from './digest.js';
import type { TrustAnchors, ZoneAnchors } from './trust-anchors.js';
import { bogus, type Insecure, spent, type Unsecured, unreachable } from './verdict.js';

/** DS records of one set looked at: each may cost a digest over each key of its tag (KeyTrap, CVE-2023-50387). */
const MAX_DS = 16;
/** Keys of one DNSKEY RRset looked at. */
export const MAX_KEYS = 32;

export type ZoneKeys =
  | { readonly kind: 'keys'; readonly keys: readonly Dnskey[] }
  | { readonly kind: 'no-zone' }
  | Unsecured;

export type Cut =
  | { readonly kind: 'signed'; readonly ds: RRset | undefined; readonly anchors: ZoneAnchors | undefined }
  | { readonly kind: 'none' }
  | Unsecured;

export class ChainOfTrust {
  constructor(
    readonly anchors: TrustAnchors,
    readonly algorithms: Algorithms,
    readonly nsec3MaxIterations: number,
    readonly lookup: Lookup,
  ) {}

  /** What the zone above says of a cut at `name`; anchors speak for themselves. */
  async cutAt(name: DomainName, context: LookupContext): Promise<Cut> {
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
    const algorithms = this.algorithms;
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
    const zone = finding.proof.length === 0 ? undefined : signersOf(finding.proof[0]!)[0];
    if (zone === undefined) return { kind: 'indeterminate' };
    const { budget } = context;
    // The finding is secure: what is left of its proof was verified when it was judged.
    const outcome = denyDs(name, { zone, rrsets: finding.proof, budget, maxIterations: this.nsec3MaxIterations });
    switch (outcome.kind) {
      case 'insecure-delegation':
      case 'insecure':
        return { kind: 'insecure' };
      case 'no-cut':
      case 'name-error':
        return { kind: 'none' };
      case 'spent':
        return spent(budget);
      case 'unproved':
        return bogus(outcome.ede.code, outcome.because);
      default:
        return outcome satisfies never;
    }
  }

  /** The keys that sign a zone's data. */
  async keysOf(zone: DomainName, context: LookupContext): Promise<ZoneKeys> {
    const cut = await this.cutAt(zone, context);
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

  /** Walks the cuts from the anchor down to the name (RFC 4035 §5.2, §4.3): the signed zone it is in, or what ends trust. */
  async zoneAround(
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
      const cut = await this.cutAt(at, context);
      if (cut.kind === 'signed') zone = at;
      else if (cut.kind !== 'none') return cut;
    }
    return { kind: 'signed-zone', zone };
  }

  /** The keys of the set that the parent's DS, or the anchors, stand for. */
  entryKeys(
    zone: DomainName,
    keys: readonly Dnskey[],
    cut: Extract<Cut, { kind: 'signed' }>,
  ): { kind: 'keys'; keys: readonly Dnskey[] } | Unsecured {
    const trusted = (cut.anchors?.ds ?? cut.ds?.rdatas ?? []).map(dsOf).filter(isRead);
    const known = (cut.anchors?.dnskeys ?? []).map(dnskeyOf).filter(isRead);
    // Of an anchored zone this is asked only now that it has shown keys: who configured the anchor said that it has some.
    const unsupported = this.#unsupported(zone, trusted, known, 'its trust anchor');
    if (unsupported !== undefined) return unsupported;
    const usable = usableDs(trusted, this.algorithms).slice(0, MAX_DS);
    const usableKeys = known.filter((key) => this.algorithms.supports(key.algorithm));
    const entry = keys.filter(
      (key) => usable.some((ds) => dsMatches(ds, zone, key)) || usableKeys.some((anchor) => anchor.rdata === key.rdata),
    );
    if (entry.length > 0) return { kind: 'keys', keys: entry };
    const wanted = [...usable, ...usableKeys].map((k) => `${k.keyTag} (${this.algorithms.name(k.algorithm)})`);
    const source = cut.anchors === undefined ? 'the DS at its parent' : 'the trust anchor';
    const isNamed = (key: Dnskey): boolean =>
      usable.some((ds) => ds.keyTag === key.keyTag && ds.algorithm === key.algorithm);
    const other = keys.some(isNamed) ? '; a key of that tag is there, with another digest' : '';
    return bogus(
      ExtendedErrorCode.DNSKEY_MISSING,
      `no DNSKEY of ${nameToText(zone)} is the one ${source} asks for: key tag ${wanted.join(', ')}${other}`,
    );
  }
}

function isRead<T>(value: T | undefined): value is T {
  return value !== undefined;
}
