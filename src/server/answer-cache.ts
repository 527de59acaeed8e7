/**
 * HOT. Replies that lie ready: a question asked again within seconds is answered by copying octets.
 *
 * It mirrors the cache of records and is never ahead of it: what was answered from there is kept for a few seconds at
 * most, then the question takes the long way once, which counts its hits, keeps its records young and has them
 * refreshed in time. Whatever changes answers at once (a flush, a reload, a local record) empties it. Replies that are
 * stale, bogus, truncated, explained or without a TTL are not kept.
 *
 * The octets lie in a ring that overwrites its oldest; rows of numbers (answer-rows.ts) find them. Nothing is allocated
 * but at the start, and no collector ever looks at it.
 */

import { AnswerRows } from './answer-rows.js';
import { lower, type PeekedQuery } from './peek-query.js';
import { layoutOf } from './reply-layout.js';

/** Longest time without the long way, milliseconds. */
const FRESH = 5000;
/** Share of the time left after which the long way is taken: within the last tenth of a lifetime it is taken often. */
const FRESH_SHARE = 10;
/** Larger replies are rare, and cost more to copy than to make. Octets. */
const MAX_REPLY = 1232;
/** Rows for one hash: the oldest gives way. */
const WAYS = 4;
/** Octets of the ring for each row; small replies take some 60 to 150. */
const OCTETS_PER_ROW = 128;
const QNAME = 12;
/** Where 32 bits with a sign end: as many laps, and as many milliseconds (25 days), are told apart. */
const LAST = 0x7fffffff;

export class AnswerCache {
  readonly #ring: Buffer;
  readonly #rows: AnswerRows;
  readonly #mask: number;
  /** Where the next reply begins, in which lap round the ring. */
  #head = 0;
  #lap: number;
  /** Clock.now() from which the times of rows are counted. */
  #since = 0;
  #turn = 0;
  /** The row the last `find` found, within its time or past it; -1: none. */
  #found = -1;
  /** When that was, in milliseconds from #since. */
  #now = 0;
  #lapsed = -1;

  /**
   * @param octets of the ring, 8 KiB or more; the rows take about a quarter as much again
   * @param lap 1 or more; for tests
   */
  constructor(octets: number, lap = 1) {
    this.#lap = lap;
    this.#rows = new AnswerRows(2 ** Math.max(10, Math.floor(Math.log2(octets / OCTETS_PER_ROW))));
    this.#ring = Buffer.alloc(octets);
    this.#mask = this.#rows.count / WAYS - 1;
  }

  /** Octets of the reply to the query, to be had by `write`; 0: the long way. `now` in milliseconds, 0 or more, monotonic. */
  find(query: Uint8Array, peeked: PeekedQuery, now: number): number {
    const at = this.#timeAt(now);
    const row = this.#rowOf(query, peeked);
    const isFresh = row !== -1 && at < this.#rows.freshUntil(row);
    this.#found = row;
    this.#lapsed = isFresh ? -1 : row;
    this.#now = at;
    if (!isFresh) return 0;
    const length = this.#rows.lengthOf(row);
    return length <= peeked.udpSize ? length : 0;
  }

  /** How many hits a reply answered that the last `find` found past its time; each is told once. */
  takeLapsedHits(): number {
    return this.#lapsed === -1 ? 0 : this.#rows.takeHits(this.#lapsed);
  }

  /** Writes what the last `find` found as the reply to that query: its ID, its spelling, the TTLs of now. */
  write(query: Uint8Array, { end }: PeekedQuery, into: Buffer): void {
    const row = this.#found;
    const start = this.#rows.startOf(row);
    const length = this.#rows.lengthOf(row);
    this.#rows.addHit(row);
    this.#ring.copy(into, 0, start, start + length);
    into[0] = query[0]!;
    into[1] = query[1]!;
    for (let i = QNAME; i < end - 4; i++) into[i] = query[i]!;
    if (this.#rows.rotationCount(row) > 0) this.#rotate(row, start, into);
    // A begun second counts as a whole one: nothing is given out for longer than it has left.
    const age = Math.ceil((this.#now - this.#rows.storedAt(row)) / 1000);
    if (age > 0) this.#age(start + length, this.#rows.ttlCountOf(row), age, into);
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

  #rotate(row: number, start: number, into: Buffer): void {
    const count = this.#rows.rotationCount(row);
    const first = this.#turn++ % count;
    if (first === 0) return;
    const from = this.#rows.rotationStart(row);
    const size = this.#rows.rotationSize(row);
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
    const storedAt = Math.floor(this.#timeAt(now));
    const start = this.#room(reply.length + 2 * layout.ttls.length);
    const row = this.#rowFor(query, peeked);
    reply.copy(this.#ring, start);
    for (let i = QNAME; i < peeked.end - 4; i++) this.#ring[start + i] = lower(query[i]!);
    let list = start + reply.length;
    for (const at of layout.ttls) list = this.#ring.writeUInt16BE(at, list);
    const { hash, flags } = peeked;
    const { ttls, rotation } = layout;
    const lap = this.#lap;
    this.#rows.set(row, {
      hash,
      flags,
      start,
      lap,
      length: reply.length,
      storedAt,
      fresh,
      ttlCount: ttls.length,
      rotation,
    });
  }

  /** Rows of the lap before the last are held no longer, whatever they are. */
  clear(): void {
    this.#nextLap();
    this.#nextLap();
  }

  /** Milliseconds from #since, of which rows hold 32 bits. */
  #timeAt(now: number): number {
    if (now - this.#since > LAST) {
      this.clear();
      this.#since = now;
    }
    return now - this.#since;
  }

  /** Where so many octets fit in one piece. What lay there is held no longer. */
  #room(octets: number): number {
    if (this.#head + octets > this.#ring.length) this.#nextLap();
    const start = this.#head;
    this.#head += octets;
    return start;
  }

  #nextLap(): void {
    if (this.#lap === LAST) {
      this.#rows.clear();
      this.#lap = 0;
    }
    this.#lap++;
    this.#head = 0;
  }

  #rowOf(query: Uint8Array, { hash, flags, end }: PeekedQuery): number {
    const bucket = (hash & this.#mask) * WAYS;
    for (let row = bucket; row < bucket + WAYS; row++) {
      if (!this.#rows.isOf(row, hash, flags) || !this.#isHeld(row)) continue;
      if (this.#isQuestion(this.#rows.startOf(row), query, end)) return row;
    }
    return -1;
  }

  /** Whether the ring has not come round to overwrite it. */
  #isHeld(row: number): boolean {
    const lap = this.#rows.lapOf(row);
    return lap === this.#lap || (lap === this.#lap - 1 && lap > 0 && this.#rows.startOf(row) >= this.#head);
  }

  #isQuestion(start: number, query: Uint8Array, end: number): boolean {
    for (let i = QNAME; i < end; i++) {
      if (this.#ring[start + i] !== (i < end - 4 ? lower(query[i]!) : query[i]!)) return false;
    }
    return true;
  }

  /** The row it has, or one that is free, or the oldest of its bucket. */
  #rowFor(query: Uint8Array, peeked: PeekedQuery): number {
    const held = this.#rowOf(query, peeked);
    if (held !== -1) return held;
    const bucket = (peeked.hash & this.#mask) * WAYS;
    let oldest = bucket;
    for (let row = bucket + 1; row < bucket + WAYS; row++) if (this.#isOlder(row, oldest)) oldest = row;
    return oldest;
  }

  #isOlder(row: number, than: number): boolean {
    const laps = this.#rows.lapOf(row) - this.#rows.lapOf(than);
    return laps < 0 || (laps === 0 && this.#rows.startOf(row) < this.#rows.startOf(than));
  }
}
