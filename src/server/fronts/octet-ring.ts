/**
 * HOT. A queue of octets between two threads: one writes, one reads, neither waits. What does not fit is not taken.
 *
 * Records lie one after the other in a ring, each behind its length; one that would not fit before the end begins at
 * the start, and a length of SKIP says so. Positions only grow (modulo 2^32); where they lie is their remainder.
 */

/** Octets before each record, and what records are aligned to. */
const ALIGNMENT = 8;
const SKIP = -1;
const WRITTEN = 0;
const READ = 1;
/** Octets before the ring: both positions, each with a cache line of the processor to itself. */
const HEAD_OCTETS = 128;
const READ_WORD = 16;

/** @param capacity a power of two, 64 KiB or more */
export function newRing(capacity: number): SharedArrayBuffer {
  return new SharedArrayBuffer(HEAD_OCTETS + capacity);
}

abstract class RingEnd {
  /** All octets; records are written and read here. */
  readonly octets: Buffer;
  protected readonly words: Int32Array;
  protected readonly mask: number;

  constructor(memory: SharedArrayBuffer) {
    this.octets = Buffer.from(memory, HEAD_OCTETS);
    this.words = new Int32Array(memory);
    this.mask = this.octets.length - 1;
  }

  protected load(position: typeof WRITTEN | typeof READ): number {
    return Atomics.load(this.words, position * READ_WORD);
  }

  protected store(position: typeof WRITTEN | typeof READ, value: number): void {
    Atomics.store(this.words, position * READ_WORD, value | 0);
  }

  protected lengthWord(position: number): number {
    return (HEAD_OCTETS + (position & this.mask)) >> 2;
  }
}

export class RingWriter extends RingEnd {
  #written = this.load(WRITTEN);

  /** Where in `octets` a record of so many octets may be written, to be ended by `publish`; -1: it does not fit now. */
  claim(length: number): number {
    const size = sizeOf(length);
    const start = this.#written & this.mask;
    const rest = this.octets.length - start;
    const skipped = size <= rest ? 0 : rest;
    const used = (this.#written - this.load(READ)) >>> 0;
    if (used + skipped + size > this.octets.length) return -1;
    if (skipped > 0) {
      this.words[this.lengthWord(this.#written)] = SKIP;
      this.#written = (this.#written + skipped) | 0;
    }
    this.words[this.lengthWord(this.#written)] = length;
    return (this.#written & this.mask) + ALIGNMENT;
  }

  /** The record claimed last is whole, and may be read. */
  publish(): void {
    const length = this.words[this.lengthWord(this.#written)]!;
    this.#written = (this.#written + sizeOf(length)) | 0;
    this.store(WRITTEN, this.#written);
  }
}

export class RingReader extends RingEnd {
  #read = this.load(READ);
  /** Octets of the record that `next` found. */
  length = 0;

  /** Where in `octets` the oldest record lies, to be given up by `release`; -1: there is none. */
  next(): number {
    if (this.#read === this.load(WRITTEN)) return -1;
    // Published together with the record behind it.
    if (this.words[this.lengthWord(this.#read)] === SKIP) {
      this.#read = (this.#read + this.octets.length - (this.#read & this.mask)) | 0;
    }
    this.length = this.words[this.lengthWord(this.#read)]!;
    return (this.#read & this.mask) + ALIGNMENT;
  }

  release(): void {
    this.#read = (this.#read + sizeOf(this.length)) | 0;
    this.store(READ, this.#read);
  }
}

function sizeOf(length: number): number {
  return ALIGNMENT + ((length + ALIGNMENT - 1) & -ALIGNMENT);
}
