/** HOT. What did clients ask and get? Counters that cost an addition each; names are put to them when someone looks. */
import { rcodeToText, typeToText } from '../dns/numbers.js';
import type { Resolution } from '../dns/resolution.js';
import { NOTIFY_RESULTS, type NotifyResult, type QueryOutcomes, type QueryStats } from '../ports/inspection.js';
import { LatencyHistogram } from './latency-histogram.js';
import { RecentOutcomes } from './recent-outcomes.js';

/** Types counted one by one: every assigned one below TA. The rest, and what has no mnemonic, is "other". */
export const TYPES = 272;
/** Response codes counted one by one: every assigned one. */
export const RCODES = 24;
const OTHER = 'other';

const TRANSPORTS = ['udp', 'tcp'] as const;
const SOURCES = [
  'cache',
  'network',
  'local',
  'stale',
  'synthesised',
  'shared',
] as const satisfies readonly Resolution['source'][];
const SOURCE_AT = Object.fromEntries(SOURCES.map((source, at) => [source, at])) as Record<Resolution['source'], number>;

/** A stale answer is a miss: someone was asked first (unbound issue 1115), as is one of the shared cache. Local is neither. */
const HIT_SOURCES: readonly Resolution['source'][] = ['cache', 'synthesised'];
const MISS_SOURCES: readonly Resolution['source'][] = ['network', 'stale', 'shared'];

/** One query answered. */
export interface AnsweredQuery {
  /** Undefined when the question could not be read. */
  readonly type: number | undefined;
  readonly rcode: number;
  /** Undefined when the edge itself answered: nothing was looked up. */
  readonly source: Resolution['source'] | undefined;
  /** Milliseconds from arrival to the reply. */
  readonly ms: number;
  /** Clock.now(); read only where there is a source. */
  readonly now: number;
}

/** What counts the replies that lay ready. */
export interface ReadyTally {
  /** One was sent. */
  answeredReady(type: number, rcode: number): void;
}

/** What one who answers beside this one counted since the last time: replies that lay ready, and silence. */
export interface CountedElsewhere {
  /** By number; of each the last place is for all others. */
  readonly types: Float64Array;
  readonly rcodes: Float64Array;
  readonly latency: { readonly before: Float64Array; readonly after: Float64Array };
  readonly answered: number;
  readonly dropped: number;
}

export class QueryStatsRecorder implements ReadyTally {
  // One place more than there are numbers: for all others.
  readonly #types = new Float64Array(TYPES + 1);
  readonly #rcodes = new Float64Array(RCODES + 1);
  readonly #transports = { udp: 0, tcp: 0 };
  readonly #sources = new Float64Array(SOURCES.length);
  readonly #hitTypes = new Float64Array(TYPES + 1);
  readonly #missTypes = new Float64Array(TYPES + 1);
  readonly #minute = new RecentOutcomes(60, 1000, SOURCES.length);
  readonly #hour = new RecentOutcomes(60, 60_000, SOURCES.length);
  #latest = 0;
  readonly #hit = new LatencyHistogram();
  readonly #miss = new LatencyHistogram();
  readonly #notifies: Record<NotifyResult, number> = zeroNotifies();
  #inFlight = 0;
  #dropped = 0;
  readonly #gather = new Set<() => void>();

  /** A message came, whatever becomes of it. */
  received(transport: 'udp' | 'tcp'): void {
    this.#transports[transport]++;
  }

  /** It was left unanswered on purpose. */
  dropped(): void {
    this.#dropped++;
  }

  /** A question began to wait for the network; `stopped` must follow. */
  started(): void {
    this.#inFlight++;
  }

  stopped(): void {
    this.#inFlight--;
  }

  /** A NOTIFY was answered; `answered` must tell of its reply. */
  notified(result: NotifyResult): void {
    this.#notifies[result]++;
  }

  answered({ type, rcode, source, ms, now }: AnsweredQuery): void {
    const typeAt = type === undefined || type >= TYPES ? TYPES : type;
    if (type !== undefined) this.#types[typeAt]!++;
    this.#rcodes[rcode < RCODES ? rcode : RCODES]!++;
    if (source === undefined) return;
    const at = SOURCE_AT[source];
    this.#sources[at]!++;
    this.#minute.add(now, at);
    this.#hour.add(now, at);
    this.#latest = now;
    if (source === 'cache' || source === 'synthesised') this.#hitTypes[typeAt]!++;
    else if (source !== 'local') this.#missTypes[typeAt]!++;
    (source === 'cache' || source === 'synthesised' || source === 'local' ? this.#hit : this.#miss).add(ms);
  }

  /** One that lay ready was sent; how long that took is told by readyTook. */
  answeredReady(type: number, rcode: number): void {
    const typeAt = type >= TYPES ? TYPES : type;
    this.#types[typeAt]!++;
    this.#hitTypes[typeAt]!++;
    this.#rcodes[rcode]!++;
  }

  /** Each of `count` of them took at most `ms`, which is what all took together until `now` (Clock.now()). */
  readyTook(ms: number, count: number, now: number): void {
    this.#cacheAnswered(count, now);
    this.#hit.add(ms, count);
  }

  /** Over UDP, and counted nowhere else. */
  countedElsewhere({ types, rcodes, latency, answered, dropped }: CountedElsewhere, now: number): void {
    for (const [at, count] of types.entries()) {
      this.#types[at]! += count;
      this.#hitTypes[at]! += count;
    }
    for (const [at, count] of rcodes.entries()) this.#rcodes[at]! += count;
    this.#transports.udp += answered + dropped;
    this.#dropped += dropped;
    this.#hit.addBetween(latency.before, latency.after);
    if (answered > 0) this.#cacheAnswered(answered, now);
  }

  /** `gather` is called before each look at the counts, and tells what is counted elsewhere; undone by the result. */
  gatheredBy(gather: () => void): () => void {
    this.#gather.add(gather);
    return () => void this.#gather.delete(gather);
  }

  #cacheAnswered(count: number, now: number): void {
    this.#sources[SOURCE_AT.cache]! += count;
    this.#minute.add(now, SOURCE_AT.cache, count);
    this.#hour.add(now, SOURCE_AT.cache, count);
    this.#latest = now;
  }

  /** @param now Clock.now(): when the last minute and hour end; the last answer, unless given */
  snapshot(now: number = 0): QueryStats {
    for (const gather of this.#gather) gather();
    return this.#snapshotAt(Math.max(now, this.#latest));
  }

  #snapshotAt(now: number): QueryStats {
    const { bySource, hits, misses } = outcomesOf([...this.#sources]);
    return {
      total: this.#transports.udp + this.#transports.tcp,
      hits,
      misses,
      inFlight: this.#inFlight,
      dropped: this.#dropped,
      byType: named(this.#types, typeToText, 'TYPE'),
      byRcode: named(this.#rcodes, rcodeToText, 'RCODE'),
      byTransport: Object.fromEntries(TRANSPORTS.map((name) => [name, this.#transports[name]])),
      bySource,
      hitsByType: named(this.#hitTypes, typeToText, 'TYPE'),
      missesByType: named(this.#missTypes, typeToText, 'TYPE'),
      lastMinute: outcomesOf(this.#minute.sums(now)),
      lastHour: outcomesOf(this.#hour.sums(now)),
      byNotify: { ...this.#notifies },
      latencyMs: { hit: this.#hit.percentiles(), miss: this.#miss.percentiles() },
    };
  }
}

/** @param counts in the order of SOURCES */
function outcomesOf(counts: readonly number[]): QueryOutcomes {
  const sum = (sources: readonly Resolution['source'][]): number =>
    sources.reduce((total, source) => total + counts[SOURCE_AT[source]]!, 0);
  const [hits, misses] = [sum(HIT_SOURCES), sum(MISS_SOURCES)];
  return {
    bySource: Object.fromEntries(SOURCES.map((source, at) => [source, counts[at]!])),
    hits,
    misses,
    hitRatio: hits + misses === 0 ? 0 : hits / (hits + misses),
  };
}

function zeroNotifies(): Record<NotifyResult, number> {
  return Object.fromEntries(NOTIFY_RESULTS.map((result) => [result, 0])) as Record<NotifyResult, number>;
}

/** What was counted at least once by mnemonic; numbers without one (their text begins with `unnamed`) are "other". */
function named(counts: Float64Array, textOf: (value: number) => string, unnamed: string): Record<string, number> {
  const record: Record<string, number> = {};
  counts.forEach((count, value) => {
    if (count === 0) return;
    const text = value === counts.length - 1 ? OTHER : textOf(value);
    const key = text.startsWith(unnamed) ? OTHER : text;
    record[key] = (record[key] ?? 0) + count;
  });
  return record;
}
