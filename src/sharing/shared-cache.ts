/**
 * The second level put together: asked on a local miss (fetch), filled by what is stored locally (a watcher of the store),
 * flushed with the local cache (flushed). Everything that goes wrong with the store is a miss, is counted, and costs a
 * question no more than its patience.
 *
 * Traps: what came from the store must not be written back; what a flush reached must not come back by a value that was
 * under way; a value is trusted once its signature is right, so the signature comes first.
 */
import type { Cache } from '../cache/cache.js';
import { Entry, kindOfKey } from '../cache/entry.js';
import { asShared, securityKindOf, storedAtOf } from '../cache/pack.js';
import { entryFrom, expiryOf, recordFrom, storingIn, storingOf } from '../cache/portable.js';
import type { Departure } from '../cache/store.js';
import type { DomainName } from '../dns/name.js';
import type { Clock } from '../ports/clock.js';
import type { CacheFilter, EntryKind } from '../ports/inspection.js';
import type { Log } from '../ports/log.js';
import type { LookupContext } from '../ports/lookup.js';
import type { Random } from '../ports/random.js';
import type { SecondLevel, SharedCacheStats } from '../ports/second-level.js';
import { type Counters, countLatency, zeroCounters } from './counters.js';
import { FlushLog } from './flush-log.js';
import { type EntryClass, KeySpace } from './key-space.js';
import { LONGEST_STAY_MS } from './known-flushes.js';
import { Link } from './link.js';
import { Patience } from './patience.js';
import type { OpenStore, StoreWrite } from './shared-store.js';
import { wantedKeys } from './wanted-keys.js';
import { WriteQueue } from './write-queue.js';

export interface SharedCacheParts {
  readonly cache: Cache;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly open: OpenStore;
  readonly prefix: string;
  readonly secret: string;
  /** Milliseconds a question waits for the store at most. */
  readonly timeout: number;
  /** The address as it may be printed. */
  readonly where: string;
  /** All that decides how data is had and judged; see trust-text.ts. */
  readonly trust: string;
  /** Flushes the local cache and what hangs on it, and tells no other instance. */
  readonly flushHere: (filter: CacheFilter) => void;
}

/** Failures are of this instance's network; denial records are worth little one by one. */
const SHARED_KINDS: ReadonlySet<EntryKind> = new Set(['rrset', 'nodata', 'nxdomain', 'delegation']);
/** Milliseconds an entry must have left to be worth writing. */
const LEAST_STAY_MS = 1000;
/** A value from so far ahead was stored by a clock that is wrong: how old it is cannot be told. ms */
const MAX_AHEAD_MS = 60_000;

export class SharedCache implements SecondLevel {
  readonly #parts: SharedCacheParts;
  readonly #counters: Counters = zeroCounters();
  readonly #link: Link;
  readonly #queue: WriteQueue;
  readonly #patience: Patience;
  readonly #flushes: FlushLog;
  #space: KeySpace;
  /** The local cache is being changed by what others said: they need not hear of it. */
  #isEcho = false;

  constructor(parts: SharedCacheParts) {
    const { clock, random, log, open, where, timeout } = parts;
    const counters = this.#counters;
    this.#parts = parts;
    this.#space = this.#spaceFor(parts.trust);
    const space = (): KeySpace => this.#space;
    this.#link = new Link({
      open,
      clock,
      log,
      counters,
      where,
      timeout,
      trialKey: () => space().flushMark,
      channel: () => space().channel,
      onMessage: (octets) => this.#flushes.hear(octets),
      onReady: () => void this.#flushes.back(),
    });
    const link = this.#link;
    this.#flushes = new FlushLog({ link, clock, random, counters, space, flushHere: (filter) => this.#echo(filter) });
    this.#queue = new WriteQueue(
      link,
      clock,
      counters,
      (key, entry) => this.#encode(key, entry),
      (key) => (['judged', 'unjudged'] as const).map((each) => this.#space.keyOf(key, each)),
    );
    this.#patience = new Patience(clock, timeout);
    parts.cache.store.watch({
      stored: (kind, key, entry) => this.#stored(kind, key, entry),
      gone: (kind, key, why) => this.#gone(kind, key, why),
    });
  }

  /** Connects, and from then on whenever the store is back. */
  start(): void {
    this.#link.start();
  }

  fetch(name: DomainName, type: number, context: LookupContext): Promise<boolean> | undefined {
    if (!this.#link.isUsable) return undefined;
    const left = this.#patience.left(context.budget);
    if (left < 1) {
      this.#counters.skipped++;
      return undefined;
    }
    return this.#fetch(name, type, context, left);
  }

  countAnswer(): void {
    this.#counters.hits++;
  }

  /** The local cache was flushed; values stored before are believed no more, here and elsewhere. */
  flushed(filter: CacheFilter): void {
    this.#queue.dropDeletes();
    this.#flushes.flushed(filter);
  }

  /** From now on things are judged and routed otherwise: what was shared so far is of no use. */
  retrust(trust: string): void {
    this.#space = this.#spaceFor(trust);
    this.#queue.clear();
    this.#flushes.forget();
    this.#link.renew();
  }

  stats(): SharedCacheStats {
    const { circuit } = this.#link;
    const { latencyMs, ...counters } = this.#counters;
    return {
      store: this.#parts.where,
      circuit: circuit.state,
      ...counters,
      circuitOpens: circuit.opens,
      latencyMs: { ...latencyMs },
    };
  }

  close(): void {
    this.#link.end();
  }

  #spaceFor(trust: string): KeySpace {
    return new KeySpace(this.#parts.prefix, trust, this.#parts.secret);
  }

  async #fetch(name: DomainName, type: number, context: LookupContext, left: number): Promise<boolean> {
    const { clock, cache } = this.#parts;
    const space = this.#space;
    const wanted = wantedKeys(cache, name, type);
    const places = wanted.flatMap((key) => placesFor(key, context).map((each) => space.keyOf(key, each)));
    const started = clock.now();
    this.#counters.gets++;
    this.#patience.begin(context.budget);
    try {
      const values = await this.#link.use(left, (store) => store.getMany([...places, space.flushMark]));
      if (values === undefined) return false;
      countLatency(this.#counters, clock.now() - started);
      const knowsFlushes = await this.#flushes.catchUp(values.at(-1), left - (clock.now() - started));
      if (!knowsFlushes || space !== this.#space) return false;
      const restored = places.filter((place, i) => this.#restore(place, values[i], space)).length;
      context.trace?.({ kind: 'step', step: 'shared cache', detail: `${restored} of ${places.length} keys are there` });
      return restored > 0;
    } finally {
      this.#patience.end(context.budget);
    }
  }

  /** Whether the value was taken over. */
  #restore(place: string, value: Buffer | undefined, space: KeySpace): boolean {
    if (value === undefined) return false;
    const { clock, cache } = this.#parts;
    const record = space.open(place, value);
    const there = record && entryFrom(record, clock);
    if (record === undefined || there === undefined) {
      this.#counters.badSignatures++;
      return false;
    }
    const { key, entry } = there;
    const stored = storingIn(record);
    const age = clock.wall() - stored;
    // Of flushes longer ago nothing is known any more.
    if (age < -MAX_AHEAD_MS || age > LONGEST_STAY_MS) return false;
    // Stale data is a matter of each instance: it has waited for the servers itself (RFC 8767 §5).
    if (entry.expires <= cache.now()) return false;
    if (this.#flushes.known.covers(key, stored)) {
      this.#counters.flushedValues++;
      return false;
    }
    this.#isEcho = true;
    const isKept = cache.restore(key, new Entry(asShared(entry.packed), entry.expires));
    this.#isEcho = false;
    if (isKept) this.#counters.restored++;
    return isKept;
  }

  #stored(kind: EntryKind, key: string, entry: Entry): void {
    if (this.#isEcho || !SHARED_KINDS.has(kind) || securityKindOf(entry.packed) === 'bogus') return;
    // What was stored before was brought back from a file: it had its time to be written.
    if (storedAtOf(entry.packed) === this.#parts.cache.now()) this.#queue.put(key, entry);
  }

  /** A zone cut that led nowhere must not come back with the next question. */
  #gone(kind: EntryKind, key: string, why: Departure): void {
    if (!this.#isEcho && why === 'flushed' && SHARED_KINDS.has(kind)) this.#queue.delete(key);
  }

  #encode(key: string, entry: Entry): StoreWrite | undefined {
    const { clock } = this.#parts;
    const left = expiryOf(entry, clock) - clock.wall();
    if (left < LEAST_STAY_MS || this.#flushes.known.covers(key, storingOf(entry, clock))) return undefined;
    const place = this.#space.keyOf(key, classOf(key, entry));
    const value = this.#space.seal(place, recordFrom(key, entry, clock));
    return { key: place, value, ttl: Math.min(left, LONGEST_STAY_MS) };
  }

  #echo(filter: CacheFilter): void {
    this.#isEcho = true;
    this.#parts.flushHere(filter);
    this.#isEcho = false;
  }
}

/** Zone cuts are never judged: what is below them is. */
function classOf(key: string, entry: Entry): EntryClass {
  const isJudged = kindOfKey(key) === 'delegation' || securityKindOf(entry.packed) !== 'unchecked';
  return isJudged ? 'judged' : 'unjudged';
}

/** Where a key may lie that this lookup could use. */
function placesFor(key: string, { validate }: LookupContext): readonly EntryClass[] {
  if (validate || kindOfKey(key) === 'delegation') return ['judged'];
  return ['unjudged', 'judged'];
}
