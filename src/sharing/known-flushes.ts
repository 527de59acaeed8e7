/**
 * Which flushes were made lately, here and elsewhere? A value in the store that was stored before a flush it matches is
 * gone, whoever put it there and whenever it arrives: deleting keys could never reach what is still on its way.
 */
import { keyMatches } from '../cache/inspect.js';
import type { FlushRecord } from './flush-record.js';

/** Milliseconds. No entry is kept in the store for longer, so no flush has to be remembered longer. */
export const LONGEST_STAY_MS = 86_400_000;
/** Clocks of instances differ; within so much after a flush, what was stored counts as stored before. ms */
const CLOCK_SKEW_MS = 2000;
/** Beyond that the oldest are made one: everything before the last of them is gone. */
const MAX_FLUSHES = 512;

export class KnownFlushes {
  #flushes: FlushRecord[] = [];
  readonly #heard = new Set<string>();

  has(id: string): boolean {
    return this.#heard.has(id);
  }

  add(flush: FlushRecord, wall: number): void {
    this.#flushes = this.#flushes.filter(({ at }) => at > wall - LONGEST_STAY_MS);
    if (this.#flushes.length >= MAX_FLUSHES) {
      const at = Math.max(...this.#flushes.map((each) => each.at));
      this.#flushes = [{ id: '', at, filter: {} }];
    }
    // One flush may be heard by message and from the log long after: numbers are kept longer than what they are of.
    if (this.#heard.size >= 8 * MAX_FLUSHES) this.#heard.delete(this.#heard.values().next().value!);
    this.#heard.add(flush.id);
    this.#flushes.push(flush);
  }

  /** `stored`: milliseconds since 1970. */
  covers(key: string, stored: number): boolean {
    return this.#flushes.some(({ at, filter }) => stored < at + CLOCK_SKEW_MS && keyMatches(key, filter));
  }
}
