/**
 * What would the hit ratio be, were the cache half as large, twice, four times? Ghosts tell: shelves of the same policy
 * that hold keys and heads without bodies, for a sample of names (SHARDS: Waldspurger et al., FAST 2015). A name is in
 * the sample by its hash, all its keys with it, so that a shelf of a thousandth of the size sees a thousandth of the names.
 *
 * A sample errs most by which popular names it holds. These hit in a cache of any size, so what is taken from the ghosts
 * is the difference to the ghost of the cache as it is, and the rest from the cache itself.
 */
import type { DomainName } from '../dns/name.js';
import { Type } from '../dns/numbers.js';
import { Credibility } from '../dns/provenance.js';
import { rrsetKey } from '../dns/rrset.js';
import type { WhatIfView } from '../ports/inspection.js';
import { createShelf, type EvictionPolicy } from './create-shelf.js';
import { Entry, kindOfKey, sizeOf, storeKey } from './entry.js';
import { hashOctets, nameStartOf } from './key-hash.js';
import { credibilityOf, fixedHeadOf, storedAtOf } from './pack.js';
import type { Shelf, ShelfOptions } from './shelf.js';
import type { Store } from './store.js';

const FACTORS = [0.5, 1, 2, 4] as const;
/** Octets that the sample of the cache as it is may stand for: some 4000 entries, enough for a hundredth of hit ratio. */
const SAMPLE_OCTETS = 1 << 20;

interface Ghost {
  readonly factor: number;
  readonly shelf: Shelf;
  hits: number;
}

export class WhatIf {
  readonly #store: Store;
  readonly #seed: number;
  readonly #ghosts: readonly Ghost[];
  /** Of 2^32 hash values, those below are in the sample. */
  readonly #threshold: number;
  #lookups = 0;
  #hits = 0;
  #sampled = 0;

  /** `options` are those of the store's own shelf. */
  constructor(store: Store, policy: EvictionPolicy, options: ShelfOptions) {
    this.#store = store;
    this.#seed = Math.imul(options.seed, 0x9e3779b1) ^ 0x2545f491;
    let rate = 1;
    while (options.maxBytes * rate > SAMPLE_OCTETS) rate /= 2;
    this.#threshold = rate * 2 ** 32;
    this.#ghosts = FACTORS.map((factor) => {
      const maxBytes = Math.floor(options.maxBytes * rate * factor);
      const shelf = createShelf(policy, { ...options, maxBytes }, () => undefined);
      return { factor, shelf, hits: 0 };
    });
    store.watch({
      stored: (_kind, key, entry) => this.#stored(key, entry),
      gone: (_kind, key, why) => {
        if ((why === 'flushed' || why === 'swept') && this.#isSampled(key, nameStartOf(key)))
          for (const { shelf } of this.#ghosts) shelf.delete(key);
      },
    });
  }

  /**
   * HOT: the question of so many clients was looked up; `found` is what answered it. `now` in ticks. All but one of them
   * came within seconds of one before: in a cache of any size these were hits.
   */
  lookedUp(name: DomainName, type: number, found: Entry | undefined, now: number, clients = 1): void {
    this.#lookups += clients;
    this.#hits += found === undefined ? clients - 1 : clients;
    if (this.#isSampled(name, 0)) this.#replay(name, type, found, now);
  }

  view(): WhatIfView {
    const rate = this.#threshold / 2 ** 32;
    const lookups = Math.max(1, this.#lookups);
    const asItIs = this.#ghosts.find(({ factor }) => factor === 1)!;
    return {
      lookups: this.#lookups,
      hitRatio: this.#hits / lookups,
      sampleRate: rate,
      sampled: this.#sampled,
      bytes: this.#ghosts.reduce((sum, { shelf }) => sum + shelf.octets, 0),
      sizes: this.#ghosts
        .filter((ghost) => ghost !== asItIs)
        .map(({ factor, hits }) => ({
          factor,
          maxBytes: Math.floor(this.#store.maxBytes * factor),
          hitRatio: within01((this.#hits + (hits - asItIs.hits) / rate) / lookups),
        })),
    };
  }

  #isSampled(octets: string, from: number): boolean {
    return hashOctets(octets, from, octets.length, this.#seed) < this.#threshold;
  }

  #replay(name: DomainName, type: number, found: Entry | undefined, now: number): void {
    this.#sampled++;
    // As Cache.find looks, ancestors left out: what answers from there does so in a cache of any size.
    const keys = [
      storeKey('rrset', rrsetKey(name, type)),
      storeKey('rrset', rrsetKey(name, Type.CNAME)),
      storeKey('nodata', rrsetKey(name, type)),
      storeKey('nxdomain', name),
    ];
    const foundKey = found && this.#store.keyOf(found);
    for (const ghost of this.#ghosts) {
      if (keys.some((key) => answers(ghost.shelf, key, now))) ghost.hits++;
      // It was not in this ghost, which would have had it fetched: with all of its TTL.
      else if (found !== undefined && foundKey !== undefined) {
        this.#keep(ghost.shelf, foundKey, found, now, now + found.expires - storedAtOf(found.packed));
      }
    }
  }

  #stored(key: string, entry: Entry): void {
    if (!this.#isSampled(key, nameStartOf(key))) return;
    const now = storedAtOf(entry.packed);
    for (const { shelf } of this.#ghosts) {
      const held = shelf.peek(key);
      // A ghost that still has it would not have had it fetched, if not refreshed ahead of its end.
      if (held !== undefined && held.expires - now > (held.expires - storedAtOf(held.packed)) / 10) continue;
      this.#keep(shelf, key, entry, now, entry.expires);
    }
  }

  #keep(shelf: Shelf, key: string, entry: Entry, now: number, expires: number): void {
    const ghostly = new Entry(fixedHeadOf(entry.packed), expires);
    shelf.set(key, ghostly, sizeOf(key, entry), now);
  }
}

/** Whether a client would be answered from that key. */
function answers(shelf: Shelf, key: string, now: number): boolean {
  const entry = shelf.get(key);
  if (entry === undefined) return false;
  if (entry.expires > now) {
    return kindOfKey(key) !== 'rrset' || credibilityOf(entry.packed) >= Credibility.answerNonAuthoritative;
  }
  shelf.delete(key);
  return false;
}

function within01(ratio: number): number {
  return Math.min(1, Math.max(0, ratio));
}
