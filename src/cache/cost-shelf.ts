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
import { kindOfKey } from './entry.js';
import { FrequencySketch } from './frequency-sketch.js';
import { costExchangesOf, costMsOf } from './pack.js';
import { type Newcomer, type OnLeaving, Shelf, type ShelfOptions } from './shelf.js';
import { FloatColumn, IntColumn, RoughColumn } from './table/column.js';

/** Entries looked at to find the one that leaves: the lowest 3 % of all are hit nearly always. */
const SAMPLE = 32;
/** Octets for each entry: its columns are so much more than a list's. */
const BESIDE = 4;
/** So many of them are neighbours: what lies beside each other in memory is read together. */
const RUN = 4;
const USES_BITS = 8;
const MOST_USES = (1 << USES_BITS) - 1;
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

export class CostShelf extends Shelf {
  readonly #sketch: FrequencySketch;
  readonly #shares: DomainShares;
  /** What decides: the lowest leaves first. */
  readonly #ranks = new FloatColumn();
  /** What one use adds to the rank. */
  readonly #worths = new RoughColumn();
  /** The place of its domain among DomainShares, and uses, up to MOST_USES, in the low octet. */
  readonly #domainsAndUses = new IntColumn();
  #age = 0;
  /** Of the entries looked at last. */
  #meanRank = 0;
  #chance: number;

  constructor(options: ShelfOptions, onLeaving: OnLeaving) {
    const { maxBytes, seed } = options;
    let counters = 64;
    while (counters < MOST_COUNTERS && counters * OCTETS_PER_COUNTER < maxBytes) counters *= 2;
    const sketch = new FrequencySketch(counters);
    const shares = new DomainShares(maxBytes, seed);
    // The tables are paid for out of the same budget.
    super(options, maxBytes - sketch.bytes - shares.bytes, onLeaving, BESIDE);
    this.#sketch = sketch;
    this.#shares = shares;
    this.#chance = seed | 1;
  }

  protected touched(slot: number): void {
    const uses = Math.min(this.#usesIn(slot) + 1, MOST_USES);
    this.#domainsAndUses.set(slot, (this.#domainOf(slot) << USES_BITS) | uses);
    this.#ranks.set(slot, this.#age + uses * this.#worths.get(slot));
  }

  protected override usesOf(slot: number, hash: number): number {
    return slot >= 0 ? this.#usesIn(slot) : this.#sketch.estimate(hash);
  }

  protected admit(newcomer: Newcomer, now: number): boolean {
    const { key, size } = newcomer;
    const domain = this.#shares.placeOf(key);
    const uses = Math.min(newcomer.uses, MOST_USES);
    // Counted before there is room: a domain over its share by this very entry makes room itself.
    this.#shares.add(domain, size);
    if (this.#makeRoom(size, uses * worthOf(newcomer), now)) return true;
    this.#shares.add(domain, -size);
    this.#sketch.raise(newcomer.hash, uses);
    return false;
  }

  protected placed(slot: number, newcomer: Newcomer): void {
    for (const column of [this.#ranks, this.#worths, this.#domainsAndUses]) column.reserve(slot + 1);
    const uses = Math.min(newcomer.uses, MOST_USES);
    const worth = worthOf(newcomer);
    this.#ranks.set(slot, this.#age + uses * worth);
    this.#worths.set(slot, worth);
    this.#domainsAndUses.set(slot, (this.#shares.placeOf(newcomer.key) << USES_BITS) | uses);
  }

  #usesIn(slot: number): number {
    return this.#domainsAndUses.get(slot) & MOST_USES;
  }

  #domainOf(slot: number): number {
    return this.#domainsAndUses.get(slot) >>> USES_BITS;
  }

  protected removed(slot: number): void {
    this.#shares.add(this.#domainOf(slot), -this.table.sizeOf(slot));
  }

  /** Whether there is room now; when not, the newcomer is worth less than what it would displace, which stays. */
  #makeRoom(size: number, value: number, now: number): boolean {
    const mean = this.used / Math.max(1, this.table.length);
    let mayDisplace = size <= Math.max(this.budget * SMALL_PART, SMALL_TIMES_MEAN * mean);
    let room = mayDisplace ? this.budget : this.budget * (1 - RESERVED_PART);
    while (this.used + size > room && this.table.length > 0) {
      const slot = this.#victim(now);
      const isExpired = this.table.expiresOf(slot) <= now;
      if (!isExpired && !mayDisplace) {
        // Judged before anything leaves for it: that would be lost for nothing when it is turned away.
        if (this.#age + value < this.#meanRank) return false;
        mayDisplace = true;
        room = this.budget;
        continue;
      }
      const rank = this.#ranks.get(slot);
      // Only what left on its merits tells how much a place is worth now.
      if (!isExpired && !this.#shares.isOver(this.#domainOf(slot)) && rank > this.#age) this.#age = rank;
      this.#sketch.raise(this.table.hashOf(slot), this.#usesIn(slot));
      this.take(slot, 'evicted');
    }
    return true;
  }

  /** Who goes: what has expired, else the least of a domain over its share, else the least of all that were looked at. */
  #victim(now: number): number {
    let least = -1;
    let isLeastOver = false;
    let slot = -1;
    let ranksSeen = 0;
    const looks = Math.min(SAMPLE, this.table.length);
    for (let i = 0; i < looks; i++) {
      const from = this.table.length <= SAMPLE || i % RUN !== 0 ? slot + 1 : this.#random(this.table.reach);
      slot = this.table.usedFrom(from);
      if (this.table.expiresOf(slot) <= now) return slot;
      const rank = this.#ranks.get(slot);
      ranksSeen += rank;
      const isOver = this.#shares.isOver(this.#domainOf(slot));
      if (isLeastOver && !isOver) continue;
      if (least >= 0 && isOver === isLeastOver && rank >= this.#ranks.get(least)) continue;
      least = slot;
      isLeastOver = isOver;
    }
    this.#meanRank = ranksSeen / looks;
    return least;
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
function worthOf({ key, entry, size }: Newcomer): number {
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
