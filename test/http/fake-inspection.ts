/** An Inspection over a handful of entries: stands in for a running resolver. */
import { parseConfig } from '../../src/config/load-config.js';
import { compareCanonical, type DomainName, isAtOrBelow, nameFromText, nameToText } from '../../src/dns/name.js';
import { Class, Type, typeToText } from '../../src/dns/numbers.js';
import { type Octets, octetsFrom } from '../../src/dns/octets.js';
import { Credibility, type Provenance } from '../../src/dns/provenance.js';
import type { ResourceRecord } from '../../src/dns/rrset.js';
import { RuntimeRecords } from '../../src/policy/local-records.js';
import { LocalZones } from '../../src/policy/local-zones.js';
import type { EntryContent, EntryOrder, ZoneTree } from '../../src/ports/cache-inspection.js';
import type { Explanation, RecordedResolution } from '../../src/ports/explanation.js';
import {
  type CacheEntryView,
  type CacheFilter,
  ENTRY_KINDS,
  type EntryKind,
  type Inspection,
  type StatsSnapshot,
  type StoreStats,
  type TrustView,
  type WhatIfView,
} from '../../src/ports/inspection.js';
import type { TextStore } from '../../src/ports/text-store.js';

export interface FakeInspection extends Inspection {
  readonly held: CacheEntryView[];
  /** What a dump gives out, and what was loaded. An entry with 13 hits is refused. */
  readonly dumped: EntryContent[];
  readonly loaded: EntryContent[];
  /** What was to be explained, and whether it might be resolved for that. */
  readonly asked: string[];
}

export function fakeInspection(entries: readonly CacheEntryView[] = sampleEntries()): FakeInspection {
  const held = [...entries];
  const fake: FakeInspection = {
    held,
    asked: [],
    dumped: [],
    loaded: [],
    stats: () => sampleStats(),
    trust: () => sampleTrust(),
    local: sampleLocal((suffix) => fake.flush({ suffix })),
    whatIf: () => sampleWhatIf(),
    *entries(filter) {
      for (const entry of held) {
        if (matches(entry, filter)) yield entry;
      }
    },
    flushesKept: async () => undefined,
    async flush(filter) {
      const kept = held.filter((entry) => !matches(entry, filter));
      const removed = held.length - kept.length;
      held.splice(0, held.length, ...kept);
      return removed;
    },
    cache: {
      list: async ({ filter, sort, reverse, limit }) => {
        const found = [...fake.entries(filter)].filter(({ ttlLeft }) => ttlLeft >= 0);
        if (sort !== undefined) found.sort((a, b) => (reverse ? -1 : 1) * ORDERS[sort](a, b));
        return { entries: found.slice(0, limit), more: found.length > limit };
      },
      flush: async (filter, dryRun) => (dryRun ? [...fake.entries(filter)].length : fake.flush(filter)),
      tree: async (name) => sampleTree(name, [...fake.entries({ name })]),
      async *contents(filter) {
        yield fake.dumped.filter(({ kind }) => filter.kind === undefined || kind === filter.kind);
      },
      wall: () => Date.UTC(2026, 0, 1),
      load: (content) => {
        if (content.hits === 13) return { kind: 'refused', because: 'thirteen\u001b[2J' };
        fake.loaded.push(content);
        return { kind: 'loaded' };
      },
    },
    why: async (name, type, resolve) => {
      fake.asked.push(`${nameToText(name)} ${typeToText(type)}${resolve ? ' resolve' : ''}`);
      return sampleExplanation(nameToText(name), typeToText(type));
    },
    recorded: () => sampleRecorded(),
  };
  return fake;
}

const ORDERS: Readonly<Record<EntryOrder, (a: CacheEntryView, b: CacheEntryView) => number>> = {
  hits: (a, b) => b.hits - a.hits,
  ttl: (a, b) => a.ttlLeft - b.ttlLeft,
  bytes: (a, b) => b.bytes - a.bytes,
  cost: (a, b) => b.provenance.costMs - a.provenance.costMs,
  age: (a, b) => a.storedAt - b.storedAt,
  name: (a, b) => compareCanonical(a.name, b.name),
};

const LOCAL = `
local:
  zones:
    - { name: lan.example, records: ["nas.lan.example. 60 IN A 192.0.2.7", "www.lan.example. 60 IN CNAME nas.lan.example."] }
    - { name: ads.example, type: always_nxdomain }
`;

/** The real thing over two zones. */
export function sampleLocal(flush: (suffix: DomainName) => Promise<number>, store?: TextStore): RuntimeRecords {
  const outcome = parseConfig(LOCAL, 'test.yaml');
  if (!outcome.ok) throw new Error(outcome.problems[0]!.message);
  const log = { debug() {}, info() {}, warn() {}, error() {} };
  return new RuntimeRecords(new LocalZones(outcome.config), { store, log, maxRecords: () => 5, flush });
}

function matches(entry: CacheEntryView, filter: CacheFilter): boolean {
  return (
    (filter.name === undefined || entry.name === filter.name) &&
    (filter.suffix === undefined || isAtOrBelow(entry.name, filter.suffix)) &&
    (filter.type === undefined || entry.type === filter.type || (entry.kind === 'nxdomain' && !!filter.name)) &&
    (filter.security === undefined || entry.security === filter.security) &&
    (filter.negative === undefined || NEGATIVE.includes(entry.kind)) &&
    (filter.kind === undefined || entry.kind === filter.kind)
  );
}

const NEGATIVE: readonly EntryKind[] = ['nodata', 'nxdomain', 'failure', 'denial'];

/** The root's delegation is known, that of org. is not, and below it one whose only server has no address. */
function sampleTree(name: DomainName, entries: readonly CacheEntryView[]): ZoneTree {
  const root = entry('delegation', '.', 0, { records: [], ttlLeft: 500_000 });
  const cut = entry('delegation', 'example.org', 0, { ttlLeft: 86_000, hits: 3 });
  const link = { kind: 'held', count: 2, security: 'secure', ttlLeft: 3600 } as const;
  const server = { name: nameFromText('a.root-servers.net'), glue: ['192.0.2.1'], known: 1 };
  const [ns1, org] = [nameFromText('ns1.example.org'), nameFromText('org')];
  return {
    name,
    zones: [
      { zone: nameFromText('.'), delegation: root, servers: [server], ds: undefined, dnskey: link },
      { zone: org, delegation: undefined, servers: [], ds: link, dnskey: link },
      {
        zone: nameFromText('example.org'),
        delegation: cut,
        servers: [{ name: ns1, glue: [], known: 0 }],
        ds: undefined,
        dnskey: undefined,
      },
    ],
    entries,
    deniedAt: undefined,
  };
}

export function sampleEntries(): CacheEntryView[] {
  return [
    entry('rrset', 'www.example.org', Type.A, { records: [a('www.example.org', 300, 192, 0, 2, 1)], hits: 7 }),
    entry('rrset', 'www.example.org', Type.AAAA, { records: [aaaa('www.example.org', 120)], ttlLeft: 120, bytes: 99 }),
    entry('rrset', '1/2.a\\.b.example.net', Type.A, { records: [a('1/2.a\\.b.example.net', 60, 192, 0, 2, 9)] }),
    entry('delegation', 'example.org', 0, { records: [ns('example.org', 'ns1.example.org')], ttlLeft: 86_000 }),
    entry('nxdomain', 'nothing.example.org', 0, { records: [soa('example.org')], ttlLeft: 5 }),
    entry('failure', 'broken.example', Type.A, {
      because: [{ code: 22, text: 'no server of broken.example answered\u001b[2J' }],
      security: 'indeterminate',
    }),
    entry('rrset', '.', Type.NS, { records: [ns('.', 'a.root-servers.net')], ttlLeft: 500_000 }),
  ];
}

export function entry(
  kind: EntryKind,
  name: string,
  type: number,
  rest: Partial<Omit<CacheEntryView, 'kind' | 'name' | 'type'>>,
): CacheEntryView {
  return {
    kind,
    name: nameFromText(name),
    type,
    records: [],
    ttlLeft: 250,
    ttlOriginal: 300,
    security: 'insecure',
    provenance: PROVENANCE,
    storedAt: Date.UTC(2026, 0, 2, 3, 4, 5),
    hits: 0,
    bytes: 240,
    because: [],
    ...rest,
  };
}

/** An entry of a dump; the one with 13 hits cannot be loaded. */
export function sampleContent(hits: number): EntryContent {
  const { name, rdata } = a('www.example', 0, 192, 0, 2, hits);
  return {
    kind: 'rrset',
    name,
    type: Type.A,
    expires: Date.UTC(2026, 0, 2),
    storedAt: Date.UTC(2026, 0, 1),
    ttlOriginal: 300,
    hits,
    security: { kind: 'insecure' },
    provenance: PROVENANCE,
    rrset: { name, type: Type.A, ttl: 0, rdatas: [rdata], signatures: [] },
    proof: [],
  };
}

const PROVENANCE: Provenance = {
  server: '192.0.2.53:53',
  transport: 'udp',
  section: 'answer',
  credibility: Credibility.answerAuthoritative,
  askedFor: 'www.example.org. A',
  costMs: 42,
  costExchanges: 3,
};

export function record(name: string, type: number, ttl: number, rdata: Octets): ResourceRecord {
  return { name: nameFromText(name), type, class: Class.IN, ttl, rdata };
}

export function a(name: string, ttl: number, ...octets: number[]): ResourceRecord {
  return record(name, Type.A, ttl, octetsFrom(...octets));
}

function aaaa(name: string, ttl: number): ResourceRecord {
  return record(name, Type.AAAA, ttl, octetsFrom(0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1));
}

function ns(name: string, target: string): ResourceRecord {
  return record(name, Type.NS, 86_000, nameFromText(target));
}

export function soa(zone: string): ResourceRecord {
  const names = nameFromText(`ns1.${zone}`) + nameFromText(`hostmaster.${zone}`);
  const numbers = octetsFrom(0, 0, 0, 1, 0, 0, 14, 16, 0, 0, 3, 132, 0, 9, 58, 128, 0, 0, 1, 44);
  return record(zone, Type.SOA, 300, (names + numbers) as Octets);
}

function sampleWhatIf(): WhatIfView {
  const sizes = [
    { factor: 0.5, maxBytes: 134_217_728, hitRatio: 0.751 },
    { factor: 2, maxBytes: 536_870_912, hitRatio: 0.802 },
    { factor: 4, maxBytes: 1_073_741_824, hitRatio: 0.804 },
  ];
  return { lookups: 120_000, hitRatio: 0.789, sampleRate: 1 / 256, sampled: 480, bytes: 1_048_576, sizes };
}

const STORE: StoreStats = {
  hits: 10,
  misses: 5,
  staleHits: 1,
  inserts: 6,
  expirations: 2,
  evictions: 3,
  rejected: 7,
  flushed: 4,
  entries: 20,
  bytes: 4800,
};

export function sampleStats(): StatsSnapshot {
  const byKind = Object.fromEntries(ENTRY_KINDS.map((kind) => [kind, STORE])) as Record<EntryKind, StoreStats>;
  const latency = { count: 9, p50: 1.5, p90: 20, p99: 250, max: 1000 };
  return {
    version: '0.1.0',
    startedAt: Date.UTC(2026, 0, 1),
    uptimeSeconds: 93_784,
    queries: {
      total: 100,
      hits: 75,
      misses: 20,
      inFlight: 2,
      dropped: 5,
      byType: { A: 60, AAAA: 30, TYPE65280: 4, TYPE65281: 6 },
      byRcode: { NOERROR: 90, SERVFAIL: 5 },
      byTransport: { udp: 97, tcp: 3 },
      bySource: { cache: 75, network: 20 },
      hitsByType: { A: 45, AAAA: 30 },
      missesByType: { A: 15, MX: 5 },
      lastMinute: { bySource: { cache: 3, network: 1, local: 0 }, hits: 3, misses: 1, hitRatio: 0.75 },
      lastHour: { bySource: {}, hits: 0, misses: 0, hitRatio: 0 },
      byNotify: { flushed: 3, later: 1, same: 0, 'too-wide': 0, crowded: 0, refused: 2, malformed: 0 },
      latencyMs: { hit: { count: 75, p50: 0.02, p90: 0.05, p99: 0.2, max: 3 }, miss: latency },
    },
    hitRatio: 0.789,
    cache: { maxBytes: 268_435_456, synthesised: { nxdomain: 5, nodata: 3, wildcard: 1 }, byKind },
    stale: { timeout: 4, failure: 3, backoff: 2, atOnce: 1 },
    refreshes: {
      byCause: {
        prefetch: { started: 9, succeeded: 7, failed: 1, refused: 2 },
        stale: { started: 3, succeeded: 2, failed: 1, refused: 0 },
        warm: { started: 6, succeeded: 6, failed: 0, refused: 0 },
      },
      inFlight: 1,
      hits: 21,
    },
    upstream: {
      exchanges: 55,
      timeouts: 4,
      unreachable: 1,
      overTcp: 2,
      ipv4: 'up',
      ipv6: 'down',
      servers: [
        {
          server: '192.0.2.53:53',
          srttMs: 12.5,
          rttvarMs: 3,
          timeoutsInRow: 0,
          restingMs: 0,
          edns: 'yes',
          lameFor: [],
          exchanges: 50,
          timeouts: 4,
        },
      ],
    },
    shared: {
      store: 'redis://***@cache.example:6379',
      circuit: 'open',
      gets: 20,
      hits: 12,
      skipped: 1,
      restored: 30,
      writes: 40,
      droppedWrites: 2,
      refusedWrites: 3,
      errors: 4,
      timeouts: 5,
      badSignatures: 6,
      flushedValues: 7,
      flushesSent: 8,
      flushesReceived: 9,
      circuitOpens: 2,
      latencyMs: { smoothed: 1.5, max: 12 },
    },
    trustAnchors: { static: 0, unseen: 1, addPend: 0, valid: 1, missing: 0, revoked: 1, removed: 0 },
    rss: 123_456_789,
  };
}

function sampleTrust(): TrustView {
  const zone = nameFromText('.');
  const [since, lastSeen] = [Date.UTC(2026, 0, 1), Date.UTC(2026, 0, 2)];
  const algorithm = 'RSASHA256 (8)';
  const times = { since, lastSeen, validFrom: undefined };
  return {
    anchors: [
      {
        zone,
        keyTag: 38696,
        algorithm,
        state: 'unseen',
        source: 'built-in',
        since: undefined,
        lastSeen: undefined,
        validFrom: undefined,
      },
      { zone, keyTag: 20454, algorithm, state: 'revoked', source: 'built-in', ...times },
      { zone, keyTag: 4711, algorithm, state: 'valid', source: 'learnt', ...times },
    ],
    refreshes: [{ zone, last: { at: lastSeen, failure: 'nobody\u001b[2J answered' }, next: Date.UTC(2026, 0, 3) }],
    negative: [
      { name: nameFromText('broken.example'), until: since, reason: 'ticket 1', isExpired: true },
      { name: nameFromText('old.example'), until: null, reason: '', isExpired: false },
    ],
    file: '/var/lib/rootwalk/trust-anchors.json',
  };
}

/** A failure whose reason would steer a terminal; below bogus.example a bogus answer. */
function sampleExplanation(name: string, type: string): Explanation {
  const bogus = name.endsWith('bogus.example.');
  const reason = { code: bogus ? 7 : 22, name: 'x', text: 'the servers say\u001b[2J no' };
  return {
    question: { name, type },
    judgedAt: '2026-01-02T03:04:05Z',
    rcode: name.startsWith('good.') ? 'NOERROR' : name.startsWith('unknown.') ? null : 'SERVFAIL',
    verdict: bogus ? 'bogus' : 'insecure',
    because: [reason],
    summary: reason.text,
    remedy: '',
    zones: [
      {
        zone: '.',
        links: [{ kind: 'no-anchor' }, { kind: 'failed', name: '.', type: 'DNSKEY', because: ['hidden\u0007'] }],
        trust: 'indeterminate',
        because: 'no trust anchor',
        data: [],
        below: [],
      },
    ],
    recorded: [],
  };
}

function sampleRecorded(): RecordedResolution[] {
  const because = [{ code: 22, name: 'no reachable authority', text: 'no server answered\u001b[2J' }];
  const rest = { rcode: 'SERVFAIL', verdict: 'unchecked', ms: 5003, exchanges: 14, because } as const;
  return [{ name: 'www.broken.example.', type: 'A', at: '2026-01-02T03:04:05.678Z', times: 3, ...rest }];
}
