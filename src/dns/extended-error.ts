/** Extended DNS Errors, RFC 8914: why an answer is what it is, for people and programs. */

/** INFO-CODEs of RFC 8914 §4 and the IANA registry. */
// biome-ignore format: a table reads better in rows
export const ExtendedErrorCode = {
  OTHER: 0, UNSUPPORTED_DNSKEY_ALGORITHM: 1, UNSUPPORTED_DS_DIGEST_TYPE: 2, STALE_ANSWER: 3, FORGED_ANSWER: 4,
  DNSSEC_INDETERMINATE: 5, DNSSEC_BOGUS: 6, SIGNATURE_EXPIRED: 7, SIGNATURE_NOT_YET_VALID: 8, DNSKEY_MISSING: 9,
  RRSIGS_MISSING: 10, NO_ZONE_KEY_BIT_SET: 11, NSEC_MISSING: 12, CACHED_ERROR: 13, NOT_READY: 14, BLOCKED: 15,
  CENSORED: 16, FILTERED: 17, PROHIBITED: 18, STALE_NXDOMAIN_ANSWER: 19, NOT_AUTHORITATIVE: 20, NOT_SUPPORTED: 21,
  NO_REACHABLE_AUTHORITY: 22, NETWORK_ERROR: 23, INVALID_DATA: 24, SIGNATURE_EXPIRED_BEFORE_VALID: 25, TOO_EARLY: 26,
  UNSUPPORTED_NSEC3_ITERATIONS: 27, UNABLE_TO_CONFORM_TO_POLICY: 28, SYNTHESIZED: 29, INVALID_QUERY_TYPE: 30,
  NEGATIVE_TRUST_ANCHOR: 33,
} as const;

/** One reason: an INFO-CODE and a sentence naming the culprit (server, rcode, zone). */
export interface ExtendedError {
  readonly code: number;
  readonly text: string;
}

const names = new Map<number, string>(
  Object.entries(ExtendedErrorCode).map(([name, code]) => [code, name.toLowerCase().replaceAll('_', ' ')]),
);

/** The registry's name of an INFO-CODE in lower case, "code n" when unknown. */
export function extendedErrorName(code: number): string {
  return names.get(code) ?? `code ${code}`;
}
