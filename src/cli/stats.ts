/** rootwalk stats: what has the running server done so far, or what is it doing now? */
import { setTimeout as sleep } from 'node:timers/promises';
import {
  ENTRY_KINDS,
  type Percentiles,
  type QueryOutcomes,
  REFRESH_CAUSES,
  type RefreshCause,
  type RefreshCounts,
  STALE_REASONS,
  type StaleReason,
  type StatsSnapshot,
} from '../ports/inspection.js';
import { CommandError, EXIT_DONE, type ExitCode } from './exit.js';
import { durationText, octetsText, percentText, synthesisedText } from './figures.js';
import { type HttpClient, httpClient, type ServerOptions } from './http-client.js';
import { keptPairs } from './kept-figures.js';
import { writePairs } from './table.js';
import { type Terminal, writeJson } from './terminal.js';

export interface StatsOptions extends ServerOptions {
  readonly watch?: boolean;
  readonly json?: boolean;
}

/** Milliseconds between two looks. */
const WATCH_INTERVAL = 2_000;
const CLEAR_SCREEN = '\u001b[H\u001b[2J';

/** With --watch until SIGINT. */
export async function stats(options: StatsOptions, terminal: Terminal): Promise<ExitCode> {
  const client = await httpClient(options);
  if (!options.watch) {
    show(await fetchStats(client), undefined, options, terminal);
    return EXIT_DONE;
  }
  const interrupted = new AbortController();
  const interrupt = (): void => interrupted.abort();
  process.once('SIGINT', interrupt);
  try {
    await watch(client, options, terminal, interrupted.signal, WATCH_INTERVAL);
  } finally {
    process.off('SIGINT', interrupt);
  }
  return EXIT_DONE;
}

/** Shows the figures again and again, rates since the look before, until `ended` is aborted. `interval` in ms. */
export async function watch(
  client: HttpClient,
  options: StatsOptions,
  terminal: Terminal,
  ended: AbortSignal,
  interval: number,
): Promise<void> {
  let previous: StatsSnapshot | undefined;
  while (!ended.aborted) {
    const snapshot = await fetchStats(client);
    if (terminal.isTty && !options.json) terminal.out(CLEAR_SCREEN);
    show(snapshot, previous, options, terminal);
    previous = snapshot;
    await sleep(interval, undefined, { signal: ended }).catch(() => undefined);
  }
}

/** The figures of a running server. Throws CommandError. */
export async function fetchStats(client: HttpClient): Promise<StatsSnapshot> {
  const fetched = await client.get<StatsSnapshot>('/stats', 'queries');
  if (fetched.kind === 'ok') return fetched.body;
  throw new CommandError(fetched.problem.error, fetched.problem.hint);
}

function show(
  snapshot: StatsSnapshot,
  previous: StatsSnapshot | undefined,
  options: StatsOptions,
  terminal: Terminal,
): void {
  if (options.json) {
    // One line for each look: a stream of them can be read line by line.
    if (options.watch) terminal.out(`${JSON.stringify(snapshot)}\n`);
    else writeJson(terminal, snapshot);
    return;
  }
  writePairs(terminal, [
    ...queryPairs(snapshot, previous),
    ...cachePairs(snapshot),
    ...freshnessPairs(snapshot),
    ...sharedPairs(snapshot),
    ...keptPairs(snapshot),
    ...upstreamPairs(snapshot, previous),
  ]);
  if (options.watch && !terminal.isTty) terminal.out('\n');
}

type Pair = readonly [string, string | number];

function queryPairs(snapshot: StatsSnapshot, previous: StatsSnapshot | undefined): Pair[] {
  const { queries } = snapshot;
  return [
    ['version', snapshot.version],
    ['up', durationText(snapshot.uptimeSeconds)],
    ['memory', octetsText(snapshot.rss)],
    ['threads', threadsText(snapshot)],
    ['queries', withRate(snapshot, previous, ({ queries: q }) => q.total)],
    ['hit ratio', `${percentText(snapshot.hitRatio)} (${queries.hits} hits, ${queries.misses} misses)`],
    ['last minute', outcomesText(queries.lastMinute)],
    ['last hour', outcomesText(queries.lastHour)],
    ['hits by type', ratiosText(queries.hitsByType, queries.missesByType)],
    ['in flight', queries.inFlight],
    ['dropped', queries.dropped],
    ['latency of hits', latencyText(queries.latencyMs.hit)],
    ['latency of misses', latencyText(queries.latencyMs.miss)],
    ['types', tallyText(queries.byType)],
    ['rcodes', tallyText(queries.byRcode)],
    ['transports', tallyText(queries.byTransport)],
    ['sources', tallyText(queries.bySource)],
    ['notifies', tallyText(queries.byNotify)],
  ];
}

function threadsText({ fronts }: StatsSnapshot): string {
  if (fronts === undefined) return 'one for everything';
  const { threads, serving, restarts } = fronts;
  const text = `${serving} of ${threads} answer from what lies ready, one does the rest`;
  return restarts === 0 ? text : `${text}; ${restarts} started anew`;
}

function cachePairs({ cache }: StatsSnapshot): Pair[] {
  const sum = (figure: 'entries' | 'bytes' | 'evictions' | 'expirations'): number =>
    ENTRY_KINDS.reduce((total, kind) => total + cache.byKind[kind][figure], 0);
  return [
    ['cache', `${sum('entries')} entries, ${octetsText(sum('bytes'))} of ${octetsText(cache.maxBytes)}`],
    ['made from NSEC', synthesisedText(cache.synthesised)],
    ['cache left', `${sum('expirations')} expired, ${sum('evictions')} evicted for want of space`],
  ];
}

function freshnessPairs({ stale, refreshes }: StatsSnapshot): Pair[] {
  const { byCause, inFlight, hits } = refreshes;
  return [
    ['stale', STALE_REASONS.map((reason) => `${stale[reason]} ${STALE_WORDS[reason]}`).join(', ')],
    ...REFRESH_CAUSES.map((cause): Pair => [REFRESH_WORDS[cause], refreshText(byCause[cause])]),
    ['fetched ahead', `${hits} hits on it, ${inFlight} under way`],
  ];
}

const STALE_WORDS: Readonly<Record<StaleReason, string>> = {
  timeout: 'after waiting',
  failure: 'after a failure',
  backoff: 'soon after one',
  atOnce: 'at once',
};
const REFRESH_WORDS: Readonly<Record<RefreshCause, string>> = {
  prefetch: 'prefetched',
  stale: 'after stale',
  warm: 'kept warm',
};

function refreshText({ started, succeeded, failed, refused }: RefreshCounts): string {
  return `${started} started, ${succeeded} succeeded, ${failed} failed, ${refused} refused`;
}

/** Nothing while no cache is shared. */
function sharedPairs({ shared }: StatsSnapshot): Pair[] {
  if (shared === null) return [];
  const { store, circuit, gets, hits, writes, droppedWrites, refusedWrites, errors, timeouts, badSignatures } = shared;
  const state = circuit === 'closed' ? 'in use' : circuit === 'open' ? 'left alone for now' : 'being tried';
  const { smoothed, max } = shared.latencyMs;
  return [
    ['shared cache', `${store} ${state}; given up ${shared.circuitOpens} times`],
    ['shared lookups', `${gets}, ${hits} answered; ${smoothed.toFixed(1)} ms, slowest ${max.toFixed(1)} ms`],
    ['shared writes', `${writes}, ${droppedWrites} dropped, ${refusedWrites} refused for want of space`],
    ['shared trouble', `${errors} errors, ${timeouts} timeouts, ${badSignatures} wrong signatures`],
    ['shared flushes', `${shared.flushesSent} sent, ${shared.flushesReceived} received`],
  ];
}

function upstreamPairs(snapshot: StatsSnapshot, previous: StatsSnapshot | undefined): Pair[] {
  const { upstream } = snapshot;
  const { timeouts, unreachable, overTcp, ipv4, ipv6 } = upstream;
  return [
    ['exchanges', withRate(snapshot, previous, ({ upstream: u }) => u.exchanges)],
    ['trouble', `${timeouts} timeouts, ${unreachable} unreachable; ${overTcp} exchanges over TCP`],
    ['network', `IPv4 ${ipv4}, IPv6 ${ipv6}`],
    ...upstream.servers.slice(0, SERVERS_SHOWN).map((server): Pair => ['server', serverText(server)]),
  ];
}

/** The busiest servers; --json has all there are. */
const SERVERS_SHOWN = 5;

function serverText(server: StatsSnapshot['upstream']['servers'][number]): string {
  const rtt = server.srttMs === undefined ? 'never heard' : `${server.srttMs.toFixed(0)} ms`;
  const resting = server.restingMs > 0 ? `, resting for ${durationText(server.restingMs / 1000)}` : '';
  const lame = server.lameFor.length > 0 ? `, lame for ${server.lameFor.slice(0, 3).join(' ')}` : '';
  return `${server.server}: ${rtt}, ${server.exchanges} exchanges, ${server.timeouts} timeouts${resting}${lame}`;
}

function withRate(
  snapshot: StatsSnapshot,
  previous: StatsSnapshot | undefined,
  figure: (snapshot: StatsSnapshot) => number,
): string {
  const seconds = previous === undefined ? 0 : snapshot.uptimeSeconds - previous.uptimeSeconds;
  // A server that was started anew in between has counted from zero.
  if (previous === undefined || seconds <= 0) return String(figure(snapshot));
  const rate = Math.max(0, figure(snapshot) - figure(previous)) / seconds;
  return `${figure(snapshot)} (${rate.toFixed(1)} a second)`;
}

function latencyText({ count, p50, p90, p99, max }: Percentiles): string {
  if (count === 0) return 'none yet';
  const ms = (value: number): string => String(Math.round(value * 100) / 100);
  return `half within ${ms(p50)} ms, 90 % ${ms(p90)} ms, 99 % ${ms(p99)} ms, slowest ${ms(max)} ms`;
}

function outcomesText({ hits, misses, hitRatio, bySource }: QueryOutcomes): string {
  if (hits + misses === 0) return 'no hits or misses';
  return `${percentText(hitRatio)} hits; ${tallyText(withoutZeros(bySource))}`;
}

function withoutZeros(counts: Readonly<Record<string, number>>): Record<string, number> {
  return Object.fromEntries(Object.entries(counts).filter(([, count]) => count > 0));
}

/** The ten most frequent types with their share of hits. */
function ratiosText(hits: Readonly<Record<string, number>>, misses: Readonly<Record<string, number>>): string {
  const types = [...new Set([...Object.keys(hits), ...Object.keys(misses)])]
    .map((type) => ({ type, hits: hits[type] ?? 0, all: (hits[type] ?? 0) + (misses[type] ?? 0) }))
    .sort((a, b) => b.all - a.all);
  if (types.length === 0) return 'none yet';
  return types
    .slice(0, 10)
    .map(({ type, hits, all }) => `${type} ${percentText(hits / all)}`)
    .join(', ');
}

/** The most frequent first, at most ten. */
function tallyText(counts: Readonly<Record<string, number>>): string {
  const sorted = Object.entries(counts)
    .filter(([, count]) => count > 0)
    .sort(([, a], [, b]) => b - a);
  const shown = sorted.slice(0, 10).map(([key, count]) => `${key} ${count}`);
  if (shown.length === 0) return 'none yet';
  return `${shown.join(', ')}${sorted.length > shown.length ? ', ...' : ''}`;
}
