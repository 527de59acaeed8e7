/**
 * `npm run bench:restart`: what keeping the cache costs, on the built program and a real disk. A cache of a million
 * entries is written down and loaded again; how long that takes, and the longest time the event loop is not free
 * meanwhile. Then what the journal adds to storing one entry.
 *
 *   npm run bench:restart               a table
 *   npm run bench:restart -- 100000     another number of entries
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { ensure, projectRoot } from './ensure.mjs';

ensure();
const dist = (path) => import(pathToFileURL(join(projectRoot, 'dist', path)).href);
const { Cache } = await dist('cache/cache.js');
const { Persistence } = await dist('cache/persistence/persistence.js');
const { fileCacheDisk } = await dist('cli/cache-disk.js');
const { nameFromText } = await dist('dns/name.js');
const { systemClock } = await dist('transport/system-clock.js');
const { cryptoRandom } = await dist('transport/crypto-random.js');

const count = Number(process.argv[2] ?? 1_000_000);
const log = { debug() {}, info() {}, warn: console.warn, error: console.error };
const provenance = {
  server: '192.0.2.53:53',
  transport: 'udp',
  section: 'answer',
  credibility: 6,
  askedFor: '',
  costMs: 20,
  costExchanges: 2,
};
const settings = {
  minTtl: 0,
  maxTtl: 86_400,
  maxNegativeTtl: 3600,
  maxEntryBytes: 65_535,
  failureTtl: 5,
  failureTtlMax: 30,
};

function newCache() {
  return new Cache({ ...settings, maxSize: 2 ** 30 }, systemClock, cryptoRandom);
}

function keep(cache, directory, journal) {
  return new Persistence({
    cache,
    disk: fileCacheDisk(directory),
    random: cryptoRandom,
    log,
    settings: { snapshotInterval: 86_400, journal },
    fingerprint: '00'.repeat(32),
    signatureTime: () => Date.now() / 1000,
  });
}

function fill(cache) {
  for (let i = 0; i < count; i++) {
    const rdata = String.fromCharCode(10, (i >> 16) & 255, (i >> 8) & 255, i & 255);
    const rrset = {
      name: nameFromText(`host-${i}.example-${i % 5000}.com`),
      type: 1,
      ttl: 3600,
      rdatas: [rdata],
      signatures: [],
    };
    cache.storeRrset(rrset, { kind: 'insecure' }, provenance);
  }
}

/** The longest time in ms between two turns of the event loop while `work` goes on, and the second longest. */
async function longestPause(work) {
  const pauses = [];
  let last = performance.now();
  let isOver = false;
  const tick = () => {
    const now = performance.now();
    pauses.push(now - last);
    last = now;
    if (!isOver) setTimeout(tick, 1);
  };
  setTimeout(tick, 1);
  const begun = performance.now();
  const before = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(before);
  isOver = true;
  pauses.sort((a, b) => b - a);
  const over = pauses.filter((pause) => pause > 5).length;
  return {
    ms: performance.now() - begun,
    cpu: (user + system) / 1000,
    longest: pauses[0],
    p99: pauses[Math.floor(pauses.length / 100)],
    over,
  };
}

const directory = mkdtempSync(join(tmpdir(), 'rootwalk-bench-'));
const row = (what, text) => console.log(`${what.padEnd(34)} ${text}`);
const pauses = ({ ms, cpu, longest, p99, over }) =>
  `${ms.toFixed(0).padStart(6)} ms (CPU ${cpu.toFixed(0)}); loop held up to ${longest.toFixed(1)} ms, ${over} times over 5 ms, 99 % within ${p99.toFixed(1)} ms`;
try {
  const first = newCache();
  const keeping = keep(first, directory, 'off');
  await keeping.start();
  await keeping.loaded;
  fill(first);
  row(`write a snapshot of ${count}`, pauses(await longestPause(() => keeping.stop())));
  const { bytes } = keeping.stats().snapshot;
  row('its size', `${(bytes / 2 ** 20).toFixed(0)} MiB, ${(bytes / count).toFixed(0)} octets an entry`);
  const second = newCache();
  const loading = keep(second, directory, 'off');
  row(`load ${count} entries`, pauses(await longestPause(() => loading.start().then(() => loading.loaded))));
  if (loading.stats().loaded.entries !== count) throw new Error(`loaded ${JSON.stringify(loading.stats())}`);
  await loading.stop();
} finally {
  rmSync(directory, { recursive: true, force: true });
}

for (const journal of [undefined, 'no', 'everysec', 'always']) {
  const place = mkdtempSync(join(tmpdir(), 'rootwalk-bench-'));
  const cache = newCache();
  const keeping = journal && keep(cache, place, journal);
  await keeping?.start();
  await keeping?.loaded;
  // In steps, as questions come.
  const costs = [];
  const total = Math.min(count, 200_000);
  for (let i = 0; i < total; i += 1000) {
    const sets = Array.from({ length: 1000 }, (_, j) => ({
      name: nameFromText(`new-${i + j}.example`),
      type: 1,
      ttl: 3600,
      rdatas: ['\x0a\x00\x00\x01'],
      signatures: [],
    }));
    const begun = performance.now();
    for (const rrset of sets) cache.storeRrset(rrset, { kind: 'insecure' }, provenance);
    costs.push(performance.now() - begun);
    await new Promise((resolve) => setImmediate(resolve));
  }
  costs.sort((a, b) => a - b);
  row(
    `store one entry, journal ${journal ?? 'and all of it off'}`,
    `${costs[costs.length >> 1].toFixed(2).padStart(6)} µs`,
  );
  await keeping?.stop();
  rmSync(place, { recursive: true, force: true });
}
