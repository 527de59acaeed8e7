/**
 * What does Prometheus read? One table: name, help, labels and where in the snapshot the value is. The values are set
 * when somebody scrapes; between scrapes this costs nothing.
 */
import { performance } from 'node:perf_hooks';
import { Counter, Gauge, Registry } from 'prom-client';
import {
  ENTRY_KINDS,
  type Percentiles,
  type PersistenceStats,
  type StatsSnapshot,
  type StoreStats,
} from '../ports/inspection.js';

/** The text exposition format, version 0.0.4. */
export const METRICS_CONTENT_TYPE = Registry.PROMETHEUS_CONTENT_TYPE;

type Labels = Readonly<Record<string, string>>;
type Sample = readonly [labels: Labels, value: number];

interface Metric {
  readonly kind: 'counter' | 'gauge';
  /** Ends in its unit, and in _total when it is a counter. */
  readonly name: string;
  readonly help: string;
  readonly labels: readonly string[];
  readonly samples: (snapshot: StatsSnapshot) => readonly Sample[];
}

/** The snapshot, and figures of this process, in the text exposition format. */
export async function renderMetrics(snapshot: StatsSnapshot): Promise<string> {
  const registry = new Registry();
  for (const metric of METRICS) fill(registry, metric, snapshot);
  return registry.metrics();
}

function fill(registry: Registry, metric: Metric, snapshot: StatsSnapshot): void {
  const { name, help, labels } = metric;
  const configuration = { name, help, labelNames: [...labels], registers: [registry] };
  if (metric.kind === 'counter') {
    const counter = new Counter(configuration);
    for (const [values, value] of metric.samples(snapshot)) counter.inc(values, value);
  } else {
    const gauge = new Gauge(configuration);
    for (const [values, value] of metric.samples(snapshot)) gauge.set(values, value);
  }
}

const METRICS: readonly Metric[] = [
  counter('queries', 'Client queries received.', ({ queries }) => queries.total),
  counter('query_hits', 'Client queries answered without asking any server.', ({ queries }) => queries.hits),
  counter('query_misses', 'Client queries for which servers had to be asked.', ({ queries }) => queries.misses),
  counter('queries_dropped', 'Client queries left unanswered on purpose.', ({ queries }) => queries.dropped),
  gauge('queries_in_flight', 'Client queries being resolved now.', ({ queries }) => queries.inFlight),
  gauge('query_hit_ratio', 'Hits among hits and misses since start, 0 to 1.', ({ hitRatio }) => hitRatio),
  tally('queries_by_type', 'Client queries by record type; types without a mnemonic are "other".', 'type', (s) =>
    foldUnnamedTypes(s.queries.byType),
  ),
  tally('replies_by_rcode', 'Replies to clients by response code.', 'rcode', ({ queries }) => queries.byRcode),
  tally('queries_by_transport', 'Client queries by transport.', 'transport', ({ queries }) => queries.byTransport),
  tally('replies_by_source', 'Replies to clients by where the answer came from.', 'source', (s) => s.queries.bySource),
  {
    kind: 'gauge',
    name: 'rootwalk_query_latency_seconds',
    help: 'Time from query to reply, in seconds, by outcome and quantile (1 is the slowest).',
    labels: ['outcome', 'quantile'],
    samples: ({ queries }) => [
      ...quantiles('hit', queries.latencyMs.hit),
      ...quantiles('miss', queries.latencyMs.miss),
    ],
  },
  ofStore('counter', 'cache_hits', 'Lookups that found a live entry.', (store) => store.hits),
  ofStore('counter', 'cache_misses', 'Lookups that found none.', (store) => store.misses),
  ofStore('counter', 'cache_stale_hits', 'Expired entries given out on purpose.', (store) => store.staleHits),
  ofStore('counter', 'cache_inserts', 'Entries stored.', (store) => store.inserts),
  ofStore('counter', 'cache_expirations', 'Entries dropped because their TTL was over.', (store) => store.expirations),
  ofStore('counter', 'cache_evictions', 'Entries dropped for want of space.', (store) => store.evictions),
  ofStore('counter', 'cache_flushed', 'Entries removed by request.', (store) => store.flushed),
  ofStore('gauge', 'cache_entries', 'Entries held.', (store) => store.entries),
  ofStore('gauge', 'cache_bytes', 'Memory charged to the entries, in octets.', (store) => store.bytes),
  gauge('cache_max_bytes', 'Memory the cache may use, in octets.', ({ cache }) => cache.maxBytes),
  tally(
    'cache_synthesised',
    'Answers made from validated NSEC and NSEC3 records (RFC 8198), by what they are.',
    'answer',
    ({ cache }) => cache.synthesised,
  ),
  counter('upstream_exchanges', 'Queries sent to other servers.', ({ upstream }) => upstream.exchanges),
  counter('upstream_timeouts', 'Queries to other servers without a reply in time.', (s) => s.upstream.timeouts),
  counter('upstream_unreachable', 'Queries the network refused to carry.', (s) => s.upstream.unreachable),
  counter('upstream_tcp_exchanges', 'Queries sent to other servers over TCP.', ({ upstream }) => upstream.overTcp),
  {
    kind: 'gauge',
    name: 'rootwalk_upstream_family_up',
    help: 'Whether an address family is in use towards other servers: 1 up, 0 down or off.',
    labels: ['family'],
    samples: ({ upstream }) => [
      [{ family: 'ipv4' }, upstream.ipv4 === 'up' ? 1 : 0],
      [{ family: 'ipv6' }, upstream.ipv6 === 'up' ? 1 : 0],
    ],
  },
  {
    kind: 'gauge',
    name: 'rootwalk_trust_anchors',
    help: 'Trust anchors by state (RFC 5011); static ones are configured and not followed.',
    labels: ['state'],
    samples: ({ trustAnchors }) => Object.entries(trustAnchors).map(([state, count]) => [{ state }, count]),
  },
  ofKept('gauge', 'kept_loaded_entries', 'Entries that came back at start.', (kept) => kept.loaded?.entries),
  ofKept(
    'gauge',
    'kept_load_seconds',
    'How long that took, in seconds.',
    (kept) => kept.loaded && kept.loaded.ms / 1000,
  ),
  ofKept('gauge', 'kept_damaged_places', 'Places of the files that could not be read.', (kept) => kept.loaded?.damage),
  ofKept('counter', 'kept_snapshots', 'Snapshots of the cache written.', (kept) => kept.snapshots),
  ofKept('gauge', 'kept_snapshot_entries', 'Entries in the latest snapshot.', (kept) => kept.snapshot?.entries),
  ofKept('gauge', 'kept_snapshot_bytes', 'Octets of the latest snapshot.', (kept) => kept.snapshot?.bytes),
  ofKept(
    'gauge',
    'kept_journal_bytes',
    'Octets of the journal since the latest snapshot.',
    (kept) => kept.journalBytes,
  ),
  ofKept('counter', 'kept_failures', 'Times the disk refused to keep the cache.', (kept) => kept.failures),
  gauge('uptime_seconds', 'Time since start, in seconds.', ({ uptimeSeconds }) => uptimeSeconds),
  {
    kind: 'gauge',
    name: 'rootwalk_build_info',
    help: 'Always 1; the version is in the label.',
    labels: ['version'],
    samples: ({ version }) => [[{ version }, 1]],
  },
  ofProcess('counter', 'process_cpu_user_seconds_total', 'User CPU time, in seconds.', () => cpuSeconds('user')),
  ofProcess('counter', 'process_cpu_system_seconds_total', 'System CPU time, in seconds.', () => cpuSeconds('system')),
  ofProcess('gauge', 'process_resident_memory_bytes', 'Resident memory, in octets.', ({ rss }) => rss),
  ofProcess('gauge', 'process_start_time_seconds', 'Start, in seconds since 1970.', (s) => s.startedAt / 1000),
  ofProcess('gauge', 'nodejs_heap_used_bytes', 'Heap in use, in octets.', () => process.memoryUsage().heapUsed),
  ofProcess('gauge', 'nodejs_heap_size_bytes', 'Heap reserved, in octets.', () => process.memoryUsage().heapTotal),
  ofProcess('gauge', 'nodejs_external_memory_bytes', 'Memory outside the heap.', () => process.memoryUsage().external),
  ofProcess(
    'gauge',
    'nodejs_eventloop_utilization_ratio',
    'Share of the time since start the event loop was busy, 0 to 1.',
    () => performance.eventLoopUtilization().utilization,
  ),
];

function counter(name: string, help: string, value: (snapshot: StatsSnapshot) => number): Metric {
  return ofProcess('counter', `rootwalk_${name}_total`, help, value);
}

function gauge(name: string, help: string, value: (snapshot: StatsSnapshot) => number): Metric {
  return ofProcess('gauge', `rootwalk_${name}`, help, value);
}

/** Of a cache kept over restarts: no sample where there is none, or no figure yet. */
function ofKept(
  kind: Metric['kind'],
  name: string,
  help: string,
  value: (kept: PersistenceStats) => number | undefined,
): Metric {
  const samples = ({ persistence }: StatsSnapshot): Sample[] => {
    const figure = persistence && value(persistence);
    return figure === undefined ? [] : [[{}, figure]];
  };
  return { kind, name: `rootwalk_${name}${kind === 'counter' ? '_total' : ''}`, help, labels: [], samples };
}

function ofProcess(
  kind: Metric['kind'],
  name: string,
  help: string,
  value: (snapshot: StatsSnapshot) => number,
): Metric {
  return { kind, name, help, labels: [], samples: (snapshot) => [[{}, value(snapshot)]] };
}

/** A counter for every key of a record. */
function tally(
  name: string,
  help: string,
  label: string,
  counts: (snapshot: StatsSnapshot) => Readonly<Record<string, number>>,
): Metric {
  const samples = (snapshot: StatsSnapshot): Sample[] =>
    Object.entries(counts(snapshot)).map(([key, value]) => [{ [label]: key }, value]);
  return { kind: 'counter', name: `rootwalk_${name}_total`, help, labels: [label], samples };
}

/** A figure of each store of the cache. */
function ofStore(kind: Metric['kind'], name: string, help: string, value: (store: StoreStats) => number): Metric {
  const samples = ({ cache }: StatsSnapshot): Sample[] =>
    ENTRY_KINDS.map((store) => [{ store }, value(cache.byKind[store])]);
  const suffix = kind === 'counter' ? '_total' : '';
  return { kind, name: `rootwalk_${name}${suffix}`, help, labels: ['store'], samples };
}

function quantiles(outcome: string, { p50, p90, p99, max }: Percentiles): Sample[] {
  const figures = { '0.5': p50, '0.9': p90, '0.99': p99, '1': max };
  return Object.entries(figures).map(([quantile, ms]) => [{ outcome, quantile }, ms / 1000]);
}

/** Clients choose the types: without this one of them could make 65 536 time series. */
function foldUnnamedTypes(byType: Readonly<Record<string, number>>): Record<string, number> {
  const folded: Record<string, number> = {};
  for (const [type, count] of Object.entries(byType)) {
    const key = /^TYPE\d+$/.test(type) ? 'other' : type;
    folded[key] = (folded[key] ?? 0) + count;
  }
  return folded;
}

function cpuSeconds(part: 'user' | 'system'): number {
  return process.cpuUsage()[part] / 1_000_000;
}
