/**
 * Records of octets of any length in large pieces of memory, outside of the heap that is collected as garbage: a million
 * entries as strings and objects are what a collector walks over again and again.
 *
 * Written one after the other (a log); what is freed leaves a hole. When more than a part of the memory is holes, the
 * slab with the least left in it is emptied into the current one (Rosenblum, Ousterhout 1992: the greedy choice), a
 * quarter of a millisecond of work. So no pattern of sizes wastes more than that part.
 *
 *   record: owner (4 octets) length (4) octets, padded to 8
 */
import { isUncounted, uncounted } from './uncounted.js';

const SMALLEST_SLAB = 1 << 14;
/** Slabs are as large as this, unless there would be too many of them to be numbered: then as LARGEST_SLAB. */
const SLAB_OCTETS = 1 << 18;
const LARGEST_SLAB = 1 << 20;
const MANY_OCTETS = 2 ** 30;
/** Records longer than this part of a slab have one of their own, which fits: several of them would leave a gap. */
const OWN_PART = 1 / 4;
/** Slabs that fell empty and are written on next, so that memory does not pile up until the collector comes by. */
const MOST_SPARE = 4;
const HEAD = 8;
/** A place is the number of a slab and the eighth octet in it, in 32 bits: 32768 slabs of at most a mebioctet. */
const UNIT_BITS = 3;
const AT_BITS = 17;
const AT_MASK = (1 << AT_BITS) - 1;
export const LONGEST_RECORD = (1 << (AT_BITS + UNIT_BITS)) - HEAD;
/** Octets of records, footprints of them, that places can always be told apart of: half of what slabs could hold. */
export const MOST_OCTETS = 2 ** 34;
/** Owner of a record that was freed. */
const NOBODY = -1;
/** Holes in this part of what is held, with two slabs, are left alone. */
const HOLES_PART = 1 / 5;

interface Slab {
  readonly octets: Buffer;
  readonly words: Int32Array;
  /** Octets written, and of these those not freed; heads and padding included. */
  used: number;
  live: number;
}

/** What a record takes in memory, holes beside it as well. */
export function footprintOf(length: number): number {
  return Math.ceil(paddedLength(length) * (1 + HOLES_PART));
}

function paddedLength(length: number): number {
  return (HEAD + length + 7) & ~7;
}

/** Of the head of a record, among the words of its slab. */
function wordOf(place: number): number {
  return (place & AT_MASK) << (UNIT_BITS - 2);
}

export class Slabs {
  readonly #slabs: (Slab | undefined)[] = [];
  readonly #spareNumbers: number[] = [];
  readonly #spareSlabs: Buffer[] = [];
  #current = -1;
  #live = 0;
  #held = 0;
  /** Octets dropped that V8 did not count and has not collected yet. */
  #uncountedGarbage = 0;
  readonly #collected = new FinalizationRegistry<number>((octets) => {
    this.#uncountedGarbage -= octets;
  });

  /**
   * @param slabOctets of a slab, a power of two from SMALLEST_SLAB
   * @param moved told of each record that lies elsewhere now, by its owner
   */
  constructor(
    readonly slabOctets: number,
    readonly moved: (owner: number, place: number) => void,
  ) {}

  /** Octets of memory that records take, holes left out. */
  get live(): number {
    return this.#live;
  }

  /** Octets of memory held, but for a few spare slabs. */
  get held(): number {
    return this.#held;
  }

  /** Room for a record of `length` octets, at most LONGEST_RECORD; moves others, perhaps. `owner`: 31 bits. */
  add(owner: number, length: number): number {
    const padded = paddedLength(length);
    this.#live += padded;
    if (padded > this.slabOctets * OWN_PART) return this.#write(this.#begin(padded), owner, length, padded);
    const current = this.#slabs[this.#current];
    if (current === undefined || current.used + padded > this.slabOctets) this.#turnOver(padded);
    return this.#write(this.#current, owner, length, padded);
  }

  #write(number: number, owner: number, length: number, padded: number): number {
    const slab = this.#slabs[number]!;
    const at = slab.used;
    slab.words[at >> 2] = owner;
    slab.words[(at >> 2) + 1] = length;
    slab.used += padded;
    slab.live += padded;
    return (number << AT_BITS) | (at >>> UNIT_BITS);
  }

  /** The record there is needed no more. */
  free(place: number): void {
    const number = place >>> AT_BITS;
    const slab = this.#slabs[number]!;
    const word = wordOf(place);
    const padded = paddedLength(slab.words[word + 1]!);
    slab.words[word] = NOBODY;
    slab.live -= padded;
    this.#live -= padded;
    if (slab.live === 0 && number !== this.#current) this.#drop(number);
  }

  /** HOT: the slab that a record is in. Valid until the next add(). */
  octetsOf(place: number): Buffer {
    return this.#slabs[place >>> AT_BITS]!.octets;
  }

  /** HOT: where in its slab a record begins. */
  startOf(place: number): number {
    return ((place & AT_MASK) << UNIT_BITS) + HEAD;
  }

  /** Octets of a record. */
  lengthOf(place: number): number {
    return this.#slabs[place >>> AT_BITS]!.words[wordOf(place) + 1]!;
  }

  /** Makes another slab the current one, with room for so many octets. */
  #turnOver(padded: number): void {
    if (this.#slabs[this.#current]?.live === 0) this.#drop(this.#current);
    const isFragmented = this.#held > this.#live * (1 + HOLES_PART) + this.slabOctets;
    const sparse = isFragmented ? this.#sparsest() : undefined;
    this.#current = this.#begin(this.slabOctets);
    if (sparse === undefined) return;
    this.#empty(sparse);
    if (this.#slabs[this.#current]!.used + padded > this.slabOctets) this.#current = this.#begin(this.slabOctets);
  }

  #begin(octets: number): number {
    const spare = octets === this.slabOctets ? this.#spareSlabs.pop() : undefined;
    const buffer = spare ?? this.#newMemory(octets);
    const number = this.#spareNumbers.pop() ?? this.#slabs.length;
    this.#slabs[number] = { octets: buffer, words: new Int32Array(buffer.buffer), used: 0, live: 0 };
    this.#held += octets;
    return number;
  }

  /** Counted by V8 as long as there is garbage that was not: that it grows brings the collector by. */
  #newMemory(octets: number): Buffer {
    const isCounted = octets !== this.slabOctets || this.#uncountedGarbage > 0;
    return isCounted ? Buffer.allocUnsafeSlow(octets) : Buffer.from(uncounted(Uint8Array, octets).buffer);
  }

  #drop(number: number): void {
    const { octets } = this.#slabs[number]!;
    this.#held -= octets.length;
    if (octets.length === this.slabOctets && this.#spareSlabs.length < MOST_SPARE) this.#spareSlabs.push(octets);
    else if (isUncounted(octets)) {
      this.#uncountedGarbage += octets.length;
      this.#collected.register(octets.buffer, octets.length);
    }
    this.#slabs[number] = undefined;
    this.#spareNumbers.push(number);
  }

  /** Undefined when moving what is in any of them would free nothing. */
  #sparsest(): number | undefined {
    let sparsest: number | undefined;
    let least = 1;
    for (let number = 0; number < this.#slabs.length; number++) {
      const slab = this.#slabs[number];
      if (slab === undefined) continue;
      const share = slab.live / slab.octets.length;
      if (share < least) {
        sparsest = number;
        least = share;
      }
    }
    return sparsest;
  }

  /** Copies what lives in a slab to the current one, which is new: all of it fits. */
  #empty(number: number): void {
    const from = this.#slabs[number]!;
    const to = this.#slabs[this.#current]!;
    for (let at = 0; at < from.used && from.live > 0; ) {
      const owner = from.words[at >> 2]!;
      const padded = paddedLength(from.words[(at >> 2) + 1]!);
      if (owner !== NOBODY) {
        from.octets.copy(to.octets, to.used, at, at + padded);
        this.moved(owner, (this.#current << AT_BITS) | (to.used >>> UNIT_BITS));
        to.used += padded;
        to.live += padded;
        from.live -= padded;
      }
      at += padded;
    }
    this.#drop(number);
  }
}

export function slabOctetsFor(maxBytes: number): number {
  let octets = SMALLEST_SLAB;
  while (octets < SLAB_OCTETS && octets * 64 < maxBytes) octets *= 2;
  return maxBytes > MANY_OCTETS ? LARGEST_SLAB : octets;
}
