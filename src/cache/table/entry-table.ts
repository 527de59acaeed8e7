/**
 * Keys and entries in slots: what lies where, and how it is found. Every number of an entry is in a column, its octets in
 * slabs, so that a million of them are no objects at all; an Entry is made when somebody asks for one.
 *
 *   record: key length with a flag (2 octets) key packed
 */
import { type DomainName, lastLabels } from '../../dns/name.js';
import type { EntryKind } from '../../ports/inspection.js';
import { codeOf, Entry } from '../entry.js';
import { hashKey, keyTurn, kindAndTypeOf, NameHashes, nameStartFor } from '../key-hash.js';
import { IntRows, PAGE } from './column.js';
import { NameFilter } from './name-filter.js';
import { LONGEST_RECORD, Slabs, slabOctetsFor } from './slabs.js';
import { FIRST_FREE_FIELD, SlotIndex } from './slot-index.js';

/** Octets before the key. */
const HEAD = 2;
const AHEAD = 0x8000;
const LATEST = 0x7fffffff;
const NONE = -1;

/** Fields of a slot's row. */
const PLACE = FIRST_FREE_FIELD;
const EXPIRES = FIRST_FREE_FIELD + 1;
const HITS = FIRST_FREE_FIELD + 2;
const SIZE = FIRST_FREE_FIELD + 3;
/** Which of all that came the slot holds; 0: none. */
const STAMP = FIRST_FREE_FIELD + 4;
/** What is before the name in the key: see kindAndTypeOf. */
const KIND_AND_TYPE = FIRST_FREE_FIELD + 5;

export class EntryTable {
  readonly #rows = new IntRows(3);
  readonly #index = new SlotIndex(this.#rows);
  readonly #slabs: Slabs;
  readonly #seed: number;
  readonly #names: NameHashes;
  /** Of which names there is anything. */
  readonly #filter: NameFilter;
  /** Slots that were ever used. */
  #reach = 0;
  /** The slot that fell empty last, and in the place of its row the one before it; NONE: none. */
  #lastEmpty = NONE;
  #lastStamp = 0;
  /** What was looked for last: whoever stores looks first. */
  #lastKey: string | undefined;
  #lastHash = 0;
  #lastSlot = -1;

  /** @param maxBytes octets that it may come to hold @param seed 32 bits of chance */
  constructor(maxBytes: number, seed: number) {
    this.#seed = seed;
    this.#names = new NameHashes(seed);
    this.#filter = new NameFilter(maxBytes);
    this.#slabs = new Slabs(slabOctetsFor(maxBytes), (slot, place) => this.#rows.set(slot, PLACE, place));
  }

  /** Entries in it. */
  get length(): number {
    return this.#index.length;
  }

  /** All slots are below. */
  get reach(): number {
    return this.#reach;
  }

  /** Octets of memory that records take. */
  get octets(): number {
    return this.#slabs.live;
  }

  /** Octets of memory that are taken from the start, for however many entries. */
  get fixedOctets(): number {
    return this.#filter.bytes;
  }

  /** HOT: the deepest name at or above one that NameFilter does not deny a kind of; not for `denial`. */
  closest(kind: EntryKind, name: DomainName): DomainName | undefined {
    const code = codeOf(kind);
    const root = this.#names.levelsOf(name);
    for (let level = 0; level <= root; level++) {
      if (this.#filter.mayHold(code, this.#names.at(level))) return level === 0 ? name : lastLabels(name, root - level);
    }
    return undefined;
  }

  /** HOT: the slot of a key, or -1. */
  find(key: string): number {
    if (key === this.#lastKey) return this.#lastSlot;
    const hash = this.hashOfKey(key);
    const kindAndType = kindAndTypeOf(key);
    const isThere = this.#filter.mayHold(kindAndType & 0xff, hash ^ keyTurn(kindAndType, this.#seed));
    let slot = isThere ? this.#index.firstOf(hash) : -1;
    while (slot >= 0 && !this.#hasKey(slot, key)) slot = this.#index.nextOf(slot);
    this.#lastKey = key;
    this.#lastHash = hash;
    this.#lastSlot = slot;
    return slot;
  }

  /** HOT: the same for a name, and a type, 0 where keys of the kind have none. Not for `denial`. No key is made. */
  findFor(kind: EntryKind, name: DomainName, type: number): number {
    const code = codeOf(kind);
    const nameHash = this.#names.of(name);
    if (!this.#filter.mayHold(code, nameHash)) return -1;
    const kindAndType = code | (type << 8);
    let slot = this.#index.firstOf(nameHash ^ keyTurn(kindAndType, this.#seed));
    while (slot >= 0 && !this.#isAbout(slot, kindAndType, name)) slot = this.#index.nextOf(slot);
    return slot;
  }

  #isAbout(slot: number, kindAndType: number, name: DomainName): boolean {
    if (this.#rows.get(slot, KIND_AND_TYPE) !== kindAndType) return false;
    const place = this.#rows.get(slot, PLACE);
    const length = keyLengthAt(this.#slabs.octetsOf(place), this.#slabs.startOf(place));
    return length === nameStartFor(kindAndType & 0xff) + name.length && this.keyEndsIn(slot, name, 0);
  }

  #hasKey(slot: number, key: string): boolean {
    const place = this.#rows.get(slot, PLACE);
    const octets = this.#slabs.octetsOf(place);
    const at = this.#slabs.startOf(place);
    if (keyLengthAt(octets, at) !== key.length) return false;
    for (let i = key.length - 1; i >= 0; i--) if (octets[at + HEAD + i] !== key.charCodeAt(i)) return false;
    return true;
  }

  /** The slot of a key that was not there, with its hash. `size`: what it is charged with. At most LONGEST_RECORD octets. */
  add(key: string, hash: number, entry: Entry, size: number): number {
    const slot = this.#lastEmpty === NONE ? this.#extend() : this.#takeEmpty();
    const length = HEAD + key.length + entry.packed.length;
    const place = this.#slabs.add(slot, length);
    const octets = this.#slabs.octetsOf(place);
    const at = this.#slabs.startOf(place);
    octets[at] = (key.length >>> 8) | (entry.isAhead ? AHEAD >> 8 : 0);
    octets[at + 1] = key.length;
    octets.latin1Write(key + entry.packed, at + HEAD);
    this.#rows.set(slot, PLACE, place);
    this.#rows.set(slot, EXPIRES, Math.min(entry.expires, LATEST));
    this.#rows.set(slot, HITS, Math.min(entry.hits, LATEST));
    this.#rows.set(slot, SIZE, size);
    this.#rows.set(slot, KIND_AND_TYPE, kindAndTypeOf(key));
    this.#lastStamp = (this.#lastStamp & LATEST) + 1;
    this.#rows.set(slot, STAMP, this.#lastStamp);
    this.#index.add(slot, hash);
    this.#filter.add(this.keyCodeOf(slot), this.#nameHashOf(slot));
    this.#lastKey = undefined;
    return slot;
  }

  #takeEmpty(): number {
    const slot = this.#lastEmpty;
    this.#lastEmpty = this.#rows.get(slot, PLACE);
    return slot;
  }

  #extend(): number {
    if (this.#reach % PAGE === 0) {
      this.#index.reserve(this.#reach + PAGE);
    }
    return this.#reach++;
  }

  /** Puts a slot out of reach; what lies in it can still be read until free(). */
  unlink(slot: number): void {
    this.#index.remove(slot);
    this.#filter.remove(this.keyCodeOf(slot), this.#nameHashOf(slot));
    this.#rows.set(slot, STAMP, 0);
    this.#lastKey = undefined;
  }

  /** Gives up the slot, after unlink(). */
  free(slot: number): void {
    this.#slabs.free(this.#rows.get(slot, PLACE));
    // No array: one of a million numbers is copied as it grows, and everything waits meanwhile.
    this.#rows.set(slot, PLACE, this.#lastEmpty);
    this.#lastEmpty = slot;
  }

  isUsed(slot: number): boolean {
    return this.#rows.get(slot, STAMP) !== 0;
  }

  /** Whether what an Entry was made from is still in its slot. */
  isOf(slot: number, stamp: number): boolean {
    return slot >= 0 && this.#rows.get(slot, STAMP) === stamp;
  }

  keyOf(slot: number): string {
    const place = this.#rows.get(slot, PLACE);
    const octets = this.#slabs.octetsOf(place);
    const at = this.#slabs.startOf(place);
    return octets.latin1Slice(at + HEAD, at + HEAD + keyLengthAt(octets, at));
  }

  /** The first octet of the key. */
  keyCodeOf(slot: number): number {
    return this.#rows.get(slot, KIND_AND_TYPE) & 0xff;
  }

  /** Whether a key ends in those octets, `before` octets before its end: told without making a string of it. */
  keyEndsIn(slot: number, suffix: string, before: number): boolean {
    const place = this.#rows.get(slot, PLACE);
    const octets = this.#slabs.octetsOf(place);
    const at = this.#slabs.startOf(place);
    const length = keyLengthAt(octets, at) - before;
    if (length < suffix.length) return false;
    const start = at + HEAD + length - suffix.length;
    for (let i = suffix.length - 1; i >= 0; i--) if (octets[start + i] !== suffix.charCodeAt(i)) return false;
    return true;
  }

  /** HOT: what lies in the slot, made anew. */
  entryOf(slot: number): Entry {
    const place = this.#rows.get(slot, PLACE);
    const octets = this.#slabs.octetsOf(place);
    const at = this.#slabs.startOf(place);
    const start = at + HEAD + keyLengthAt(octets, at);
    const packed = octets.latin1Slice(start, at + this.#slabs.lengthOf(place));
    const entry = new Entry(packed, this.#rows.get(slot, EXPIRES));
    entry.hits = this.#rows.get(slot, HITS);
    entry.isAhead = (octets[at]! & (AHEAD >> 8)) !== 0;
    entry.slot = slot;
    entry.stamp = this.#rows.get(slot, STAMP);
    return entry;
  }

  /** Ticks. */
  expiresOf(slot: number): number {
    return this.#rows.get(slot, EXPIRES);
  }

  sizeOf(slot: number): number {
    return this.#rows.get(slot, SIZE);
  }

  /** 32 bits that stand for the key of a slot. */
  hashOf(slot: number): number {
    return this.#index.hashOf(slot) >>> 0;
  }

  /** HOT: the same for any key. */
  hashOfKey(key: string): number {
    if (key === this.#lastKey) return this.#lastHash;
    return hashKey(key, this.#seed);
  }

  /** The hash of the name in the key of a slot, as NameHashes has it. */
  #nameHashOf(slot: number): number {
    return this.#index.hashOf(slot) ^ keyTurn(this.#rows.get(slot, KIND_AND_TYPE), this.#seed);
  }

  /** The first slot in use from one on, round the end of the table. There must be one. */
  usedFrom(slot: number): number {
    let at = slot < this.#reach ? slot : 0;
    while (!this.isUsed(at)) at = at + 1 < this.#reach ? at + 1 : 0;
    return at;
  }

  hitsOf(slot: number): number {
    return this.#rows.get(slot, HITS);
  }

  setHits(slot: number, hits: number): void {
    this.#rows.set(slot, HITS, Math.min(hits, LATEST));
  }

  markAhead(slot: number): void {
    const place = this.#rows.get(slot, PLACE);
    const at = this.#slabs.startOf(place);
    const octets = this.#slabs.octetsOf(place);
    octets[at] = octets[at]! | (AHEAD >> 8);
  }

  /** Whether a record of that key and entry can be held at all. */
  static mayHold(key: string, packed: string): boolean {
    return HEAD + key.length + packed.length <= LONGEST_RECORD;
  }
}

function keyLengthAt(octets: Buffer, at: number): number {
  return ((octets[at]! << 8) | octets[at + 1]!) & ~AHEAD;
}
