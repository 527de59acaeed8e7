/**
 * Which signature algorithms and digests does this validator know? (RFC 8624 §3, the IANA registries.)
 *
 * What it does not know makes a zone insecure, never bogus (RFC 4035 §5.2). DSA (3 and 6) is known on request only:
 * RFC 8624 §3.1 forbids it, old zones for tests use it. RSA/MD5 (1) and GOST (12) are never known.
 */

export const Algorithm = {
  DSA: 3,
  RSASHA1: 5,
  DSA_NSEC3_SHA1: 6,
  RSASHA1_NSEC3_SHA1: 7,
  RSASHA256: 8,
  RSASHA512: 10,
  ECDSAP256SHA256: 13,
  ECDSAP384SHA384: 14,
  ED25519: 15,
  ED448: 16,
} as const;

export const DigestType = { SHA1: 1, SHA256: 2, SHA384: 4 } as const;

/** Mnemonics of the IANA registry, those of unknown algorithms too: they are for reasons people read. */
const names = new Map<number, string>([
  ...Object.entries(Algorithm).map(([name, code]): [number, string] => [code, name.replaceAll('_', '-')]),
  [0, 'DELETE'],
  [1, 'RSAMD5'],
  [2, 'DH'],
  [12, 'ECC-GOST'],
  [17, 'SM2SM3'],
  [23, 'ECC-GOST12'],
  [252, 'INDIRECT'],
  [253, 'PRIVATEDNS'],
  [254, 'PRIVATEOID'],
]);

const LEGACY: ReadonlySet<number> = new Set([Algorithm.DSA, Algorithm.DSA_NSEC3_SHA1]);
const digests: ReadonlySet<number> = new Set(Object.values(DigestType));

export class Algorithms {
  readonly #supported: ReadonlySet<number>;

  /** @param legacy algorithm numbers off by default that are to be verified: of these only 3 and 6 have a meaning */
  constructor(legacy: readonly number[]) {
    const standard = Object.values(Algorithm).filter((algorithm) => !LEGACY.has(algorithm));
    this.#supported = new Set([...standard, ...legacy.filter((algorithm) => LEGACY.has(algorithm))]);
  }

  /** Whether signatures of that algorithm are verified. */
  supports(algorithm: number): boolean {
    return this.#supported.has(algorithm);
  }

  /** Whether DS records of that digest type are compared. */
  supportsDigest(digestType: number): boolean {
    return digests.has(digestType);
  }

  /** The mnemonic and number of an algorithm, for people: "ECDSAP256SHA256 (13)". */
  name(algorithm: number): string {
    const name = names.get(algorithm);
    return name === undefined ? `algorithm ${algorithm}` : `${name} (${algorithm})`;
  }
}
