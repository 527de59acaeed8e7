/**
 * `npm run bench`: what one operation costs, in microseconds of CPU, on the built program without sockets: decoding and
 * encoding a message of ten records, a question answered from the cache from octets to octets, and one that takes one
 * exchange with a simulated network, or two. Then what verifying a signature costs, beside bare crypto.verify. Medians of
 * several rounds, each figure beside that of the baseline file: which is good for the machine alone that it was made on.
 *
 *   npm run bench                        a table
 *   npm run bench -- --json              for comparing by program
 *   npm run bench -- --save FILE         write a baseline
 *   npm run bench -- --baseline FILE     compare with that one; scripts/bench-baseline.json unless given
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { ensure, projectRoot } from './ensure.mjs';

ensure();
const dist = (path) => import(pathToFileURL(join(projectRoot, 'dist', path)).href);
if (!existsSync(join(projectRoot, 'dist/cli.js'))) throw new Error('dist/ is missing: run npm run build');

const { nameFromText } = await dist('dns/name.js');
const { decodeMessage } = await dist('wire/decode-message.js');
const { encodeMessage } = await dist('wire/encode-message.js');
const { parseMasterFile } = await dist('presentation/master-file.js');
const { loadZone } = await dist('lab/zone.js');
const { ZoneSet } = await dist('lab/zone-set.js');
const { answerFrom } = await dist('lab/answer.js');
const { composeResolver } = await dist('cli/compose.js');
const { parseConfig } = await dist('config/load-config.js');
const { Edge } = await dist('server/edge.js');
const { handleQuery } = await dist('server/handle-query.js');
const { QueryStatsRecorder } = await dist('server/query-stats.js');
const { systemClock } = await dist('transport/system-clock.js');
const { cryptoRandom } = await dist('transport/crypto-random.js');
const { defaultLimits } = await dist('config/limits.js');

const { signatureCosts } = await import('./signature-cost.mjs');

const log = { debug() {}, info() {}, warn() {}, error() {} };
const HEADER = {
  id: 1,
  opcode: 0,
  rcode: 0,
  qr: false,
  aa: false,
  tc: false,
  rd: true,
  ra: false,
  ad: false,
  cd: false,
};
const query = (name, type) => ({
  ...HEADER,
  questions: [{ name: nameFromText(name), type, class: 1 }],
  answer: [],
  authority: [],
  additional: [],
  edns: { version: 0, udpSize: 1232, dnssecOk: false, options: [] },
});

const ZONES = 8000;

/** Root, one TLD and its zones in one object; every question is answered at once. */
function simulatedNetwork() {
  const delegations = Array.from({ length: ZONES }, (_, i) => `d${i} NS ns.d${i}\nns.d${i} A 203.0.113.1`).join('\n');
  const zones = [
    loadZone(
      '. 60 SOA . . 1 2 3 4 5\n. 86400 NS a.root.\na.root. 86400 A 198.41.0.4\ncom. 86400 NS a.com.\na.com. 86400 A 192.5.6.30',
    ),
    loadZone(`$ORIGIN com.\n@ 60 SOA . . 1 2 3 4 5\n@ 86400 NS a\na 86400 A 192.5.6.30\n$TTL 86400\n${delegations}`),
    ...Array.from({ length: ZONES }, (_, i) =>
      loadZone(`$ORIGIN d${i}.com.\n$TTL 3600\n@ SOA . . 1 2 3 4 5\n@ NS ns\nns A 203.0.113.1\n* A 192.0.2.1`),
    ),
  ];
  const set = (from, to) => new ZoneSet(zones.slice(from, to));
  const byAddress = { '198.41.0.4': set(0, 1), '192.5.6.30': set(1, 2), '203.0.113.1': set(2) };
  return {
    async ask(exchange) {
      const message = answerFrom(byAddress[exchange.server.address], {
        ...query('.', 1),
        questions: [{ name: exchange.name, type: exchange.type, class: 1 }],
      });
      return { kind: 'reply', message, rtt: 1, octets: 100 };
    },
    async close() {},
  };
}

function edgeOver() {
  const outcome = parseConfig('upstream: { ipv6: false, caseRandomisation: false }', 'bench');
  const hints = { servers: [{ name: nameFromText('a.root.'), addresses: ['198.41.0.4'] }] };
  const { resolver } = composeResolver({ ...outcome.config, rootHints: hints }, { log, exchange: simulatedNetwork() });
  const settings = {
    allow: ['127.0.0.0/8'],
    snoop: [],
    notify: [],
    ednsBufferSize: 1232,
    logQueries: false,
    limits: defaultLimits(),
  };
  return new Edge({
    resolver,
    settings,
    clock: systemClock,
    log,
    stats: new QueryStatsRecorder(),
    random: cryptoRandom,
  });
}

const request = (octets) => ({ octets, address: '127.0.0.1', port: 4000, transport: 'udp' });

/** Median microseconds of CPU per call over `rounds` rounds of `count` calls. */
async function measure(count, call, rounds = 7) {
  const figures = [];
  for (let round = 0; round < rounds; round++) {
    const before = process.cpuUsage();
    for (let i = 0; i < count; i++) {
      const outcome = call(round * count + i);
      if (outcome instanceof Promise) await outcome;
    }
    const { user, system } = process.cpuUsage(before);
    figures.push((user + system) / count);
  }
  return figures.sort((a, b) => a - b)[rounds >> 1];
}

const tenRecords = {
  ...query('www.example.com.', 1),
  qr: true,
  answer: parseMasterFile(Array.from({ length: 10 }, (_, i) => `www.example.com. 60 IN A 192.0.2.${i}`).join('\n'))
    .records,
};
const encoded = encodeMessage(tenRecords).bytes;
const edge = edgeOver();
const hit = request(encodeMessage(query('www.d0.com.', 1)).bytes);
await handleQuery(hit, edge);
const results = {
  'decode, ten records': await measure(20_000, () => decodeMessage(encoded)),
  'encode, ten records': await measure(20_000, () => encodeMessage(tenRecords)),
  'hit, octets to octets': await measure(20_000, () => handleQuery(hit, edge)),
  'leaf miss, one exchange': await measure(3_000, (i) =>
    handleQuery(request(encodeMessage(query(`u${i}.d0.com.`, 1)).bytes), edge),
  ),
  'miss, two exchanges': await measure(1_000, (i) =>
    handleQuery(request(encodeMessage(query(`www.d${i + 1}.com.`, 1)).bytes), edge),
  ),
};
const signatures = signatureCosts();
const { values: options } = parseArgs({
  options: { json: { type: 'boolean' }, save: { type: 'string' }, baseline: { type: 'string' } },
});
const figures = {
  ...results,
  ...Object.fromEntries(signatures.map(({ algorithm, ours }) => [`verify, ${algorithm}`, ours])),
};
const file = options.baseline ?? join(projectRoot, 'scripts/bench-baseline.json');
const baseline = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : undefined;
if (options.json) console.log(JSON.stringify({ ...results, signatures, baseline }, null, 2));
else show();
if (options.save !== undefined) {
  const made = { node: process.version, cpu: cpus()[0]?.model ?? 'unknown', microseconds: rounded(figures) };
  writeFileSync(options.save, `${JSON.stringify(made, null, 2)}\n`);
}
process.exit(0);

function rounded(values) {
  return Object.fromEntries(Object.entries(values).map(([what, us]) => [what, Number(us.toFixed(2))]));
}

function show() {
  console.log(`CPU time, us${baseline === undefined ? '' : `; baseline: ${baseline.cpu}, Node ${baseline.node}`}`);
  for (const [what, us] of Object.entries(figures)) {
    const before = baseline?.microseconds[what];
    const beside =
      before === undefined ? '' : `  baseline ${before.toFixed(2).padStart(8)}  x ${(us / before).toFixed(2)}`;
    console.log(`${what.padEnd(28)} ${us.toFixed(2).padStart(8)}${beside}`);
  }
  console.log('\nVerifying against bare crypto.verify with the same key, data and signature:');
  for (const { algorithm, ours, bare, ratio } of signatures) {
    const pair = `${ours.toFixed(1).padStart(8)} us  bare ${bare.toFixed(1).padStart(7)} us`;
    console.log(`${algorithm.padEnd(18)}${pair}  ratio ${ratio.toFixed(2)}`);
  }
}
