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
import type { Resolution } from '../dns/resolution.js';

/** Sixteen replies of 1232 octets are 20 kB at once: less than an ordinary web page sends. */
const LATE_TOLERATED = 16;

export interface InFlightLimits {
  readonly inFlight: number;
  readonly perClientInFlight: number;
  /** Milliseconds. */
  readonly udpLate: number;
}

export type NoRoom = 'duplicate' | 'client-full' | 'full';

/** What waits for one client address. */
interface ClientShare {
  readonly address: string;
  waiting: number;
}

/** One question that waits. */
export class Place {
  /** Ends the wait with this outcome. Set by who waits, and emptied when the place is left, see PassingMap. */
  end: ((resolution: Resolution) => void) | undefined = undefined;
  isLeft = false;

  constructor(
    readonly key: string | number,
    readonly client: ClientShare,
  ) {}
}

export class InFlight {
  readonly #clients = new PassingMap<string, ClientShare>();
  /** By what is the same for copies of a question, or a number where there are none. */
  readonly #places = new PassingMap<string | number, Place>();
  #size = 0;
  #lastNumber = 0;

  get size(): number {
    return this.#size;
  }

  /** A place, to be left by `leave`; or why there is none. @param copyKey undefined over TCP, where nothing comes twice */
  enter(address: string, copyKey: string | undefined, limits: InFlightLimits): Place | NoRoom {
    if (copyKey !== undefined && this.#places.has(copyKey)) return 'duplicate';
    const known = this.#clients.get(address);
    const client = known ?? { address, waiting: 0 };
    if (client.waiting >= limits.perClientInFlight) return 'client-full';
    if (this.#size >= limits.inFlight) return 'full';
    if (known === undefined) this.#clients.set(address, client);
    const place = new Place(copyKey ?? ++this.#lastNumber, client);
    this.#places.set(place.key, place);
    client.waiting++;
    this.#size++;
    return place;
  }

  leave(place: Place): void {
    const { client } = place;
    place.isLeft = true;
    place.end = undefined;
    this.#places.delete(place.key);
    if (--client.waiting === 0) this.#clients.delete(client.address);
    this.#size--;
  }

  /** Whether a UDP reply after `age` milliseconds is to be dropped. Asked before `leave`. */
  isLate({ client }: Place, age: number, limits: InFlightLimits): boolean {
    return age > limits.udpLate && client.waiting > LATE_TOLERATED;
  }

  /** Whatever waits now waits no longer. */
  endAll(resolution: Resolution): void {
    for (const { end } of this.#places.values()) end?.(resolution);
  }
}
