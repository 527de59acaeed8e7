/**
 * HOT. Where the replies of the answer cache lie, and what of them changes. A row is 32 octets, so that the four that may
 * hold one hash fill two lines of the processor's cache: with more replies than it holds, each line looked at is waited for.
 */

/** Words of a row: the hash of its question, where its reply begins, in which lap of the ring, when it was made, its hits. */
const HASH = 0;
const START = 1;
const LAP = 2;
const STORED_AT = 3;
const HITS = 4;
const WORDS = 8;
/** Halves of words behind them: milliseconds it is fresh, octets of the reply, the records that are rotated. */
const FRESH = 10;
const LENGTH = 11;
const ROTATION_START = 12;
const ROTATION_SIZE = 13;
const ROTATION_COUNT = 14;
const HALVES = 16;
/** Octets at the end. */
const FLAGS = 30;
const TTL_COUNT = 31;
const OCTETS = 32;

/** What a row says of a reply. */
export interface AnswerRow {
  /** 32 bits. */
  readonly hash: number;
  /** An octet. */
  readonly flags: number;
  /** Offset in the ring. */
  readonly start: number;
  /** 1 or more. */
  readonly lap: number;
  /** Octets, up to 65535. */
  readonly length: number;
  /** Milliseconds, 32 bits. */
  readonly storedAt: number;
  /** Milliseconds from then, up to 65535. */
  readonly fresh: number;
  /** An octet. */
  readonly ttlCount: number;
  readonly rotation: { readonly start: number; readonly size: number; readonly count: number };
}

export class AnswerRows {
  readonly #words: Int32Array;
  readonly #halves: Uint16Array;
  readonly #octets: Uint8Array;

  constructor(readonly count: number) {
    const memory = new ArrayBuffer(count * OCTETS);
    this.#words = new Int32Array(memory);
    this.#halves = new Uint16Array(memory);
    this.#octets = new Uint8Array(memory);
  }

  set(row: number, { hash, flags, start, lap, length, storedAt, fresh, ttlCount, rotation }: AnswerRow): void {
    const word = row * WORDS;
    this.#words[word + HASH] = hash;
    this.#words[word + START] = start;
    this.#words[word + LAP] = lap;
    this.#words[word + STORED_AT] = storedAt;
    this.#words[word + HITS] = 0;
    const half = row * HALVES;
    this.#halves[half + FRESH] = fresh;
    this.#halves[half + LENGTH] = length;
    this.#halves[half + ROTATION_START] = rotation.start;
    this.#halves[half + ROTATION_SIZE] = rotation.size;
    this.#halves[half + ROTATION_COUNT] = rotation.count;
    this.#octets[row * OCTETS + FLAGS] = flags;
    this.#octets[row * OCTETS + TTL_COUNT] = ttlCount;
  }

  /** All are empty. Takes milliseconds. */
  clear(): void {
    this.#words.fill(0);
  }

  /** Whether the row is of a question with that hash and those flags. */
  isOf(row: number, hash: number, flags: number): boolean {
    return this.#words[row * WORDS + HASH] === hash && this.#octets[row * OCTETS + FLAGS] === flags;
  }

  startOf(row: number): number {
    return this.#words[row * WORDS + START]!;
  }

  /** 0: the row is empty. */
  lapOf(row: number): number {
    return this.#words[row * WORDS + LAP]!;
  }

  storedAt(row: number): number {
    return this.#words[row * WORDS + STORED_AT]!;
  }

  freshUntil(row: number): number {
    return this.#words[row * WORDS + STORED_AT]! + this.#halves[row * HALVES + FRESH]!;
  }

  lengthOf(row: number): number {
    return this.#halves[row * HALVES + LENGTH]!;
  }

  ttlCountOf(row: number): number {
    return this.#octets[row * OCTETS + TTL_COUNT]!;
  }

  rotationStart(row: number): number {
    return this.#halves[row * HALVES + ROTATION_START]!;
  }

  rotationSize(row: number): number {
    return this.#halves[row * HALVES + ROTATION_SIZE]!;
  }

  rotationCount(row: number): number {
    return this.#halves[row * HALVES + ROTATION_COUNT]!;
  }

  addHit(row: number): void {
    this.#words[row * WORDS + HITS]!++;
  }

  /** The hits since this was last asked. */
  takeHits(row: number): number {
    const hits = this.#words[row * WORDS + HITS]! >>> 0;
    this.#words[row * WORDS + HITS] = 0;
    return hits;
  }
}
