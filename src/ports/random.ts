/** Chance as a parameter: node:crypto in production, a seeded generator in tests. Never Math.random (CVE-2025-40780). */
export interface Random {
  /** A uniform whole number from 0 up to, not including, `bound` (1..2^32). */
  below(bound: number): number;
}
