/**
 * All that is worth keeping, written down in slices while the cache goes on changing. Entries are as they are when their
 * turn comes; what changes meanwhile is in the journal that began when the snapshot did. Written aside and renamed, so
 * that there is a whole snapshot at any moment.
 */
import type { CacheDisk, DiskWriter } from '../../ports/cache-disk.js';
import type { Clock } from '../../ports/clock.js';
import { type Entry, kindOfKey } from '../entry.js';
import { instantOf, recordLength, writeRecord } from '../portable.js';
import { Slice } from '../slices.js';
import type { Store } from '../store.js';
import { type FileHeader, headerFrame } from './file-header.js';
import { FRAME_HEAD, frameOf, MAX_PAYLOAD, sealFrame } from './frame.js';
import { nextTurn } from './read-frames.js';

export const SNAPSHOT_NAME = 'snapshot';
const ASIDE = 'snapshot.new';

/** Octets written at once at most: less when a slice of time is over before. */
const MOST_OCTETS = 2 ** 18;

export interface SnapshotSource {
  readonly store: Store;
  readonly clock: Clock;
  /** Ticks. */
  now(): number;
}

export interface Written {
  readonly entries: number;
  readonly octets: number;
}

/** Rejects when the disk does; the snapshot before stands then. */
export async function writeSnapshot(disk: CacheDisk, header: FileHeader, source: SnapshotSource): Promise<Written> {
  const writer = await disk.create(ASIDE);
  let written: Written;
  try {
    written = await writeEntries(writer, header, source);
    await writer.sync();
  } catch (error) {
    await writer.close().catch(() => undefined);
    // It may be what fills the disk.
    await disk.remove(ASIDE).catch(() => undefined);
    throw error;
  }
  await writer.close();
  await disk.rename(ASIDE, SNAPSHOT_NAME);
  return written;
}

async function writeEntries(writer: DiskWriter, header: FileHeader, source: SnapshotSource): Promise<Written> {
  const gathered = new Gathered(header.salt);
  const slice = new Slice(() => source.clock.now());
  let entries = 0;
  let octets = 0;
  const put = async (chunk: Buffer): Promise<void> => {
    octets += chunk.length;
    await writer.write(chunk);
  };
  await put(headerFrame(header));
  for (const held of source.store.keys()) {
    if (held !== undefined && gathered.add(held[1], source.store.entryIn(held[0]), source)) entries++;
    if (!slice.isOver() && !gathered.isFull) continue;
    // A write of nothing would end within this turn of the event loop.
    if (gathered.isEmpty) await nextTurn();
    else await put(gathered.take());
    slice.begin();
  }
  await put(gathered.take());
  const count = Buffer.alloc(4);
  count.writeUInt32BE(entries);
  await put(frameOf('end', count, header.salt));
  return { entries, octets };
}

/** Frames of entries, gathered until they are worth a write. */
class Gathered {
  #buffer = Buffer.allocUnsafe(MOST_OCTETS + FRAME_HEAD + MAX_PAYLOAD);
  #used = 0;
  #instant: ReturnType<typeof instantOf> | undefined;

  constructor(readonly salt: number) {}

  get isEmpty(): boolean {
    return this.#used === 0;
  }

  get isFull(): boolean {
    return this.#used >= MOST_OCTETS;
  }

  /** Whether the entry is one to keep. */
  add(key: string, entry: Entry, { store, clock, now }: SnapshotSource): boolean {
    if (!isWorthKeeping(key) || !store.mayServe(key, entry, now())) return false;
    const length = recordLength(key, entry);
    if (length > MAX_PAYLOAD) return false;
    this.#instant ??= instantOf(clock);
    writeRecord(this.#buffer, this.#used + FRAME_HEAD, key, entry, this.#instant);
    sealFrame(this.#buffer, this.#used, 'set', length, this.salt);
    this.#used += FRAME_HEAD + length;
    return true;
  }

  /** What was gathered; valid until the next add(). */
  take(): Buffer {
    const gathered = this.#buffer.subarray(0, this.#used);
    this.#used = 0;
    this.#instant = undefined;
    return gathered;
  }
}

/** A failure lasts for minutes at most, and what caused it may be over (RFC 9520). */
export function isWorthKeeping(key: string): boolean {
  return kindOfKey(key) !== 'failure';
}
