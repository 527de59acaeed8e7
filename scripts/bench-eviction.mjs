/**
 * `npm run bench:eviction`: which entries should a full cache throw away? Replays traces through the shelf of each policy
 * as the program runs it, with real entries, and prints hit ratio, byte hit ratio and milliseconds saved beside those of
 * the optimum (Belady), then what is left of the hit ratio while somebody floods the cache (CacheFlush).
 */
import { basename, dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import { ensure, projectRoot } from './ensure.mjs';
import { ATTACKS, underAttack } from './eviction/cache-flush.mjs';
import { loadProgram } from './eviction/program.mjs';
import { optimum, replay } from './eviction/replay.mjs';
import { reportText } from './eviction/report.mjs';
import { BLOCK_TRACES, blockTrace, DNS_TRACES, dnsTrace, inEntries, readTrace } from './eviction/traces.mjs';

const HELP = `Usage: npm run bench:eviction -- [options]

  --trace FILE    a DNS trace of your own instead of ../shared/data/traces: lines of name and type, or a Zeek dns.log
                  cut to ts client server name type rcode ttls; .gz, and .zst or .xz when those tools are installed
  --seed N        draw sizes, TTLs and costs that the trace does not tell from another seed (default 1)
  --part P        only this part of the working set, as 0.05 (default: 0.01, 0.05 and 0.2)
  --no-attack     without the attacks
  --no-blocks     without the block and web traces
  --json          figures as JSON
  --check         exit code 1 unless "cost" keeps its promises
  --help

Examples:
  npm run bench:eviction
  npm run bench:eviction -- --trace queries.tsv --part 0.05 --json
`;

const POLICIES = ['lru', 'lfu', 'ttl', 'cost', 'none'];
const FLAGS = { 'no-attack': 0, 'no-blocks': 0, json: 0, check: 0, help: 0 };
/** What other simulators say of LRU: the trace, entries kept, hit ratio in percent. */
const KNOWN = [
  ['oarc', (working) => Math.round(working / 100), 21],
  ['oarc', (working) => Math.round(working / 10), 33],
  ['oarc', (working) => working, 39],
  ['arc-OLTP', () => 1000, 32.83],
  ['cache2k__web12', () => 1024, 65.0],
  ['cache2k__web07', () => 1024, undefined],
];
const ATTACK_PARTS = [0.05];
const ATTACK_RATES = [1, 5];
/** Benign questions replayed under attack, and the policies: the attacker's take their time. */
const ATTACKED_USES = 10_000;
const ATTACKED_POLICIES = ['lru', 'lfu', 'cost'];
/** What may be lost of the benign hit ratio under attack. */
const MAY_LOSE = 1 / 3;

const options = readOptions();
if (options.help) {
  process.stdout.write(HELP);
  process.exit(0);
}
ensure();
const seed = Number(options.seed);
const dns = await loadProgram(0x5eed ^ (seed * 0x9e3779b1));
const skipped = [];
const skip = (file, because) => void skipped.push({ file, because });
const traces = loadTraces();
const blocks = options.trace || options['no-blocks'] ? [] : loadBlocks();
const references = options.trace ? [] : referencePoints([...traces, ...blocks]);
const replays = replayAll();
const attacks = options['no-attack'] ? [] : attackAll();
const verdict = judge();
progress('');
const result = {
  seed,
  policies: POLICIES,
  attackedPolicies: ATTACKED_POLICIES,
  references,
  replays,
  attacks,
  skipped,
  verdict,
};
process.stdout.write(options.json ? `${JSON.stringify(result, null, 2)}\n` : reportText(result));
process.exit(options.check && !verdict.ok ? 1 : 0);

function readOptions() {
  const flags = Object.fromEntries(Object.keys(FLAGS).map((name) => [name, { type: 'boolean', default: false }]));
  const texts = { trace: { type: 'string' }, seed: { type: 'string', default: '1' }, part: { type: 'string' } };
  try {
    const { values } = parseArgs({ options: { ...flags, ...texts } });
    if (!/^\d{1,9}$/.test(values.seed)) throw new Error(`--seed: "${values.seed}" is not a whole number`);
    const part = values.part === undefined ? undefined : Number(values.part);
    if (part !== undefined && !(part > 0 && part <= 1))
      throw new Error(`--part: "${values.part}" is not above 0, up to 1`);
    return { ...values, parts: part === undefined ? [0.01, 0.05, 0.2] : [part] };
  } catch (error) {
    process.stderr.write(`bench:eviction: ${error.message}\n\n${HELP}`);
    process.exit(2);
  }
}

/** On one line of a terminal; nothing in a pipe. */
function progress(text) {
  if (process.stderr.isTTY) process.stderr.write(`\r\x1b[K${text}`);
}

function loadTraces() {
  const [folder, files] = options.trace
    ? [dirname(options.trace), [basename(options.trace)]]
    : [join(projectRoot, '../shared/data/traces'), DNS_TRACES];
  return files.flatMap((file) => {
    progress(`reading ${file}`);
    const octets = readTrace(folder, file, skip);
    if (octets === undefined) return [];
    const trace = dnsTrace(file, octets, seed, dns);
    if (trace.left > 0) skip(file, `${trace.left} lines that are no question or had no usable answer`);
    return trace.uses.length > 0 ? [trace] : [];
  });
}

function loadBlocks() {
  return BLOCK_TRACES.flatMap((file) => {
    progress(`reading ${file}`);
    const octets = readTrace(join(projectRoot, '../shared/data/traces'), file, skip);
    return octets === undefined ? [] : [blockTrace(file, octets, dns)];
  });
}

/** Figures by entries: LRU where others have published theirs, and the policies that do without costs. */
function referencePoints(all) {
  return KNOWN.flatMap(([start, entriesOf, known]) => {
    const trace = all.find(({ name }) => name.startsWith(start));
    if (trace === undefined) return [];
    const inUnits = inEntries(trace, dns);
    const entries = entriesOf(inUnits.objects.length);
    const maxBytes = entries * inUnits.objects[0].size;
    const policies = blocks.includes(trace) ? ['lru', 'lfu', 'cost', 'optimum'] : ['lru'];
    return policies.map((policy) => {
      progress(`${trace.name}, ${entries} entries, ${policy}`);
      const { hitRatio } =
        policy === 'optimum' ? optimum(inUnits, maxBytes, false) : replay(inUnits.uses, maxBytes, policy, false, dns);
      return { trace: trace.name, entries, policy, hitRatio, known: policy === 'lru' ? known : undefined };
    });
  });
}

function replayAll() {
  const rows = [];
  for (const trace of traces) {
    const working = workingSet(trace);
    for (const ttls of [false, true]) {
      for (const part of options.parts) {
        progress(`${trace.name}, ${ttls ? 'with' : 'without'} TTLs, ${100 * part}%`);
        const maxBytes = Math.floor(working * part);
        const byPolicy = Object.fromEntries(
          POLICIES.map((policy) => [policy, replay(trace.uses, maxBytes, policy, ttls, dns)]),
        );
        byPolicy.optimum = optimum(trace, maxBytes, ttls);
        rows.push({ trace: trace.name, ttls, part, maxBytes, byPolicy });
      }
    }
  }
  return rows;
}

/** Octets of all entries of a trace. */
function workingSet({ objects }) {
  return objects.reduce((sum, { size }) => sum + size, 0);
}

function attackAll() {
  const rows = [];
  for (const { trace, part, perQuestion, attack } of attackPlan()) {
    progress(`${trace.name}, ${attack}, ${perQuestion} a question, ${100 * part}%`);
    const maxBytes = Math.floor(workingSet(trace) * part);
    const flooded = () => underAttack(trace, attack, perQuestion, seed, dns);
    const byPolicy = Object.fromEntries(
      ATTACKED_POLICIES.map((policy) => {
        const before = replay(trace.uses, maxBytes, policy, true, dns).hitRatio;
        return [policy, { before, under: replay(flooded(), maxBytes, policy, true, dns).hitRatio }];
      }),
    );
    rows.push({ trace: trace.name, part, attack, perQuestion, byPolicy });
  }
  return rows;
}

/** The traces with enough questions to fill a cache; the small one's cache at 1 % holds a dozen entries. */
function attackPlan() {
  const parts = options.part === undefined ? ATTACK_PARTS : options.parts;
  return traces
    .filter(({ uses }) => uses.length >= ATTACKED_USES)
    .map((trace) => ({ ...trace, uses: trace.uses.slice(0, ATTACKED_USES) }))
    .flatMap((trace) => parts.flatMap((part) => ATTACK_RATES.map((perQuestion) => ({ trace, part, perQuestion }))))
    .flatMap((plan) => Object.keys(ATTACKS).map((attack) => ({ ...plan, attack })));
}

/** Whether `cost` beats `lru` everywhere, in hits and in time, and stands the attacks. */
function judge() {
  const behind = replays.filter(
    ({ byPolicy: { cost, lru } }) => cost.hitRatio <= lru.hitRatio || cost.savedMs <= lru.savedMs,
  );
  const broken = attacks.filter(({ byPolicy: { cost } }) => cost.under < cost.before * (1 - MAY_LOSE));
  const where = ({ trace, part, ttls, attack }) =>
    `${trace} at ${100 * part}%${attack ? ` (${attack})` : ttls ? ' with TTLs' : ''}`;
  const lines = [
    `cost beats lru in hit ratio and milliseconds in ${replays.length - behind.length} of ${replays.length} replays`,
    ...behind.map((row) => `  not in ${where(row)}`),
    `cost loses at most a third of the benign hit ratio in ${attacks.length - broken.length} of ${attacks.length} attacks`,
    ...broken.map((row) => `  not in ${where(row)}`),
  ];
  return { ok: behind.length + broken.length === 0, lines };
}
