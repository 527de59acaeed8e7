/**
 * HOT. Replies that lie ready: a question asked again within seconds is answered by copying octets.
 *
 * It mirrors the cache of records and is never ahead of it: what was answered from there is kept for a few seconds at
 * most, then the question takes the long way once, which counts its hits, keeps its records young and has them
 * refreshed in time. Whatever changes answers at once (a flush, a reload, a local record) empties it. Replies that are
 * stale, bogus, truncated, explained or without a TTL are not kept.
 *
 * The octets lie in a ring that overwrites its oldest; a table of typed arrays finds them. Nothing is allocated but at
 * the start, and no collector ever looks at it.
 */

import { lower, type PeekedQuery } from './peek-query.js';
import { layoutOf } from './reply-layout.js';

/** Longest time without the long way, milliseconds. */
const FRESH = 5000;
/** Share of the time left after which the long way is taken: within the last tenth of a lifetime it is taken often. */
const FRESH_SHARE = 10;
/** Larger replies are rare, and cost more to copy than to make. Octets. */
const MAX_REPLY = 1232;
/** Places for one hash: the oldest gives way. */
const WAYS = 4;
/** Octets of the ring for each place in the table; small replies take some 60 to 150. */
const OCTETS_PER_PLACE = 128;
const QNAME = 12;

export class AnswerCache {
  readonly #ring: Buffer;
  /** The absolute offset of the next reply; where it lies in the ring is its remainder. */
  #head = 0;
  readonly #mask: number;
  readonly #hashes: Int32Array;
  /** Absolute offset of the reply, -1 for none. */
  readonly #offsets: Float64Array;
  readonly #lengths: Uint16Array;
  readonly #flags: Uint8Array;
  readonly #storedAt: Float64Array;
  readonly #freshUntil: Float64Array;
  readonly #hits: Uint32Array;
  readonly #ttlCounts: Uint8Array;
  /** Start, size and count of the records that are rotated. */
  readonly #rotations: Uint16Array;
  #turn = 0;
  /** What the last `find` found, within its time or past it; -1: nothing. */
  #found = -1;
  #now = 0;
  #lapsed = -1;

  /** @param octets of the ring, 8 KiB or more; the tables take about half as much again */
  constructor(octets: number) {
    const places = 2 ** Math.max(10, Math.floor(Math.log2(octets / OCTETS_PER_PLACE)));
    this.#ring = Buffer.alloc(octets);
    this.#mask = places / WAYS - 1;
    this.#hashes = new Int32Array(places);
    this.#offsets = new Float64Array(places).fill(-1);
    this.#lengths = new Uint16Array(places);
    this.#flags = new Uint8Array(places);
    this.#storedAt = new Float64Array(places);
    this.#freshUntil = new Float64Array(places);
    this.#hits = new Uint32Array(places);
    this.#ttlCounts = new Uint8Array(places);
    this.#rotations = new Uint16Array(3 * places);
  }

  /** Octets of the reply to the query, to be had by `write`; 0: the long way. `now` in milliseconds, monotonic. */
  find(query: Uint8Array, peeked: PeekedQuery, now: number): number {
    const place = this.#placeOf(query, peeked);
    const isFresh = place !== -1 && now < this.#freshUntil[place]!;
    this.#found = place;
    this.#lapsed = isFresh ? -1 : place;
    this.#now = now;
    return isFresh && this.#lengths[place]! <= peeked.udpSize ? this.#lengths[place]! : 0;
  }

  /** How many hits a reply answered that the last `find` found past its time; each is told once. */
  takeLapsedHits(): number {
    if (this.#lapsed === -1) return 0;
    const hits = this.#hits[this.#lapsed]!;
    this.#hits[this.#lapsed] = 0;
    return hits;
  }

  /** Writes what the last `find` found as the reply to that query: its ID, its spelling, the TTLs of now. */
  write(query: Uint8Array, { end }: PeekedQuery, into: Buffer): void {
    const place = this.#found;
    this.#hits[place]!++;
    const start = this.#offsets[place]! % this.#ring.length;
    const length = this.#lengths[place]!;
    this.#ring.copy(into, 0, start, start + length);
    into[0] = query[0]!;
    into[1] = query[1]!;
    for (let i = QNAME; i < end - 4; i++) into[i] = query[i]!;
    this.#rotate(place, start, into);
    // A begun second counts as a whole one: nothing is given out for longer than it has left.
    const age = Math.ceil((this.#now - this.#storedAt[place]!) / 1000);
    if (age > 0) this.#age(start + length, this.#ttlCounts[place]!, age, into);
  }

  /** Takes `age` seconds from the TTLs in the list of offsets at `list`. */
  #age(list: number, count: number, age: number, into: Buffer): void {
    for (let i = 0; i < count; i++, list += 2) {
      const at = (this.#ring[list]! << 8) | this.#ring[list + 1]!;
      const ttl = ((into[at]! << 24) | (into[at + 1]! << 16) | (into[at + 2]! << 8) | into[at + 3]!) - age;
      into[at] = ttl >>> 24;
      into[at + 1] = ttl >>> 16;
      into[at + 2] = ttl >>> 8;
      into[at + 3] = ttl;
    }
  }

  #rotate(place: number, start: number, into: Buffer): void {
    const count = this.#rotations[3 * place + 2]!;
    const first = count === 0 ? 0 : this.#turn++ % count;
    if (first === 0) return;
    const from = this.#rotations[3 * place]!;
    const size = this.#rotations[3 * place + 1]!;
    const middle = from + first * size;
    const end = from + count * size;
    this.#ring.copy(into, from, start + middle, start + end);
    this.#ring.copy(into, from + (end - middle), start + from, start + middle);
  }

  /** Keeps a reply made for that query from what was known at `now`; those it cannot keep it passes over. */
  keep(query: Uint8Array, peeked: PeekedQuery, reply: Buffer, now: number): void {
    if (reply.length > MAX_REPLY) return;
    const layout = layoutOf(reply, peeked.end);
    if (layout === undefined || layout.ttls.length > 0xff) return;
    const fresh = Math.min(FRESH, (layout.leastTtl * 1000) / FRESH_SHARE);
    if (fresh === 0) return;
    const start = this.#room(reply.length + 2 * layout.ttls.length);
    reply.copy(this.#ring, start);
    for (let i = QNAME; i < peeked.end - 4; i++) this.#ring[start + i] = lower(query[i]!);
    let list = start + reply.length;
    for (const at of layout.ttls) list = this.#ring.writeUInt16BE(at, list);
    const place = this.#placeFor(query, peeked);
    this.#hashes[place] = peeked.hash;
    this.#offsets[place] = this.#head;
    this.#head += reply.length + 2 * layout.ttls.length;
    this.#lengths[place] = reply.length;
    this.#flags[place] = peeked.flags;
    this.#storedAt[place] = now;
    this.#freshUntil[place] = now + fresh;
    this.#hits[place] = 0;
    this.#ttlCounts[place] = layout.ttls.length;
    this.#rotations.set([layout.rotation.start, layout.rotation.size, layout.rotation.count], 3 * place);
  }

  clear(): void {
    this.#offsets.fill(-1);
  }

  /** Where so many octets fit in one piece; #head is moved there. */
  #room(octets: number): number {
    const start = this.#head % this.#ring.length;
    if (start + octets <= this.#ring.length) return start;
    this.#head += this.#ring.length - start;
    return 0;
  }

  #placeOf(query: Uint8Array, { hash, flags, end }: PeekedQuery): number {
    const bucket = (hash & this.#mask) * WAYS;
    for (let place = bucket; place < bucket + WAYS; place++) {
      if (this.#hashes[place] !== hash || this.#flags[place] !== flags || !this.#isHeld(place)) continue;
      if (this.#isQuestion(this.#offsets[place]! % this.#ring.length, query, end)) return place;
    }
    return -1;
  }

  /** Whether the ring has not come round to overwrite it. */
  #isHeld(place: number): boolean {
    const offset = this.#offsets[place]!;
    return offset >= 0 && offset > this.#head - this.#ring.length + MAX_RECORD;
  }

  #isQuestion(start: number, query: Uint8Array, end: number): boolean {
    for (let i = QNAME; i < end; i++) {
      if (this.#ring[start + i] !== (i < end - 4 ? lower(query[i]!) : query[i]!)) return false;
    }
    return true;
  }

  /** The place it has, or one that is free, or the oldest of its bucket. */
  #placeFor(query: Uint8Array, peeked: PeekedQuery): number {
    const held = this.#placeOf(query, peeked);
    if (held !== -1) return held;
    const bucket = (peeked.hash & this.#mask) * WAYS;
    let oldest = bucket;
    for (let place = bucket + 1; place < bucket + WAYS; place++) {
      if (this.#offsets[place]! < this.#offsets[oldest]!) oldest = place;
    }
    return oldest;
  }
}

/** Room that one write may overrun: a reply with its list of TTLs. */
const MAX_RECORD = MAX_REPLY + 2 * 0xff;
