/**
 * A flush as it is told to other instances, by message and in the log of the store. Signed, so that nobody else can make
 * instances forget; with a number of its own, so that each is heard once; with its time, which decides what it was about:
 * everything stored before.
 *
 *   log: (length (2 octets) record)*      record, signed: JSON { id, at, filter }
 */
import type { CacheFilter } from '../ports/inspection.js';
import type { KeySpace } from './key-space.js';

export interface FlushRecord {
  readonly id: string;
  /** Milliseconds since 1970, by the clock of whoever flushed. */
  readonly at: number;
  readonly filter: CacheFilter;
}

/** The longest record; a filter of two names takes some 1500 octets. */
const MAX_RECORD = 8192;
/** A log longer than that is replaced by one record: everything was flushed. */
export const MAX_LOG_OCTETS = 32_768;

export function flushToOctets(flush: FlushRecord, space: KeySpace): Buffer {
  return space.seal(space.channel, Buffer.from(JSON.stringify(flush), 'utf8'));
}

/** Undefined when it is not signed by one of us. */
export function flushFrom(octets: Buffer, space: KeySpace): FlushRecord | undefined {
  if (octets.length > MAX_RECORD) return undefined;
  const text = space.open(space.channel, octets);
  return text === undefined ? undefined : (JSON.parse(text.toString('utf8')) as FlushRecord);
}

/** A record as it is put behind others. */
export function framed(record: Buffer): Buffer {
  const length = Buffer.alloc(2);
  length.writeUInt16BE(record.length);
  return Buffer.concat([length, record]);
}

/** The records of a log, not opened. What does not make sense ends it. */
export function recordsOfLog(log: Buffer): Buffer[] {
  const records: Buffer[] = [];
  for (let at = 0; at + 2 <= log.length; ) {
    const end = at + 2 + log.readUInt16BE(at);
    if (end > log.length) break;
    records.push(log.subarray(at + 2, end));
    at = end;
  }
  return records;
}
