/**
 * What is worth least per octet leaves first: how often it is used, times what fetching it again costs, over its size.
 *
 * Greedy-Dual-Size-Frequency (Cherkasova 1998): rank = age + uses * worth, where the age of the shelf is the rank of what
 * left last. Whatever is not used again is overtaken as the shelf ages. Three things were added:
 *
 * - a sketch that remembers the uses of what had to leave, so that it need not earn them again;
 * - a bound on what one domain may hold, see domain-shares.ts;
 * - an entry that is large for this shelf gets no credit for being new: it must be worth more than the mean of what it
 *   would displace.
 *
 * The lowest rank is looked for among a few entries picked by chance, not in a heap: a hit stores one number.
 */
import { Type } from '../dns/numbers.js';
import { uint16At } from '../dns/octets.js';
import { DomainShares } from './domain-shares.js';
import { type Entry, kindOfKey } from './entry.js';
import { FrequencySketch } from './frequency-sketch.js';
import { hashOctets } from './key-hash.js';
import { costExchangesOf, costMsOf } from './pack.js';
import type { Leaving, OnLeaving, Shelf } from './shelf.js';
import { SlotTable } from './slot-table.js';

/** Entries looked at to find the one that leaves: the lowest 3 % of all are hit nearly always. */
const SAMPLE = 32;
/** So many of them are neighbours: what lies beside each other in memory is read together. */
const RUN = 4;
const MOST_USES = 255;
/** Milliseconds that an exchange counts for beside the time it took: it is work for others even when it is quick. */
const MS_PER_EXCHANGE = 20;
/** How much more zone cuts and keys are worth: everything below them is fetched by way of them. */
const INFRASTRUCTURE = 4;
/** An entry up to this part of the budget, or twice the size of the others on average, comes in without a contest. */
const SMALL_PART = 1 / 64;
const SMALL_TIMES_MEAN = 2;
/** Of the budget: left free by those that are not small, so that they do not take each place that falls empty. */
const RESERVED_PART = 1 / 8;
const OCTETS_PER_COUNTER = 256;
const MOST_COUNTERS = 1 << 20;

export class CostShelf implements Shelf {
  readonly #slots = new SlotTable();
  readonly #sketch: FrequencySketch;
  readonly #shares: DomainShares;
  readonly #budget: number;
  readonly #maxEntryBytes: number;
  readonly #seed: number;
  #used = 0;
  #age = 0;
  /** Of the entries looked at last. */
  #meanRank = 0;
  #chance: number;

  /** @param maxBytes budget in octets; larger entries than `maxEntryBytes` are not kept @param seed 32 bits of chance */
  constructor(
    maxBytes: number,
    maxEntryBytes: number,
    seed: number,
    readonly onLeaving: OnLeaving,
  ) {
    let counters = 64;
    while (counters < MOST_COUNTERS && counters * OCTETS_PER_COUNTER < maxBytes) counters *= 2;
    this.#sketch = new FrequencySketch(counters);
    this.#shares = new DomainShares(maxBytes, seed);
    // The tables are paid for out of the same budget.
    this.#budget = maxBytes - this.#sketch.bytes - this.#shares.bytes;
    this.#maxEntryBytes = Math.min(maxEntryBytes, this.#budget);
    this.#seed = seed;
    this.#chance = seed | 1;
  }

  get(key: string): Entry | undefined {
    const place = this.#slots.placeOf(key);
    if (place === undefined) return undefined;
    const { uses, ranks, worths, entries } = this.#slots;
    if (uses[place]! < MOST_USES) uses[place] = uses[place]! + 1;
    ranks[place] = this.#age + uses[place]! * worths[place]!;
    return entries[place];
  }

  peek(key: string): Entry | undefined {
    const place = this.#slots.placeOf(key);
    return place === undefined ? undefined : this.#slots.entries[place];
  }

  set(key: string, entry: Entry, size: number, now: number): boolean {
    const held = this.#slots.placeOf(key);
    const uses = held === undefined ? this.#remembered(key) : this.#slots.uses[held]!;
    if (held !== undefined) this.#take(held, 'replaced');
    if (size > this.#maxEntryBytes) return false;
    const domain = this.#shares.placeOf(key);
    const worth = worthOf(key, entry, size);
    const counted = Math.min(uses + 1, MOST_USES);
    // Counted before there is room: a domain over its share by this very entry makes room itself.
    this.#shares.add(domain, size);
    if (!this.#makeRoom(size, counted * worth, now)) {
      this.#shares.add(domain, -size);
      this.#remember(key, counted);
      return false;
    }
    const place = this.#slots.add(key, entry);
    this.#slots.sizes[place] = size;
    this.#slots.ranks[place] = this.#age + counted * worth;
    this.#slots.worths[place] = worth;
    this.#slots.uses[place] = counted;
    this.#slots.domains[place] = domain;
    this.#used += size;
    return true;
  }

  delete(key: string): boolean {
    const place = this.#slots.placeOf(key);
    if (place !== undefined) this.#take(place, 'deleted');
    return place !== undefined;
  }

  entries(): Iterable<[string, Entry]> {
    return this.#slots;
  }

  /** Whether there is room now; when not, the newcomer is worth less than what it would displace, which stays. */
  #makeRoom(size: number, value: number, now: number): boolean {
    const mean = this.#used / Math.max(1, this.#slots.length);
    let mayDisplace = size <= Math.max(this.#budget * SMALL_PART, SMALL_TIMES_MEAN * mean);
    let room = mayDisplace ? this.#budget : this.#budget * (1 - RESERVED_PART);
    while (this.#used + size > room && this.#slots.length > 0) {
      const place = this.#victim(now);
      const isExpired = this.#slots.expiries[place]! <= now;
      if (!isExpired && !mayDisplace) {
        // Judged before anything leaves for it: that would be lost for nothing when it is turned away.
        if (this.#age + value < this.#meanRank) return false;
        mayDisplace = true;
        room = this.#budget;
        continue;
      }
      const rank = this.#slots.ranks[place]!;
      // Only what left on its merits tells how much a place is worth now.
      if (!isExpired && !this.#shares.isOver(this.#slots.domains[place]!) && rank > this.#age) this.#age = rank;
      this.#remember(this.#slots.keys[place]!, this.#slots.uses[place]!);
      this.#take(place, 'evicted');
    }
    return true;
  }

  /** Who goes: what has expired, else the least of a domain over its share, else the least of all that were looked at. */
  #victim(now: number): number {
    const { length, expiries, domains, ranks } = this.#slots;
    let least = -1;
    let isLeastOver = false;
    let place = -1;
    let ranksSeen = 0;
    const looks = Math.min(SAMPLE, length);
    for (let i = 0; i < looks; i++) {
      place = length <= SAMPLE ? i : i % RUN === 0 ? this.#random(length) : (place + 1) % length;
      if (expiries[place]! <= now) return place;
      ranksSeen += ranks[place]!;
      const isOver = this.#shares.isOver(domains[place]!);
      if (isLeastOver && !isOver) continue;
      if (least >= 0 && isOver === isLeastOver && ranks[place]! >= ranks[least]!) continue;
      least = place;
      isLeastOver = isOver;
    }
    this.#meanRank = ranksSeen / looks;
    return least;
  }

  #take(place: number, why: Leaving): void {
    const key = this.#slots.keys[place]!;
    const entry = this.#slots.entries[place]!;
    const size = this.#slots.sizes[place]!;
    this.#shares.add(this.#slots.domains[place]!, -size);
    this.#used -= size;
    this.#slots.remove(place);
    this.onLeaving(key, entry, why);
  }

  #remember(key: string, uses: number): void {
    this.#sketch.raise(hashOctets(key, 0, key.length, this.#seed), uses);
  }

  #remembered(key: string): number {
    return this.#sketch.estimate(hashOctets(key, 0, key.length, this.#seed));
  }

  /** xorshift32; nobody sees what it says. */
  #random(bound: number): number {
    let x = this.#chance;
    x ^= x << 13;
    x ^= x >>> 17;
    x ^= x << 5;
    this.#chance = x;
    return (x >>> 0) % bound;
  }
}

/**
 * What keeping one entry is worth for each use it will have. The fourth root of the cost: times of fetching differ a
 * thousandfold, are measured once, and are as long as whoever serves the name likes them to be.
 */
function worthOf(key: string, entry: Entry, size: number): number {
  const cost = 1 + costMsOf(entry.packed) + MS_PER_EXCHANGE * costExchangesOf(entry.packed);
  const worth = Math.sqrt(Math.sqrt(cost)) / size;
  return isInfrastructure(key) ? worth * INFRASTRUCTURE : worth;
}

function isInfrastructure(key: string): boolean {
  const kind = kindOfKey(key);
  if (kind !== 'rrset') return kind === 'delegation';
  const type = uint16At(key, 1);
  return type === Type.DNSKEY || type === Type.DS;
}
