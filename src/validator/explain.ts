/**
 * Why is this data what it is said to be? The chain of trust from the anchor down to it, from the cache alone (RFC 4035
 * §5). Nothing is kept for this: signatures and proofs are checked again, with an allowance of their own.
 *
 * validate.ts goes up, from data to anchor, and asks for what is missing; this goes down and says what is missing. The
 * verdict of each link is the one the cache holds, which is what clients were told. Names of one alias chain share the
 * zones they have in common.
 */
import type { Failure, Finding, Found } from '../dns/finding.js';
import { type DomainName, isBelow, labelCount, lastLabels, nameToText, ROOT } from '../dns/name.js';
import { Type } from '../dns/numbers.js';
import type { RRset } from '../dns/rrset.js';
import type { Security } from '../dns/security.js';
import type { ChainLink } from '../ports/explanation.js';
import { explainData, explainLocalData, signerOf } from './explain-data.js';
import { checkProof, explainNoDs } from './explain-denial.js';
import type { ExplainTerms } from './explain-terms.js';
import { ZoneOnTheWay } from './explain-zone.js';

/** Zones from the anchor to a name: a name has no more labels. */
const MAX_ZONES = 128;

const OFF = 'validation is off (dnssec.mode)';

export class Explainer {
  /** The tree of zones as it grows: an anchor, or the lack of one, at each root. */
  readonly zones: ZoneOnTheWay[] = [];
  readonly #entered = new Map<string, ZoneOnTheWay>();

  constructor(readonly terms: ExplainTerms) {}

  /** Adds one name of the alias chain with what is known of it; `unkept`: answered just now, with nothing to keep. */
  add(step: number, name: DomainName, type: number, known: Found | Failure | undefined | 'unkept'): void {
    const zone = this.#zoneOf(name, type, known === 'unkept' ? undefined : known);
    zone.data.push(explainData(step, name, type, known, zone, this.terms));
  }

  /** Adds a name that a zone of local policy answers; without a finding it refuses. */
  addLocal(step: number, name: DomainName, type: number, zone: DomainName, finding: Finding | undefined): void {
    const at = this.#untrusted('local', zone, { kind: 'local-policy' }, 'unchecked', '');
    at.data.push(explainLocalData(step, name, type, finding, this.terms));
  }

  #zoneOf(name: DomainName, type: number, known: Found | Failure | undefined): ZoneOnTheWay {
    const { anchors, wall } = this.terms;
    if (anchors === undefined) return this.#untrusted('off', ROOT, { kind: 'validation-off' }, 'unchecked', OFF);
    const governing = anchors.governing(name, type, wall);
    switch (governing.kind) {
      case 'none': {
        const because = `no trust anchor is at or above ${nameToText(name)}`;
        return this.#untrusted('none', ROOT, { kind: 'no-anchor' }, 'indeterminate', because);
      }
      case 'negative': {
        const { reason, until, name: at } = governing.anchor;
        const because = `validation is turned off at ${nameToText(at)}${reason === '' ? '' : `: ${reason}`}`;
        const end = until === null ? null : new Date(until).toISOString();
        return this.#untrusted('negative', at, { kind: 'negative-anchor', reason, until: end }, 'insecure', because);
      }
      case 'anchor': {
        const { zone: apex } = governing.anchors;
        const enter = (zone: ZoneOnTheWay): void => zone.enterByAnchor(governing.anchors, this.terms);
        return this.#walkDown(this.#enter('zone', apex, this.zones, enter), name, type, known);
      }
      default:
        return governing satisfies never;
    }
  }

  /** A root of the tree from which no trust comes. */
  #untrusted(
    kind: string,
    apex: DomainName,
    link: ChainLink,
    trust: 'unchecked' | 'indeterminate' | 'insecure',
    because: string,
  ): ZoneOnTheWay {
    return this.#enter(kind, apex, this.zones, (zone) => {
      zone.links.push(link);
      zone.end(trust, because);
    });
  }

  #enter(kind: string, apex: DomainName, beside: ZoneOnTheWay[], enter: (zone: ZoneOnTheWay) => void): ZoneOnTheWay {
    const known = this.#entered.get(`${kind} ${apex}`);
    if (known !== undefined) return known;
    const zone = new ZoneOnTheWay(apex);
    this.#entered.set(`${kind} ${apex}`, zone);
    beside.push(zone);
    enter(zone);
    return zone;
  }

  /** Through every cut that is known, to the zone that answers or to where trust ends. */
  #walkDown(top: ZoneOnTheWay, name: DomainName, type: number, known: Found | Failure | undefined): ZoneOnTheWay {
    const expected = this.#signersAbove(name, known, top.apex);
    let zone = top;
    const depth = labelCount(name) - (type === Type.DS ? 1 : 0);
    for (let labels = labelCount(top.apex) + 1; labels <= depth; labels++) {
      // Below a missing link there may still be some to show; below the end of trust there is none.
      if (zone.trust !== 'secure' && zone.trust !== 'unchecked') return zone;
      const at = lastLabels(name, labels);
      zone = this.#cutAt(at, zone, expected.has(at)) ?? zone;
    }
    return zone;
  }

  /** The zone that begins at `at`; undefined when none does as far as is known. */
  #cutAt(at: DomainName, parent: ZoneOnTheWay, expected: boolean): ZoneOnTheWay | undefined {
    const found = this.terms.known(at, Type.DS);
    const enter = (how: (zone: ZoneOnTheWay) => void): ZoneOnTheWay => this.#enter('zone', at, parent.below, how);
    if (found === undefined) {
      if (!expected && this.terms.delegationOf(at) === undefined) return undefined;
      return enter((zone) => zone.enterUnseen(this.terms));
    }
    if (found.kind === 'failure') return enter((zone) => zone.enterFailed(Type.DS, found));
    const { finding, security } = found;
    switch (finding.kind) {
      case 'answer':
        return enter((zone) => zone.enterByDs(found, finding.rrset, parent, this.terms));
      case 'nodata':
        if (!this.#isUnsignedCut(at, security, finding.proof, parent)) return undefined;
        return enter((zone) => zone.enterUnsigned(found, finding.proof, parent, this.terms));
      case 'nxdomain':
      case 'alias':
      case 'too-long':
        return undefined;
      default:
        return finding satisfies never;
    }
  }

  /** Whether the absence of DS is that of a delegation, not of a name inside the parent's zone. */
  #isUnsignedCut(at: DomainName, security: Security, proof: readonly RRset[], parent: ZoneOnTheWay): boolean {
    if (security.kind !== 'secure' && this.terms.delegationOf(at) !== undefined) return true;
    const { outcome } = explainNoDs(at, checkProof(proof, parent.apex, parent.keys, this.terms), this.terms);
    return outcome.kind === 'insecure-delegation';
  }

  /** The zones that signed the data, its DS and so on upwards: they are there even where their DS is not known. */
  #signersAbove(name: DomainName, known: Found | Failure | undefined, top: DomainName): ReadonlySet<DomainName> {
    const signers = new Set<DomainName>();
    let signer = known?.kind === 'found' ? signerOf(name, known.finding) : undefined;
    for (let zones = 0; signer !== undefined && isBelow(signer, top) && zones < MAX_ZONES; zones++) {
      signers.add(signer);
      const ds = this.terms.known(signer, Type.DS);
      const above: DomainName | undefined = ds?.kind === 'found' ? signerOf(signer, ds.finding) : undefined;
      // Nobody signs the DS of a zone but a zone above it: whatever says otherwise would lead in a circle.
      signer = above !== undefined && isBelow(signer, above) ? above : undefined;
    }
    return signers;
  }
}
