/**
 * Names that are fetched at start and again before their time is over, though nobody asks: those a network cannot do
 * without, whose first client of the morning should not wait either.
 *
 * Every name has a timer of its own. A visit walks the alias chain, fetches links that are missing or near their end
 * through RefreshAhead, which bounds it, and comes again when the first of them will be due.
 */

import type { Finding } from '../dns/finding.js';
import type { DomainName } from '../dns/name.js';
import { searchStart } from '../iterator/zone-cut.js';
import type { Cancel } from '../ports/clock.js';
import { isFailed, type RefreshAhead } from './refresh-ahead.js';
import type { ResolverParts } from './resolver-parts.js';

/** A name to be kept in the cache, for one type. */
export interface WarmName {
  readonly name: DomainName;
  readonly type: number;
}

/** Milliseconds between first visits: a thousand names do not set out at once. */
const SPREAD_MS = 20;
/** Milliseconds: shorter TTLs are not kept up with. Also when a link is fetched by others, or too many names are. */
const LEAST_PAUSE_MS = 5000;
/** Milliseconds after a failure (RFC 8767 §5: every half minute at most). */
const AFTER_FAILURE_MS = 30_000;
/** The longest a timer waits, ms: a day, below what setTimeout takes. */
const LONGEST_PAUSE_MS = 86_400_000;

export class KeepWarm {
  readonly #timers = new Map<WarmName, Cancel>();
  #closed = false;

  constructor(
    readonly parts: Pick<ResolverParts, 'cache' | 'clock' | 'localZones' | 'routedApex' | 'onBug'> & {
      readonly limits: { readonly aliases: number };
    },
    readonly refreshes: Pick<RefreshAhead, 'start'>,
    readonly names: readonly WarmName[],
  ) {}

  start(): void {
    for (const [index, name] of this.names.entries()) this.#visitIn(name, index * SPREAD_MS);
  }

  /** No visit begins any more. */
  close(): void {
    this.#closed = true;
    for (const cancel of this.#timers.values()) cancel();
    this.#timers.clear();
  }

  #visitIn(warm: WarmName, ms: number): void {
    if (this.#closed) return;
    const visit = (): void => {
      this.#timers.delete(warm);
      this.#visit(warm).then(
        (next) => this.#visitIn(warm, Math.min(next, LONGEST_PAUSE_MS)),
        (error: unknown) => this.parts.onBug(error),
      );
    };
    this.#timers.set(warm, this.parts.clock.schedule(ms, visit));
  }

  /** Milliseconds until the next visit. */
  async #visit({ name, type }: WarmName): Promise<number> {
    const { cache, localZones, routedApex, limits } = this.parts;
    let next = Number.POSITIVE_INFINITY;
    let at: DomainName | undefined = name;
    for (let links = 0; at !== undefined && links <= limits.aliases && !this.#closed; links++) {
      if (localZones.answer(at, type) !== undefined) break;
      const floor = routedApex(searchStart(at, type));
      const left = cache.dueIn(at, type, floor);
      if (left === undefined || left === 0) {
        const outcome = await this.refreshes.start(at, type, 'warm');
        if (outcome === undefined) return LEAST_PAUSE_MS;
        if (isFailed(outcome)) return AFTER_FAILURE_MS;
      }
      next = Math.min(next, cache.dueIn(at, type, floor) ?? 0);
      const finding: Finding | undefined = cache.find(at, type, floor)?.finding;
      at = finding?.kind === 'alias' ? finding.target : undefined;
    }
    return Math.max(next, LEAST_PAUSE_MS);
  }
}
