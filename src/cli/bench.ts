/** rootwalk bench: how fast does a server answer the questions of a file? */
import { Class, Opcode, Rcode, rcodeToText } from '../dns/numbers.js';
import { encodeMessage } from '../wire/encode-message.js';
import { addressArgument, numberArgument } from './arguments.js';
import { CommandError, EXIT_DONE, EXIT_FAILURE, type ExitCode } from './exit.js';
import { type Load, type LoadResult, MAX_OUTSTANDING, runLoad } from './load-generator.js';
import { Progress } from './progress.js';
import { type FileQuestion, readQueryFile } from './query-file.js';
import { writePairs } from './table.js';
import { type Terminal, writeJson } from './terminal.js';

export interface BenchOptions {
  readonly server: string;
  readonly seconds: string;
  readonly count?: string;
  readonly rate?: string;
  readonly outstanding: string;
  readonly clients: string;
  readonly timeout: string;
  readonly dnssec?: boolean;
  readonly json?: boolean;
}

const DNS_PORT = 53;
const MOST = 999_999_999;
/** Octets; the size the field agreed on, which is not fragmented (RFC 9715 §3). */
const UDP_SIZE = 1232;

export async function bench(file: string, options: BenchOptions, terminal: Terminal): Promise<ExitCode> {
  const settings = settingsFrom(options);
  const queries = (await readQueryFile(file)).map((question) => octetsFor(question, options.dnssec === true));
  const progress = new Progress(terminal, 'queries');
  const result = await runLoad({ ...settings, queries }, (sent) => progress.at(sent)).catch((error: Error) => {
    throw new CommandError(error.message, 'can this machine reach the server, and open so many sockets?', EXIT_FAILURE);
  });
  progress.end();
  if (options.json) writeJson(terminal, jsonOf(result));
  else show(result, terminal);
  if (result.answered > 0) return EXIT_DONE;
  terminal.err(`rootwalk: ${options.server} answered none of ${result.sent} queries\n`);
  terminal.err('  is a DNS server running there, and are you let in (access.allow)?\n');
  return EXIT_FAILURE;
}

/** Throws CommandError naming the option. */
function settingsFrom(options: BenchOptions): Omit<Load, 'queries'> {
  const { rate, count } = options;
  return {
    server: addressArgument(options.server, DNS_PORT, '--server'),
    seconds: numberArgument(options.seconds, 1, 86_400, '--seconds'),
    count: count === undefined ? Number.POSITIVE_INFINITY : numberArgument(count, 1, MOST, '--count'),
    rate: rate === undefined ? undefined : numberArgument(rate, 1, 10_000_000, '--rate'),
    outstanding: numberArgument(options.outstanding, 1, MAX_OUTSTANDING, '--outstanding'),
    clients: numberArgument(options.clients, 1, 1000, '--clients'),
    timeout: numberArgument(options.timeout, 1, 60_000, '--timeout'),
  };
}

function octetsFor({ name, type }: FileQuestion, dnssecOk: boolean): Buffer {
  return encodeMessage({
    id: 0,
    opcode: Opcode.QUERY,
    rcode: Rcode.NOERROR,
    qr: false,
    aa: false,
    tc: false,
    rd: true,
    ra: false,
    ad: false,
    cd: false,
    questions: [{ name, type, class: Class.IN }],
    answer: [],
    authority: [],
    additional: [],
    edns: { version: 0, udpSize: UDP_SIZE, dnssecOk, options: [] },
  }).bytes;
}

const SHARES = { p50: 0.5, p90: 0.9, p95: 0.95, p99: 0.99, p999: 0.999 } as const;

function jsonOf(result: LoadResult) {
  const { sent, answered, lost, unexpected, truncated, seconds, latency } = result;
  const milliseconds = Object.fromEntries(
    Object.entries(SHARES).map(([name, share]) => [name, Number(latency.at(share).toFixed(4))]),
  );
  const rcodes = [...result.byRcode].sort((a, b) => b[1] - a[1]);
  return {
    sent,
    answered,
    lost,
    unexpected,
    truncated,
    seconds: Number(seconds.toFixed(3)),
    queriesPerSecond: Math.round(answered / seconds),
    latencyMs: { ...milliseconds, max: Number(latency.at(1).toFixed(4)) },
    rcodes: Object.fromEntries(rcodes.map(([rcode, count]) => [rcodeToText(rcode), count])),
  };
}

function show(result: LoadResult, terminal: Terminal): void {
  const { latencyMs, rcodes, queriesPerSecond, seconds, ...counts } = jsonOf(result);
  writePairs(terminal, [
    ...Object.entries(counts),
    ['seconds', seconds],
    ['answers a second', queriesPerSecond],
    ...Object.entries(latencyMs).map(([name, ms]) => [`${name}, ms`, ms.toFixed(3)] as const),
    ...Object.entries(rcodes),
  ]);
}
