/**
 * For how long can data that somebody says is secure be so? No verification: the verdict is an older one, of this process
 * or another, and what may have changed since is the time.
 */
import { rrsigOf } from '../dns/dnssec-rdata.js';
import type { RRset } from '../dns/rrset.js';
import { periodOf } from './validity-period.js';

/**
 * Seconds until the first of the sets has no signature left that is in its time (RFC 4035 §5.3.3); undefined when one has
 * none now, or none of them is signed. A set without any signature beside signed ones does not count: the proof of a
 * denial is what is signed. @param now seconds since 1970
 */
export function signedFor(sets: readonly RRset[], now: number): number | undefined {
  let shortest: number | undefined;
  for (const { signatures } of sets) {
    if (signatures.length === 0) continue;
    const left = longest(signatures, now);
    if (left === undefined) return undefined;
    shortest = Math.min(shortest ?? left, left);
  }
  return shortest;
}

function longest(signatures: RRset['signatures'], now: number): number | undefined {
  let most: number | undefined;
  for (const rdata of signatures) {
    const rrsig = rrsigOf(rdata);
    const period = rrsig && periodOf(rrsig, now);
    if (period?.kind === 'current') most = Math.max(most ?? 0, period.seconds);
  }
  return most;
}
