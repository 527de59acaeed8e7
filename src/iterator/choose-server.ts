/** Which of several servers is asked next. Pure: candidates and chance in, a choice with its reasons out. */
import type { ServerAddress } from '../dns/address.js';
import type { Random } from '../ports/random.js';

export interface Candidate {
  readonly server: ServerAddress;
  /** Smoothed round trip in ms; undefined while never heard. */
  readonly srtt: number | undefined;
  /** How often it was asked for this very question. */
  readonly tries: number;
  readonly resting: boolean;
  /** Its address family is held to be broken. */
  readonly familyDown: boolean;
}

/** A server never heard is taken for this fast, ms: tried when those known are slower, else by exploration. */
const UNKNOWN_RTT_MS = 120;
/** One question in so many goes to a server at random, so that estimates stay true (field: 1/20 to 1/25). */
const EXPLORE_ONE_IN = 20;
/** Servers within this of the best, ms, share the load: who is asked stays hard to guess. */
const BAND_MS = 10;
const BAND_FACTOR = 1.3;

/**
 * The best standing first: those asked least for this question, of a working family, not resting; among them the
 * fastest, with others as fast by chance, and sometimes anyone. Undefined when there are none.
 */
export function chooseServer(candidates: readonly Candidate[], random: Random): Candidate | undefined {
  const rank = (c: Candidate): number => c.tries * 4 + (c.resting ? 2 : 0) + (c.familyDown ? 1 : 0);
  let best = Number.POSITIVE_INFINITY;
  for (const candidate of candidates) best = Math.min(best, rank(candidate));
  const standing = candidates.filter((candidate) => rank(candidate) === best);
  if (standing.length <= 1) return standing[0];
  if (random.below(EXPLORE_ONE_IN) === 0) return standing[random.below(standing.length)];
  const fastest = Math.min(...standing.map(expected));
  const band = standing.filter((candidate) => expected(candidate) <= fastest * BAND_FACTOR + BAND_MS);
  return band[random.below(band.length)];
}

function expected(candidate: Candidate): number {
  return candidate.srtt ?? UNKNOWN_RTT_MS;
}
