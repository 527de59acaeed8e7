/**
 * Entries outside of this process, in files and in shared caches: a record of octets whose times are wall time, since
 * the monotonic clock of one process says nothing to another. Whoever keeps records guards them: they are trusted as
 * they come.
 *
 *   record: expires (6 octets, ms since 1970) stored (6) hits (4) key length (2) key packed
 */
import type { Octets } from '../dns/octets.js';
import type { Clock } from '../ports/clock.js';
import { Entry, TICKS } from './entry.js';
import { storedAtOf, withStoredAt } from './pack.js';

/** Of the record and of all packed forms; raised when any of them changes, so that no older one is misread. */
export const PORTABLE_VERSION = 1;

export interface PortableEntry {
  readonly key: string;
  readonly entry: Entry;
}

const HEAD = 18;
const MS_PER_TICK = 1000 / TICKS;

/** Milliseconds since 1970 from when on an entry is past its TTL. */
export function expiryOf(entry: Entry, clock: Clock): number {
  return wallOf(entry.expires, clock);
}

/** Milliseconds since 1970 when an entry was stored; by the clock of whoever stored it. */
export function storingOf(entry: Entry, clock: Clock): number {
  return wallOf(storedAtOf(entry.packed), clock);
}

export function recordFrom(key: string, entry: Entry, clock: Clock): Buffer {
  const record = Buffer.allocUnsafe(HEAD + key.length + entry.packed.length);
  record.writeUIntBE(wallOf(entry.expires, clock), 0, 6);
  record.writeUIntBE(wallOf(storedAtOf(entry.packed), clock), 6, 6);
  record.writeUInt32BE(Math.min(entry.hits, 0xffffffff), 12);
  record.writeUInt16BE(key.length, 16);
  record.latin1Write(key, HEAD);
  record.latin1Write(entry.packed, HEAD + key.length);
  return record;
}

/** When the entry of a whole record was stored, by the clock of whoever did, ms since 1970; it may be ahead of ours. */
export function storingIn(record: Buffer): number {
  return record.readUIntBE(6, 6);
}

/** Undefined when the octets end too early. An entry whose time is over comes back as such. */
export function entryFrom(record: Buffer, clock: Clock): PortableEntry | undefined {
  if (record.length < HEAD) return undefined;
  const keyEnd = HEAD + record.readUInt16BE(16);
  if (record.length <= keyEnd) return undefined;
  const packed = record.latin1Slice(keyEnd) as Octets;
  const stored = Math.min(ticksOf(record.readUIntBE(6, 6), clock), Math.floor(clock.now() / MS_PER_TICK));
  const entry = new Entry(withStoredAt(packed, stored), ticksOf(record.readUIntBE(0, 6), clock));
  entry.hits = record.readUInt32BE(12);
  return { key: record.latin1Slice(HEAD, keyEnd), entry };
}

/** Milliseconds since 1970 of a tick of the monotonic clock. */
export function wallOf(ticks: number, clock: Clock): number {
  return Math.max(0, Math.round(clock.wall() + ticks * MS_PER_TICK - clock.now()));
}

/** The tick of the monotonic clock at a moment in milliseconds since 1970; never a later one. */
export function ticksOf(wall: number, clock: Clock): number {
  return Math.floor((wall - clock.wall() + clock.now()) / MS_PER_TICK);
}
