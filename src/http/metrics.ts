/**
 * What does Prometheus read? One table: name, help, labels and where in the snapshot the value is. The values are set
 * when somebody scrapes; between scrapes this costs nothing.
 */
import { performance } from 'node:perf_hooks';
import { Counter, Gauge, Registry } from 'prom-client';
import {
  ENTRY_KINDS,
  type FrontsStats,
  type Percentiles,
  type PersistenceStats,
  REFRESH_CAUSES,
  type RefreshCounts,
  type StatsSnapshot,
  type StoreStats,
} from '../ports/inspection.js';
import type { SharedCacheStats } from '../ports/second-level.js';

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
  const samples = metric.samples(snapshot);
  // Without labels prom-client would say 0 of what is not there.
  if (labels.length === 0 && samples.length === 0) return;
  const configuration = { name, help, labelNames: [...labels], registers: [registry] };
  if (metric.kind === 'counter') {
    const counter = new Counter(configuration);
    for (const [values, value] of samples) counter.inc(values, value);
  } else {
    const gauge = new Gauge(configuration);
    for (const [values, value] of samples) gauge.set(values, value);
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
  {
    kind: 'gauge',
    name: 'rootwalk_query_hit_ratio_recent',
    help: 'Hits among hits and misses within the last minute and hour, 0 to 1.',
    labels: ['window'],
    samples: ({ queries }) => [
      [{ window: '1m' }, queries.lastMinute.hitRatio],
      [{ window: '1h' }, queries.lastHour.hitRatio],
    ],
  },
  tally('query_hits_by_type', 'Client queries answered without asking any server, by record type.', 'type', (s) =>
    foldUnnamedTypes(s.queries.hitsByType),
  ),
  tally('query_misses_by_type', 'Client queries for which servers had to be asked, by record type.', 'type', (s) =>
    foldUnnamedTypes(s.queries.missesByType),
  ),
  tally('replies_by_rcode', 'Replies to clients by response code.', 'rcode', ({ queries }) => queries.byRcode),
  tally('queries_by_transport', 'Client queries by transport.', 'transport', ({ queries }) => queries.byTransport),
  tally('replies_by_source', 'Replies to clients by where the answer came from.', 'source', (s) => s.queries.bySource),
  tally('notifies', 'NOTIFY messages (RFC 1996) by what became of them.', 'result', ({ queries }) => queries.byNotify),
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
  ofStore(
    'counter',
    'cache_rejected',
    'Entries not stored: too large, or no space for them.',
    (store) => store.rejected,
  ),
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
  tally('stale_answers', 'Links of answers past their TTL (RFC 8767), by reason.', 'reason', ({ stale }) => stale),
  refreshes('started', 'Resolutions begun that no client waited for, by cause.'),
  refreshes('succeeded', 'Resolutions without a client that brought an answer, by cause.'),
  refreshes('failed', 'Resolutions without a client that brought none, by cause.'),
  refreshes('refused', 'Resolutions without a client not begun, since too many were under way, by cause.'),
  gauge('refreshes_in_flight', 'Resolutions under way that no client waits for.', (s) => s.refreshes.inFlight),
  counter('refreshed_hits', 'Lookups that found an entry fetched ahead of time.', (s) => s.refreshes.hits),
  ofShared('counter', 'gets', 'Lookups sent to the shared cache.', (shared) => shared.gets),
  ofShared('counter', 'hits', 'Lookups the shared cache answered.', (shared) => shared.hits),
  ofShared('counter', 'skipped', 'Lookups left out to keep within the time for them.', (shared) => shared.skipped),
  ofShared('counter', 'restored', 'Entries taken over from other instances.', (shared) => shared.restored),
  ofShared('counter', 'writes', 'Entries written to the shared cache.', (shared) => shared.writes),
  ofShared('counter', 'dropped_writes', 'Entries that could not be written.', (shared) => shared.droppedWrites),
  ofShared('counter', 'refused_writes', 'Entries a full store refused.', (shared) => shared.refusedWrites),
  ofShared('counter', 'errors', 'Uses of the shared cache that failed.', (shared) => shared.errors),
  ofShared('counter', 'timeouts', 'Uses of the shared cache that took too long.', (shared) => shared.timeouts),
  ofShared('counter', 'bad_signatures', 'Values and messages not signed by us.', (shared) => shared.badSignatures),
  ofShared('counter', 'flushed_values', 'Values from before a flush, ignored.', (shared) => shared.flushedValues),
  ofShared('counter', 'flushes_sent', 'Flushes told to other instances.', (shared) => shared.flushesSent),
  ofShared('counter', 'flushes_received', 'Flushes heard from others.', (shared) => shared.flushesReceived),
  ofShared('counter', 'circuit_opens', 'Times the shared cache was given up.', (shared) => shared.circuitOpens),
  ofShared('gauge', 'usable', 'Whether the shared cache is in use: 1 yes, 0 no.', ({ circuit }) =>
    circuit === 'closed' ? 1 : 0,
  ),
  ofShared(
    'gauge',
    'latency_seconds',
    'Smoothed time of a lookup in the shared cache, in seconds.',
    (shared) => shared.latencyMs.smoothed / 1000,
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
  ofFronts('gauge', 'front_threads_serving', 'Front threads that read sockets.', ({ serving }) => serving),
  ofFronts('counter', 'front_restarts', 'Front threads started in place of another.', ({ restarts }) => restarts),
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

/** Of front threads; without any there is no sample. */
function ofFronts(kind: Metric['kind'], name: string, help: string, value: (fronts: FrontsStats) => number): Metric {
  const samples = ({ fronts }: StatsSnapshot): Sample[] => (fronts === undefined ? [] : [[{}, value(fronts)]]);
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

/** A figure of the resolutions without a client. */
function refreshes(figure: keyof RefreshCounts, help: string): Metric {
  const counts = ({ refreshes: { byCause } }: StatsSnapshot): Record<string, number> =>
    Object.fromEntries(REFRESH_CAUSES.map((cause) => [cause, byCause[cause][figure]]));
  return tally(`refreshes_${figure}`, help, 'cause', counts);
}

/** A figure of the shared cache; without one there is no sample. */
function ofShared(
  kind: Metric['kind'],
  name: string,
  help: string,
  value: (shared: SharedCacheStats) => number,
): Metric {
  const samples = ({ shared }: StatsSnapshot): Sample[] => (shared === null ? [] : [[{}, value(shared)]]);
  return { kind, name: `rootwalk_shared_${name}${kind === 'counter' ? '_total' : ''}`, help, labels: [], samples };
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
