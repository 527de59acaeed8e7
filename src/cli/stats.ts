/** rootwalk stats: what has the running server done so far, or what is it doing now? */
import { setTimeout as sleep } from 'node:timers/promises';
import { ENTRY_KINDS, type Percentiles, type StatsSnapshot } from '../ports/inspection.js';
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
    ['queries', withRate(snapshot, previous, ({ queries: q }) => q.total)],
    ['hit ratio', `${percentText(snapshot.hitRatio)} (${queries.hits} hits, ${queries.misses} misses)`],
    ['in flight', queries.inFlight],
    ['dropped', queries.dropped],
    ['latency of hits', latencyText(queries.latencyMs.hit)],
    ['latency of misses', latencyText(queries.latencyMs.miss)],
    ['types', tallyText(queries.byType)],
    ['rcodes', tallyText(queries.byRcode)],
    ['transports', tallyText(queries.byTransport)],
    ['sources', tallyText(queries.bySource)],
  ];
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

/** The most frequent first, at most ten. */
function tallyText(counts: Readonly<Record<string, number>>): string {
  const sorted = Object.entries(counts).sort(([, a], [, b]) => b - a);
  const shown = sorted.slice(0, 10).map(([key, count]) => `${key} ${count}`);
  if (shown.length === 0) return 'none yet';
  return `${shown.join(', ')}${sorted.length > shown.length ? ', ...' : ''}`;
}
