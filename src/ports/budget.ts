/**
 * One budget per client question, inherited by everything it causes, never reset (CAMP, USENIX Security 2024).
 * Whoever is about to do work charges it first.
 */
export type Work = 'exchanges' | 'nsLookups' | 'aliases' | 'referrals' | 'signatures' | 'nsec3Hashes';

export interface WorkBudget {
  /** Takes `units` (1 unless given); false when so many are not left (or time is up): the work must not be done. */
  charge(work: Work, units?: number): boolean;
  /** Milliseconds of wall time left, 0 when none. */
  timeLeft(): number;
  /** The bound that was hit first, in words with its figure; undefined while none was. */
  readonly exhausted: string | undefined;
  /** Units used so far: for provenance and traces. */
  used(work: Work): number;
}
