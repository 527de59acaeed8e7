/**
 * Are the signatures of an entry that was believed still within their validity? While it runs, the TTL of validated data
 * ends with its signature (RFC 4035 §5.3.3), by the clock of that time; after a restart the wall clock may say something
 * else, and `secure` is not believed beyond it. Octets are looked at where they lie: this is done a million times.
 */
import { uint16At, uint32At } from '../../dns/octets.js';
import { HAS_SOA } from '../bodies.js';
import { type Entry, kindOfKey } from '../entry.js';
import { bodyStart, securityKindOf } from '../pack.js';

/**
 * False for a secure entry of which some RRset has signatures, and none of them holds at `seconds` (since 1970). The
 * body must be one that pack.ts made; of another one the answer means nothing.
 */
export function signaturesHold(key: string, { packed }: Entry, seconds: number): boolean {
  if (securityKindOf(packed) !== 'secure') return true;
  const walk: Walk = { packed, at: bodyStart(packed), now: seconds | 0 };
  const kind = kindOfKey(key);
  if (kind === 'rrset' || kind === 'denial') {
    if (!rdatasHold(walk)) return false;
  } else {
    const bits = packed.charCodeAt(walk.at++);
    if (bits & HAS_SOA && !rrsetHolds(walk)) return false;
  }
  while (walk.at < packed.length) if (!rrsetHolds(walk)) return false;
  return true;
}

interface Walk {
  readonly packed: string;
  /** Seconds modulo 2^32. */
  readonly now: number;
  at: number;
}

/** Type and name before RDATA: see packRrset. */
function rrsetHolds(walk: Walk): boolean {
  walk.at += 2;
  for (let length = walk.packed.charCodeAt(walk.at++); length > 0; length = walk.packed.charCodeAt(walk.at++)) {
    walk.at += length;
  }
  return rdatasHold(walk);
}

/** See packRdatas. */
function rdatasHold(walk: Walk): boolean {
  const { packed } = walk;
  const rdatas = uint16At(packed, walk.at);
  walk.at += 2;
  for (let count = rdatas; count > 0; count--) walk.at += 2 + uint16At(packed, walk.at);
  const signatures = uint16At(packed, walk.at);
  walk.at += 2;
  let holds = signatures === 0;
  for (let count = signatures; count > 0; count--) {
    const rdata = walk.at + 2;
    // RFC 4034 §3.1.5: serial arithmetic; expiration and inception are the fields after the original TTL.
    const expiration = uint32At(packed, rdata + 8);
    const inception = uint32At(packed, rdata + 12);
    if (((expiration - walk.now) | 0) >= 0 && ((walk.now - inception) | 0) >= 0) holds = true;
    walk.at = rdata + uint16At(packed, walk.at);
  }
  return holds;
}
