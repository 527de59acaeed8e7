/**
 * How does trust come into a zone? From an anchor, or by a DS that its parent signs; then to the keys of the zone, one of
 * which must be the one that is asked for (RFC 4035 §5.2). Each zone of an explanation is entered once.
 */
import { builtInTrustAnchors } from '../config/trust-anchors.js';
import type { Dnskey } from '../dns/dnssec-rdata.js';
import type { Failure, Found } from '../dns/finding.js';
import { type DomainName, nameToText } from '../dns/name.js';
import { Type, typeToText } from '../dns/numbers.js';
import type { RRset } from '../dns/rrset.js';
import type { Security } from '../dns/security.js';
import type { ChainLink, ExplainedData, ExplainedZone } from '../ports/explanation.js';
import { dsMatches, usableDs } from './digest.js';
import { checkProof, explainNoDs } from './explain-denial.js';
import { checkSignatures, digestName, dsRecords, explainDs, explainKeys, keyRecords } from './explain-records.js';
import { type ExplainTerms, originOf, setText } from './explain-terms.js';
import type { ZoneAnchors } from './trust-anchors.js';

/** A zone while it is being explained. */
export class ZoneOnTheWay {
  readonly zone: string;
  readonly links: ChainLink[] = [];
  readonly data: ExplainedData[] = [];
  readonly below: ZoneOnTheWay[] = [];
  trust: Security['kind'] = 'secure';
  because = '';
  /** Undefined while they are not known. */
  #keys: readonly Dnskey[] | undefined;

  constructor(readonly apex: DomainName) {
    this.zone = nameToText(apex);
  }

  /** What is told of it and of the zones below. */
  plain(): ExplainedZone {
    const { zone, links, trust, because, data, below } = this;
    return { zone, links, trust, because, data, below: below.map((child) => child.plain()) };
  }

  get keys(): readonly Dnskey[] | undefined {
    return this.#keys;
  }

  end(trust: Security['kind'], because: string): void {
    // The first link that breaks is the one to tell of.
    if (this.trust !== 'secure') return;
    this.trust = trust;
    this.because = because;
  }

  enterByAnchor(anchors: ZoneAnchors, terms: ExplainTerms): void {
    const ds = dsRecords(anchors.ds);
    const usable = usableDs(ds, terms.algorithms);
    const anchored = keyRecords(anchors.dnskeys);
    const usableKeys = new Set(anchored.filter((k) => terms.algorithms.supports(k.algorithm)).map((k) => k.rdata));
    const keys = keySetOf(this.apex, terms);
    const builtIn = new Set(builtInTrustAnchors().map(({ rdata }) => rdata));
    this.links.push({
      kind: 'anchor',
      source: [...anchors.ds, ...anchors.dnskeys].every((rdata) => builtIn.has(rdata)) ? 'built-in' : 'configured',
      ds: explainDs(ds, this.apex, keys, terms.algorithms),
      keys: explainKeys(anchored, new Set(anchors.dnskeys), new Set(), terms.algorithms),
    });
    if (usable.length + usableKeys.size === 0) {
      this.end('insecure', `no trust anchor of ${this.zone} is of an algorithm and digest type supported here`);
      return;
    }
    const isEntry = (key: Dnskey): boolean =>
      usableKeys.has(key.rdata) || usable.some((record) => dsMatches(record, this.apex, key));
    this.#addKeys(isEntry, terms);
  }

  /** By the DS RRset that `parent` has for it. */
  enterByDs(found: Found, rrset: RRset, parent: ZoneOnTheWay, terms: ExplainTerms): void {
    const set = dsRecords(rrset.rdatas);
    const { views } = checkSignatures(rrset, parent.apex, parent.keys, terms);
    this.links.push({
      kind: 'ds',
      ds: explainDs(set, this.apex, keySetOf(this.apex, terms), terms.algorithms),
      signatures: views,
      verdict: found.security.kind,
      because: reasonOf(found.security),
      origin: originOf(found, rrset.ttl, terms),
    });
    if (found.security.kind !== 'secure') this.end(found.security.kind, reasonOf(found.security));
    const usable = usableDs(set, terms.algorithms);
    if (usable.length > 0) {
      this.#addKeys((key) => usable.some((ds) => dsMatches(ds, this.apex, key)), terms);
      return;
    }
    const named = set.map(
      (ds) => `${ds.keyTag} (${terms.algorithms.name(ds.algorithm)}, ${digestName(ds.digestType)})`,
    );
    const what = `no DS of ${this.zone} is of an algorithm and digest type supported here`;
    this.end('insecure', `${what}: key tag ${named.join(', ')}`);
  }

  /** Without DS; `proof` are the parent's records that show it. */
  enterUnsigned(found: Found, proof: readonly RRset[], parent: ZoneOnTheWay, terms: ExplainTerms): void {
    const checked = checkProof(proof, parent.apex, parent.keys, terms);
    const { outcome, denial } = explainNoDs(this.apex, checked, terms);
    const { security } = found;
    this.links.push({
      kind: 'no-ds',
      denial,
      verdict: security.kind,
      because: reasonOf(security),
      origin: originOf(found, proof[0]?.ttl ?? 0, terms),
    });
    if (security.kind === 'bogus') this.end('bogus', security.because);
    else if (outcome.kind === 'insecure') this.end('insecure', outcome.because);
    else this.end('insecure', `${this.zone} is an unsigned delegation: ${parent.zone} has no DS for it`);
  }

  /** A cut that must be there, whose DS is not in the cache. */
  enterUnseen(terms: ExplainTerms): void {
    this.links.push({ kind: 'gone', name: this.zone, type: 'DS' });
    this.end('unchecked', `DS of ${this.zone} is not in the cache`);
    // Whether it has keys that matter is told by the DS that is not there.
    if (keySetOf(this.apex, terms) !== undefined) this.#addKeys(() => false, terms);
  }

  enterFailed(type: number, failure: Failure): void {
    this.links.push({ kind: 'failed', name: this.zone, type: typeToText(type), because: textsOf(failure) });
    this.end('bogus', `${setText(this.apex, type)} could not be had: ${failure.because[0]?.text ?? 'no reason known'}`);
  }

  #addKeys(isEntry: (key: Dnskey) => boolean, terms: ExplainTerms): void {
    const found = terms.known(this.apex, Type.DNSKEY);
    if (found === undefined) {
      this.links.push({ kind: 'gone', name: this.zone, type: 'DNSKEY' });
      this.end('unchecked', `DNSKEY of ${this.zone} is not in the cache`);
    } else if (found.kind === 'failure') {
      this.enterFailed(Type.DNSKEY, found);
    } else {
      this.links.push(this.#keysLink(found, isEntry, terms));
      if (found.security.kind !== 'secure') this.end(found.security.kind, reasonOf(found.security));
    }
  }

  #keysLink(found: Found, isEntry: (key: Dnskey) => boolean, terms: ExplainTerms): ChainLink {
    const judged = { verdict: found.security.kind, because: reasonOf(found.security) };
    if (found.finding.kind !== 'answer') {
      return { kind: 'keys', keys: [], signatures: [], ...judged, origin: originOf(found, 0, terms) };
    }
    const { rrset } = found.finding;
    const keys = keyRecords(rrset.rdatas);
    this.#keys = keys;
    const { views, signers } = checkSignatures(rrset, this.apex, keys, terms);
    const trusted = new Set(keys.filter(isEntry).map((key) => key.rdata));
    const explained = explainKeys(keys, trusted, new Set(signers.map((key) => key.rdata)), terms.algorithms);
    return { kind: 'keys', keys: explained, signatures: views, ...judged, origin: originOf(found, rrset.ttl, terms) };
  }
}

function keySetOf(zone: DomainName, { known }: ExplainTerms): readonly Dnskey[] | undefined {
  const found = known(zone, Type.DNSKEY);
  return found?.kind === 'found' && found.finding.kind === 'answer'
    ? keyRecords(found.finding.rrset.rdatas)
    : undefined;
}

/** Why a verdict is what it is, "" when it does not say. */
export function reasonOf(security: Security): string {
  if (security.kind === 'bogus') return security.because;
  return security.kind === 'insecure' ? (security.ede?.text ?? '') : '';
}

export function textsOf(failure: Failure): string[] {
  return failure.because.map(({ text }) => text);
}
