/**
 * Resolutions under way: equal ones are joined, and circles of lookups waiting for each other are seen before they
 * become a wait for ever (zone a served by a name in zone b and the other way round).
 */
import { type DomainName, isAtOrBelow } from '../dns/name.js';
import { PassingMap } from '../dns/passing-map.js';
import { type Continuation, resumed } from '../ports/continuation.js';
import type { CacheFilter } from '../ports/inspection.js';
import type { Flight } from '../ports/lookup.js';

/** One resolution under way, and all that wait for it. */
class Entry<T> implements Flight, Continuation<T> {
  waitsFor: Set<Flight> | undefined = undefined;
  /** Until its start has returned. */
  isStarting = true;
  waiters = 1;
  /** Emptied when it ends, see PassingMap. */
  #waiting: Continuation<T> | undefined;
  #others: Continuation<T>[] | undefined;

  /** @param ended told before anybody hears of the outcome */
  constructor(
    readonly key: string,
    readonly begun: number,
    private readonly ended: (entry: Entry<T>) => void,
  ) {}

  /** The one it is started for. */
  first(waiting: Continuation<T>): void {
    this.#waiting = waiting;
  }

  join(waiting: Continuation<T>): void {
    this.waiters++;
    if (this.#others === undefined) this.#others = [waiting];
    else this.#others.push(waiting);
  }

  resume(outcome: T): void {
    this.#end((waiting) => resumed(waiting, outcome));
  }

  fail(error: unknown): void {
    this.#end((waiting) => waiting.fail(error));
  }

  #end(tell: (waiting: Continuation<T>) => void): void {
    const waiting = this.#waiting;
    const others = this.#others;
    this.#waiting = undefined;
    this.#others = undefined;
    this.waitsFor = undefined;
    this.ended(this);
    if (waiting !== undefined) tell(waiting);
    if (others !== undefined) for (const other of others) tell(other);
  }
}

/** Why one is not let on board of a flight. */
export type TurnedAway =
  /** It waits, through others perhaps, for the one that asks. */
  | 'circle'
  /** So many wait for the same that one more is turned away (DNSBomb, CVE-2024-33655). */
  | 'crowded';

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

  /** Whether there is a flight of that key to join: one whose name was not flushed meanwhile. */
  mayJoin(key: string, name: DomainName): boolean {
    const flight = this.#flights.get(key);
    return flight !== undefined && !this.isOutdated(flight.begun, name);
  }

  /** Waits for the flight of that key, which is there; or why not. `from` is the flight on whose behalf this is done. */
  join(key: string, from: Flight | undefined, waiting: Continuation<T>): TurnedAway | undefined {
    const entry = this.#flights.get(key)!;
    // What asks for a flight that is just starting does so on its behalf.
    if (entry.isStarting || (from !== undefined && reaches(entry, from))) return 'circle';
    // What others' answers depend on is never turned away: that would make their failure of a mere crowd.
    if (from === undefined && entry.waiters >= this.maxWaiters) return 'crowded';
    entry.join(from === undefined ? waiting : freeing(from, entry, waiting));
    return undefined;
  }

  /** Starts the flight of that key, which others may join from then on. What `start` throws is its failure. */
  start(
    key: string,
    from: Flight | undefined,
    start: (flight: Flight, landing: Continuation<T>) => void,
    waiting: Continuation<T>,
  ): void {
    // `start` runs at once; the entry must be there before it asks for anything that could come back here.
    const entry = new Entry<T>(key, this.#turn, this.#ended);
    entry.first(from === undefined ? waiting : freeing(from, entry, waiting));
    this.#flights.set(key, entry);
    try {
      start(entry, entry);
    } catch (error) {
      entry.fail(error);
    }
    entry.isStarting = false;
  }
}

/** Notes that `from` waits for `target` until that has ended. */
function freeing<T>(from: Flight, target: Flight, waiting: Continuation<T>): Continuation<T> {
  from.waitsFor ??= new Set();
  from.waitsFor.add(target);
  return {
    resume: (outcome) => {
      from.waitsFor?.delete(target);
      waiting.resume(outcome);
    },
    fail: (error) => {
      from.waitsFor?.delete(target);
      waiting.fail(error);
    },
  };
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
