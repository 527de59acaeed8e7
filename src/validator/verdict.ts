/** Verdicts, each made with its reason where the fact is known (RFC 4035 §4.3; EDE of RFC 8914). */
import { type ExtendedError, ExtendedErrorCode } from '../dns/extended-error.js';
import type { Failure } from '../dns/finding.js';
import { type DomainName, nameToText } from '../dns/name.js';
import { Type, typeToText } from '../dns/numbers.js';
import type { RRset } from '../dns/rrset.js';
import type { Security } from '../dns/security.js';
import type { WorkBudget } from '../ports/budget.js';
import type { Denial } from './denial.js';
import type { NegativeAnchor } from './trust-anchors.js';
import type { SetVerdict } from './verify-rrset.js';

export type Bogus = Extract<Security, { kind: 'bogus' }>;
export type Insecure = Extract<Security, { kind: 'insecure' }>;
/** What trust may end in. */
export type Unsecured = Exclude<Security, { kind: 'secure' | 'unchecked' }>;

export const SECURE: Security = { kind: 'secure' };

export function negativeError({ name, reason }: NegativeAnchor): ExtendedError {
  const text = `validation is turned off at ${nameToText(name)}${reason === '' ? '' : `: ${reason}`}`;
  return { code: ExtendedErrorCode.NEGATIVE_TRUST_ANCHOR, text };
}

export function bogus(code: number, because: string): Bogus {
  return { kind: 'bogus', because, ede: { code, text: because } };
}

export function bogusFrom(verdict: Exclude<SetVerdict, { kind: 'secure' }>, rrset: RRset, budget: WorkBudget): Bogus {
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
export function spent(budget: WorkBudget): Bogus {
  const what = budget.exhausted ?? 'the work allowed for one question is used up';
  return { passing: true, ...bogus(ExtendedErrorCode.OTHER, `validation stopped: ${what}`) };
}

export function noSuchSigner(rrset: RRset, signer: DomainName): Bogus {
  return bogus(
    ExtendedErrorCode.DNSSEC_BOGUS,
    `${nameToText(rrset.name)} ${typeToText(rrset.type)} is signed by ${nameToText(signer)}, which is no zone`,
  );
}

export function securityOfDenial(denial: Denial, budget: WorkBudget): Security {
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

export function unreachable(name: DomainName, type: number, failure: Failure): Bogus {
  const first: ExtendedError | undefined = failure.because[0];
  const what = `${typeToText(type)} of ${nameToText(name)} could not be had`;
  const code = type === Type.DNSKEY ? ExtendedErrorCode.DNSKEY_MISSING : ExtendedErrorCode.DNSSEC_INDETERMINATE;
  const verdict = bogus(code, first === undefined ? what : `${what}: ${first.text}`);
  return failure.cacheable || failure.remembered ? verdict : { passing: true, ...verdict };
}
