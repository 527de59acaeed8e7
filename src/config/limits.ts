/**
 * Which bounds are there? All of them, on one page: default, range, unit and the attack, measurement or RFC that set it.
 * The configuration changes them under `limits:`; `limits.shadow` lists those that only count what they would have stopped.
 *
 * Figures marked "in the field" are what Unbound, Knot Resolver, PowerDNS Recursor and BIND ship.
 */

type LimitUnit = 'count' | 'ms' | 's' | 'octets';

interface Limit {
  readonly default: number;
  /** Both ends belong to the range. */
  readonly min: number;
  readonly max: number;
  readonly unit: LimitUnit;
  readonly because: string;
}

// biome-ignore format: a table reads better in rows
export const LIMITS = {
  // Work for one client question, inherited by everything it causes and never reset (CAMP, USENIX Security 2024).
  exchanges: { default: 128, min: 1, max: 10_000, unit: 'count',
    because: 'queries sent for one question; in the field 50 to 200; 50 breaks real names hosted behind many zones' },
  nsLookups: { default: 40, min: 1, max: 1000, unit: 'count',
    because: 'name-server names looked up for one question: NXNSAttack (2020), NRDelegationAttack (2022)' },
  aliases: { default: 11, min: 1, max: 100, unit: 'count',
    because: 'CNAME and DNAME hops of one answer; in the field 10 to 13' },
  referrals: { default: 128, min: 1, max: 1000, unit: 'count',
    because: 'zone cuts and minimised steps for one question with its lookups: iDNS chains; Unbound 130' },
  depth: { default: 7, min: 1, max: 24, unit: 'count',
    because: 'lookups nested in lookups, for name servers without glue: cyclic NS; BIND 7, PowerDNS 16' },
  signatures: { default: 64, min: 1, max: 1000, unit: 'count',
    because: 'signatures checked for one question: KeyTrap (CVE-2023-50387); in the field 16 to 32 for each fetch' },
  nsec3Hashes: { default: 600, min: 16, max: 10_000, unit: 'count',
    because: 'NSEC3 owner hashes for one question, each one more for every 50 iterations: CVE-2023-50868; PowerDNS 600' },
  wallTime: { default: 5000, min: 100, max: 60_000, unit: 'ms',
    because: 'from the question to an answer or SERVFAIL: stub resolvers ask again or give up after 5 s' },

  // What is taken from one reply or one delegation.
  nsPerDelegation: { default: 13, min: 2, max: 100, unit: 'count',
    because: 'name servers of a delegation considered: CacheFlush, NXNSAttack; the root has 13' },
  addressesPerNs: { default: 6, min: 1, max: 50, unit: 'count',
    because: 'addresses used of one name server: amplification by one delegation; BIND 6' },
  minimisedLabels: { default: 10, min: 1, max: 127, unit: 'count',
    because: 'labels disclosed one by one before the rest goes at once: RFC 9156 §2.3 MAX_MINIMISE_COUNT' },
  rrsPerRrset: { default: 256, min: 16, max: 65_535, unit: 'count',
    because: 'records of one RRset: CVE-2024-1737; PowerDNS 256, BIND 100' },
  entryOctets: { default: 65_535, min: 4096, max: 262_144, unit: 'octets',
    because: 'one cache entry with its proofs: one reply fits (RFC 1035 §4.2.2), hoarding does not (CVE-2026-33258)' },

  // Clients.
  tcpClients: { default: 1024, min: 1, max: 100_000, unit: 'count',
    because: 'TCP connections of clients in all: RFC 7766 §6.1, file descriptors' },
  tcpClientsPerAddress: { default: 32, min: 1, max: 100_000, unit: 'count',
    because: 'TCP connections of one client address: RFC 7766 §10; many hosts share one behind NAT' },
  tcpIdle: { default: 10_000, min: 100, max: 120_000, unit: 'ms',
    because: 'a client connection without a query under way: RFC 7766 §6.2.3 "order of a few seconds"' },
  tcpPipeline: { default: 100, min: 1, max: 65_535, unit: 'count',
    because: 'queries under way on one client connection: RFC 7766 §6.2.1.1 has clients pipeline' },
  inFlight: { default: 4096, min: 16, max: 1_000_000, unit: 'count',
    because: 'client questions being resolved at once: memory; in the field 1000 to 2048 for each thread' },
  waitersPerQuestion: { default: 4096, min: 1, max: 100_000, unit: 'count',
    because: 'client questions joined to one resolution: DNSBomb (CVE-2024-33655); one client has perClientInFlight' },
  perClientInFlight: { default: 1000, min: 1, max: 1_000_000, unit: 'count',
    because: 'questions of one client address being resolved: one host must not fill inFlight; Unbound 1000' },
  udpLate: { default: 1900, min: 100, max: 60_000, unit: 'ms',
    because: 'UDP replies older are dropped while their client has more than 16 waiting: DNSBomb; Unbound 1900' },
  httpConnections: { default: 64, min: 1, max: 10_000, unit: 'count',
    because: 'connections to the HTTP endpoint: CVE-2026-33256' },

  // What others have changed here.
  localRecords: { default: 10_000, min: 1, max: 1_000_000, unit: 'count',
    because: 'local records set at run time: some 400 octets each, and the file that keeps them is written whole' },
  notifyInterval: { default: 5, min: 1, max: 3600, unit: 's',
    because: 'a zone is flushed for NOTIFY at most this often, and for the last one: over UDP its sender may be forged' },

  // Failures kept (RFC 9520).
  failureTtl: { default: 5, min: 1, max: 300, unit: 's',
    because: 'a failure is answered from the cache this long, doubled on each repeat: RFC 9520 §3.2 at least 1 s' },
  failureTtlMax: { default: 30, min: 1, max: 300, unit: 's',
    because: 'the doubling ends here: RFC 9520 §3.2 at most 5 minutes; short, to recover from outages within one' },
  bogusTtl: { default: 60, min: 1, max: 300, unit: 's',
    because: 'bogus data is not fetched again sooner: RFC 4035 §4.7, RFC 9520 §3.2' },

  refreshes: { default: 256, min: 1, max: 10_000, unit: 'count',
    because: 'resolutions at once that no client waits for (prefetch, stale answers, keepWarm): they must not crowd out clients' },

  resolutionsRecorded: { default: 256, min: 1, max: 100_000, unit: 'count',
    because: 'failed, bogus and slow resolutions kept for "why": some 2 KB each with eight reasons' },

  // Servers asked.
  firstTimeout: { default: 400, min: 20, max: 5000, unit: 'ms',
    because: 'patience with a server never heard before; in the field 376 to 1500' },
  minTimeout: { default: 50, min: 10, max: 5000, unit: 'ms',
    because: 'patience is never below this: a server that answers in 2 ms may still fetch something' },
  maxTimeout: { default: 5000, min: 100, max: 30_000, unit: 'ms',
    because: 'doubling patience ends here: 120 s kept dead roots dead for days (unbound issue 1461)' },
  serverRest: { default: 60_000, min: 1000, max: 3_600_000, unit: 'ms',
    because: 'a server that does not answer is tried again after this: recover from outages unaided' },
  serversRemembered: { default: 20_000, min: 100, max: 10_000_000, unit: 'count',
    because: 'servers whose round trips and habits are known; Unbound 10000' },
  upstreamSockets: { default: 2048, min: 16, max: 60_000, unit: 'count',
    because: 'UDP sockets open towards servers: one for each query under way (RFC 5452 §9.2), file descriptors' },
  tcpUpstreamIdle: { default: 10_000, min: 100, max: 120_000, unit: 'ms',
    because: 'an idle connection to a server is closed after this: RFC 7766 §6.2.3' },
  tcpUpstreamQueries: { default: 200, min: 1, max: 100_000, unit: 'count',
    because: 'queries on one connection to a server before a fresh one; Unbound 200' },
} as const satisfies Readonly<Record<string, Limit>>;

export type LimitName = keyof typeof LIMITS;

/** A figure for every bound. */
export type Limits = Readonly<Record<LimitName, number>>;

export const LIMIT_NAMES = Object.keys(LIMITS) as readonly LimitName[];

/** Every bound at its default: for tests and embedders that build parts by hand. */
export function defaultLimits(): Limits {
  return Object.fromEntries(LIMIT_NAMES.map((name) => [name, LIMITS[name].default])) as Limits;
}
