/**
 * Flushes on their way out and in. Out: into the log of the store, then the mark beside it, then a message to those that
 * listen; what the store does not take now is told when it is back. In: by message at once, or, where there are none or
 * one was lost, from the log, as soon as a lookup sees another mark. So a value is believed only by who knows all flushes.
 */

import type { Clock } from '../ports/clock.js';
import type { CacheFilter } from '../ports/inspection.js';
import type { Random } from '../ports/random.js';
import type { Counters } from './counters.js';
import { type FlushRecord, flushFrom, flushToOctets, framed, MAX_LOG_OCTETS, recordsOfLog } from './flush-record.js';
import type { KeySpace } from './key-space.js';
import { KnownFlushes, LONGEST_STAY_MS } from './known-flushes.js';
import type { Link } from './link.js';
import type { SharedStore } from './shared-store.js';

/** A message that is older was kept back or is played again. ms */
const MESSAGE_AGE_MS = 60_000;
const TELL_MS = 1000;
/** Waiting for a store that is away; beyond that one flush of everything stands for all. */
const MAX_UNTOLD = 64;
/** More news than that at once are taken as one flush of everything: each costs a walk through the cache. */
const MAX_NEWS = 16;

export interface FlushLogParts {
  readonly link: Link;
  readonly clock: Clock;
  readonly random: Random;
  readonly counters: Counters;
  readonly space: () => KeySpace;
  /** Flushes the local cache, and tells nobody. */
  readonly flushHere: (filter: CacheFilter) => void;
}

export class FlushLog {
  readonly known = new KnownFlushes();
  readonly #parts: FlushLogParts;
  #untold: FlushRecord[] = [];
  #isTelling = false;
  /** As last seen. */
  #mark = '';

  constructor(parts: FlushLogParts) {
    this.#parts = parts;
  }

  /** The local cache was flushed. */
  flushed(filter: CacheFilter): void {
    const flush = this.#record(filter);
    this.known.add(flush, flush.at);
    this.#untold = this.#untold.length >= MAX_UNTOLD ? [this.#record({})] : [...this.#untold, flush];
    void this.tell();
  }

  /** Tells what is untold. */
  async tell(): Promise<void> {
    const { link, counters, clock } = this.#parts;
    if (this.#isTelling) return;
    this.#isTelling = true;
    for (let flush = this.#untold[0]; flush !== undefined && link.isUsable; flush = this.#untold[0]) {
      const telling = flush;
      const told = await link.use(TELL_MS, (store) => this.#write(store, telling));
      if (told === undefined) break;
      this.#untold = this.#untold.filter((each) => each !== telling);
      counters.flushesSent++;
    }
    this.#isTelling = false;
    // One failure does not open the circuit, so nobody would say that it closed.
    if (this.#untold.length > 0 && link.isUsable) clock.schedule(TELL_MS, () => void this.tell());
  }

  /**
   * The store is back: tells what is untold, and hears what others told meanwhile, whose messages are lost. Who finds all
   * it is asked in its own cache would look nothing up, and go on with what they flushed.
   */
  async back(): Promise<void> {
    void this.tell();
    const { link, space } = this.#parts;
    const seen = await link.use(TELL_MS, (store) => store.getMany([space().flushMark]));
    if (seen !== undefined) await this.catchUp(seen[0], TELL_MS);
  }

  /** Takes a message from the channel. */
  hear(octets: Buffer): void {
    const { clock, space, counters } = this.#parts;
    const flush = flushFrom(octets, space());
    if (flush === undefined) counters.badSignatures++;
    else if (Math.abs(clock.wall() - flush.at) <= MESSAGE_AGE_MS) this.#take([flush]);
  }

  /** Whether all flushes behind that mark are known, which may take reading the log. `ms` to do so. */
  async catchUp(mark: Buffer | undefined, ms: number): Promise<boolean> {
    const text = mark?.toString('latin1') ?? '';
    if (text === this.#mark) return true;
    const { link, space } = this.#parts;
    const place = space().flushLog;
    const read = ms < 1 ? undefined : await link.use(ms, (store) => store.getMany([place]));
    if (read === undefined || place !== space().flushLog) return false;
    const [log] = read;
    if (log !== undefined) this.#takeLog(log);
    // Lost by a full store, while its mark tells of a flush; of which one, nobody knows any more. The mark is not signed:
    // what is stored is believed no more, the local cache stands.
    else if (text !== '' && !this.known.has(text))
      this.known.add({ ...this.#record({}), id: text }, this.#parts.clock.wall());
    this.#mark = text;
    return true;
  }

  /** Another space has another log. */
  forget(): void {
    this.#mark = '';
    this.#untold = [];
  }

  #record(filter: CacheFilter): FlushRecord {
    const { random, clock } = this.#parts;
    const half = (): string => random.below(2 ** 32).toString(36);
    return { id: `${half()}-${half()}`, at: clock.wall(), filter };
  }

  async #write(store: SharedStore, flush: FlushRecord): Promise<true> {
    const space = this.#parts.space();
    const ttl = LONGEST_STAY_MS;
    const [log] = await store.getMany([space.flushLog]);
    const octets = flushToOctets(flush, space);
    if (log !== undefined && log.length + octets.length + 2 > MAX_LOG_OCTETS) {
      const all = this.#record({});
      this.known.add(all, all.at);
      await store.setMany([{ key: space.flushLog, value: framed(flushToOctets(all, space)), ttl }]);
    } else {
      await store.append({ key: space.flushLog, value: framed(octets), ttl });
    }
    await store.setMany([{ key: space.flushMark, value: Buffer.from(flush.id, 'latin1'), ttl }]);
    await store.publish(octets);
    return true;
  }

  #takeLog(log: Buffer): void {
    const { space, counters, clock } = this.#parts;
    const news: FlushRecord[] = [];
    for (const record of recordsOfLog(log)) {
      const flush = flushFrom(record, space());
      if (flush === undefined) counters.badSignatures++;
      else if (clock.wall() - flush.at < LONGEST_STAY_MS) news.push(flush);
    }
    this.#take(news);
  }

  #take(flushes: readonly FlushRecord[]): void {
    const { clock, counters, flushHere } = this.#parts;
    const wall = clock.wall();
    const news = flushes.filter(({ id }) => !this.known.has(id));
    // A clock that is ahead must not hide what is stored from now on.
    for (const flush of news) this.known.add({ ...flush, at: Math.min(flush.at, wall) }, wall);
    counters.flushesReceived += news.length;
    if (news.length > MAX_NEWS) flushHere({});
    else for (const { filter } of news) flushHere(filter);
  }
}
