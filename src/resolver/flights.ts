/**
 * Resolutions under way: equal ones are joined, and circles of lookups waiting for each other are seen before they
 * become a wait for ever (zone a served by a name in zone b and the other way round).
 */
import { type DomainName, isAtOrBelow } from '../dns/name.js';
import { PassingMap } from '../dns/passing-map.js';
import { type Continuation, promised } from '../ports/continuation.js';
import type { CacheFilter } from '../ports/inspection.js';
import type { Flight } from '../ports/lookup.js';

class Entry<T> implements Flight, Continuation<T> {
  waitsFor: Set<Flight> | undefined = undefined;
  /** Undefined until its start has returned, and once it has ended. */
  outcome: Promise<T> | undefined = undefined;
  waiters = 1;
  hasEnded = false;
  #landing: Continuation<T> | undefined;

  /** @param ended told before anybody hears of the outcome */
  constructor(
    readonly key: string,
    readonly begun: number,
    private readonly ended: (entry: Entry<T>) => void,
  ) {}

  /** Once. */
  landing(): Promise<T> {
    return promised((landing) => {
      this.#landing = landing;
    });
  }

  resume(outcome: T): void {
    this.#end()?.resume(outcome);
  }

  fail(error: unknown): void {
    this.#end()?.fail(error);
  }

  /** Emptied, see PassingMap. */
  #end(): Continuation<T> | undefined {
    const landing = this.#landing;
    this.#landing = undefined;
    this.hasEnded = true;
    this.outcome = undefined;
    this.waitsFor = undefined;
    this.ended(this);
    return landing;
  }
}

export type Boarding<T> =
  /** The outcome, one's own or another's. */
  | { readonly kind: 'flying'; readonly outcome: Promise<T>; readonly joined: boolean }
  /** The other one waits, through others perhaps, for the one that asks. */
  | { readonly kind: 'circle' }
  /** So many wait for the same that one more is turned away (DNSBomb, CVE-2024-33655). */
  | { readonly kind: 'crowded' };

/** Flushes remembered while something is under way; beyond that one of everything stands for all. */
const MAX_FLUSHES = 64;

export class Flights<T> {
  readonly #flights = new PassingMap<string, Entry<T>>();
  /** Those made since the flights under way began, perhaps. */
  #flushes: { readonly at: number; readonly filter: CacheFilter }[] = [];
  #turn = 0;
  readonly #ended = (entry: Entry<T>): void => {
    if (this.#flights.get(entry.key) === entry) this.#flights.delete(entry.key);
  };

  constructor(readonly maxWaiters: number) {}

  get size(): number {
    return this.#flights.size;
  }

  /** What matches was flushed: flights that began before know nothing that is worth keeping of it. */
  flushed(filter: CacheFilter): void {
    this.#turn++;
    if (this.#flights.size === 0) this.#flushes = [];
    const flush = { at: this.#turn, filter };
    this.#flushes = this.#flushes.length < MAX_FLUSHES ? [...this.#flushes, flush] : [{ at: this.#turn, filter: {} }];
  }

  /** Whether that name was flushed, perhaps, after the flight had begun. */
  isOutdated(begun: number, name: DomainName): boolean {
    return this.#flushes.some(({ at, filter }) => at > begun && mayMatch(filter, name));
  }

  /** Whether anything was flushed after the flight had begun. */
  isFlushedSince(begun: number): boolean {
    return this.#turn > begun;
  }

  /** Joins the flight of that key, unless its name was flushed meanwhile, or starts it. `from` is the flight on whose behalf this is done. */
  board(
    key: string,
    name: DomainName,
    from: Flight | undefined,
    start: (flight: Flight, waiting: Continuation<T>) => void,
  ): Boarding<T> {
    const existing = this.#flights.get(key);
    if (existing !== undefined && !this.isOutdated(existing.begun, name)) return this.#join(existing, from);
    const entry = new Entry<T>(key, this.#turn, this.#ended);
    const outcome = entry.landing();
    // `start` runs at once; the entry must be there before it asks for anything that could come back here.
    this.#flights.set(key, entry);
    if (from !== undefined) waitFor(from, entry);
    try {
      start(entry, entry);
    } catch (error) {
      entry.fail(error);
    }
    if (!entry.hasEnded) entry.outcome = outcome;
    return { kind: 'flying', outcome: waiting(entry, outcome, from), joined: false };
  }

  #join(entry: Entry<T>, from: Flight | undefined): Boarding<T> {
    // What asks for a flight that is just starting does so on its behalf.
    if (entry.outcome === undefined || (from !== undefined && reaches(entry, from))) return { kind: 'circle' };
    // What others' answers depend on is never turned away: that would make their failure of a mere crowd.
    if (from === undefined && entry.waiters >= this.maxWaiters) return { kind: 'crowded' };
    entry.waiters++;
    if (from !== undefined) waitFor(from, entry);
    return { kind: 'flying', outcome: waiting(entry, entry.outcome, from), joined: true };
  }
}

function waitFor(from: Flight, target: Flight): void {
  from.waitsFor ??= new Set();
  from.waitsFor.add(target);
}

function waiting<T>(entry: Flight, outcome: Promise<T>, from: Flight | undefined): Promise<T> {
  return from === undefined ? outcome : outcome.finally(() => from.waitsFor?.delete(entry));
}

/** Type and kind are not looked at: to keep too little is safe. */
function mayMatch(filter: CacheFilter, name: DomainName): boolean {
  if (filter.name !== undefined) return filter.name === name;
  return filter.suffix === undefined || isAtOrBelow(name, filter.suffix);
}

/** Whether `from` waits, directly or through others, for `target`; flights are few, so a plain walk will do. */
function reaches(from: Flight, target: Flight): boolean {
  const seen = new Set<Flight>();
  const open: Flight[] = [from];
  for (let flight = open.pop(); flight !== undefined; flight = open.pop()) {
    if (flight === target) return true;
    if (seen.has(flight)) continue;
    seen.add(flight);
    if (flight.waitsFor !== undefined) open.push(...flight.waitsFor);
  }
  return false;
}
