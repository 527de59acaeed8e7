/**
 * What is found is judged, and what was judged is kept: what the validator says of it, whether it is still worth keeping,
 * and what it may not take the place of.
 */
import type { Delegation } from '../dns/delegation.js';
import { type Failure, type Finding, type Found, withTtlWithin } from '../dns/finding.js';
import { type DomainName, ROOT } from '../dns/name.js';
import { Type } from '../dns/numbers.js';
import { Credibility, type Provenance } from '../dns/provenance.js';
import { UNCHECKED } from '../dns/security.js';
import type { Aside, Iterated } from '../iterator/iterate.js';
import { searchStart } from '../iterator/zone-cut.js';
import type { LookupContext } from '../ports/lookup.js';
import type { Flights } from './flights.js';
import type { ResolverParts } from './resolver-parts.js';
import type { ServeStale } from './stale.js';
import type { Synthesis } from './synthesise.js';

export interface FindingKeeperParts {
  readonly parts: ResolverParts;
  readonly flights: Pick<Flights<unknown>, 'isOutdated' | 'isFlushedSince'>;
  readonly synthesis: Synthesis | undefined;
  readonly stale: ServeStale | undefined;
}

export class FindingKeeper {
  readonly #parts: ResolverParts;
  readonly #flights: Pick<Flights<unknown>, 'isOutdated' | 'isFlushedSince'>;
  readonly #synthesis: Synthesis | undefined;
  readonly #stale: ServeStale | undefined;

  constructor({ parts, flights, synthesis, stale }: FindingKeeperParts) {
    this.#parts = parts;
    this.#flights = flights;
    this.#synthesis = synthesis;
    this.#stale = stale;
  }

  /** Whether what a resolution learnt of a name is worth keeping: not flushed since it began, by the rules of now. */
  mayKeep(name: DomainName, { flight }: LookupContext): boolean {
    return this.#parts.isCurrent() && (flight === undefined || !this.#flights.isOutdated(flight.begun, name));
  }

  /** The finding with the validator's word on it; as it is where nothing is validated. */
  async judge(name: DomainName, type: number, found: Found, context: LookupContext): Promise<Found> {
    const validator = context.validate ? this.#parts.validator() : undefined;
    if (validator === undefined) return found;
    const { finding, security, learnt } = await validator.judge(name, type, found.finding, context);
    // Denial records speak of other names too, any of which may have been flushed.
    const stands = context.flight === undefined || !this.#flights.isFlushedSince(context.flight.begun);
    if (learnt !== undefined && stands && this.#parts.isCurrent()) this.#synthesis?.learn(learnt, found.provenance);
    return { kind: 'found', finding, security, provenance: found.provenance };
  }

  /**
   * Judges and stores what a reply said beside the answer to the question. Undefined when that is not to be believed: it
   * was not asked for, so asking for it comes before calling the zone's data bogus.
   */
  async settle({ name, type, found, outside }: Aside, context: LookupContext): Promise<Found | undefined> {
    const judged = await this.judge(name, type, found, context);
    if (outside ? judged.security.kind !== 'secure' : judged.security.kind === 'bogus') return undefined;
    this.store(name, type, judged, context);
    return judged;
  }

  /**
   * The referral to a zone brought its DS, or the proof that there is none (RFC 4035 §3.1.4): nobody need be asked, when
   * it holds.
   */
  async dsFromReferral(name: DomainName, context: LookupContext): Promise<Iterated | undefined> {
    const type = Type.DS;
    const delegation = this.#parts.cache.delegationOf(name);
    const finding = delegation && dsFinding(delegation);
    if (finding === undefined) return undefined;
    const provenance = {
      ...ownOrigin(context),
      section: 'authority',
      credibility: Credibility.authorityReferral,
    } as const;
    const told = { kind: 'found', finding, security: UNCHECKED, provenance } as const;
    const judged = await this.judge(name, type, told, context);
    if (judged.security.kind !== 'secure' && judged.security.kind !== 'insecure') return undefined;
    const found = judged.security.kind === 'secure' && judged.finding.kind === 'answer' ? asAnswer(judged) : judged;
    this.store(name, type, found, context);
    return { kind: 'iterated', found, also: [], recursive: false };
  }

  /** What used up the checks of a whole question by itself would do so again: it is bogus, and remembered. */
  blamed(found: Found, context: LookupContext): Found {
    if (found.security.kind !== 'bogus' || !found.security.passing || !this.checksSpent(context)) return found;
    const { because, ede } = found.security;
    return {
      kind: 'found',
      finding: found.finding,
      security: { kind: 'bogus', because, ede },
      provenance: found.provenance,
    };
  }

  /** Whether the question has used up its signature checks or hashes. */
  checksSpent({ budget }: LookupContext): boolean {
    const { signatures, nsec3Hashes } = this.#parts.limits;
    return budget.used('signatures') > signatures || budget.used('nsec3Hashes') > nsec3Hashes;
  }

  /** Keeps a finding that was judged, if it is worth keeping. */
  store(name: DomainName, type: number, found: Found, context: LookupContext): void {
    const { cache, limits } = this.#parts;
    if (!this.mayKeep(name, context)) return;
    const { security } = found;
    if (security.kind === 'bogus' && this.#standsAgainst(name, type)) {
      cache.storeFailure(name, type, [security.ede], found.provenance);
      return;
    }
    // RFC 4035 §4.7: bogus data is kept for a short while only.
    const finding = found.security.kind === 'bogus' ? withTtlWithin(found.finding, limits.bogusTtl) : found.finding;
    // The zone above a routed one may deny the name; what it says holds for DS, which is its own (CVE-2026-44687).
    const routed =
      type === Type.DS && finding.kind === 'nxdomain' && this.#parts.routedApex(name) === name && name !== ROOT;
    cache.storeFinding(name, type, routed ? { ...finding, kind: 'nodata' } : finding, found.security, found.provenance);
  }

  /**
   * Whether there is something better than bogus data to give out, in its time or past it: then the bogus data is a
   * failed attempt, remembered as one, and takes the place of nothing.
   */
  #standsAgainst(name: DomainName, type: number): boolean {
    const { cache, routedApex } = this.#parts;
    const held = cache.find(name, type, routedApex(searchStart(name, type)))?.security.kind;
    if (held !== undefined) return held !== 'bogus' && held !== 'unchecked';
    return this.#stale?.holds(name, type) === true;
  }

  storeFailure(name: DomainName, type: number, because: Failure['because'], context: LookupContext): void {
    const { cache } = this.#parts;
    if (this.mayKeep(name, context)) cache.storeFailure(name, type, because, ownOrigin(context));
  }
}

/** Signed DS are the zone's word wherever they stand. As mere referral data they would be verified for every question. */
function asAnswer({ finding, security, provenance }: Found): Found {
  return {
    kind: 'found',
    finding,
    security,
    provenance: { ...provenance, credibility: Credibility.answerNonAuthoritative },
  };
}

function dsFinding({ ds, denial }: Delegation): Finding | undefined {
  if (ds !== undefined) return { kind: 'answer', rrset: ds };
  return denial.length === 0 ? undefined : { kind: 'nodata', soa: undefined, proof: denial };
}

/** Of what no server said. */
function ownOrigin(context: LookupContext): Provenance {
  return {
    server: '',
    transport: 'local',
    section: 'answer',
    credibility: Credibility.additional,
    askedFor: context.askedFor,
    costMs: 0,
    costExchanges: context.budget.used('exchanges'),
  };
}
