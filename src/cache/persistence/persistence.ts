/**
 * How does the cache outlive the process? A snapshot now and then, a journal of what changed since, both loaded in the
 * background at the next start. The files: `snapshot`, `journal-N` with N rising, `*.broken` for what was damaged.
 *
 * A snapshot begins by beginning a journal, and names it; journals before it are removed once it is in place. So there
 * is never a moment at which the files together lack something. The disk may refuse at any time: that is logged once,
 * counted, tried again; answers go on. What may not happen is that something flushed comes back: where a flush cannot be
 * written down, the files are removed.
 */
import type { CacheDisk } from '../../ports/cache-disk.js';
import type { Cancel } from '../../ports/clock.js';
import type { CacheFilter, EntryKind, PersistenceStats } from '../../ports/inspection.js';
import type { Log } from '../../ports/log.js';
import type { Random } from '../../ports/random.js';
import type { Cache } from '../cache.js';
import type { Entry } from '../entry.js';
import type { Departure } from '../store.js';
import { diskTrouble } from './disk-trouble.js';
import { type FileHeader, HEADER_OCTETS, headerFrom } from './file-header.js';
import { filterToOctets } from './flush-log.js';
import { JOURNAL_NAME, Journal, type SyncPolicy } from './journal.js';
import { type Loaded, Loader, sequenceOf } from './load.js';
import { isWorthKeeping, SNAPSHOT_NAME, writeSnapshot } from './snapshot.js';

export interface PersistenceSettings {
  /** Seconds; false: only when the journal has grown too long. */
  readonly snapshotInterval: number | false;
  /** `off`: what is taken back is written down all the same, since snapshots hold it. */
  readonly journal: SyncPolicy | 'off';
}

export interface PersistenceParts {
  readonly cache: Cache;
  readonly disk: CacheDisk;
  readonly random: Random;
  readonly log: Log;
  readonly settings: PersistenceSettings;
  /** See file-header.ts. */
  readonly fingerprint: string;
  /** Seconds since 1970 by which signatures are judged. */
  readonly signatureTime: () => number;
}

/** Octets of a journal that are worth a snapshot, when that is not larger itself. */
const LONG_JOURNAL = 2 ** 25;
/** Milliseconds until a disk that refused is tried again; doubled each time it refuses again. */
const FIRST_RETRY = 10_000;
const LAST_RETRY = 3_600_000;
/** Milliseconds from a snapshot to one that is wanted at once. */
const BETWEEN_SNAPSHOTS = 1000;
/** Journals of processes that came to no snapshot, before one is worth it. */
const MANY_JOURNALS = 8;
/** Milliseconds that somebody waits for a disk that does nothing, of a flush and at the end. */
const LONGEST_SETTLING = 5000;
const LONGEST_STOPPING = 30_000;

/** Another process keeps its cache there. */
export class DiskTakenError extends Error {
  constructor(where: string) {
    super(`another rootwalk keeps its cache in ${where}`);
    this.name = 'DiskTakenError';
  }
}

export class Persistence {
  readonly #parts: PersistenceParts;
  readonly #journal: Journal;
  #fingerprint: string;
  /** Of the journal begun last; 0: none was. */
  #sequence = 0;
  #loader: Loader | undefined;
  #loading: Promise<void> = Promise.resolve();
  #loaded: PersistenceStats['loaded'];
  #snapshotting: Promise<void> | undefined;
  #snapshot: PersistenceStats['snapshot'];
  #snapshots = 0;
  /** Whether the next snapshot should not wait for its time. */
  #isWanted = false;
  #hasChanged = false;
  #isRestoring = false;
  /** Flushes that could not be written down, whose files are being removed. */
  #removing: Promise<void> = Promise.resolve();
  #failures = 0;
  #lastFailure: string | undefined;
  /** Undefined while the disk does what it is told. Milliseconds. */
  #retry: number | undefined;
  #timer: Cancel | undefined;
  #isStopped = false;

  constructor(parts: PersistenceParts) {
    this.#parts = parts;
    this.#fingerprint = parts.fingerprint;
    const { cache, disk, settings } = parts;
    const policy = settings.journal === 'off' ? 'everysec' : settings.journal;
    this.#journal = new Journal(disk, cache.clock, policy, {
      failed: (error, isFlushLost) => {
        this.#failed(error);
        if (isFlushLost) this.#forgetFiles();
      },
      fellBehind: () => this.#want(),
    });
    cache.store.watch({
      stored: (kind, key, entry) => this.#stored(kind, key, entry),
      gone: (kind, key, why) => this.#gone(kind, key, why),
    });
  }

  /**
   * Begins to keep, and to load what was kept before. Resolves once it has begun, or failed and will be tried again.
   * Rejects with DiskTakenError.
   */
  async start(): Promise<void> {
    try {
      if (!(await this.#parts.disk.claim())) throw new DiskTakenError(this.#parts.disk.where);
      const names = await this.#parts.disk.list();
      const journals = names.filter((name) => JOURNAL_NAME.test(name)).sort((a, b) => sequenceOf(a) - sequenceOf(b));
      const last = Math.max(await this.#snapshotSequence(), ...journals.map(sequenceOf), 0);
      this.#beginJournal(last);
      for (const [key, entry] of this.#parts.cache.store.entries()) {
        if (isWorthKeeping(key)) this.#journalSet(key, entry);
      }
      this.#loading = this.#load(journals);
    } catch (error) {
      if (error instanceof DiskTakenError) throw error;
      this.#failed(error);
    }
  }

  /** Resolves when loading has ended, for whatever reason. */
  get loaded(): Promise<void> {
    return this.#loading;
  }

  /**
   * What matches was flushed: none of it comes back. Entries go without a word for each then, unless the filter is about
   * what was believed of them.
   */
  flushed(filter: CacheFilter): void {
    const { security, ...byKey } = filter;
    this.#loader?.flushed(byKey);
    this.#hasChanged = true;
    // Keys do not tell of verdicts. Too much stays away of what is being loaded; the files are soon made anew.
    if (security !== undefined) this.#want();
    else if (this.#journal.isOpen) this.#journal.takeBack('flush', filterToOctets(filter));
    else this.#forgetFiles();
  }

  /** Resolves when what was flushed so far would not come back after a crash, or when the disk hangs. */
  settle(): Promise<void> {
    const settled = this.#journal.settle().then(() => this.#removing);
    return this.#within(LONGEST_SETTLING, settled);
  }

  /** From now on other things are believed; the cache was flushed where that matters. */
  retrust(fingerprint: string): void {
    if (fingerprint === this.#fingerprint) return;
    this.#fingerprint = fingerprint;
    if (this.#sequence === 0) return;
    this.#beginJournal(this.#sequence);
    this.#want();
  }

  /** Writes down what is left to write. */
  stop(): Promise<void> {
    this.#isStopped = true;
    this.#timer?.();
    return this.#within(LONGEST_STOPPING, this.#finish());
  }

  async #finish(): Promise<void> {
    const isWhole = this.#loaded !== undefined;
    await this.#loading;
    await this.#snapshotting;
    const { settings } = this.#parts;
    // A snapshot of a cache that was not loaded wholly would take the place of one that is whole.
    if (isWhole && settings.snapshotInterval !== false && this.#hasChanged) await this.#takeSnapshot();
    await this.#journal.close();
    await this.#removing;
    await this.#parts.disk.release();
  }

  /** `ms` milliseconds at most. */
  async #within(ms: number, promise: Promise<void>): Promise<void> {
    const { cache, disk, log } = this.#parts;
    let cancel: Cancel | undefined;
    const late = new Promise<void>((resolve) => {
      cancel = cache.clock.schedule(ms, () => {
        log.warn({ directory: disk.where }, `the disk of the kept cache does nothing for ${ms} ms`);
        resolve();
      });
    });
    await Promise.race([promise, late]);
    cancel?.();
  }

  stats(): PersistenceStats {
    return {
      directory: this.#parts.disk.where,
      state: this.#state(),
      loaded: this.#loaded,
      snapshot: this.#snapshot,
      snapshots: this.#snapshots,
      journalBytes: this.#journal.bytes,
      failures: this.#failures,
      lastFailure: this.#lastFailure,
    };
  }

  #state(): PersistenceStats['state'] {
    if (this.#isStopped) return 'stopped';
    if (this.#retry !== undefined) return 'failing';
    return this.#loader === undefined ? 'keeping' : 'loading';
  }

  #stored(_kind: EntryKind, key: string, entry: Entry): void {
    if (this.#isRestoring || !isWorthKeeping(key)) return;
    this.#hasChanged = true;
    this.#journalSet(key, entry);
  }

  #gone(kind: EntryKind, key: string, why: Departure): void {
    if (why !== 'flushed' || kind === 'failure') return;
    this.#loader?.forget(key);
    this.#hasChanged = true;
    this.#journal.takeBack('delete', Buffer.from(key, 'latin1'));
  }

  #journalSet(key: string, entry: Entry): void {
    if (this.#parts.settings.journal === 'off') return;
    this.#journal.set(key, entry, this.#parts.cache.clock);
    if (this.#journal.bytes > Math.max(LONG_JOURNAL, this.#snapshot?.bytes ?? 0)) this.#want();
  }

  #beginJournal(after: number): void {
    this.#sequence = after + 1;
    this.#journal.begin(this.#header('journal'));
  }

  #header(role: FileHeader['role']): FileHeader {
    return {
      role,
      sequence: this.#sequence,
      madeAt: this.#parts.cache.clock.wall(),
      salt: this.#parts.random.below(2 ** 32),
      fingerprint: this.#fingerprint,
    };
  }

  /** 0 when there is none. */
  async #snapshotSequence(): Promise<number> {
    const reader = await this.#parts.disk.open(SNAPSHOT_NAME).catch(() => undefined);
    if (reader === undefined) return 0;
    const start = Buffer.alloc(HEADER_OCTETS);
    const read = await reader.read(start, 0).finally(() => reader.close());
    const outcome = headerFrom(start.subarray(0, read));
    return outcome.kind === 'header' ? outcome.header.sequence : 0;
  }

  async #load(journals: readonly string[]): Promise<void> {
    const { cache, disk, log, signatureTime } = this.#parts;
    const begun = cache.clock.now();
    const loader = new Loader({
      cache,
      disk,
      log,
      fingerprint: this.#fingerprint,
      signatureTime,
      restore: (key, entry) => this.#restore(key, entry),
      isStopped: () => this.#isStopped,
    });
    this.#loader = loader;
    try {
      const loaded = await loader.load(journals);
      if (this.#isStopped) return;
      this.#isWanted ||= journals.length > MANY_JOURNALS;
      this.#afterLoading(loaded, Math.round(cache.clock.now() - begun));
    } catch (error) {
      this.#afterLoading({ ...NOTHING, isUnsound: true }, Math.round(cache.clock.now() - begun));
      this.#failed(error);
    } finally {
      this.#loader = undefined;
    }
  }

  #afterLoading({ isUnsound, ...loaded }: Loaded, ms: number): void {
    this.#loader = undefined;
    this.#loaded = { ...loaded, ms };
    this.#parts.log.info({ directory: this.#parts.disk.where, ...this.#loaded }, 'the kept cache is loaded');
    this.#isWanted ||= isUnsound;
    this.#plan();
  }

  #restore(key: string, entry: Entry): boolean {
    this.#isRestoring = true;
    try {
      return this.#parts.cache.restore(key, entry);
    } finally {
      this.#isRestoring = false;
    }
  }

  /** A snapshot soon. */
  #want(): void {
    if (this.#isWanted) return;
    this.#isWanted = true;
    if (this.#loaded !== undefined) this.#plan();
  }

  /** The next snapshot at its time. */
  #plan(): void {
    this.#timer?.();
    this.#timer = undefined;
    const delay = this.#delay();
    if (delay === undefined || this.#isStopped || this.#snapshotting !== undefined) return;
    this.#timer = this.#parts.cache.clock.schedule(delay, () => void this.#whenDue());
  }

  #delay(): number | undefined {
    const { snapshotInterval } = this.#parts.settings;
    if (this.#retry !== undefined) return this.#retry;
    if (this.#isWanted) return BETWEEN_SNAPSHOTS;
    return snapshotInterval === false ? undefined : snapshotInterval * 1000;
  }

  async #whenDue(): Promise<void> {
    if (this.#sequence === 0) return this.start().catch((error: unknown) => this.#failed(error));
    if (this.#retry === undefined && !this.#hasChanged && !this.#isWanted) return this.#plan();
    this.#snapshotting = this.#takeSnapshot();
    await this.#snapshotting;
    this.#snapshotting = undefined;
    this.#plan();
  }

  async #takeSnapshot(): Promise<void> {
    const { cache, disk, log } = this.#parts;
    const begun = cache.clock.now();
    this.#isWanted = false;
    this.#hasChanged = false;
    this.#beginJournal(this.#sequence);
    const sequence = this.#sequence;
    try {
      const source = { store: cache.store, clock: cache.clock, now: () => cache.now() };
      const { entries, octets } = await writeSnapshot(disk, this.#header('snapshot'), source);
      const ms = Math.round(cache.clock.now() - begun);
      this.#snapshot = { at: cache.clock.wall(), entries, bytes: octets, ms };
      this.#snapshots++;
      log.info({ directory: disk.where, entries, bytes: octets, ms }, 'the cache is written down');
      // Those before are complete then: none of them comes into being afterwards.
      await this.#journal.settle();
      await this.#removeJournalsBefore(sequence);
      this.#recovered();
    } catch (error) {
      this.#hasChanged = true;
      this.#failed(error);
    }
  }

  async #removeJournalsBefore(sequence: number): Promise<void> {
    const { disk } = this.#parts;
    for (const name of await disk.list()) {
      if (JOURNAL_NAME.test(name) && sequenceOf(name) < sequence) await disk.remove(name);
    }
  }

  /** What was flushed must not come back: without a way to say so, nothing may. */
  #forgetFiles(): void {
    const { disk, log } = this.#parts;
    this.#removing = this.#removing
      // One that is being written holds what was flushed, perhaps.
      .then(() => this.#snapshotting)
      .then(async () => {
        for (const name of await disk.list()) {
          if (name === SNAPSHOT_NAME || JOURNAL_NAME.test(name)) await disk.remove(name);
        }
        this.#want();
      })
      .catch((err: unknown) =>
        log.error({ err, directory: disk.where }, 'what was flushed is still in files of the kept cache: remove them'),
      );
  }

  #failed(error: unknown): void {
    const { disk, log } = this.#parts;
    const { because, wayOut } = diskTrouble(error);
    this.#failures++;
    this.#lastFailure = because;
    if (this.#retry === undefined) log.error({ directory: disk.where, because }, `the cache is not kept: ${wayOut}`);
    this.#retry = Math.min(LAST_RETRY, this.#retry === undefined ? FIRST_RETRY : this.#retry * 2);
    this.#plan();
  }

  #recovered(): void {
    if (this.#retry === undefined) return;
    // The journal may be what refused.
    if (!this.#journal.isOpen) return;
    this.#retry = undefined;
    this.#parts.log.info({ directory: this.#parts.disk.where }, 'the cache is kept again');
  }
}

const NOTHING = { entries: 0, outdated: 0, damage: 0 };
