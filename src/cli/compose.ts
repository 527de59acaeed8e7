/**
 * The one place where real parts meet: configuration, cache, transport, iterator, policy and resolver become one
 * running resolver. Daemon, one-shot query, lab, embedders and tests all come through here.
 */
import { Cache, type CacheSettings } from '../cache/cache.js';
import { cacheStats, flushing, viewEntries } from '../cache/inspect.js';
import { ServerBook } from '../cache/server-book.js';
import { OneByOne } from '../cache/slices.js';
import { isOfVersion } from '../cache/zone-version.js';
import type { Config } from '../config/config.js';
import { DoNotQuery } from '../config/do-not-query.js';
import { maskedUrl } from '../config/shared-url.js';
import { PrefixSet } from '../dns/address.js';
import type { Question } from '../dns/message.js';
import { Class } from '../dns/numbers.js';
import { PassingMap } from '../dns/passing-map.js';
import type { Resolution } from '../dns/resolution.js';
import type { IteratorSettings } from '../iterator/environment.js';
import type { PendingExchange } from '../iterator/exchange-once.js';
import { createIterator } from '../iterator/iterate.js';
import type { Libc } from '../native/libc.js';
import { changedLocalZones } from '../policy/changed-zones.js';
import { RuntimeRecords } from '../policy/local-records.js';
import { LocalZones } from '../policy/local-zones.js';
import { isPrivateRdata } from '../policy/private-addresses.js';
import { Routes } from '../policy/routes.js';
import type { AnchorStore } from '../ports/anchor-store.js';
import type { CacheDisk } from '../ports/cache-disk.js';
import type { Clock } from '../ports/clock.js';
import type { Exchange } from '../ports/exchange.js';
import type {
  CacheFilter,
  FrontsStats,
  Inspection,
  QueryStats,
  TrustView,
  UpstreamStats,
} from '../ports/inspection.js';
import type { Log } from '../ports/log.js';
import type { Notified } from '../ports/notify.js';
import type { Random } from '../ports/random.js';
import type { Resolver } from '../ports/resolver.js';
import type { TextStore } from '../ports/text-store.js';
import { recordToText } from '../presentation/record-text.js';
import { configuredCuts, routedApex } from '../resolver/configured-cuts.js';
import { FlightRecorder } from '../resolver/flight-recorder.js';
import { KeepWarm } from '../resolver/keep-warm.js';
import { QuestionBudget } from '../resolver/question-budget.js';
import { RefreshTally } from '../resolver/refresh-ahead.js';
import { CachingResolver } from '../resolver/resolve.js';
import { explainKnown, explainResolved, type WhyParts } from '../resolver/why.js';
import { ZoneChanges } from '../resolver/zone-changes.js';
import { storeFor } from '../sharing/open-store.js';
import { SharedCache, type SharedCacheParts } from '../sharing/shared-cache.js';
import type { OpenStore } from '../sharing/shared-store.js';
import { trustText } from '../sharing/trust-text.js';
import { createExchange } from '../transport/create-exchange.js';
import { cryptoRandom } from '../transport/crypto-random.js';
import { transportSettings } from '../transport/settings.js';
import { systemClock } from '../transport/system-clock.js';
import type { AnchorKeeper } from '../validator/anchor-keeper.js';
import type { AnchorState } from '../validator/anchor-state.js';
import { TrustAnchors } from '../validator/trust-anchors.js';
import { Validator, type ValidatorSettings } from '../validator/validate.js';
import { countTrust, createKeeper, isFollowed, loadStates, viewTrust } from './follow-anchors.js';
import { inspectCache, turnsOf } from './inspect-cache.js';
import { fingerprintOf, keepCache } from './keep-cache.js';
import { version } from './version.js';

export interface ComposeParts {
  readonly log: Log;
  /**
   * Trust anchors are followed through their rollovers (RFC 5011), with their state in this store or in memory only;
   * keepAnchors() starts that. Without it anchors stay as they are configured. Which ones: see isFollowed.
   */
  readonly anchorStore?: AnchorStore | 'memory';
  /** Keeps what is changed of local zones at run time; without it that lasts as long as the process. */
  readonly localStore?: TextStore;
  /** Where the cache is kept over restarts, as cache.persistence says; startKeeping() starts that. */
  readonly cacheDisk?: CacheDisk;
  /** What the server counted; without a server nothing is. */
  readonly queries?: () => QueryStats;
  /** Servers are asked through the system's own sockets. */
  readonly libc?: Libc | undefined;
  /** How its front threads are, if it has any. */
  readonly fronts?: () => FrontsStats | undefined;
  /** For tests: a clock set by hand, seeded chance, a simulated network. */
  readonly clock?: Clock;
  readonly random?: Random;
  readonly exchange?: Exchange;
  readonly openStore?: OpenStore;
}

export interface Composed {
  readonly resolver: Resolver;
  readonly inspection: Inspection;
  /** To be told when a zone has changed: what is cached of it is flushed. */
  readonly notified: Notified;
  /**
   * Takes over a new configuration; cache and server book stay. The cache's size and eviction are fixed at start. Throws AnchorFileError
   * and changes nothing when anchors are to be followed from now on whose state cannot be believed.
   */
  reconfigure(config: Config): void;
  /** `forget` is told of every flush, and of changes to the configuration: whoever keeps answers must drop them. */
  onForget(forget: () => void): void;
  /** Begins to follow the trust anchors: from now on questions are asked that no client caused. */
  keepAnchors(): void;
  /** Begins to fetch the names of cache.keepWarm, and to keep them in the cache. */
  keepWarm(): void;
  /**
   * Begins to keep the cache on the disk of ComposeParts, and to load what was kept there; resolves at once, before that is
   * done. Rejects with DiskTakenError.
   */
  startKeeping(): Promise<void>;
  close(): Promise<void>;
}

/** Throws AnchorFileError or LocalFileError when what was kept elsewhere cannot be believed. */
export function composeResolver(config: Config, parts: ComposeParts): Composed {
  const clock = parts.clock ?? systemClock;
  const random = parts.random ?? cryptoRandom;
  const exchange =
    parts.exchange ??
    createExchange({ clock, random, log: parts.log, settings: transportSettings(config.limits), libc: parts.libc });
  const cache = new Cache(cacheSettings(config), clock, random);
  cache.store.keepExpired(graceOf(config));
  const freshness = { refreshes: new RefreshTally(), staleAnswers: { timeout: 0, failure: 0, backoff: 0, atOnce: 0 } };
  const book = new ServerBook(config.limits, clock);
  const persistence = keepCache(config, parts, cache, random);
  /** Told of every flush: what else keeps answers must forget them in the same step. */
  const onForget: (() => void)[] = [];
  const forgetHere = (filter: CacheFilter): void => {
    built.resolver.flushed(filter);
    for (const forget of onForget) forget();
  };
  const removals = new OneByOne();
  /** What is to be forgotten in this process alone: when it returns, unless it is about verdicts. */
  const flushHere = async (filter: CacheFilter): Promise<number> => {
    const removal = flushing(cache, filter);
    persistence?.flushed(filter);
    forgetHere(filter);
    const removed = await removals.run(removal, turnsOf(clock));
    // Verdicts are looked at one by one: answers were made of those whose turn had not come.
    if (filter.security !== undefined) forgetHere(filter);
    return removed;
  };
  const shared = createSharing(config, parts, { cache, clock, random, flushHere });
  shared?.start();
  const tellPeers = (filter: CacheFilter): void => shared?.flushed(filter);
  const flush = (filter: CacheFilter): Promise<number> => {
    const removed = flushHere(filter);
    tellPeers(filter);
    return removed;
  };
  const pending = new PassingMap<string, PendingExchange>();
  const recorder = new FlightRecorder(
    () => clock.wall(),
    () => current.limits.resolutionsRecorded,
  );
  const build = (current: Config, states: () => readonly AnchorState[]): Built => {
    const routes = new Routes(current.zones);
    const localZones = new LocalZones(current);
    const permissive = current.dnssec.mode === 'permissive';
    const shadow = new Set<string>(current.limits.shadow);
    const onShadow = (bound: string): void =>
      parts.log.info({ bound }, 'a bound in shadow mode would have stopped a question');
    const onBug = (err: unknown): void =>
      parts.log.error({ err }, 'something could not be fetched ahead of time: please report this');
    const bounds = { cache, clock, localZones, routedApex: routedApex(routes), limits: current.limits, onBug };
    const resolver: CachingResolver = new CachingResolver({
      ...bounds,
      validator: () => validator,
      secondLevel: shared,
      aggressive: current.cache.aggressiveNsec,
      validates: current.dnssec.mode !== 'off',
      maxNegativeTtl: current.cache.maxNegativeTtl,
      permissive,
      rootKeySentinel: current.dnssec.rootKeySentinel,
      shadow,
      onShadow,
      isCurrent: () => built.resolver === resolver,
      prefetch: current.cache.prefetch,
      serveStale: current.cache.serveStale,
      ...freshness,
      landed: (flown) => recorder.landed(flown),
      iterate: () => iterate,
    });
    const keeper = isFollowed(current, parts)
      ? createKeeper(current, parts, states(), {
          lookup: resolver,
          clock,
          budget: () => new QuestionBudget(current.limits, shadow, clock, onShadow),
          onDistrust: (suffix) => void flush({ suffix }),
        })
      : undefined;
    const validator =
      current.dnssec.mode === 'off' ? undefined : new Validator(validatorSettings(current, keeper), clock, resolver);
    const iterate = createIterator({
      settings: iteratorSettings(current),
      cache,
      book,
      exchange,
      clock,
      random,
      lookup: resolver,
      mayKeep: (name, context) => resolver.mayKeep(name, context),
      pending,
      configured: current.zones.length === 0 ? undefined : configuredCuts(routes),
    });
    const why: WhyParts = {
      localZones,
      trust: () => validator?.terms(),
      wall: () => clock.wall(),
      maxAliases: current.limits.aliases,
      permissive,
      recorder,
      known: (name, type) => resolver.known(name, type),
      stale: (name, type, because) => resolver.stale?.look(name, type, 'backoff', because),
      ageOf: (found) => cache.ageOf(found),
      delegationOf: (zone) => cache.delegationOf(zone),
      recordText: recordToText,
    };
    const warmth = new KeepWarm(bounds, resolver.refreshes, current.cache.keepWarm.flat());
    return { resolver, keeper, why, warmth, localZones };
  };
  let current = config;
  let built = build(config, () => loadStates(parts));
  const local = new RuntimeRecords(built.localZones, {
    store: parts.localStore,
    log: parts.log,
    maxRecords: () => current.limits.localRecords,
    flush: (suffix) => flush({ suffix }),
  });
  const changes = new ZoneChanges({
    clock,
    log: parts.log,
    interval: () => current.limits.notifyInterval * 1000,
    flush: (suffix) => flush({ suffix }),
    isOfVersion: (zone, soa) => isOfVersion(cache, zone, soa),
    isRouted: (zone) => current.zones.some(({ name }) => name === zone),
  });
  let isKeeping = false;
  let isWarming = false;
  const trust = (): TrustView => viewTrust(current, parts, built.keeper, clock.wall());
  const resolve = (question: Question): Promise<Resolution> =>
    built.resolver.resolve(question, { checkingDisabled: false, trace: undefined });
  const startedAt = clock.wall();
  const startedNow = clock.now();
  return {
    resolver: {
      known: (question, options) => built.resolver.known(question, options),
      begin: (question, options) => built.resolver.begin(question, options),
      resolve: (question, options) => built.resolver.resolve(question, options),
    },
    notified: (zone, soa) => changes.notified(zone, soa),
    inspection: {
      entries: (filter) => viewEntries(cache, filter),
      flush,
      cache: inspectCache({ cache, config: () => current, flush }),
      local,
      whatIf: () => cache.whatIf.view(),
      flushesKept: async () => persistence?.settle(),
      trust,
      why: async (name, type, mayResolve, fresh) => {
        const question = { name, type, class: Class.IN };
        const { why } = built;
        return mayResolve ? explainResolved(question, why, resolve, fresh) : explainKnown(question, why, fresh);
      },
      recorded: () => recorder.recent(),
      stats: () => {
        const queries = parts.queries?.() ?? NO_QUERIES;
        const judged = queries.hits + queries.misses;
        return {
          version,
          startedAt,
          uptimeSeconds: Math.floor((clock.now() - startedNow) / 1000),
          queries,
          hitRatio: judged === 0 ? 0 : queries.hits / judged,
          cache: cacheStats(cache),
          stale: { ...freshness.staleAnswers },
          refreshes: freshness.refreshes.stats(cache.store.hitsAhead),
          upstream: upstreamStats(current, book),
          shared: shared?.stats() ?? null,
          trustAnchors: countTrust(trust()),
          persistence: persistence?.stats(),
          fronts: parts.fronts?.(),
          rss: process.memoryUsage.rss(),
        };
      },
    },
    reconfigure(next) {
      const { keeper } = built;
      const rebuilt = build(next, () => keeper?.states() ?? loadStates(parts));
      // What was judged by other anchors, or came by other routes, must not outlive them.
      const trust = (config: Config): string => JSON.stringify([config.dnssec, config.zones]);
      if (trust(current) !== trust(next)) void flushHere({});
      else for (const suffix of changedLocalZones(current.local, next.local)) void flush({ suffix });
      local.layOver(rebuilt.localZones);
      if (trustText(current) !== trustText(next)) shared?.retrust(trustText(next));
      void keeper?.close();
      built.warmth.close();
      persistence?.retrust(fingerprintOf(next));
      current = next;
      cache.reconfigure(cacheSettings(next));
      cache.store.keepExpired(graceOf(next));
      book.reconfigure(next.limits);
      built = rebuilt;
      for (const forget of onForget) forget();
      if (isKeeping) built.keeper?.start();
      if (isWarming) built.warmth.start();
    },
    keepWarm() {
      if (!isWarming) built.warmth.start();
      isWarming = true;
    },
    onForget: (forget) => void onForget.push(forget),
    keepAnchors() {
      if (!isKeeping) built.keeper?.start();
      isKeeping = true;
    },
    startKeeping: async () => persistence?.start(),
    async close() {
      built.warmth.close();
      changes.close();
      await built.keeper?.close();
      shared?.close();
      await exchange.close();
      await local.kept();
      await persistence?.stop();
    },
  };
}

/** Undefined unless the configuration names a shared cache. */
function createSharing(
  config: Config,
  { log, openStore }: ComposeParts,
  here: Pick<SharedCacheParts, 'cache' | 'clock' | 'random' | 'flushHere'>,
): SharedCache | undefined {
  const { shared } = config.cache;
  if (shared === false) return undefined;
  const { prefix, secret, timeout } = shared;
  return new SharedCache({
    ...here,
    log,
    open: openStore ?? storeFor(shared, config.limits.entryOctets + SHARED_ROOM),
    prefix,
    secret,
    timeout,
    where: maskedUrl(shared.url),
    trust: trustText(config),
  });
}

/** Octets around an entry as it lies in a shared cache: signature, times, key. */
const SHARED_ROOM = 1024;

interface Built {
  readonly resolver: CachingResolver;
  readonly keeper: AnchorKeeper | undefined;
  readonly why: WhyParts;
  readonly warmth: KeepWarm;
  readonly localZones: LocalZones;
}

/** Seconds that data is kept past its TTL. */
function graceOf({ cache: { serveStale } }: Config): number {
  return serveStale === false ? 0 : serveStale.maxAge;
}

function cacheSettings({ cache, limits }: Config): CacheSettings {
  return {
    minTtl: cache.minTtl,
    maxTtl: cache.maxTtl,
    maxNegativeTtl: cache.maxNegativeTtl,
    maxSize: cache.maxSize,
    eviction: cache.eviction,
    maxEntryBytes: limits.entryOctets,
    failureTtl: limits.failureTtl,
    failureTtlMax: limits.failureTtlMax,
  };
}

function validatorSettings({ dnssec }: Config, keeper: AnchorKeeper | undefined): ValidatorSettings {
  const { trustAnchors, negativeTrustAnchors } = dnssec;
  return {
    anchors: new TrustAnchors(keeper === undefined ? trustAnchors : [], negativeTrustAnchors, keeper),
    legacyAlgorithms: dnssec.legacyAlgorithms,
    nsec3MaxIterations: dnssec.nsec3MaxIterations,
    validationTime: dnssec.validationTime,
  };
}

function iteratorSettings({ upstream, limits, rootHints, dnssec }: Config): IteratorSettings {
  const prefixes = new PrefixSet(upstream.privateAddresses);
  return {
    port: upstream.port,
    ipv4: upstream.ipv4,
    ipv6: upstream.ipv6 !== false,
    minimisation: upstream.qnameMinimisation,
    caseRandomisation: upstream.caseRandomisation,
    cookies: upstream.cookies,
    ednsBufferSize: upstream.ednsBufferSize,
    dnssecOk: dnssec.mode !== 'off',
    doNotQuery: new DoNotQuery(upstream),
    hints: rootHints.servers,
    isPrivate: prefixes.isEmpty ? undefined : (_name, type, rdata) => isPrivateRdata(prefixes, type, rdata),
    maxAliases: limits.aliases,
    maxDepth: limits.depth,
    maxServers: limits.nsPerDelegation,
    maxAddresses: limits.addressesPerNs,
    maxMinimised: limits.minimisedLabels,
    maxRecords: limits.rrsPerRrset,
  };
}

function upstreamStats({ upstream }: Config, book: ServerBook): UpstreamStats {
  const stateOf = (on: boolean, family: 4 | 6): 'up' | 'down' | 'off' =>
    !on ? 'off' : book.familyDown(family) ? 'down' : 'up';
  return {
    ...book.counts(),
    ipv4: stateOf(upstream.ipv4, 4),
    ipv6: stateOf(upstream.ipv6 !== false, 6),
    servers: book.busiest(50),
  };
}

const NO_LATENCY = { count: 0, p50: 0, p90: 0, p99: 0, max: 0 };
const NO_OUTCOMES = { bySource: {}, hits: 0, misses: 0, hitRatio: 0 };
const NO_QUERIES: QueryStats = {
  total: 0,
  hits: 0,
  misses: 0,
  inFlight: 0,
  dropped: 0,
  byType: {},
  byRcode: {},
  byTransport: {},
  bySource: {},
  hitsByType: {},
  missesByType: {},
  lastMinute: NO_OUTCOMES,
  lastHour: NO_OUTCOMES,
  byNotify: { flushed: 0, later: 0, same: 0, 'too-wide': 0, crowded: 0, refused: 0, malformed: 0 },
  latencyMs: { hit: NO_LATENCY, miss: NO_LATENCY },
};
