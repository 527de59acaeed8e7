/**
 * HOT: the delegations in use, unpacked. Every question that is not answered from here begins at one of them, most at the
 * same few.
 *
 * What was unpacked is good for as long as the octets under the zone's key are the same, which is looked at each time:
 * nothing need be told of what is stored, flushed or evicted. Only the TTL is made anew.
 */
import type { Delegation } from '../dns/delegation.js';
import type { DomainName } from '../dns/name.js';
import type { RRset } from '../dns/rrset.js';
import { unpackDelegation } from './bodies.js';
import { type Entry, secondsLeft } from './entry.js';

interface Unpacked {
  readonly packed: string;
  readonly delegation: Delegation;
}

/** Each generation; some 1 KB each. When the younger is full it becomes the older, and what is in use comes back from there. */
const ZONES = 2048;

export class RecentDelegations {
  #young = new Map<DomainName, Unpacked>();
  #old = new Map<DomainName, Unpacked>();

  /** As unpackDelegation. */
  of(entry: Entry, zone: DomainName, now: number): Delegation {
    const { servers, ds, denial } = this.#unpacked(entry, zone, now);
    const ttl = Math.max(0, secondsLeft(entry, now));
    const aged = (rrset: RRset): RRset => ({ ...rrset, ttl });
    return { zone, servers, ds: ds && aged(ds), denial: denial.length === 0 ? denial : denial.map(aged), ttl };
  }

  #unpacked(entry: Entry, zone: DomainName, now: number): Delegation {
    const { packed } = entry;
    const young = this.#young.get(zone);
    if (young?.packed === packed) return young.delegation;
    const old = this.#old.get(zone);
    const unpacked = old?.packed === packed ? old : { packed, delegation: unpackDelegation(entry, zone, now) };
    this.#keep(zone, unpacked);
    return unpacked.delegation;
  }

  #keep(zone: DomainName, unpacked: Unpacked): void {
    if (this.#young.size >= ZONES) {
      this.#old = this.#young;
      this.#young = new Map();
    }
    this.#young.set(zone, unpacked);
  }
}
