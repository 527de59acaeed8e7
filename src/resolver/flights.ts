/**
 * Resolutions under way: equal ones are joined, and circles of lookups waiting for each other are seen before they
 * become a wait for ever (zone a served by a name in zone b and the other way round).
 */
import type { Flight } from '../ports/lookup.js';

interface Entry<T> extends Flight {
  readonly outcome: Promise<T>;
  waiters: number;
}

export type Boarding<T> =
  /** The outcome, one's own or another's. */
  | { readonly kind: 'flying'; readonly outcome: Promise<T>; readonly joined: boolean }
  /** The other one waits, through others perhaps, for the one that asks. */
  | { readonly kind: 'circle' }
  /** So many wait for the same that one more is turned away (DNSBomb, CVE-2024-33655). */
  | { readonly kind: 'crowded' };

export class Flights<T> {
  readonly #flights = new Map<string, Entry<T>>();

  constructor(readonly maxWaiters: number) {}

  get size(): number {
    return this.#flights.size;
  }

  /** Joins the flight of that key or starts it. `from` is the flight on whose behalf this is done. */
  board(key: string, from: Flight | undefined, start: (flight: Flight) => Promise<T>): Boarding<T> {
    const existing = this.#flights.get(key);
    if (existing !== undefined) return this.#join(existing, from);
    const flight: Flight = { key, waitsFor: new Set() };
    // `start` runs at once; the entry must be there before it asks for anything that could come back here.
    let settle!: (value: Promise<T>) => void;
    const outcome = new Promise<T>((resolve) => {
      settle = resolve;
    });
    const entry: Entry<T> = Object.assign(flight, { outcome, waiters: 1 });
    this.#flights.set(key, entry);
    const running = start(entry).finally(() => this.#flights.delete(key));
    settle(running);
    return { kind: 'flying', outcome: this.#waiting(entry, from), joined: false };
  }

  #join(entry: Entry<T>, from: Flight | undefined): Boarding<T> {
    if (from !== undefined && reaches(entry, from)) return { kind: 'circle' };
    // What others' answers depend on is never turned away: that would make their failure of a mere crowd.
    if (from === undefined && entry.waiters >= this.maxWaiters) return { kind: 'crowded' };
    entry.waiters++;
    return { kind: 'flying', outcome: this.#waiting(entry, from), joined: true };
  }

  #waiting(entry: Entry<T>, from: Flight | undefined): Promise<T> {
    if (from === undefined) return entry.outcome;
    from.waitsFor.add(entry);
    return entry.outcome.finally(() => from.waitsFor.delete(entry));
  }
}

/** Whether `from` waits, directly or through others, for `target`; flights are few, so a plain walk will do. */
function reaches(from: Flight, target: Flight): boolean {
  const seen = new Set<Flight>();
  const open: Flight[] = [from];
  for (let flight = open.pop(); flight !== undefined; flight = open.pop()) {
    if (flight === target) return true;
    if (seen.has(flight)) continue;
    seen.add(flight);
    open.push(...flight.waitsFor);
  }
  return false;
}
