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
  /** Its rest is over: due to be asked again beside a server that works. */
  readonly due: boolean;
  /** It said before that it does not serve this zone: asked when nobody else is left. */
  readonly lame: boolean;
  /** Its address family is held to be broken. */
  readonly familyDown: boolean;
}

/** A server never heard is taken for this fast, ms: tried when those known are slower, else by probes beside. */
const UNKNOWN_RTT_MS = 120;
/** The same over IPv6: where both families work they are alike, and where one is broken it is usually this one. */
const UNKNOWN_IPV6_RTT_MS = 200;
/** Servers within this of the best, ms, share the load: who is asked stays hard to guess. */
const BAND_MS = 10;
const BAND_FACTOR = 1.3;
/** One question in so many is also sent to another server, so that estimates stay true (field: 1/20 to 1/25). */
const EXPLORE_ONE_IN = 20;

/**
 * The best standing first: those asked least for this question, not lame, not resting, of a working family; of them the
 * fastest, with others as fast by chance. Undefined when there are none.
 */
export function chooseServer(candidates: readonly Candidate[], random: Random): Candidate | undefined {
  // HOT: arrays for each step would be most of what this costs.
  let best = Number.POSITIVE_INFINITY;
  let fastest = Number.POSITIVE_INFINITY;
  for (const candidate of candidates) {
    const rank = rankOf(candidate);
    if (rank < best) fastest = expected(candidate);
    else if (rank === best) fastest = Math.min(fastest, expected(candidate));
    best = Math.min(best, rank);
  }
  const isInBand = (c: Candidate): boolean => rankOf(c) === best && expected(c) <= fastest * BAND_FACTOR + BAND_MS;
  let first: Candidate | undefined;
  let inBand = 0;
  for (const candidate of candidates) {
    if (!isInBand(candidate)) continue;
    first ??= candidate;
    inBand++;
  }
  if (inBand <= 1) return first;
  let skip = random.below(inBand);
  for (const candidate of candidates) if (isInBand(candidate) && skip-- === 0) return candidate;
  return undefined;
}

function rankOf(c: Candidate): number {
  return c.tries * 8 + (c.lame ? 4 : 0) + (c.resting ? 2 : 0) + (c.familyDown ? 1 : 0);
}

/**
 * Now and then, another server than the chosen one to learn about, asked the same beside it: exploring never makes a
 * client wait.
 */
export function chooseExplored(
  candidates: readonly Candidate[],
  chosen: Candidate,
  random: Random,
): Candidate | undefined {
  if (candidates.length < 2 || random.below(EXPLORE_ONE_IN) !== 0) return undefined;
  const others = candidates.filter((c) => c !== chosen && c.tries === 0 && !c.lame && !c.resting && !c.familyDown);
  return others.length === 0 ? undefined : others[random.below(others.length)];
}

function expected(candidate: Candidate): number {
  return candidate.srtt ?? (candidate.server.family === 4 ? UNKNOWN_RTT_MS : UNKNOWN_IPV6_RTT_MS);
}
