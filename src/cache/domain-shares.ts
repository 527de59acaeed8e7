/**
 * How much of the cache does each domain hold? A table of sums by hash, of fixed size: two small domains on one place do
 * no harm, and no crowd of domains makes it grow.
 *
 * CacheFlush (USENIX Security 2024): an attacker's zone, full of large records, long alias chains and many names, drives
 * everybody else's entries out. So a domain that holds more than its share pays with its own entries first.
 */
import { hashDomain } from './key-hash.js';

/** The part of the cache that one domain may hold before others' entries are spared at its cost. */
const SHARE = 1 / 8;
/** In a cache so small that a few answers are a share, shares mean nothing. Octets. */
const SMALLEST_SHARE = 16_384;
const OCTETS_PER_PLACE = 8192;
const MOST_PLACES = 65_536;

export class DomainShares {
  readonly #held: Float64Array;
  readonly #limit: number;

  constructor(
    maxBytes: number,
    readonly seed: number,
  ) {
    let places = 16;
    while (places < MOST_PLACES && places * OCTETS_PER_PLACE < maxBytes) places *= 2;
    this.#held = new Float64Array(places);
    this.#limit = Math.max(maxBytes * SHARE, SMALLEST_SHARE);
  }

  /** Octets of memory. */
  get bytes(): number {
    return this.#held.byteLength;
  }

  /** The place of the domain that a key's name is in. */
  placeOf(key: string): number {
    return hashDomain(key, this.seed) & (this.#held.length - 1);
  }

  /** @param size octets, negative for what leaves */
  add(place: number, size: number): void {
    this.#held[place] = this.#held[place]! + size;
  }

  isOver(place: number): boolean {
    return this.#held[place]! > this.#limit;
  }
}
