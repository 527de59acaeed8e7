/**
 * Can a question be answered from denial records that came with other answers? (RFC 8198, RFC 9077)
 *
 * NSEC and NSEC3 records of secure findings are kept; a name in the gap of one need not be asked about again, nor a type
 * that a name was shown not to have, nor a name that a wildcard known stands in for. The proof is judged by
 * validator/denial.ts, as if it had come in a reply, and goes out with the answer.
 *
 * Not used: records of another zone than the one the name is in as far as is known (a cut below it, a zone routed
 * elsewhere: CVE-2026-44687), records without validation now (a negative trust anchor since), opt-out spans (RFC 8198
 * §5.2, RFC 5155 §9.2). CD does not matter: the proof is as good for those who check it themselves, RFC 8198 makes no
 * difference, and an answer of the cache is given to them as well.
 *
 * What is made is not stored: it is made anew from records whose own TTLs end it.
 */
import type { Cache } from '../cache/cache.js';
import { type DenialRecord, provenanceOf } from '../cache/denials.js';
import { nsecOf } from '../dns/denial-rdata.js';
import { rrsigOf } from '../dns/dnssec-rdata.js';
import type { Failure, Finding, Found } from '../dns/finding.js';
import { type DomainName, isAtOrBelow, nameToText, parentOf, prepend } from '../dns/name.js';
import { Type, typeToText } from '../dns/numbers.js';
import { Credibility, type Provenance } from '../dns/provenance.js';
import { type RRset, targetOf } from '../dns/rrset.js';
import type { Security } from '../dns/security.js';
import { searchStart } from '../iterator/zone-cut.js';
import type { WorkBudget } from '../ports/budget.js';
import type { SynthesisedKind } from '../ports/inspection.js';
import type { TraceEvent } from '../ports/trace.js';
import { type Denial, type DenialProof, denyCloserMatch, denyDs, denyName, denyType } from '../validator/denial.js';
import { nextCloserName } from '../validator/evidence.js';
import type { Learnt } from '../validator/learnt.js';
import { isExpandable } from '../validator/reusable.js';
import type { Validator } from '../validator/validate.js';
import { denialAt, type Gathered, gatherNsec, gatherNsec3, Hashes } from './gather-denial.js';

export interface SynthesisParts {
  readonly cache: Cache;
  /** Whether answers may be made of denial records (cache.aggressiveNsec). */
  readonly aggressive: boolean;
  /** Undefined while validation is off: then nothing is learnt and nothing made. */
  readonly validator: () => Pick<Validator, 'anchorAbove' | 'settings'> | undefined;
  /** As ResolverParts.routedApex. */
  readonly routedApex: (name: DomainName) => DomainName;
  /** Seconds. */
  readonly maxNegativeTtl: number;
}

/** A finding nobody sent. */
export interface Synthesised extends Found {
  readonly as: SynthesisedKind;
  readonly madeFrom: readonly DenialRecord[];
}

export function isSynthesised(found: Found | Failure): found is Synthesised {
  return 'madeFrom' in found;
}

/** For the trace: from which records it was made. */
export function synthesisEvent(name: DomainName, type: number, { as, madeFrom }: Synthesised): TraceEvent {
  const from = madeFrom.map(({ rrset }) => recordSpan(rrset));
  return { kind: 'synthesised', name: nameToText(name), type: typeToText(type), as, from };
}

const SECURE: Security = { kind: 'secure' };

export class Synthesis {
  readonly #parts: SynthesisParts;
  readonly #hashes = new Hashes();

  constructor(parts: SynthesisParts) {
    this.#parts = parts;
  }

  /** NSEC3 hashes made since start. */
  get hashes(): number {
    return this.#hashes.total;
  }

  /** Keeps what a secure finding taught of its zone; of delegations in any case, the rest where it may be used. */
  learn({ zone, soa, denial, cuts, wildcard }: Learnt, provenance: Provenance): void {
    const { aggressive, cache, maxNegativeTtl } = this.#parts;
    const records = aggressive ? [...new Set([...denial, ...cuts])] : cuts;
    cache.denials.keep(zone, records, aggressive ? soa : undefined, provenance, maxNegativeTtl);
    if (aggressive && wildcard !== undefined) cache.storeRrset(wildcard, SECURE, provenance);
  }

  /**
   * The absence of DS at a delegation, from the record that stands there: what a referral would have brought. For
   * validation alone, so it does without a SOA, and without leave to answer clients (cache.aggressiveNsec).
   */
  cutWithoutDs(name: DomainName, budget: WorkBudget): Found | undefined {
    const start = searchStart(name, Type.DS);
    const { denials } = this.#parts.cache;
    const zone = name === start ? undefined : denials.zoneOf(start);
    if (zone === undefined || !this.#speaksFor(zone, start, name, Type.DS)) return undefined;
    const record = denials.nsecFor(zone, name) ?? this.#nsec3At(zone, name, budget);
    if (record === undefined || denyDs(name, this.#proofOf(zone, [record])).kind !== 'insecure-delegation') {
      return undefined;
    }
    const provenance = { ...provenanceOf(record), credibility: Credibility.authorityReferral };
    return {
      kind: 'found',
      finding: { kind: 'nodata', soa: undefined, proof: [record.rrset] },
      security: SECURE,
      provenance,
    };
  }

  #nsec3At(zone: DomainName, name: DomainName, budget: WorkBudget): DenialRecord | undefined {
    const { denials } = this.#parts.cache;
    const parameters = denials.parametersOf(zone);
    if (parameters === undefined) return undefined;
    this.#hashes.begin(zone, parameters, budget);
    return denialAt(denials, zone, name, this.#hashes);
  }

  /** HOT: asked whenever the cache has no answer. `budget` of the question, where there is one yet. */
  find(name: DomainName, type: number, budget?: WorkBudget): Synthesised | undefined {
    if (!this.#parts.aggressive) return undefined;
    const start = searchStart(name, type);
    const { denials } = this.#parts.cache;
    const zone = denials.zoneOf(start);
    if (zone === undefined || !this.#speaksFor(zone, start, name, type)) return undefined;
    return this.#decide(name, type, zone, gatherNsec(denials, zone, name)) ?? this.#byNsec3(name, type, zone, budget);
  }

  /** Counts an answer that went out, if it was made here. */
  count(found: Found | Failure): void {
    if (isSynthesised(found)) this.#parts.cache.denials.countUse(found.as, found.madeFrom);
  }

  /** Whether, as far as is known, the zone is the one that the name is in, and validated. */
  #speaksFor(zone: DomainName, start: DomainName, name: DomainName, type: number): boolean {
    const { cache, routedApex, validator } = this.#parts;
    if (cache.knowsCutBelow(zone, start) || !isAtOrBelow(zone, routedApex(start))) return false;
    const anchor = validator()?.anchorAbove(name, type);
    return anchor !== undefined && isAtOrBelow(zone, anchor);
  }

  #byNsec3(name: DomainName, type: number, zone: DomainName, budget: WorkBudget | undefined): Synthesised | undefined {
    const { denials } = this.#parts.cache;
    const parameters = denials.parametersOf(zone);
    if (parameters === undefined) return undefined;
    this.#hashes.begin(zone, parameters, budget);
    const gathered = gatherNsec3(denials, zone, name, this.#hashes);
    return this.#decide(name, type, zone, gathered) ?? this.#hashedWildcard(name, type, zone, gathered);
  }

  #decide(name: DomainName, type: number, zone: DomainName, gathered: Gathered | undefined): Synthesised | undefined {
    if (gathered === undefined) return undefined;
    return (
      this.#denial(name, type, zone, gathered.records) ??
      (gathered.closestEncloser && gathered.cover
        ? this.#fromWildcard(name, type, zone, gathered.closestEncloser, gathered.cover)
        : undefined)
    );
  }

  /** RFC 8198 §5.1, §5.2, §5.4: a name error, or no data. Neither can be told without the SOA (RFC 2308 §2). */
  #denial(name: DomainName, type: number, zone: DomainName, records: readonly DenialRecord[]): Synthesised | undefined {
    const { cache } = this.#parts;
    const soa = cache.denials.soaOf(zone);
    if (soa === undefined) return undefined;
    const proof = this.#proofOf(zone, records);
    const kind = isProved(denyName(name, proof))
      ? 'nxdomain'
      : isProved(denyType(name, type, proof))
        ? 'nodata'
        : undefined;
    // What was seen at the name speaks louder than the chain from before it came.
    if (kind === undefined || (kind === 'nxdomain' && cache.holdsDataAt(name))) return undefined;
    const ttl = Math.min(soa.ttl, ...records.map(({ rrset }) => rrset.ttl));
    const finding: Finding = { kind, soa: { ...soa, ttl }, proof: records.map(({ rrset }) => ({ ...rrset, ttl })) };
    return made(finding, kind, records);
  }

  /** With the answers that a wildcard gave come the covers of next closer names only: the encloser is told by the name. */
  #hashedWildcard(
    name: DomainName,
    type: number,
    zone: DomainName,
    gathered: Gathered | undefined,
  ): Synthesised | undefined {
    if (gathered !== undefined || name === zone) return undefined;
    for (let at = parentOf(name); at !== undefined && isAtOrBelow(at, zone); at = parentOf(at)) {
      if (this.#wildcardAt(at, type, zone) === undefined) continue;
      const cover = denialAt(this.#parts.cache.denials, zone, nextCloserName(name, at), this.#hashes);
      return cover && this.#fromWildcard(name, type, zone, at, cover);
    }
    return undefined;
  }

  /** RFC 8198 §5.3: the wildcard's records under the name, with the proof that nothing closer exists. */
  #fromWildcard(
    name: DomainName,
    type: number,
    zone: DomainName,
    closestEncloser: DomainName,
    cover: DenialRecord,
  ): Synthesised | undefined {
    const held = this.#wildcardAt(closestEncloser, type, zone);
    if (held === undefined) return undefined;
    if (!isProved(denyCloserMatch(name, closestEncloser, this.#proofOf(zone, [cover])))) return undefined;
    const ttl = Math.min(held.ttl, cover.rrset.ttl);
    const answer = { rrset: { ...held, name, ttl }, proof: [{ ...cover.rrset, ttl }] };
    if (held.type === type) return made({ kind: 'answer', ...answer }, 'wildcard', [cover]);
    const target = targetOf(held.rdatas[0]!);
    return target && made({ kind: 'alias', ...answer, target }, 'wildcard', [cover]);
  }

  /** What the cache has at the wildcard, validated and signed by the zone under that very name: the type or an alias. */
  #wildcardAt(closestEncloser: DomainName, type: number, zone: DomainName): RRset | undefined {
    const wildcard = isExpandable(type) ? prepend('*', closestEncloser) : undefined;
    if (wildcard === undefined) return undefined;
    const { cache } = this.#parts;
    const found = cache.findExact(wildcard, type) ?? cache.findExact(wildcard, Type.CNAME);
    if (found?.security.kind !== 'secure' || found.finding.kind !== 'answer') return undefined;
    // With a proof it was itself made from another wildcard (CVE-2026-46582).
    const { rrset, proof } = found.finding;
    return proof === undefined && isSignedBy(rrset, zone) ? rrset : undefined;
  }

  #proofOf(zone: DomainName, records: readonly DenialRecord[]): DenialProof {
    return {
      zone,
      rrsets: records.map(({ rrset }) => rrset),
      budget: NO_MORE_HASHES,
      maxIterations: this.#parts.validator()?.settings.nsec3MaxIterations ?? 0,
      hashes: this.#hashes.made,
    };
  }
}

/** "NSEC a.example. -> c.example."; of NSEC3 the hash that stands first in its owner will do. */
function recordSpan({ name, type, rdatas }: RRset): string {
  const next = type === Type.NSEC ? nsecOf(rdatas[0]!)?.next : undefined;
  return `${typeToText(type)} ${nameToText(name)}${next === undefined ? '' : ` -> ${nameToText(next)}`}`;
}

/** All hashes a proof takes were made, and charged, when its records were gathered. */
const NO_MORE_HASHES: WorkBudget = {
  charge: () => false,
  timeLeft: () => 0,
  exhausted: undefined,
  used: () => 0,
};

/** RFC 8198 §5.2: in an opt-out span an unsigned name may be. */
function isProved(denial: Denial): boolean {
  return denial.kind === 'proved' && !denial.optOut;
}

function isSignedBy({ signatures }: RRset, zone: DomainName): boolean {
  return signatures.length > 0 && signatures.every((rdata) => rrsigOf(rdata)?.signer === zone);
}

function made(finding: Finding, as: SynthesisedKind, madeFrom: readonly DenialRecord[]): Synthesised {
  return { kind: 'found', finding, security: SECURE, provenance: provenanceOf(madeFrom[0]!), as, madeFrom };
}
