/**
 * What was stored here on its way to the store, and what is to leave it. Nobody waits for it: entries are gathered for a
 * moment, written in batches, one batch at a time, and left out when too many wait. What is replaced while it waits is
 * written once.
 */
import type { Entry } from '../cache/entry.js';
import type { Clock } from '../ports/clock.js';
import type { Counters } from './counters.js';
import type { Link } from './link.js';
import type { StoreWrite } from './shared-store.js';

/** Entries that wait; they are held by the cache as well, mostly. */
const MAX_QUEUED = 8192;
const MAX_DELETES = 1024;
/** Milliseconds to gather. */
const GATHER_MS = 5;
const BATCH_ENTRIES = 128;
const BATCH_OCTETS = 1_048_576;
/** Milliseconds for a batch: nobody waits for it, but a store that takes so long is in trouble. */
const WRITE_MS = 1000;

export class WriteQueue {
  readonly #waiting = new Map<string, Entry>();
  readonly #deletes = new Set<string>();
  #isBusy = false;

  /**
   * @param encode a local entry as it lies in the store; undefined when it is not worth it any more
   * @param placesOf all keys in the store that a local key may lie under
   */
  constructor(
    readonly link: Link,
    readonly clock: Clock,
    readonly counters: Counters,
    readonly encode: (key: string, entry: Entry) => StoreWrite | undefined,
    readonly placesOf: (key: string) => readonly string[],
  ) {}

  put(key: string, entry: Entry): void {
    this.#deletes.delete(key);
    if (!this.link.isUsable || (this.#waiting.size >= MAX_QUEUED && !this.#waiting.has(key))) {
      this.counters.droppedWrites++;
      return;
    }
    this.#waiting.set(key, entry);
    this.#wake();
  }

  /** The key is to leave the store too. What does not fit is left to expire. */
  delete(key: string): void {
    this.#waiting.delete(key);
    if (!this.link.isUsable || this.#deletes.size >= MAX_DELETES) return;
    this.#deletes.add(key);
    this.#wake();
  }

  /** Forgets what is to be deleted: readers ignore it by other means. */
  dropDeletes(): void {
    this.#deletes.clear();
  }

  /** Forgets everything. */
  clear(): void {
    this.#waiting.clear();
    this.#deletes.clear();
  }

  #wake(): void {
    if (this.#isBusy) return;
    this.#isBusy = true;
    this.clock.schedule(GATHER_MS, () => void this.#drain());
  }

  async #drain(): Promise<void> {
    while (this.link.isUsable && this.#waiting.size + this.#deletes.size > 0) {
      await this.#deleteAll();
      await this.#writeBatch();
    }
    this.counters.droppedWrites += this.#waiting.size;
    this.clear();
    this.#isBusy = false;
  }

  async #deleteAll(): Promise<void> {
    if (this.#deletes.size === 0) return;
    const places = [...this.#deletes].flatMap((key) => this.placesOf(key));
    this.#deletes.clear();
    await this.link.use(WRITE_MS, (store) => store.deleteMany(places));
  }

  async #writeBatch(): Promise<void> {
    const batch = this.#takeBatch();
    if (batch.length === 0) return;
    const refused = await this.link.use(WRITE_MS, (store) => store.setMany(batch));
    if (refused === undefined) {
      this.counters.droppedWrites += batch.length;
      return;
    }
    this.counters.refusedWrites += refused;
    this.counters.writes += batch.length - refused;
  }

  #takeBatch(): StoreWrite[] {
    const batch: StoreWrite[] = [];
    let octets = 0;
    for (const [key, entry] of this.#waiting) {
      this.#waiting.delete(key);
      const write = this.encode(key, entry);
      if (write === undefined) continue;
      batch.push(write);
      octets += write.value.length;
      if (batch.length >= BATCH_ENTRIES || octets >= BATCH_OCTETS) break;
    }
    return batch;
  }
}
