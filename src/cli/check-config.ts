/** rootwalk check-config: is this file right, and what would it do? All mistakes at once, where they are. */
import { availableParallelism } from 'node:os';
import type { Config, SharedCacheConfig } from '../config/config.js';
import { configJsonSchema } from '../config/json-schema.js';
import { configProblemToText, loadConfig } from '../config/load-config.js';
import { maskedUrl } from '../config/shared-url.js';
import { nameToText } from '../dns/name.js';
import { loadLibc } from '../native/libc.js';
import { accountProblem } from '../server/privileges.js';
import { wildcardWarning } from '../server/wildcard.js';
import { anchorFileFor } from './anchor-store.js';
import { directoryProblem } from './cache-disk.js';
import { CommandError, EXIT_DONE, EXIT_USAGE, type ExitCode } from './exit.js';
import { counted, octetsText } from './figures.js';
import { writePairs } from './table.js';
import { printable, type Terminal, writeJson } from './terminal.js';

export interface CheckConfigOptions {
  readonly schema?: boolean;
  readonly json?: boolean;
}

export async function checkConfig(
  file: string | undefined,
  options: CheckConfigOptions,
  terminal: Terminal,
): Promise<ExitCode> {
  if (options.schema) {
    writeJson(terminal, configJsonSchema());
    return EXIT_DONE;
  }
  if (file === undefined) throw new CommandError('no file was named', 'write rootwalk check-config FILE, or --schema');
  const outcome = loadConfig(file, { accountProblem, directoryProblem });
  const problems = outcome.ok ? [] : outcome.problems;
  const isPortable = (await loadLibc()).kind === 'missing';
  const warnings = outcome.ok ? warningsOf(outcome.config, isPortable) : [];
  if (options.json) {
    writeJson(terminal, { ok: outcome.ok, problems, warnings });
  } else if (outcome.ok) {
    terminal.out(`${terminal.colours.green('ok')}\t${printable(file)}\n`);
    writePairs(terminal, [...summary(outcome.config), ...warnings.map((text) => ['warning', text] as const)]);
  } else {
    for (const problem of problems) terminal.out(`${printable(configProblemToText(problem))}\n`);
  }
  return outcome.ok ? EXIT_DONE : EXIT_USAGE;
}

/** What works, but perhaps not as it was meant. @param isPortable Node's own sockets have to do here */
function warningsOf({ listen, dnssec }: Config, isPortable: boolean): string[] {
  const listening =
    listen.length === 0
      ? ['listen is empty: questions come over sockets that systemd passes, or not at all']
      : listen.flatMap((address) => (isPortable ? (wildcardWarning(address) ?? []) : []));
  // RFC 7646 §2: a negative trust anchor is for a while.
  const endless = dnssec.negativeTrustAnchors
    .filter(({ until }) => until === null)
    .map(({ name }) => `validation is off at ${nameToText(name)} for ever: set until in dnssec.negativeTrustAnchors`);
  return [...listening, ...endless];
}

/** What is worth a look before starting: where it listens, whom it serves, what it keeps and believes. */
function summary(config: Config): (readonly [string, string])[] {
  const { access, cache, http, zones, local } = config;
  return [
    ['listens on', config.listen.map(({ key }) => key).join(', ')],
    ['threads', threadsText(config)],
    ['serves', access.allow.length === 0 ? 'nobody' : access.allow.join(', ')],
    [
      'http',
      http === false ? 'off' : `${http.listen.key}, ${http.token === undefined ? 'token made at start' : 'own token'}`,
    ],
    ['dnssec', dnssecText(config)],
    ['cache', `up to ${octetsText(cache.maxSize)}, TTL ${cache.minTtl} to ${cache.maxTtl} s`],
    ['shared cache', cache.shared === false ? 'none' : sharedText(cache.shared)],
    ['kept', keptText(cache)],
    ['zones', `${zones.length} forwarded or stub, ${local.zones.length} local`],
  ];
}

function threadsText({ threads }: Config): string {
  if (threads === 1) return 'one for everything';
  const fronts = threads === 'auto' ? availableParallelism() : threads;
  if (fronts === 1) return 'one for everything: there is one processor';
  return `${fronts} that answer from what lies ready, one for the rest`;
}

function sharedText({ url, cluster, timeout }: SharedCacheConfig): string {
  return `${maskedUrl(url)}${cluster ? ' (cluster)' : ''}, waited for up to ${timeout} ms`;
}

function keptText({ persistence }: Config['cache']): string {
  if (!persistence) return 'in memory only';
  const { directory, snapshotInterval, journal } = persistence;
  const snapshots =
    snapshotInterval === false ? 'no snapshots but of a long journal' : `a snapshot every ${snapshotInterval} s`;
  const synced = { always: 'at once', everysec: 'every second', no: 'by the system', off: '' }[journal];
  return `in ${directory}: ${snapshots}, ${journal === 'off' ? 'no journal' : `a journal synced ${synced}`}`;
}

function dnssecText(config: Config): string {
  const { mode, trustAnchors } = config.dnssec;
  if (mode === 'off') return 'off';
  // As wished for, perhaps, but nobody should find out by an attack.
  if (trustAnchors.length === 0) return `${mode}, without a trust anchor: nothing is validated`;
  return `${mode}, ${counted(trustAnchors.length, 'trust anchor')}, ${followedText(config)}`;
}

/** Where the state of the anchors is kept; see anchor-store.ts. */
function followedText(config: Config): string {
  const { trustAnchorSource, anchorState } = config.dnssec;
  if (trustAnchorSource === 'config' && typeof anchorState !== 'string') return 'not followed when they change';
  return `followed when they change (state in ${anchorFileFor(config) ?? 'memory'})`;
}
