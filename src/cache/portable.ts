/**
 * Entries outside of this process, in files and in shared caches: a record of octets whose times are wall time, since
 * the monotonic clock of one process says nothing to another. Whoever keeps records guards them: they are trusted as
 * they come.
 *
 *   record: expires (6 octets, ms since 1970) stored (6) hits (4) key length (2) key packed
 */
import type { Clock } from '../ports/clock.js';
import { Entry, TICKS } from './entry.js';
import { storedAtOf } from './pack.js';

/** Of the record and of all packed forms; raised when any of them changes, so that no older one is misread. */
export const PORTABLE_VERSION = 1;

export interface PortableEntry {
  readonly key: string;
  readonly entry: Entry;
}

const HEAD = 18;
const MS_PER_TICK = 1000 / TICKS;

/** A clock, or the two readings of one that hold for many records. */
export type Instant = Pick<Clock, 'now' | 'wall'>;

/** The readings of now, for a loop over records. */
export function instantOf(clock: Instant): Instant {
  const now = clock.now();
  const wall = clock.wall();
  return { now: () => now, wall: () => wall };
}

/** Milliseconds since 1970 from when on an entry is past its TTL. */
export function expiryOf(entry: Entry, clock: Instant): number {
  return wallOf(entry.expires, clock);
}

/** Milliseconds since 1970 when an entry was stored; by the clock of whoever stored it. */
export function storingOf(entry: Entry, clock: Instant): number {
  return wallOf(storedAtOf(entry.packed), clock);
}

/** When the entry of a whole record was stored, by the clock of whoever did, ms since 1970; it may be ahead of ours. */
export function storingIn(record: Buffer): number {
  return record.readUIntBE(6, 6);
}

/** Octets that a record takes. */
export function recordLength(key: string, entry: Entry): number {
  return HEAD + key.length + entry.packed.length;
}

export function recordFrom(key: string, entry: Entry, clock: Instant): Buffer {
  const record = Buffer.allocUnsafe(recordLength(key, entry));
  writeRecord(record, 0, key, entry, clock);
  return record;
}

/** Writes a record into `target` at `at`, where there is room for its recordLength. */
export function writeRecord(target: Buffer, at: number, key: string, entry: Entry, clock: Instant): void {
  const start = clock.wall() - clock.now();
  writeWall(target, at, entry.expires, start);
  writeWall(target, at + 6, storedAtOf(entry.packed), start);
  target.writeUInt32BE(Math.min(entry.hits, 0xffffffff), at + 12);
  target.writeUInt16BE(key.length, at + 16);
  target.latin1Write(key, at + HEAD);
  target.latin1Write(entry.packed, at + HEAD + key.length);
}

/** The longest time ago, in ticks, that the packed form can tell: six years. */
const EARLIEST = -(2 ** 31);

/**
 * Undefined when the octets end too early. An entry whose time is over comes back as such. Where the wall clock was set
 * back meanwhile, the entry counts as stored now: it never has more left than it was kept for at first. The octets that
 * tell when are overwritten in `record`: cheaper, a million times over, than to cut and join strings.
 */
export function entryFrom(record: Buffer, clock: Instant): PortableEntry | undefined {
  if (record.length < HEAD) return undefined;
  const keyEnd = HEAD + record.readUInt16BE(16);
  if (record.length < keyEnd + 4) return undefined;
  const expiry = wallAt(record, 0);
  const storing = wallAt(record, 6);
  const stored = Math.max(EARLIEST, Math.min(ticksOf(storing, clock), Math.floor(clock.now() / MS_PER_TICK)));
  const kept = Math.max(0, Math.floor((expiry - storing) / MS_PER_TICK));
  record.writeInt32BE(stored, keyEnd);
  const entry = new Entry(record.latin1Slice(keyEnd), Math.min(ticksOf(expiry, clock), stored + kept));
  entry.hits = record.readUInt32BE(12);
  return { key: record.latin1Slice(HEAD, keyEnd), entry };
}

/** Two numbers: twice as fast as writeUIntBE. `start`: the wall time of tick 0. */
function writeWall(target: Buffer, at: number, ticks: number, start: number): void {
  const wall = Math.max(0, Math.round(start + ticks * MS_PER_TICK));
  target.writeUInt16BE(Math.floor(wall / 2 ** 32) & 0xffff, at);
  target.writeUInt32BE(wall >>> 0, at + 2);
}

function wallAt(record: Buffer, at: number): number {
  return record.readUInt16BE(at) * 2 ** 32 + record.readUInt32BE(at + 2);
}

/** Milliseconds since 1970 of a tick of the monotonic clock. */
export function wallOf(ticks: number, clock: Instant): number {
  return Math.max(0, Math.round(clock.wall() + ticks * MS_PER_TICK - clock.now()));
}

/** The tick of the monotonic clock at a moment in milliseconds since 1970; never a later one. */
export function ticksOf(wall: number, clock: Instant): number {
  return Math.floor((wall - clock.wall() + clock.now()) / MS_PER_TICK);
}
