/**
 * Does one of the signatures of an RRset hold? (RFC 4035 §5.3)
 *
 * KeyTrap (CVE-2023-50387) multiplies signatures by keys of the same tag; both are bounded here and every check is
 * charged to the budget of the client's question first.
 */
import type { Dnskey, Rrsig } from '../dns/dnssec-rdata.js';
import { rrsigOf } from '../dns/dnssec-rdata.js';
import { type ExtendedError, ExtendedErrorCode } from '../dns/extended-error.js';
import { type DomainName, isAtOrBelow, nameToText } from '../dns/name.js';
import { Type } from '../dns/numbers.js';
import type { Octets } from '../dns/octets.js';
import type { RRset } from '../dns/rrset.js';
import type { WorkBudget } from '../ports/budget.js';
import { canonicalRdatas } from '../wire/canonical.js';
import type { Algorithms } from './algorithms.js';
import {
  describe,
  errorOf,
  type Fault,
  formFault,
  furtherFault,
  keyFault,
  Progress,
  setToText,
  timeFault,
} from './signature-fault.js';
import { expandedFrom, signedData } from './signed-data.js';
import { periodOf } from './validity-period.js';
import { verifySignature } from './verify-signature.js';

export type SetVerdict =
  | {
      readonly kind: 'secure';
      readonly signature: Rrsig;
      readonly key: Dnskey;
      /** The name whose wildcard was expanded: `*.` is its child. Undefined when the owner itself was signed. */
      readonly closestEncloser: DomainName | undefined;
      /** Seconds: bounded by original TTL and expiration, RFC 4035 §5.3.3. */
      readonly ttl: number;
    }
  | { readonly kind: 'bogus'; readonly because: string; readonly ede: ExtendedError }
  | { readonly kind: 'unsigned' }
  /** The budget ran out before one was found that holds. */
  | { readonly kind: 'spent' };

/**
 * Checks of one RRset: signatures out of time and calculations, together. Two algorithms and two keys in a rollover
 * make four; Unbound allows eight. Those out of time count, since they cost too, without being failures of a zone that
 * left old ones lying about.
 */
export const MAX_CHECKS = 8;
/** Keys of one tag and algorithm tried for one signature: a collision of two happens by chance, more are made. */
export const MAX_KEYS_PER_SIGNATURE = 4;

/**
 * The verdict on an RRset.
 * @param zone the signer there must be; its keys are `keys`
 * @param keys of the zone, all believed; revoked ones are passed over
 * @param now seconds since 1970
 */
export function verifyRrset(
  rrset: RRset,
  zone: DomainName,
  keys: readonly Dnskey[],
  now: number,
  budget: WorkBudget,
  algorithms: Algorithms,
): SetVerdict {
  return new SetCheck(rrset, zone, now, budget, algorithms, false).run(keys);
}

export type SelfSigners =
  | { readonly kind: 'keys'; readonly keys: readonly Dnskey[] }
  /** The budget ran out before all were tried. */
  | { readonly kind: 'spent' };

/**
 * Which of some keys, revoked ones included, have signed a DNSKEY RRset: what RFC 5011 §2 wants to know of trust anchors
 * and of keys with the REVOKE bit. Parameters as for verifyRrset.
 */
export function keysThatSigned(
  rrset: RRset,
  zone: DomainName,
  candidates: readonly Dnskey[],
  now: number,
  budget: WorkBudget,
  algorithms: Algorithms,
): SelfSigners {
  const keys: Dnskey[] = [];
  for (const key of candidates) {
    const verdict = new SetCheck(rrset, zone, now, budget, algorithms, true).run([key]);
    if (verdict.kind === 'spent') return verdict;
    if (verdict.kind === 'secure') keys.push(key);
  }
  return { kind: 'keys', keys };
}

/** What one signature came to; `fault` is one that leaves hope in the others. */
type Outcome = { readonly kind: 'fault'; readonly fault: Fault } | Exclude<SetVerdict, { kind: 'unsigned' }>;

class SetCheck {
  readonly #rrset: RRset;
  readonly #zone: DomainName;
  readonly #now: number;
  readonly #budget: WorkBudget;
  readonly #algorithms: Algorithms;
  readonly #mayBeRevoked: boolean;
  #checks = 0;
  #canonical: readonly Octets[] | undefined;

  constructor(
    rrset: RRset,
    zone: DomainName,
    now: number,
    budget: WorkBudget,
    algorithms: Algorithms,
    mayBeRevoked: boolean,
  ) {
    this.#rrset = rrset;
    this.#zone = zone;
    this.#now = now;
    this.#budget = budget;
    this.#algorithms = algorithms;
    this.#mayBeRevoked = mayBeRevoked;
  }

  run(keys: readonly Dnskey[]): SetVerdict {
    const { name, type, signatures } = this.#rrset;
    // RFC 4035 §2.2: signatures are not signed.
    if (signatures.length === 0 || type === Type.RRSIG) return { kind: 'unsigned' };
    if (!isAtOrBelow(name, this.#zone)) {
      return bogus(ExtendedErrorCode.DNSSEC_BOGUS, `${nameToText(name)} is not within ${nameToText(this.#zone)}`);
    }
    let told: Fault | undefined;
    for (const rdata of signatures) {
      const outcome = this.#checkSignature(rdata, keys);
      if (outcome.kind !== 'fault') return outcome;
      told = furtherFault(told, outcome.fault);
    }
    const ede = errorOf(told!);
    return { kind: 'bogus', because: ede.text, ede };
  }

  #checkSignature(rdata: Octets, keys: readonly Dnskey[]): Outcome {
    const rrsig = rrsigOf(rdata);
    if (rrsig === undefined) return { kind: 'fault', fault: this.#unreadable() };
    const fault = formFault(rrsig, this.#rrset, this.#zone, this.#algorithms);
    if (fault !== undefined) return { kind: 'fault', fault };
    const what = (): string => describe(rrsig, this.#rrset, this.#algorithms);
    const { fit, unfit } = this.#keysFor(rrsig, keys, what);
    if (fit.length === 0) return { kind: 'fault', fault: unfit ?? this.#noKey(what) };
    const late = timeFault(rrsig, this.#now, what);
    if (late !== undefined) return this.#mayCheck() ? { kind: 'fault', fault: late } : this.#tooMany();
    return this.#tryKeys(rrsig, fit, what);
  }

  /** The keys with the signature's tag and algorithm that may sign; else why the first of them may not. */
  #keysFor(
    rrsig: Rrsig,
    keys: readonly Dnskey[],
    what: () => string,
  ): { readonly fit: readonly Dnskey[]; readonly unfit: Fault | undefined } {
    const fit: Dnskey[] = [];
    let unfit: Fault | undefined;
    for (const key of keys) {
      if (key.keyTag !== rrsig.keyTag || key.algorithm !== rrsig.algorithm) continue;
      const fault = keyFault(key, this.#mayBeRevoked, what);
      if (fault === undefined) fit.push(key);
      else unfit ??= fault;
      if (fit.length === MAX_KEYS_PER_SIGNATURE) break;
    }
    return { fit, unfit };
  }

  #tryKeys(rrsig: Rrsig, keys: readonly Dnskey[], what: () => string): Outcome {
    this.#canonical ??= canonicalRdatas(this.#rrset.type, this.#rrset.rdatas);
    const data = signedData(rrsig, this.#rrset.name, this.#rrset.type, this.#canonical);
    for (const key of keys) {
      if (!this.#mayCheck()) return this.#tooMany();
      if (!this.#budget.charge('signatures')) return { kind: 'spent' };
      const check = verifySignature(key, rrsig.signature, data);
      if (check === 'valid') return this.#secure(rrsig, key);
      // CVE-2025-8677: a zone with such keys makes every signature cost a search among them. It gets no second try.
      if (check === 'unusable key') {
        return bogus(ExtendedErrorCode.DNSSEC_BOGUS, `${what()} is by a DNSKEY that holds no key of its algorithm`);
      }
    }
    const code = ExtendedErrorCode.DNSSEC_BOGUS;
    const text = (): string => `${what()} does not verify: data, key or signature were changed`;
    return { kind: 'fault', fault: { progress: Progress.INVALID, code, text } };
  }

  #secure(signature: Rrsig, key: Dnskey): SetVerdict & { kind: 'secure' } {
    const period = periodOf(signature, this.#now);
    const left = period.kind === 'current' ? period.seconds : 0;
    return {
      kind: 'secure',
      signature,
      key,
      closestEncloser: expandedFrom(this.#rrset.name, signature.labels),
      ttl: Math.min(this.#rrset.ttl, signature.originalTtl, left),
    };
  }

  #mayCheck(): boolean {
    return ++this.#checks <= MAX_CHECKS;
  }

  #tooMany(): Outcome {
    return bogus(
      ExtendedErrorCode.DNSSEC_BOGUS,
      `none of the first ${MAX_CHECKS} signature checks of ${setToText(this.#rrset)} held, and there are more to do`,
    );
  }

  #unreadable(): Fault {
    return {
      progress: Progress.UNREADABLE,
      code: ExtendedErrorCode.DNSSEC_BOGUS,
      text: () => `an RRSIG of ${setToText(this.#rrset)} cannot be read`,
    };
  }

  #noKey(what: () => string): Fault {
    return {
      progress: Progress.NO_KEY,
      code: ExtendedErrorCode.DNSKEY_MISSING,
      text: () => `${what()} is by none of the DNSKEYs of ${nameToText(this.#zone)} that may be used`,
    };
  }
}

function bogus(code: number, because: string): SetVerdict & { kind: 'bogus' } {
  return { kind: 'bogus', because, ede: { code, text: because } };
}
