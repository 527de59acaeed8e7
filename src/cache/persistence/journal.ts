/**
 * What changed since the last snapshot, appended to a file as it happens. Callers never wait: records are copied into
 * buffers that one writer empties, in order, and makes durable as often as the policy says. What the buffers may hold is
 * bounded: when the disk cannot keep up, entries are left out and a snapshot is asked for.
 *
 * What the policies promise: `always` writes and syncs at once, all that came meanwhile together; a crash loses what is
 * under way, milliseconds. `everysec` loses no more than a second. `no` leaves syncing to the system: what was written
 * (200 ms) survives the process, not a loss of power. No answer waits for any of them; whoever flushes may (`settle`).
 */
import type { CacheDisk, DiskWriter } from '../../ports/cache-disk.js';
import type { Cancel, Clock } from '../../ports/clock.js';
import type { Entry } from '../entry.js';
import { type Instant, recordLength, writeRecord } from '../portable.js';
import { type FileHeader, headerFrame } from './file-header.js';
import { FRAME_HEAD, type FrameKind, MAX_PAYLOAD, sealFrame } from './frame.js';

export type SyncPolicy = 'always' | 'everysec' | 'no';

export interface JournalEvents {
  /** The disk refused; nothing is written until begin() is called again. Whether a flush was among what is lost. */
  failed(error: unknown, isFlushLost: boolean): void;
  /** Entries were left out. */
  fellBehind(): void;
}

export const JOURNAL_NAME = /^journal-(\d{1,15})$/;

/** Milliseconds that records wait to be written together. */
const WRITE_DELAY = 200;
/** Milliseconds from a record to the moment syncing begins: with WRITE_DELAY and the sync itself below a second. */
const SYNC_DELAY = 600;
const CHUNK = 2 ** 16;
/** Octets that may wait: entries first, then what takes back as well, told as "all of it". */
const MAX_WAITING = 2 ** 23;

type Item =
  | { readonly kind: 'octets'; readonly octets: Buffer }
  | { readonly kind: 'file'; readonly header: FileHeader };

export class Journal {
  readonly #items: Item[] = [];
  #chunk = Buffer.allocUnsafe(CHUNK);
  #used = 0;
  #waiting = 0;
  #bytes = 0;
  #salt = 0;
  /** `closed`: before begin(), after a failure and at the end. */
  #state: 'open' | 'overflowed' | 'closed' = 'closed';
  #writer: DiskWriter | undefined;
  #running: Promise<void> | undefined;
  #timer: Cancel | undefined;
  /** When the oldest record came that is not durable yet. */
  #unsafeSince: number | undefined;
  #forced: ((durable: boolean) => void)[] = [];
  /** Whether a flush came that is not durable yet. */
  #isFlushUnsafe = false;

  constructor(
    readonly disk: CacheDisk,
    readonly clock: Clock,
    readonly policy: SyncPolicy,
    readonly events: JournalEvents,
  ) {}

  /** Octets in the file begun last, those that wait included. */
  get bytes(): number {
    return this.#bytes;
  }

  get isOpen(): boolean {
    return this.#state === 'open';
  }

  /** From now on records go to a new file. The one before is completed first. */
  begin(header: FileHeader): void {
    this.#cutChunk();
    this.#items.push({ kind: 'file', header });
    this.#salt = header.salt;
    this.#bytes = 0;
    this.#state = 'open';
    this.#wake();
  }

  set(key: string, entry: Entry, instant: Instant): void {
    if (this.#state !== 'open') return;
    const length = recordLength(key, entry);
    if (length > MAX_PAYLOAD) return;
    if (this.#waiting > MAX_WAITING) {
      this.events.fellBehind();
      return;
    }
    const at = this.#room(FRAME_HEAD + length);
    writeRecord(this.#chunk, at + FRAME_HEAD, key, entry, instant);
    this.#seal(at, 'set', length);
  }

  /** What takes back: `delete` or `flush`. Left out only when so much waits that "all of it" stands for it. */
  takeBack(kind: 'delete' | 'flush', payload: Buffer): void {
    if (this.#state !== 'open') return;
    if (kind === 'flush') this.#isFlushUnsafe = true;
    if (this.#waiting > 2 * MAX_WAITING) {
      this.#append('flush', Buffer.from('{}'));
      this.#state = 'overflowed';
      this.events.fellBehind();
    } else {
      this.#append(kind, payload);
    }
  }

  /** Resolves when all records so far are durable: true; or will never be: false. */
  settle(): Promise<boolean> {
    if (this.#state === 'closed') return Promise.resolve(false);
    return new Promise((resolve) => {
      this.#forced.push(resolve);
      this.#run();
    });
  }

  async close(): Promise<void> {
    await this.settle();
    this.#state = 'closed';
    this.#timer?.();
    await this.#running;
    await this.#writer?.close().catch(() => undefined);
    this.#writer = undefined;
  }

  #append(kind: FrameKind, payload: Buffer): void {
    const at = this.#room(FRAME_HEAD + payload.length);
    payload.copy(this.#chunk, at + FRAME_HEAD);
    this.#seal(at, kind, payload.length);
  }

  /** Where in the chunk that many octets can go. */
  #room(octets: number): number {
    if (this.#used + octets > this.#chunk.length) {
      this.#cutChunk();
      this.#chunk = Buffer.allocUnsafe(Math.max(CHUNK, octets));
    }
    return this.#used;
  }

  #seal(at: number, kind: FrameKind, length: number): void {
    sealFrame(this.#chunk, at, kind, length, this.#salt);
    this.#used += FRAME_HEAD + length;
    this.#waiting += FRAME_HEAD + length;
    this.#bytes += FRAME_HEAD + length;
    this.#unsafeSince ??= this.clock.now();
    this.#wake();
  }

  /** What is in the chunk joins the queue; the rest of the chunk goes on being used. */
  #cutChunk(): void {
    if (this.#used === 0) return;
    this.#items.push({ kind: 'octets', octets: this.#chunk.subarray(0, this.#used) });
    this.#chunk = this.#chunk.subarray(this.#used);
    this.#used = 0;
  }

  #wake(): void {
    if (this.#timer !== undefined || this.#running !== undefined) return;
    this.#timer = this.clock.schedule(this.policy === 'always' ? 0 : WRITE_DELAY, () => this.#run());
  }

  #run(): void {
    this.#timer?.();
    this.#timer = undefined;
    this.#running ??= this.#empty().finally(() => {
      this.#running = undefined;
      if (this.#forced.length > 0) this.#run();
      else if (this.#unsafeSince !== undefined || this.#items.length > 0) this.#wake();
    });
  }

  async #empty(): Promise<void> {
    const forced = this.#forced;
    this.#forced = [];
    const since = this.#unsafeSince;
    let durable = true;
    try {
      await this.#writeAll();
      durable = this.#writer !== undefined;
      if (forced.length > 0 || this.#isSyncDue(since)) await this.#sync();
    } catch (error) {
      durable = false;
      await this.#giveUp(error);
    }
    for (const resolve of forced) resolve(durable);
  }

  async #sync(): Promise<void> {
    // Of what came since it was written nothing is covered.
    const isCovered = this.#used === 0 && this.#items.length === 0;
    this.#unsafeSince = isCovered ? undefined : this.clock.now();
    const wasFlushUnsafe = this.#isFlushUnsafe;
    if (isCovered) this.#isFlushUnsafe = false;
    try {
      await this.#writer?.sync();
    } catch (error) {
      this.#isFlushUnsafe ||= wasFlushUnsafe;
      throw error;
    }
  }

  #isSyncDue(since: number | undefined): boolean {
    if (this.policy === 'no') {
      // What is written is as safe as it gets.
      if (this.#used === 0) this.#unsafeSince = undefined;
      return false;
    }
    return this.policy === 'always' || (since !== undefined && this.clock.now() - since >= SYNC_DELAY - WRITE_DELAY);
  }

  async #writeAll(): Promise<void> {
    this.#cutChunk();
    for (let item = this.#items.shift(); item !== undefined; item = this.#items.shift()) {
      if (item.kind === 'file') {
        await this.#next(item.header);
      } else {
        await this.#writer?.write(item.octets);
        this.#waiting -= item.octets.length;
      }
    }
  }

  async #next(header: FileHeader): Promise<void> {
    const before = this.#writer;
    this.#writer = undefined;
    await before?.sync();
    await before?.close();
    this.#writer = await this.disk.create(`journal-${header.sequence}`);
    await this.#writer.write(headerFrame(header));
  }

  async #giveUp(error: unknown): Promise<void> {
    const writer = this.#writer;
    const isFlushLost = this.#isFlushUnsafe;
    this.#writer = undefined;
    this.#isFlushUnsafe = false;
    this.#state = 'closed';
    this.#items.length = 0;
    this.#used = 0;
    this.#waiting = 0;
    this.#unsafeSince = undefined;
    this.events.failed(error, isFlushLost);
    await writer?.close().catch(() => undefined);
  }
}
