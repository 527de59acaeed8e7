/**
 * What happens here when somebody says that a zone has changed (RFC 1996)? What is cached at and below it is flushed, and
 * the next question fetches it: a resolver has no copy of the zone that could be brought up to date.
 *
 * All a NOTIFY can do is cost: fetching again, and a look at the whole cache for each flush. It may be forged, over UDP at
 * least. So a zone is flushed at most once in an interval; what comes before that is done when it is over, never left out;
 * between two flushes, whatever their zones, there is time for nine times as much other work; the zones remembered are
 * bounded; and no zone as wide as a top-level domain is flushed, unless it is routed (nobody transfers those from here).
 *
 * A server that lags behind the one that sent the NOTIFY may still give old data afterwards. It sends a NOTIFY of its own
 * as soon as it has the new (RFC 1996 §3.5), which is the reason for flushing once more at the end of the interval.
 */
import { type DomainName, labelCount, nameToText } from '../dns/name.js';
import type { Soa } from '../dns/rrset.js';
import type { Cancel, Clock } from '../ports/clock.js';
import type { Log } from '../ports/log.js';
import type { NotifyOutcome } from '../ports/notify.js';

interface Parts {
  readonly clock: Clock;
  readonly log: Log;
  /** Milliseconds between two flushes of one zone. */
  readonly interval: () => number;
  /** Everything at or below that name goes; how many entries. */
  readonly flush: (suffix: DomainName) => Promise<number>;
  /** Whether all that is cached of the zone is of that version. */
  readonly isOfVersion: (zone: DomainName, soa: Soa) => boolean;
  /** Whether the name is the apex of a stub or forward zone. */
  readonly isRouted: (zone: DomainName) => boolean;
}

/** Milliseconds between two flushes at least, and that many times what one took: nine tenths of the time for others. */
const SPACING = 100;
const REST = 9;
/** Zones flushed lately or waiting for it. */
const MAX_ZONES = 1024;
/** Labels of a zone that is not routed: example.com, not com. */
const LEAST_LABELS = 2;

interface Recent {
  /** Clock.now() of the last flush. */
  flushedAt: number;
  /** What is to be flushed for: the version hinted at last, undefined when there was no hint. */
  waiting: { readonly soa: Soa | undefined } | undefined;
}

export class ZoneChanges {
  readonly #parts: Parts;
  readonly #zones = new Map<DomainName, Recent>();
  /** Before this moment nothing more is flushed. */
  #restUntil = Number.NEGATIVE_INFINITY;
  /** The last flush gives memory back still: nothing more is flushed meanwhile. */
  #isFlushing = false;
  #timer: Cancel | undefined;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  notified(zone: DomainName, soa: Soa | undefined): NotifyOutcome {
    if (labelCount(zone) < LEAST_LABELS && !this.#parts.isRouted(zone)) return 'too-wide';
    const recent = this.#recentOf(zone);
    if (recent === undefined) return 'crowded';
    recent.waiting = { soa };
    if (!this.#isFlushing && this.#dueAt(recent) <= this.#parts.clock.now()) return this.#run(zone, recent);
    this.#schedule();
    return 'later';
  }

  /** What waits is not flushed any more. */
  close(): void {
    this.#timer?.();
    this.#timer = undefined;
    this.#zones.clear();
  }

  #recentOf(zone: DomainName): Recent | undefined {
    const known = this.#zones.get(zone);
    if (known !== undefined) return known;
    if (this.#zones.size >= MAX_ZONES) this.#forgetOld();
    if (this.#zones.size >= MAX_ZONES) return undefined;
    const recent: Recent = { flushedAt: Number.NEGATIVE_INFINITY, waiting: undefined };
    this.#zones.set(zone, recent);
    return recent;
  }

  #forgetOld(): void {
    const now = this.#parts.clock.now();
    for (const [zone, recent] of this.#zones) {
      if (recent.waiting === undefined && this.#dueAt(recent) <= now) this.#zones.delete(zone);
    }
  }

  #dueAt({ flushedAt }: Recent): number {
    return Math.max(flushedAt + this.#parts.interval(), this.#restUntil);
  }

  #run(zone: DomainName, recent: Recent): 'flushed' | 'same' {
    const { clock, log, flush, isOfVersion } = this.#parts;
    const soa = recent.waiting?.soa;
    recent.waiting = undefined;
    const started = clock.now();
    recent.flushedAt = started;
    // RFC 1996 §3.7, §3.8: the hint changes nothing but this, that there may be no work to do.
    const isSame = soa !== undefined && isOfVersion(zone, soa);
    const removal = isSame ? undefined : flush(zone);
    this.#restSince(started);
    if (removal === undefined) return 'same';
    this.#isFlushing = true;
    void removal
      .then((removed) => {
        log.info({ zone: nameToText(zone), serial: soa?.serial, removed }, 'flushed a zone for NOTIFY');
      })
      .finally(() => {
        this.#isFlushing = false;
        this.#restSince(started);
        this.#schedule();
      });
    return 'flushed';
  }

  #restSince(started: number): void {
    const ended = this.#parts.clock.now();
    this.#restUntil = ended + Math.max(SPACING, REST * (ended - started));
  }

  /** One timer for all that wait, for the one that is due first. */
  #schedule(): void {
    this.#timer?.();
    this.#timer = undefined;
    const next = this.#nextDue();
    if (next === undefined) return;
    const [zone, recent] = next;
    const delay = Math.max(0, this.#dueAt(recent) - this.#parts.clock.now());
    this.#timer = this.#parts.clock.schedule(delay, () => {
      this.#timer = undefined;
      if (this.#isFlushing) this.#restUntil = this.#parts.clock.now() + SPACING;
      else this.#run(zone, recent);
      this.#schedule();
    });
  }

  #nextDue(): [DomainName, Recent] | undefined {
    let first: [DomainName, Recent] | undefined;
    for (const entry of this.#zones) {
      const isFirst = first === undefined || entry[1].flushedAt < first[1].flushedAt;
      if (entry[1].waiting !== undefined && isFirst) first = entry;
    }
    return first;
  }
}
