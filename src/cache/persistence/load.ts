/**
 * What did an earlier process know that still holds? The snapshot, and over it what the journals say happened since.
 *
 * Journals are read first, for what they take back must not be given out even for a moment; then the snapshot goes into
 * the cache, then what is newer. Whatever the running cache learnt or was told to forget meanwhile stands. A frame of a
 * journal that cannot be read may have been a flush: unless its head says that it was an entry, or the file just ends
 * there, nothing from before it is believed.
 */
import type { CacheDisk, DiskReader } from '../../ports/cache-disk.js';
import type { CacheFilter } from '../../ports/inspection.js';
import type { Log } from '../../ports/log.js';
import type { Cache } from '../cache.js';
import { type Entry, kindOfKey } from '../entry.js';
import { entryFrom, type Instant, instantOf, type PortableEntry } from '../portable.js';
import { Slice } from '../slices.js';
import { type FileHeader, HEADER_OCTETS, headerFrom } from './file-header.js';
import { FlushLog, filterFromOctets } from './flush-log.js';
import type { FrameKind } from './frame.js';
import { JOURNAL_NAME } from './journal.js';
import { type FrameVisitor, nextTurn, readFrames } from './read-frames.js';
import { signaturesHold } from './signature-times.js';
import { isWorthKeeping, SNAPSHOT_NAME } from './snapshot.js';

export interface LoadParts {
  readonly disk: CacheDisk;
  readonly cache: Cache;
  readonly log: Log;
  /** What is believed now; of files made under anything else nothing is. */
  readonly fingerprint: string;
  /** Seconds since 1970 by which signatures are judged. */
  signatureTime(): number;
  /** Takes an entry back; whether it was kept. */
  restore(key: string, entry: Entry): boolean;
  isStopped(): boolean;
}

export interface Loaded {
  /** Entries that are in the cache again. */
  readonly entries: number;
  /** Over by time, signature or a later change, or known better by now. */
  readonly outdated: number;
  /** Places that could not be read. */
  readonly damage: number;
  /** Whether files were found that are not to be believed, wholly or in part: time for a new snapshot. */
  readonly isUnsound: boolean;
}

/** Place of the entries of the snapshot in the order of changes; those of the journals follow. */
const SNAPSHOT_AT = 0;
const NOW = Number.POSITIVE_INFINITY;

interface Change {
  /** Undefined: deleted. */
  readonly entry: Entry | undefined;
  readonly at: number;
}

export class Loader {
  readonly #flushes = new FlushLog();
  /** Deleted by the running cache. */
  readonly #forgotten = new Set<string>();
  readonly #changes = new Map<string, Change>();
  #at = SNAPSHOT_AT;
  /** Whether something took back all that was before the changes. */
  #isSnapshotVoid = false;
  #entries = 0;
  #outdated = 0;
  #damage = 0;
  #isUnsound = false;
  #instant: Instant;
  #signatureTime: number;
  readonly #now = (): number => this.parts.cache.clock.now();

  constructor(readonly parts: LoadParts) {
    this.#signatureTime = parts.signatureTime();
    this.#instant = instantOf(parts.cache.clock);
  }

  /** The running cache forgot what matches: it does not come back. */
  flushed(filter: CacheFilter): void {
    this.#flushes.add(filter, NOW);
  }

  /** The running cache forgot one entry. */
  forget(key: string): void {
    this.#forgotten.add(key);
  }

  /** Rejects when the disk does. `journals`: the names of those to be read, the oldest first. */
  async load(journals: readonly string[]): Promise<Loaded> {
    const snapshot = await this.#open(SNAPSHOT_NAME);
    try {
      const first = snapshot?.header.sequence ?? 0;
      for (const name of journals) if (sequenceOf(name) >= first) await this.#loadJournal(name);
      if (snapshot !== undefined && this.#isBelieved(snapshot) && !this.#isSnapshotVoid) {
        await this.#loadSnapshot(snapshot);
      }
    } finally {
      await snapshot?.reader.close();
    }
    await this.#loadChanges();
    return {
      entries: this.#entries,
      outdated: this.#outdated,
      damage: this.#damage,
      isUnsound: this.#isUnsound,
    };
  }

  async #loadSnapshot({ name, reader, header }: OpenFile): Promise<void> {
    const report = this.#damageReport(name);
    let promised: number | undefined;
    let found = 0;
    await readFrames(reader, HEADER_OCTETS, header.salt, {
      ...report.visitor,
      frame: (kind, payload) => {
        if (kind === 'end' && payload.length === 4) promised = payload.readUInt32BE(0);
        if (kind !== 'set') return;
        found++;
        const kept = this.#read(payload);
        if (kept !== undefined && !this.#changes.has(kept.key)) this.#restore(kept.key, kept.entry, SNAPSHOT_AT);
      },
      isStopped: () => this.#nextSlice(),
      now: this.#now,
    });
    if (promised !== found && !this.parts.isStopped()) report.visitor.cutOff(reader.size);
    await report.finish(found);
  }

  async #loadJournal(name: string): Promise<void> {
    const file = await this.#open(name);
    if (file === undefined) return;
    const believed = this.#isBelieved(file);
    const report = this.#damageReport(name);
    let found = 0;
    let mayHideFlush = false;
    let cutAt: number | undefined;
    try {
      await readFrames(file.reader, HEADER_OCTETS, file.header.salt, {
        frame: (kind, payload) => {
          if (mayHideFlush || cutAt !== undefined) this.#takeBack({});
          mayHideFlush = false;
          cutAt = undefined;
          this.#at++;
          found++;
          this.#change(kind, payload, believed);
        },
        damage: (offset, lost) => {
          report.visitor.damage(offset, lost);
          if (lost === undefined) mayHideFlush = true;
          else if (lost !== 'set') this.#takeBack({});
        },
        // What was being written when the process was killed, or the machine: flushes wait for the disk, it was none.
        cutOff: (offset) => {
          cutAt ??= offset;
        },
        isStopped: () => this.#nextSlice(),
        now: this.#now,
      });
    } finally {
      await file.reader.close();
    }
    if (mayHideFlush) this.#takeBack({});
    if (cutAt !== undefined) this.parts.log.info({ file: name, offset: cutAt }, 'the end of a journal was cut off');
    await report.finish(found);
  }

  #change(kind: FrameKind, payload: Buffer, believed: boolean): void {
    switch (kind) {
      case 'set': {
        const kept = believed ? this.#read(payload) : undefined;
        if (kept !== undefined) this.#changes.set(kept.key, { entry: kept.entry, at: this.#at });
        break;
      }
      case 'delete':
        this.#changes.set(payload.latin1Slice(), { entry: undefined, at: this.#at });
        break;
      case 'flush':
        this.#takeBack(filterFromOctets(payload));
        break;
      case 'header':
      case 'end':
        break;
      default:
        kind satisfies never;
    }
  }

  #takeBack(filter: CacheFilter): void {
    if (Object.keys(filter).length === 0) {
      this.#changes.clear();
      this.#isSnapshotVoid = true;
    }
    this.#flushes.add(filter, this.#at);
    this.#at++;
  }

  async #loadChanges(): Promise<void> {
    const slice = new Slice(this.#now);
    for (const [key, { entry, at }] of this.#changes) {
      if (slice.isOver()) {
        await nextTurn();
        if (this.#nextSlice()) return;
        slice.begin();
      }
      if (entry !== undefined) this.#restore(key, entry, at);
    }
  }

  #restore(key: string, entry: Entry, at: number): void {
    try {
      if (this.#mayReturn(key, entry, at) && this.parts.restore(key, entry)) this.#entries++;
      else this.#outdated++;
    } catch {
      // Sound to its checksum and yet not an entry: nothing of ours wrote it.
      this.#damage++;
      this.#isUnsound = true;
    }
  }

  #mayReturn(key: string, entry: Entry, at: number): boolean {
    if (this.#flushes.covers(key, at) || this.#forgotten.has(key)) return false;
    return kindOfKey(key) === 'delegation' || signaturesHold(key, entry, this.#signatureTime);
  }

  #read(payload: Buffer): PortableEntry | undefined {
    const kept = entryFrom(payload, this.#instant);
    if (kept === undefined || kindOfKey(kept.key) === undefined || !isWorthKeeping(kept.key)) return undefined;
    return kept;
  }

  /** Whether to stop; time is read once for each slice. */
  #nextSlice(): boolean {
    this.#instant = instantOf(this.parts.cache.clock);
    this.#signatureTime = this.parts.signatureTime();
    return this.parts.isStopped();
  }

  #isBelieved({ name, header }: OpenFile): boolean {
    if (header.fingerprint === this.parts.fingerprint) return true;
    if (!this.#isUnsound) this.#sayOtherTrust(name);
    this.#isUnsound = true;
    return false;
  }

  #sayOtherTrust(file: string): void {
    this.parts.log.warn(
      { file },
      'the kept cache is not loaded: it was made under other trust anchors, another dnssec.mode or other zones',
    );
  }

  /** Undefined when there is none, or none to be believed. */
  async #open(name: string): Promise<OpenFile | undefined> {
    const isJournal = name !== SNAPSHOT_NAME;
    const reader = await this.parts.disk.open(name).catch((error: unknown) => {
      if (isJournal) this.#takeBack({});
      this.#foreign(name, (error as Error).message);
      return undefined;
    });
    if (reader === undefined) return undefined;
    const start = Buffer.alloc(HEADER_OCTETS);
    const outcome = headerFrom(start.subarray(0, await reader.read(start, 0)));
    if (outcome.kind === 'header') return { name, reader, header: outcome.header };
    await reader.close();
    if (outcome.kind === 'cut-off' && isJournal) return undefined;
    if (isJournal) this.#takeBack({});
    if (outcome.kind === 'other-version') this.#foreign(name, `it was written by another version of rootwalk`);
    else await this.#keepBroken(name, 0, 0);
    return undefined;
  }

  #foreign(file: string, because: string): void {
    this.#isUnsound = true;
    this.parts.log.warn({ file, because }, 'a file of the kept cache is not loaded');
  }

  #damageReport(name: string): DamageReport {
    let first: number | undefined;
    const note = (offset: number): void => {
      this.#damage++;
      first ??= offset;
    };
    return {
      visitor: { damage: note, cutOff: note },
      finish: async (salvaged) => {
        if (first !== undefined) await this.#keepBroken(name, first, salvaged);
      },
    };
  }

  /** One of each kind is kept aside, the last. */
  async #keepBroken(file: string, offset: number, salvaged: number): Promise<void> {
    this.#isUnsound = true;
    if (offset === 0) this.#damage++;
    const { disk, log } = this.parts;
    const aside = JOURNAL_NAME.test(file) ? 'journal.broken' : `${file}.broken`;
    const kept = await disk.keepAs(file, aside).then(
      () => aside,
      () => undefined,
    );
    log.error({ directory: disk.where, file, offset, salvaged, kept }, 'a file of the kept cache is damaged');
  }
}

interface OpenFile {
  readonly name: string;
  readonly reader: DiskReader;
  readonly header: FileHeader;
}

interface DamageReport {
  readonly visitor: Pick<FrameVisitor, 'damage' | 'cutOff'>;
  finish(salvaged: number): Promise<void>;
}

export function sequenceOf(journal: string): number {
  return Number(JOURNAL_NAME.exec(journal)?.[1] ?? 0);
}
