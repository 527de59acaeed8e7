/**
 * `rootwalk serve`: the daemon. Reads the configuration, binds every socket, gives up privileges, answers until told to
 * stop. SIGHUP takes over a changed configuration without losing the cache; SIGTERM and SIGINT end it gracefully.
 */

import { availableParallelism } from 'node:os';
import { endpointFromText } from '../config/address-text.js';
import type { Config } from '../config/config.js';
import { configProblemToText, loadConfig } from '../config/load-config.js';
import type { ServerAddress } from '../dns/address.js';
import { ROOT } from '../dns/name.js';
import { Class, Rcode, Type } from '../dns/numbers.js';
import type { HttpEndpoint } from '../http/start-http.js';
import { type Libc, loadLibc } from '../native/libc.js';
import type { FrontsStats } from '../ports/inspection.js';
import { ListenError } from '../server/listen-error.js';
import { accountIds, dropPrivileges } from '../server/privileges.js';
import { QueryStatsRecorder } from '../server/query-stats.js';
import type { ServerSettings } from '../server/settings.js';
import { type RunningServer, startServer } from '../server/start-server.js';
import { type InheritedSockets, inheritedSockets, notifyReady } from '../server/systemd.js';
import { cryptoRandom } from '../transport/crypto-random.js';
import { systemClock } from '../transport/system-clock.js';
import { anchorFileFor, believedOrEnd, fileAnchorStore } from './anchor-store.js';
import { type Composed, type ComposeParts, composeResolver } from './compose.js';
import { configOrEnd } from './config-file.js';
import { CommandError, EXIT_DONE, EXIT_USAGE } from './exit.js';
import { isFollowed } from './follow-anchors.js';
import { giveMainThreadPrecedence } from './helper-threads.js';
import { cacheDiskFor, prepareKeeping, startKeeping } from './keep-cache.js';
import { fileLocalStore, localFileReadOrEnd } from './local-store.js';
import { createLog, type ServerLog } from './log.js';
import type { Signals } from './signals.js';
import { prepareDirectory } from './text-file.js';
import { version } from './version.js';
import { collectYoungWhileMarking } from './young-objects.js';

export interface ServeOptions {
  readonly config?: string;
  readonly lab?: boolean;
  readonly listen?: readonly string[];
  readonly http?: string;
}

/** Milliseconds questions under way get to end after SIGTERM. */
const GRACE_MS = 3000;

/** Resolves to the exit code once the daemon was told to stop. */
export async function serve(options: ServeOptions, signals: Signals): Promise<number> {
  if (options.lab === true) {
    const { runLab } = await import('./lab.js');
    return runLab(options, signals);
  }
  const config = withOptions(configOrEnd(options.config), options);
  const log = createLog(config.log.level);
  giveMainThreadPrecedence();
  collectYoungWhileMarking();
  const daemon = await startDaemon(config, log);
  signals.onHangUp(() => daemon.reload(() => reread(options, log)));
  daemon.composed.keepAnchors();
  warnWhenAlone(daemon.composed, log);
  await signals.stopped;
  await daemon.stop();
  return EXIT_DONE;
}

export interface Daemon {
  readonly composed: Composed;
  readonly server: RunningServer;
  /** Where the http endpoint listens; undefined when it is off. */
  readonly http: ServerAddress | undefined;
  reload(read: () => Config | undefined): Promise<void>;
  stop(): Promise<void>;
}

/**
 * Everything up and bound, privileges given up. Throws CommandError or TokenError when something cannot be had; nothing
 * stays open then.
 */
export async function startDaemon(config: Config, log: ServerLog): Promise<Daemon> {
  const opened: (() => Promise<void>)[] = [];
  try {
    return await openDaemon(config, log, opened);
  } catch (error) {
    for (const close of opened.reverse()) await close().catch((err) => log.warn({ err }, 'closing failed'));
    throw error;
  }
}

/** Adds to `opened` what closes each thing once it is open. */
async function openDaemon(config: Config, log: ServerLog, opened: (() => Promise<void>)[]): Promise<Daemon> {
  const stats = new QueryStatsRecorder();
  let running: RunningServer | undefined;
  const libc = await nativeSockets(log);
  const composed = composeWithState(config, log, stats, libc, () => running?.fronts);
  opened.push(() => composed.close());
  const sockets = passedSockets();
  if (config.listen.length + sockets.length === 0) {
    throw new CommandError('there is nothing to listen on: listen is empty', 'name addresses under listen');
  }
  const threads = threadsOf(config, libc, log);
  const server = await bound(() =>
    startServer({
      libc,
      threads,
      answerOctets: Math.min(MAX_ANSWER_OCTETS, Math.floor(config.cache.maxSize / 8 / threads)),
      listen: config.listen,
      sockets,
      resolver: composed.resolver,
      settings: serverSettings(config),
      clock: systemClock,
      log,
      stats,
      random: cryptoRandom,
      notified: composed.notified,
    }),
  );
  running = server;
  composed.onForget(() => server.forgetAnswers());
  opened.push(() => server.close(0));
  const http = await startEndpoint(config, composed, log);
  if (http !== undefined) opened.push(http.close);
  if (config.user !== null) {
    prepareState(config, config.user, log);
    prepareKeeping(config, config.user, log);
    dropTo(config.user, log);
  }
  await startKeeping(composed);
  composed.keepWarm();
  const unnotified = await notifyReady();
  if (unnotified !== undefined) log.warn({ because: unnotified }, 'systemd was not told that rootwalk is ready');
  log.info({ version, listen: server.addresses.map((a) => a.key), http: http?.address.key }, 'rootwalk answers');
  return {
    composed,
    server,
    http: http?.address,
    reload: (read) => reload(config, read, composed, server, log),
    async stop() {
      log.info({ waiting: composed.inspection.stats().queries.inFlight }, 'stopping');
      await server.close(GRACE_MS);
      await http?.close();
      await composed.close();
      log.info({}, 'stopped');
    },
  };
}

/** Front threads, 1: none but this. */
function threadsOf({ threads }: Config, libc: Libc | undefined, log: ServerLog): number {
  const wanted = threads === 'auto' ? availableParallelism() : threads;
  if (wanted === 1 || libc !== undefined) return wanted;
  log.warn({ threads }, 'one thread does everything: where datagrams are read one by one there can be no others');
  return 1;
}

/** Octets of the answer cache of each thread: what is asked within seconds fits many times over. */
const MAX_ANSWER_OCTETS = 16 * 1_048_576;

/** Undefined where Node's own sockets must do, of which the log tells once. */
async function nativeSockets(log: ServerLog): Promise<Libc | undefined> {
  const outcome = await loadLibc();
  if (outcome.kind === 'there') return outcome.libc;
  log.info({ because: outcome.because }, 'datagrams are read and sent one by one');
  return undefined;
}

function composeWithState(
  config: Config,
  log: ServerLog,
  stats: QueryStatsRecorder,
  libc: Libc | undefined,
  fronts: () => FrontsStats | undefined,
): Composed {
  const file = anchorFileFor(config);
  const cacheDisk = cacheDiskFor(config);
  const parts: ComposeParts = {
    log,
    libc,
    queries: () => stats.snapshot(systemClock.now()),
    fronts,
    anchorStore: file === undefined ? 'memory' : fileAnchorStore(file),
    ...(cacheDisk && { cacheDisk }),
    ...(config.local.file !== null && { localStore: fileLocalStore(config.local.file) }),
  };
  return localFileReadOrEnd(() => believedOrEnd(() => composeResolver(config, parts)));
}

function passedSockets(): InheritedSockets {
  try {
    return inheritedSockets();
  } catch (error) {
    throw new CommandError((error as Error).message, 'see sd_listen_fds(3) and systemd.socket(5)');
  }
}

/** Addresses of the command line before those of the configuration. Throws CommandError. */
export function withOptions(config: Config, options: Pick<ServeOptions, 'listen' | 'http'>): Config {
  try {
    const listen = options.listen?.map((text) => endpointFromText(text, undefined, true)) ?? config.listen;
    const http =
      options.http === undefined
        ? config.http
        : { token: undefined, ...config.http, listen: endpointFromText(options.http, undefined, true) };
    return { ...config, listen, http };
  } catch (error) {
    throw new CommandError((error as Error).message, 'write addresses like 127.0.0.1:5300 or [::1]:5300');
  }
}

function serverSettings({ access, upstream, log, limits }: Config): ServerSettings {
  return {
    allow: access.allow,
    snoop: access.snoop,
    notify: access.notify,
    ednsBufferSize: upstream.ednsBufferSize,
    logQueries: log.queries,
    limits,
  };
}

async function bound<T>(start: () => Promise<T>): Promise<T> {
  try {
    return await start();
  } catch (error) {
    if (error instanceof ListenError)
      throw new CommandError(error.message, 'rootwalk serve --listen ADDRESS:PORT takes another');
    throw error;
  }
}

async function startEndpoint(
  { http, limits }: Config,
  composed: Composed,
  log: ServerLog,
): Promise<HttpEndpoint | undefined> {
  if (http === false) return undefined;
  const [{ startHttp }, { provideToken }] = await Promise.all([
    import('../http/start-http.js'),
    import('../http/token.js'),
  ]);
  const token = await provideToken({ token: http.token }, http.listen);
  if (token.untold !== undefined) {
    log.warn(
      { because: token.untold },
      'nobody can learn the token made for the http endpoint: PUT and DELETE need http.token',
    );
  }
  try {
    const { inspection } = composed;
    const { listen } = http;
    const { httpConnections: maxConnections } = limits;
    const endpoint = await startHttp({ listen, inspection, log, token: token.token, maxConnections });
    return { address: endpoint.address, close: () => endpoint.close().finally(token.release) };
  } catch (error) {
    await token.release();
    const { code, message } = error as NodeJS.ErrnoException;
    throw new CommandError(
      `the http endpoint cannot listen on ${http.listen.key}: ${code ?? message}`,
      'choose another address with http.listen, or turn it off with http: false',
    );
  }
}

/** A failure here shows again when the state is to be saved. */
function prepareState(config: Config, user: NonNullable<Config['user']>, log: ServerLog): void {
  if (process.geteuid?.() !== 0) return;
  const anchors = isFollowed(config, { log, anchorStore: 'memory' }) ? anchorFileFor(config) : undefined;
  for (const file of [anchors, config.local.file ?? undefined]) {
    if (file === undefined) continue;
    try {
      prepareDirectory(file, accountIds(user));
    } catch (err) {
      log.warn({ err, file }, 'the directory of a file that keeps state could not be made');
    }
  }
}

function dropTo(user: NonNullable<Config['user']>, log: ServerLog): void {
  try {
    dropPrivileges(user);
    log.info({ uid: process.getuid?.(), gid: process.getgid?.() }, 'privileges dropped');
  } catch (error) {
    throw new CommandError((error as Error).message, 'without the key user, rootwalk stays who started it', EXIT_USAGE);
  }
}

/** Undefined after telling what is wrong: the running configuration stays. */
function reread(options: ServeOptions, log: ServerLog): Config | undefined {
  const outcome = loadConfig(options.config);
  if (outcome.ok) return withOptions(outcome.config, options);
  for (const problem of outcome.problems) log.error({}, configProblemToText(problem));
  log.error({ problems: outcome.problems.length }, 'the configuration was not taken over: the old one stays');
  return undefined;
}

/** Keys that are read at start only. */
function needsRestart(current: Config, next: Config): string[] {
  const fixed = (config: Config): Record<string, unknown> => ({
    http: config.http,
    threads: config.threads,
    user: config.user,
    'dnssec.anchorState': anchorFileFor(config),
    'local.file': config.local.file,
    'cache.maxSize': config.cache.maxSize,
    'cache.eviction': config.cache.eviction,
    'cache.shared': config.cache.shared,
    'cache.persistence': config.cache.persistence,
    'limits.serversRemembered': config.limits.serversRemembered,
    'limits.upstreamSockets': config.limits.upstreamSockets,
    'limits.tcpUpstreamIdle': config.limits.tcpUpstreamIdle,
    'limits.tcpUpstreamQueries': config.limits.tcpUpstreamQueries,
  });
  const before = fixed(current);
  const after = fixed(next);
  return Object.keys(before).filter((key) => JSON.stringify(before[key]) !== JSON.stringify(after[key]));
}

async function reload(
  current: Config,
  read: () => Config | undefined,
  composed: Composed,
  server: RunningServer,
  log: ServerLog,
): Promise<void> {
  const next = read();
  if (next === undefined) return;
  for (const key of needsRestart(current, next)) log.warn({ key }, 'a change of this key takes effect after a restart');
  try {
    composed.reconfigure(next);
    await server.reconfigure(serverSettings(next), next.listen);
    log.level = next.log.level;
    log.info({ listen: server.addresses.map((a) => a.key) }, 'configuration taken over, the cache stays');
  } catch (error) {
    log.error({ err: error }, 'the new listen addresses were not taken over');
  }
}

/** Says so when there is no way to the root, the one thing nobody finds out from SERVFAIL alone. */
function warnWhenAlone({ resolver }: Composed, log: ServerLog): void {
  void resolver
    .resolve({ name: ROOT, type: Type.NS, class: Class.IN }, { checkingDisabled: false, trace: undefined })
    .then((resolution) => {
      if (resolution.rcode !== Rcode.SERVFAIL) return;
      log.warn(
        { because: resolution.because.map((b) => b.text).slice(0, 3) },
        'no root server answers: without a way to the internet nothing can be resolved. To try rootwalk without one: npm start -- --lab (or: rootwalk lab)',
      );
    });
}
