/** HOT. What did clients ask and get? Counters that cost an addition each; names are put to them when someone looks. */
import { rcodeToText, typeToText } from '../dns/numbers.js';
import type { Resolution } from '../dns/resolution.js';
import { NOTIFY_RESULTS, type NotifyResult, type QueryStats } from '../ports/inspection.js';
import { LatencyHistogram } from './latency-histogram.js';

/** Types counted one by one: every assigned one below TA. The rest, and what has no mnemonic, is "other". */
const TYPES = 272;
/** Response codes counted one by one: every assigned one. */
const RCODES = 24;
const OTHER = 'other';

const TRANSPORTS = ['udp', 'tcp'] as const;
const SOURCES = ['cache', 'network', 'local', 'stale'] as const satisfies readonly Resolution['source'][];

/** One query answered. */
export interface AnsweredQuery {
  /** Undefined when the question could not be read. */
  readonly type: number | undefined;
  readonly rcode: number;
  /** Undefined when the edge itself answered: nothing was looked up. */
  readonly source: Resolution['source'] | undefined;
  /** Milliseconds from arrival to the reply. */
  readonly ms: number;
}

export class QueryStatsRecorder {
  // One place more than there are numbers: for all others.
  readonly #types = new Float64Array(TYPES + 1);
  readonly #rcodes = new Float64Array(RCODES + 1);
  readonly #transports = { udp: 0, tcp: 0 };
  readonly #sources = { cache: 0, network: 0, local: 0, stale: 0 };
  readonly #hit = new LatencyHistogram();
  readonly #miss = new LatencyHistogram();
  readonly #notifies: Record<NotifyResult, number> = zeroNotifies();
  #inFlight = 0;
  #dropped = 0;

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

  answered({ type, rcode, source, ms }: AnsweredQuery): void {
    if (type !== undefined) this.#types[type < TYPES ? type : TYPES]!++;
    this.#rcodes[rcode < RCODES ? rcode : RCODES]!++;
    if (source === undefined) return;
    this.#sources[source]++;
    (source === 'cache' || source === 'local' ? this.#hit : this.#miss).add(ms);
  }

  snapshot(): QueryStats {
    const sources = this.#sources;
    return {
      total: this.#transports.udp + this.#transports.tcp,
      // Stale answers are misses: someone was asked first (unbound issue 1115). Local data is neither.
      hits: sources.cache,
      misses: sources.network + sources.stale,
      inFlight: this.#inFlight,
      dropped: this.#dropped,
      byType: named(this.#types, typeToText, 'TYPE'),
      byRcode: named(this.#rcodes, rcodeToText, 'RCODE'),
      byTransport: Object.fromEntries(TRANSPORTS.map((name) => [name, this.#transports[name]])),
      bySource: Object.fromEntries(SOURCES.map((name) => [name, sources[name]])),
      byNotify: { ...this.#notifies },
      latencyMs: { hit: this.#hit.percentiles(), miss: this.#miss.percentiles() },
    };
  }
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
