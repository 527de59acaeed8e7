/**
 * The one place where real parts meet: configuration, cache, transport, iterator, policy and resolver become one
 * running resolver. Daemon, one-shot query, lab, embedders and tests all come through here.
 */
import { Cache, type CacheSettings } from '../cache/cache.js';
import { cacheStats, flushEntries, viewEntries } from '../cache/inspect.js';
import { ServerBook } from '../cache/server-book.js';
import type { Config } from '../config/config.js';
import { DoNotQuery } from '../config/do-not-query.js';
import { PrefixSet } from '../dns/address.js';
import type { IteratorSettings } from '../iterator/environment.js';
import { createIterator } from '../iterator/iterate.js';
import { LocalZones } from '../policy/local-zones.js';
import { isPrivateRdata } from '../policy/private-addresses.js';
import { Routes } from '../policy/routes.js';
import type { Clock } from '../ports/clock.js';
import type { Exchange, ExchangeOutcome } from '../ports/exchange.js';
import type { Inspection, QueryStats, UpstreamStats } from '../ports/inspection.js';
import type { Log } from '../ports/log.js';
import type { Random } from '../ports/random.js';
import type { Resolver } from '../ports/resolver.js';
import { configuredCuts, routedApex } from '../resolver/configured-cuts.js';
import { CachingResolver } from '../resolver/resolve.js';
import { createExchange } from '../transport/create-exchange.js';
import { cryptoRandom } from '../transport/crypto-random.js';
import { transportSettings } from '../transport/settings.js';
import { systemClock } from '../transport/system-clock.js';
import { Validator, type ValidatorSettings } from '../validator/validate.js';
import { version } from './version.js';

export interface ComposeParts {
  readonly log: Log;
  /** What the server counted; without a server nothing is. */
  readonly queries?: () => QueryStats;
  /** For tests: a clock set by hand, seeded chance, a simulated network. */
  readonly clock?: Clock;
  readonly random?: Random;
  readonly exchange?: Exchange;
}

export interface Composed {
  readonly resolver: Resolver;
  readonly inspection: Inspection;
  /** Takes over a new configuration; cache and server book stay. The cache's size is fixed at start. */
  reconfigure(config: Config): void;
  close(): Promise<void>;
}

export function composeResolver(config: Config, parts: ComposeParts): Composed {
  const clock = parts.clock ?? systemClock;
  const random = parts.random ?? cryptoRandom;
  const exchange =
    parts.exchange ?? createExchange({ clock, random, log: parts.log, settings: transportSettings(config.limits) });
  const cache = new Cache(cacheSettings(config), clock);
  const book = new ServerBook(config.limits, clock);
  const pending = new Map<string, Promise<ExchangeOutcome>>();
  const build = (current: Config): CachingResolver => {
    const routes = new Routes(current.zones);
    const resolver: CachingResolver = new CachingResolver({
      cache,
      clock,
      localZones: new LocalZones(current),
      validator: () => validator,
      aggressive: current.cache.aggressiveNsec && current.dnssec.mode !== 'off',
      maxNegativeTtl: current.cache.maxNegativeTtl,
      permissive: current.dnssec.mode === 'permissive',
      routedApex: routedApex(routes),
      limits: current.limits,
      shadow: new Set(current.limits.shadow),
      onShadow: (bound) => parts.log.info({ bound }, 'a bound in shadow mode would have stopped a question'),
      iterate: () => iterate,
    });
    const validator =
      current.dnssec.mode === 'off' ? undefined : new Validator(validatorSettings(current), clock, resolver);
    const iterate = createIterator({
      settings: iteratorSettings(current),
      cache,
      book,
      exchange,
      clock,
      random,
      lookup: resolver,
      pending,
      configured: current.zones.length === 0 ? undefined : configuredCuts(routes),
    });
    return resolver;
  };
  let current = config;
  let resolver = build(config);
  const startedAt = clock.wall();
  const startedNow = clock.now();
  return {
    resolver: {
      known: (question, options) => resolver.known(question, options),
      resolve: (question, options) => resolver.resolve(question, options),
    },
    inspection: {
      entries: (filter) => viewEntries(cache, filter),
      flush: (filter) => flushEntries(cache, filter),
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
          upstream: upstreamStats(current, book),
          rss: process.memoryUsage.rss(),
        };
      },
    },
    reconfigure(next) {
      // What was judged by other anchors, or came by other routes, must not outlive them.
      const trust = (config: Config): string => JSON.stringify([config.dnssec, config.zones]);
      if (trust(current) !== trust(next)) flushEntries(cache, {});
      current = next;
      cache.reconfigure(cacheSettings(next));
      book.reconfigure(next.limits);
      resolver = build(next);
    },
    close: () => exchange.close(),
  };
}

function cacheSettings({ cache, limits }: Config): CacheSettings {
  return {
    minTtl: cache.minTtl,
    maxTtl: cache.maxTtl,
    maxNegativeTtl: cache.maxNegativeTtl,
    maxSize: cache.maxSize,
    maxEntryBytes: limits.entryOctets,
    failureTtl: limits.failureTtl,
    failureTtlMax: limits.failureTtlMax,
  };
}

function validatorSettings({ dnssec }: Config): ValidatorSettings {
  return {
    trustAnchors: dnssec.trustAnchors,
    negativeTrustAnchors: dnssec.negativeTrustAnchors,
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
  latencyMs: { hit: NO_LATENCY, miss: NO_LATENCY },
};
