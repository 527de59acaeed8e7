/**
 * How many questions wait for the network, and whose? Bounds in all and for each client, and what "too late" means.
 *
 * DNSBomb (CVE-2024-33655): an attacker forges a victim's address, collects slow questions, and has all replies leave in
 * one burst. What makes the bomb is the number of replies held back for one address, not the age of one reply. So a
 * reply over udpLate is dropped only while its client has more than LATE_TOLERATED questions waiting. Dropping by age
 * alone (Unbound: 1.9 s) would leave dig, glibc and musl, which wait 5 s and send nothing in between, without the very
 * SERVFAIL whose reasons they are asking for.
 *
 * A copy of a question still waiting (same client, port and ID) is dropped: it gets the one reply, whose age counts from
 * the first copy (CVE-2026-42534).
 */

import { PassingMap } from '../dns/passing-map.js';

/** Sixteen replies of 1232 octets are 20 kB at once: less than an ordinary web page sends. */
const LATE_TOLERATED = 16;

export interface InFlightLimits {
  readonly inFlight: number;
  readonly perClientInFlight: number;
  /** Milliseconds. */
  readonly udpLate: number;
}

export type Admission = 'admitted' | 'duplicate' | 'client-full' | 'full';

/** Where a question came from. `copyKey` is the same for retransmissions of it; undefined over TCP, which has none. */
export interface Waiting {
  readonly address: string;
  readonly copyKey: string | undefined;
}

export class InFlight {
  readonly #byAddress = new PassingMap<string, number>();
  readonly #copyKeys = new PassingMap<string, true>();
  #size = 0;

  get size(): number {
    return this.#size;
  }

  /** Takes a place; `leave` must follow when, and only when, it says admitted. */
  enter({ address, copyKey }: Waiting, limits: InFlightLimits): Admission {
    if (copyKey !== undefined && this.#copyKeys.has(copyKey)) return 'duplicate';
    const waiting = this.#byAddress.get(address) ?? 0;
    if (waiting >= limits.perClientInFlight) return 'client-full';
    if (this.#size >= limits.inFlight) return 'full';
    this.#byAddress.set(address, waiting + 1);
    if (copyKey !== undefined) this.#copyKeys.set(copyKey, true);
    this.#size++;
    return 'admitted';
  }

  leave({ address, copyKey }: Waiting): void {
    const waiting = this.#byAddress.get(address) ?? 0;
    if (waiting > 1) this.#byAddress.set(address, waiting - 1);
    else this.#byAddress.delete(address);
    if (copyKey !== undefined) this.#copyKeys.delete(copyKey);
    this.#size--;
  }

  /** Whether a UDP reply after `age` milliseconds is to be dropped. Asked before `leave`. */
  isLate(address: string, age: number, limits: InFlightLimits): boolean {
    return age > limits.udpLate && (this.#byAddress.get(address) ?? 0) > LATE_TOLERATED;
  }
}
