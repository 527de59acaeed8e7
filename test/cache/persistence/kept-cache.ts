/** A cache with persistence on a disk in memory: what a test of it needs. */
import { Cache } from '../../../src/cache/cache.js';
import { flushEntries } from '../../../src/cache/inspect.js';
import { Persistence, type PersistenceParts } from '../../../src/cache/persistence/persistence.js';
import { nameFromText } from '../../../src/dns/name.js';
import { Type } from '../../../src/dns/numbers.js';
import type { Octets } from '../../../src/dns/octets.js';
import { Credibility, type Provenance } from '../../../src/dns/provenance.js';
import type { RRset } from '../../../src/dns/rrset.js';
import type { Security } from '../../../src/dns/security.js';
import type { CacheFilter } from '../../../src/ports/inspection.js';
import type { Log } from '../../../src/ports/log.js';
import { SimClock } from '../../sim/clock.js';
import { MemoryDisk } from '../../sim/memory-disk.js';
import { seededRandom } from '../../sim/random.js';

export const provenance: Provenance = {
  server: '192.0.2.53:53',
  transport: 'udp',
  section: 'answer',
  credibility: Credibility.answerAuthoritative,
  askedFor: '',
  costMs: 10,
  costExchanges: 1,
};

const SETTINGS = {
  minTtl: 0,
  maxTtl: 86_400,
  maxNegativeTtl: 3600,
  maxSize: 64 * 2 ** 20,
  maxEntryBytes: 65_535,
  failureTtl: 5,
  failureTtlMax: 30,
};

const TRUST = 'ab'.repeat(32);

interface Logged {
  readonly level: 'debug' | 'info' | 'warn' | 'error';
  readonly fields: Readonly<Record<string, unknown>>;
  readonly message: string;
}

export class KeptCache {
  readonly cache: Cache;
  readonly persistence: Persistence;
  readonly logged: Logged[] = [];

  constructor(
    readonly disk = new MemoryDisk(),
    readonly clock = new SimClock(),
    parts: Partial<PersistenceParts> = {},
  ) {
    this.cache = new Cache(SETTINGS, clock, seededRandom(1));
    const note =
      (level: Logged['level']) =>
      (fields: object, message: string): void => {
        this.logged.push({ level, fields: fields as Logged['fields'], message });
      };
    const log: Log = { debug: note('debug'), info: note('info'), warn: note('warn'), error: note('error') };
    this.persistence = new Persistence({
      cache: this.cache,
      disk,
      random: seededRandom(7),
      log,
      settings: { snapshotInterval: 300, journal: 'everysec' },
      fingerprint: TRUST,
      signatureTime: () => Math.floor(clock.wall() / 1000),
      ...parts,
    });
  }

  /** Started, and all of it loaded. */
  static async open(...parts: ConstructorParameters<typeof KeptCache>): Promise<KeptCache> {
    const kept = new KeptCache(...parts);
    await kept.persistence.start();
    await kept.persistence.loaded;
    return kept;
  }

  /** The next process, after this one was killed; `power`: with the machine. */
  afterCrash(parts: Partial<PersistenceParts> = {}, power = false): Promise<KeptCache> {
    return KeptCache.open(this.disk.afterCrash({ power }), this.clock, parts);
  }

  store(name: string, ttl: number, data = 'data', security: Security = { kind: 'insecure' }): void {
    this.cache.storeRrset(rrsetOf(name, ttl, data), security, provenance);
  }

  flush(filter: CacheFilter): void {
    this.persistence.flushed(filter);
    flushEntries(this.cache, filter);
  }

  /** Data and TTL left; undefined when it is not there. */
  look(name: string): { readonly data: string; readonly ttl: number } | undefined {
    const found = this.cache.findExact(nameFromText(name), Type.TXT);
    if (found?.finding.kind !== 'answer') return undefined;
    const { rdatas, ttl } = found.finding.rrset;
    return { data: rdatas[0]!.slice(1), ttl };
  }

  data(name: string): string | undefined {
    return this.look(name)?.data;
  }

  /** Time passes; what it starts comes to its end. */
  async pass(ms: number): Promise<void> {
    await this.clock.pass(ms);
    for (let turns = 0; turns < 50; turns++) await new Promise((resolve) => setImmediate(resolve));
  }
}

export function rrsetOf(name: string, ttl: number, data = 'data', signatures: readonly Octets[] = []): RRset {
  const rdata = (String.fromCharCode(data.length) + data) as Octets;
  return { name: nameFromText(name), type: Type.TXT, ttl, rdatas: [rdata], signatures };
}
