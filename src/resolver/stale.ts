/**
 * When does a client get data past its TTL (RFC 8767)? When nothing newer can be had in time.
 *
 *   resolution takes longer than clientTimeout   stale, and the resolution goes on without its client (§5)
 *   resolution fails, or finds bogus data only   stale, with the reasons
 *   it failed a moment ago (RFC 9520), or goes on since a client was answered stale: stale at once, nobody waits
 *   clientTimeout is 0                           stale at once, fetched again behind the client's back
 *
 * So while servers are down, a client waits for clientTimeout once, and then nobody does until the failure's rest is
 * over: 5 s at first, 30 s in the end. A new answer ends it, be it that there is nothing (§4: NXDOMAIN and no data are
 * answers, SERVFAIL and the like are failures). Links of an alias chain are each fresh or stale by themselves.
 *
 * Never given: what was not validated where validation is on; bogus data; and secure data once a signature is over. The
 * TTL is how long a zone wants its data kept and RFC 8767 §4 bends it for good reasons; the expiration is how long the
 * zone vouches for the data (RFC 4035 §5.3.1), and past it the data would be bogus if it came today. Handing it out
 * without AD would be the downgrade that DNSSEC is there to prevent. Up to then it is as secure as it was.
 */
import type { CachedFound } from '../cache/cached-found.js';
import { rrsigOf } from '../dns/dnssec-rdata.js';
import { type ExtendedError, ExtendedErrorCode } from '../dns/extended-error.js';
import type { Failure, Finding } from '../dns/finding.js';
import { questionKey } from '../dns/message.js';
import type { DomainName } from '../dns/name.js';
import type { RRset } from '../dns/rrset.js';
import type { Iterated } from '../iterator/iterate.js';
import { searchStart } from '../iterator/zone-cut.js';
import type { StaleReason } from '../ports/inspection.js';
import { isFailed, type RefreshAhead } from './refresh-ahead.js';
import type { ResolverParts } from './resolver-parts.js';
import { Rests } from './rests.js';

export interface StaleTerms {
  /** Seconds. */
  readonly answerTtl: number;
  /** Milliseconds a client waits before it is given stale data; 0: none. */
  readonly clientTimeout: number;
}

/** A link of an answer that is past its TTL. */
export interface Stale {
  readonly kind: 'stale';
  readonly found: CachedFound;
  readonly reason: StaleReason;
  /** Seconds its TTL has been over. */
  readonly overdue: number;
  /** The stale answer's own first, then what kept newer data from being had. */
  readonly because: readonly ExtendedError[];
}

/** Names remembered that could not be had in time: more than are stale, in use and failing at once. */
const LATE = 10_000;

const WORDS: Readonly<Record<StaleReason, string>> = {
  timeout: 'no newer data came in time',
  failure: 'newer data could not be had',
  backoff: 'newer data could not be had a moment ago',
  atOnce: 'newer data is being asked for',
};

export class ServeStale {
  readonly #parts: ResolverParts;
  readonly #terms: StaleTerms;
  readonly #refreshes: RefreshAhead;
  /** Names whose resolution took too long or failed in passing (RFC 8767 §5: failure recheck timer). */
  readonly #late: Rests;

  constructor(parts: ResolverParts, terms: StaleTerms, refreshes: RefreshAhead) {
    this.#parts = parts;
    this.#terms = terms;
    this.#refreshes = refreshes;
    this.#late = new Rests(parts.clock, LATE);
  }

  /** Whether there is stale data that may be given out. */
  holds(name: DomainName, type: number): boolean {
    return this.#find(name, type) !== undefined;
  }

  /** Without waiting, for what the cache has nothing fresh of: undefined when asking comes first. */
  atOnce(name: DomainName, type: number): Stale | undefined {
    const never = this.#terms.clientTimeout === 0;
    const late = !this.#late.isEmpty && this.#late.has(questionKey(name, type));
    if (!never && !late && !this.#refreshes.isFull) return undefined;
    const stale = this.give(name, type, never && !late ? 'atOnce' : 'backoff');
    if (stale !== undefined && never) void this.#refreshes.start(name, type, 'stale');
    return stale;
  }

  /** The stale link, counted as given; undefined when there is none. @param why what newer data failed for */
  give(name: DomainName, type: number, reason: StaleReason, why: readonly ExtendedError[] = []): Stale | undefined {
    const stale = this.look(name, type, reason, why);
    if (stale === undefined) return undefined;
    this.#parts.staleAnswers[reason]++;
    this.#parts.cache.expired.countUse(stale.found);
    return stale;
  }

  /** As give, not counted. */
  look(name: DomainName, type: number, reason: StaleReason, why: readonly ExtendedError[]): Stale | undefined {
    const found = this.#find(name, type);
    if (found === undefined) return undefined;
    const code =
      found.finding.kind === 'nxdomain' ? ExtendedErrorCode.STALE_NXDOMAIN_ANSWER : ExtendedErrorCode.STALE_ANSWER;
    const because = [{ code, text: WORDS[reason] }, ...why];
    return { kind: 'stale', found, reason, overdue: this.#parts.cache.expired.overdue(found), because };
  }

  /**
   * What a resolution comes to, or stale data when it fails or takes too long; it goes on then. For names that `holds` is
   * true of.
   * @param since when the client began to wait, Clock.now()
   * @param bogusWillDo CD, or a permissive mode: bogus data is no failure
   */
  async orStale(
    name: DomainName,
    type: number,
    running: Promise<Iterated | Failure>,
    since: number,
    bogusWillDo: boolean,
  ): Promise<Iterated | Failure | Stale> {
    const { clientTimeout } = this.#terms;
    const inTime = await this.#within(running, since + clientTimeout - this.#parts.clock.now());
    if (inTime === undefined) {
      const stale = this.give(name, type, clientTimeout === 0 ? 'atOnce' : 'timeout');
      if (stale !== undefined) this.#leave(name, type, running);
      return stale ?? running;
    }
    const failed = bogusWillDo ? inTime.kind === 'failure' : isFailed(inTime);
    const stale = failed ? this.give(name, type, 'failure', reasonsOf(inTime)) : undefined;
    if (stale !== undefined) this.#note(questionKey(name, type), inTime);
    return stale ?? inTime;
  }

  /** The outcome, or undefined when it did not come within so many ms. */
  #within<T>(running: Promise<T>, ms: number): Promise<T | undefined> {
    if (ms <= 0) return Promise.resolve(undefined);
    return new Promise((resolve, reject) => {
      const cancel = this.#parts.clock.schedule(ms, () => resolve(undefined));
      running.then(resolve, reject).finally(cancel);
    });
  }

  /** The client goes its way. Whoever asks meanwhile need not wait either: it is known to take long. */
  #leave(name: DomainName, type: number, running: Promise<Iterated | Failure>): void {
    const key = questionKey(name, type);
    this.#late.add(key, this.#parts.limits.failureTtl * 1000);
    this.#refreshes.adopt(name, type, running);
    running.then(
      (outcome) => this.#note(key, outcome),
      () => undefined,
    );
  }

  /** A failure that the cache remembers has its rest there; one in passing, such as a spent budget, has it here. */
  #note(key: string, outcome: Iterated | Failure): void {
    if (isFailed(outcome)) this.#late.add(key, this.#parts.limits.failureTtl * 1000);
    else this.#late.delete(key);
  }

  #find(name: DomainName, type: number): CachedFound | undefined {
    const { cache, routedApex, isCurrent } = this.#parts;
    if (!isCurrent()) return undefined;
    const floor = routedApex(searchStart(name, type));
    const found = cache.expired.find(name, type, floor, this.#terms.answerTtl);
    return found !== undefined && this.#holdsGood(found, name, type) ? found : undefined;
  }

  #holdsGood({ finding, security }: CachedFound, name: DomainName, type: number): boolean {
    const validator = this.#parts.validator();
    if (validator === undefined) return true;
    switch (security.kind) {
      case 'secure':
        return signaturesHold(finding, validator.terms().now);
      case 'insecure':
        // Below a negative trust anchor that is over by now, it would have to be validated.
        if (security.ede?.code === ExtendedErrorCode.NEGATIVE_TRUST_ANCHOR) {
          return validator.anchorAbove(name, type) === undefined;
        }
        // What no anchor vouches for is kept for a minute, for good reasons (validate.ts).
        return security.ede?.code !== ExtendedErrorCode.DNSSEC_INDETERMINATE;
      case 'indeterminate':
        return true;
      case 'unchecked':
      case 'bogus':
        return false;
      default:
        return security satisfies never;
    }
  }
}

function reasonsOf(outcome: Iterated | Failure): readonly ExtendedError[] {
  if (outcome.kind === 'failure') return outcome.because;
  const { security } = outcome.found;
  return security.kind === 'bogus' ? [security.ede] : [];
}

/**
 * Whether no signature is over by now. Which of several was the one believed is not kept; that all must hold errs on
 * the safe side. @param now seconds since 1970
 */
function signaturesHold(finding: Finding, now: number): boolean {
  return signedOf(finding).every(({ signatures }) =>
    signatures.every((rdata) => {
      const rrsig = rrsigOf(rdata);
      // RFC 4034 §3.1.5: serial arithmetic.
      return rrsig !== undefined && ((rrsig.expiration - now) | 0) > 0;
    }),
  );
}

function signedOf(finding: Finding): readonly RRset[] {
  switch (finding.kind) {
    case 'answer':
      return [finding.rrset, ...(finding.proof ?? [])];
    case 'alias':
      return [finding.dname ?? finding.rrset, ...(finding.proof ?? [])];
    case 'too-long':
      return [finding.dname];
    case 'nodata':
    case 'nxdomain':
      return finding.soa === undefined ? finding.proof : [finding.soa, ...finding.proof];
    default:
      return finding satisfies never;
  }
}
