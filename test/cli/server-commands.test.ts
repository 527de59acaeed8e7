/** Commands that talk to a running server, against the real endpoint over a made-up cache. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { HttpClient } from '../../src/cli/http-client.js';
import { watch } from '../../src/cli/stats.js';
import { serverAddress } from '../../src/dns/address.js';
import { dumpHead, dumpLine } from '../../src/http/dump-lines.js';
import { type HttpEndpoint, startHttp } from '../../src/http/start-http.js';
import { entry, type FakeInspection, fakeInspection, sampleContent, sampleEntries } from '../http/fake-inspection.js';
import { capturedTerminal, run } from './captured-terminal.js';

const log = { debug() {}, info() {}, warn() {}, error() {} };
const folder = mkdtempSync(join(tmpdir(), 'rootwalk-cli-'));
const tokenFile = join(folder, 'token');
let endpoint: HttpEndpoint;
let inspection: FakeInspection;
let there = '';

beforeAll(async () => {
  inspection = fakeInspection();
  endpoint = await startHttp({
    listen: serverAddress('127.0.0.1', 0),
    inspection,
    log,
    token: 'the-right-token-1',
    maxConnections: 64,
  });
  there = `--http ${endpoint.address.key}`;
});
beforeEach(() => {
  inspection.held.splice(0, inspection.held.length, ...sampleEntries());
  writeFileSync(tokenFile, 'the-right-token-1\n');
});
afterAll(async () => {
  await endpoint.close();
  rmSync(folder, { recursive: true, force: true });
});

describe('cache list', () => {
  it('is tab-separated without a heading in a pipe', async () => {
    const { code, out, err } = await run(`cache list --type A --suffix example.org ${there}`);
    expect(code).toBe(0);
    expect(err).toBe('');
    expect(out).toBe('www.example.org.\tA\trrset\t250\t7\t240\tinsecure\t42\t192.0.2.53:53\t192.0.2.1\n');
  });

  it('is a table with a heading for people', async () => {
    const { out } = await run(`cache list --kind delegation ${there}`, true);
    const [heading, row] = out.split('\n');
    expect(heading).toMatch(/^NAME +TYPE +KIND +TTL/);
    expect(row).toMatch(
      /^example\.org\. +\* +delegation +86000 +0 +240 B +insecure +42 +192\.0\.2\.53:53 +ns1\.example\.org\.$/,
    );
    expect(heading!.indexOf('KIND')).toBe(row!.indexOf('delegation'));
  });

  it('is JSON on request', async () => {
    const listing = JSON.parse((await run(`cache list --json --kind nxdomain ${there}`)).out);
    expect(listing).toMatchObject({ count: 1, more: false, entries: [{ name: 'nothing.example.org.', type: null }] });
  });

  it('says when there is more, apart from the list', async () => {
    const { out, err } = await run(`cache list --limit 2 ${there}`);
    expect(out.trimEnd().split('\n')).toHaveLength(2);
    expect(err).toContain('there are more entries');
    expect(JSON.parse((await run(`cache list --limit 2 --sort name --json ${there}`)).out).more).toBe(true);
  });

  it.each([
    ['hits', 'www.example.org.'],
    ['ttl', 'nothing.example.org.'],
    ['name', '.'],
    ['bytes', 'www.example.org.'],
    ['cost', 'www.example.org.'],
    ['age', 'www.example.org.'],
  ])('sorts by %s before it cuts', async (order, first) => {
    const { out } = await run(`cache list --limit 1 --sort ${order} ${there}`);
    expect(out.split('\t')[0]).toBe(first);
  });

  it('does not let data steer the terminal', async () => {
    expect((await run(`cache list --kind failure ${there}`)).out).toContain('answered\\x1b[2J');
  });

  it.each([
    ['--kind nxdomian', 'did you mean nxdomain?'],
    ['--type AAAAA', 'did you mean AAAA?'],
    ['--sort hit', 'did you mean hits?'],
    ['--limit 0', 'from 1 to 10000'],
    ['--suffix a..b', 'did you mean a.b?'],
  ])('explains %s', async (words, way) => {
    const { code, err } = await run(`cache list ${words} ${there}`);
    expect(code).toBe(2);
    expect(err).toContain(way);
  });
});

describe('why', () => {
  it('prints the reason and the tree, and fails with the answer', async () => {
    const { code, out } = await run(`why www.example.org ${there}`);
    expect(code).toBe(1);
    expect(out.split('\n')).toEqual([
      'www.example.org. A: SERVFAIL',
      '  the servers say\\x1b[2J no',
      '',
      '.',
      '  anchor   none',
      '  DNSKEY   could not be had: hidden\\x07',
      '  trust    ends here, indeterminate: no trust anchor',
      '',
    ]);
  });

  it.each([
    ['good.example', 0],
    ['bogus.example', 1],
    ['unknown.example --cached', 1],
  ])('%s ends with %i', async (words, expected) => {
    expect((await run(`why ${words} ${there}`)).code).toBe(expected);
  });

  it('has what is not known resolved, unless --cached', async () => {
    inspection.asked.length = 0;
    await run(`why good.example ${there}`);
    await run(`why good.example mx --cached ${there}`);
    await run(['why', '.', 'NS', '--cached', ...there.split(' ')]);
    expect(inspection.asked).toEqual(['good.example. A resolve', 'good.example. MX', '. NS']);
  });

  it('is JSON on request', async () => {
    const shown = JSON.parse((await run(`why good.example --json ${there}`)).out);
    expect(shown).toMatchObject({ question: { name: 'good.example.', type: 'A' }, rcode: 'NOERROR' });
  });

  it('without a name lists what went wrong lately', async () => {
    const plain = await run(`why ${there}`);
    expect(plain.code).toBe(0);
    expect(plain.out).toBe(
      '2026-01-02T03:04:05.678Z\twww.broken.example.\tA\t3\tSERVFAIL\tunchecked\t5003\t14\tno server answered\\x1b[2J\n',
    );
    expect((await run(`why ${there}`, true)).out).toMatch(/^WHEN +NAME +TYPE +TIMES/);
    expect(JSON.parse((await run(`why --json ${there}`)).out).recorded).toHaveLength(1);
  });

  it.each([
    ['a..b', 'did you mean a.b?'],
    ['www.example.org AAAAA', 'did you mean AAAA?'],
    ['www.example.org ANY', 'ask for a type like A or MX'],
  ])('explains %s', async (words, way) => {
    const { code, err } = await run(`why ${words} ${there}`);
    expect(code).toBe(2);
    expect(err).toContain(way);
  });
});

describe('cache get', () => {
  it('shows records, TTL, origin and use', async () => {
    const { code, out } = await run(`cache get www.example.org a ${there}`);
    expect(code).toBe(0);
    expect(out.split('\n')).toEqual([
      'www.example.org. A (rrset, insecure)',
      'record\twww.example.org. 300 IN A 192.0.2.1',
      'ttl\t250 of 300 s',
      'from\t192.0.2.53:53 over udp, answer section',
      'credibility\tanswerAuthoritative',
      'asked for\twww.example.org. A: 3 exchanges, 42 ms',
      'stored\t2026-01-02T03:04:05.000Z',
      'used\t7 times',
      'size\t240 B',
      '',
    ]);
  });

  it('shows all types, aligned for people', async () => {
    const { out } = await run(`cache get www.example.org ${there}`, true);
    expect(out).toMatch(/^record {7}www\.example\.org\. 300 IN A 192\.0\.2\.1$/m);
    expect(out).toContain('\n\nwww.example.org. AAAA (rrset, insecure)\n');
  });

  it('gives reasons, and reaches the root and odd names', async () => {
    expect((await run(`cache get broken.example ${there}`)).out).toContain(
      'because\t22 (no reachable authority): no server of broken.example answered\\x1b[2J',
    );
    expect((await run(`cache get . NS ${there}`)).out).toMatch(/^\. NS \(rrset/);
    const odd = JSON.parse((await run(['cache', 'get', '1/2.a\\.b.example.net', '--json', ...there.split(' ')])).out);
    expect(odd.entries[0].records[0].fields).toBeTypeOf('object');
  });

  it.each([
    ['www.example.org TXT', 'of this name there is A, AAAA'],
    ['www.exmaple.org', 'did you mean www.example.org.?'],
    ['entirely.different.test', 'cache list --suffix'],
  ])('ends with 1 for %s and says what there is', async (words, way) => {
    const { code, out, err } = await run(`cache get ${words} ${there}`);
    expect({ code, out }).toEqual({ code: 1, out: '' });
    expect(err).toContain('is not in the cache');
    expect(err).toContain(way);
  });
});

describe('cache flush', () => {
  const withToken = () => `${there} --token-file ${tokenFile}`;

  it.each([
    ['www.example.org A', 1],
    ['www.example.org', 2],
    ['--suffix example.org', 4],
    ['--type A', 3],
    ['--kind failure', 1],
    ['--suffix example.org --type AAAA', 1],
    ['--negative', 2],
    ['--negative --suffix example', 1],
    ['--bogus', 0],
    ['--all', 7],
    ['nowhere.example', 0],
  ])('%s removes what it says', async (words, removed) => {
    const { code, out } = await run(`cache flush ${words} ${withToken()}`);
    expect({ code, out }).toEqual({ code: 0, out: `${removed}\n` });
    expect(inspection.held).toHaveLength(7 - removed);
  });

  it('tells people in words and programs in JSON', async () => {
    expect((await run(`cache flush --kind failure ${withToken()}`, true)).out).toBe('removed 1 entry\n');
    // The shared cache of this server is away.
    const all = await run(`cache flush --all --json ${withToken()}`);
    expect(JSON.parse(all.out)).toEqual({ removed: 6, untold: 'shared cache' });
    expect(all.err).toContain('the shared cache cannot be reached');
  });

  it('says nothing of a shared cache when it was told, or nothing was flushed', async () => {
    const { stats } = inspection;
    inspection.stats = () => ({ ...stats(), shared: { ...stats().shared!, circuit: 'closed' } });
    const told = await run(`cache flush --all --json ${withToken()}`);
    inspection.stats = stats;
    const dry = await run(`cache flush --all --dry-run ${withToken()}`);
    expect([JSON.parse(told.out), told.err, dry.err]).toEqual([{ removed: 7 }, '', '']);
  });

  it.each(['', '--all --type A', 'www.example.org --all', 'www.example.org --suffix org'])(
    'removes nothing for "%s"',
    async (words) => {
      const { code, err } = await run(`cache flush ${words} ${withToken()}`);
      expect(code).toBe(2);
      expect(err).toContain('--suffix');
      expect(inspection.held).toHaveLength(7);
    },
  );

  it('says where the token is when it has none, the wrong one or an unreadable one', async () => {
    const none = await run(`cache flush --all ${there}`);
    expect(none.code).toBe(2);
    expect(none.err).toMatch(/wants a token and none was found[\s\S]*--token-file/);
    writeFileSync(tokenFile, 'another');
    expect((await run(`cache flush --all ${withToken()}`)).err).toMatch(/refuses the token[\s\S]*--config/);
    const absent = await run(`cache flush --all ${there} --token-file ${folder}/none`);
    expect(absent.err).toContain('none cannot be read (ENOENT)');
    expect(inspection.held).toHaveLength(7);
  });

  it('finds endpoint and token in the configuration', async () => {
    const config = join(folder, 'rootwalk.yaml');
    writeFileSync(config, `http: { listen: "${endpoint.address.key}", token: the-right-token-1 }\n`);
    expect((await run(`cache flush --all --config ${config}`)).out).toBe('7\n');
  });
});

describe('cache flush --dry-run', () => {
  it('removes nothing', async () => {
    const words = `cache flush --suffix example.org --dry-run ${there} --token-file ${tokenFile}`;
    expect((await run(words)).out).toBe('4\n');
    expect((await run(words, true)).out).toBe('would remove 4 entries\n');
    expect((await run(`cache flush www.example.org A --dry-run ${there} --token-file ${tokenFile}`)).out).toBe('1\n');
    expect(inspection.held).toHaveLength(7);
  });
});

describe('cache tree', () => {
  it('goes down zone by zone', async () => {
    const { code, out } = await run(`cache tree www.example.org ${there}`);
    expect(code).toBe(0);
    expect(out.split('\n')).toEqual([
      '.',
      '  delegation  500000 of 300 s, from 192.0.2.53:53',
      '  server      a.root-servers.net.  glue 192.0.2.1, 1 address looked up',
      '  DNSKEY      2 records, secure, 3600 s',
      '  org.',
      '    DS          2 records, secure, 3600 s',
      '    DNSKEY      2 records, secure, 3600 s',
      '    missing     the delegation: . will be asked',
      '    example.org.',
      '      delegation  86000 of 300 s, from 192.0.2.53:53',
      '      server      ns1.example.org.  no address known',
      '      missing     an address of any of its servers: one will be looked up',
      '      missing     whether it is signed: its DS',
      '      www.example.org.',
      '        A (rrset, insecure), 250 s  192.0.2.1',
      '        AAAA (rrset, insecure), 120 s  2001:db8::1',
      '',
    ]);
  });

  it('is JSON on request', async () => {
    const tree = JSON.parse((await run(`cache tree www.example.org --json ${there}`)).out);
    expect(tree).toMatchObject({ name: 'www.example.org.', zones: [{ zone: '.' }, {}, {}], deniedAt: null });
  });
});

describe('cache dump and load', () => {
  const file = join(folder, 'cache.jsonl');
  const loading = () => `cache load ${file} ${there} --token-file ${tokenFile}`;
  beforeEach(() => {
    inspection.loaded.splice(0);
    inspection.dumped.splice(0, inspection.dumped.length, sampleContent(1), sampleContent(2));
  });

  it('goes to a file for its user alone, and back', async () => {
    const dumped = await run(`cache dump ${file} ${there}`);
    expect(dumped).toMatchObject({ code: 0, out: '', err: `3 lines written to ${file}\n` });
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(readdirSync(folder).filter((name) => name.endsWith('.part'))).toEqual([]);
    expect(await run(loading())).toMatchObject({ code: 0, out: '2\n', err: '' });
    expect(inspection.loaded).toEqual(inspection.dumped);
    expect(JSON.parse((await run(`${loading()} --json`)).out)).toMatchObject({ loaded: 2, refused: 0, problems: [] });
  });

  it('goes to standard output, in either form', async () => {
    const { out } = await run(`cache dump ${there}`);
    expect(
      out
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line).name),
    ).toEqual([undefined, 'www.example.', 'www.example.']);
    expect((await run(`cache dump --format zone --kind failure ${there}`)).out).toMatch(/^; [^\n]*\n$/);
    expect((await run(`cache dump --format jsnol ${there}`)).err).toContain('did you mean jsonl?');
  });

  it('goes back in parts when it is long, and lines of the file are told', async () => {
    const [good, bad] = [dumpLine(sampleContent(1)), dumpLine(sampleContent(13))];
    const long = Math.ceil((2.5 * 1024 * 1024) / good.length);
    writeFileSync(file, dumpHead(0) + good.repeat(long) + bad);
    const { code, out, err } = await run(loading(), true);
    expect(code).toBe(1);
    expect(out).toBe(`loaded ${long} entries; left out: 0 known or without room, 0 expired, 1 refused\n`);
    expect(err).toBe(`${file}:${long + 2}: thirteen\\x1b[2J\n`);
  });

  it.each([
    ['', 'is empty'],
    ['www.example. 300 IN A 192.0.2.1\n', ':1: this is a master file'],
    [`${dumpHead(0)}${'x'.repeat(2 * 1024 * 1024 + 1)}`, ':2: a line is longer'],
  ])('explains a file of %.20s', async (text, message) => {
    writeFileSync(file, text);
    const { code, err } = await run(loading());
    expect(code).toBe(2);
    expect(err).toContain(message);
  });

  it('explains files that cannot be had, and wants the token', async () => {
    expect((await run(`cache load ${folder}/none ${there}`)).err).toContain('none cannot be read: ENOENT');
    expect((await run(`cache dump ${folder}/no/where ${there}`)).err).toContain('where cannot be written: ENOENT');
    writeFileSync(file, dumpHead(0) + dumpLine(sampleContent(1)));
    expect((await run(`cache load ${file} ${there}`)).err).toContain('wants a token');
    expect(inspection.loaded).toEqual([]);
  });

  it('leaves what was there when a dump breaks off', async () => {
    writeFileSync(file, 'before');
    const socket = createServer((_request, reply) => {
      reply.writeHead(200, { 'content-type': 'application/x-ndjson' });
      reply.write('{"format"', () => reply.destroy());
    });
    await new Promise<void>((resolve) => socket.listen(0, '127.0.0.1', resolve));
    const { code, err } = await run(`cache dump ${file} --http 127.0.0.1:${(socket.address() as AddressInfo).port}`);
    expect([code, readFileSync(file, 'utf8')]).toEqual([2, 'before']);
    expect(err).toContain('cannot be asked');
    expect(readdirSync(folder).filter((name) => name.endsWith('.part'))).toEqual([]);
    await new Promise((resolve) => socket.close(resolve));
  });
});

describe('stats', () => {
  it('shows the figures', async () => {
    const { code, out } = await run(`stats ${there}`);
    expect(code).toBe(0);
    expect(out).toContain('up\t1d 2h 3m 4s\n');
    expect(out).toContain('hit ratio\t78.9 % (75 hits, 20 misses)\n');
    expect(out).toContain('last minute\t75.0 % hits; cache 3, network 1\n');
    expect(out).toContain('last hour\tno hits or misses\n');
    expect(out).toContain('hits by type\tA 75.0 %, AAAA 100.0 %, MX 0.0 %\n');
    expect(out).toContain('types\tA 60, AAAA 30, TYPE65281 6, TYPE65280 4\n');
    expect(out).toContain('stale\t4 after waiting, 3 after a failure, 2 soon after one, 1 at once\n');
    expect(out).toContain('prefetched\t9 started, 7 succeeded, 1 failed, 2 refused\n');
    expect(out).toContain('kept warm\t6 started, 6 succeeded, 0 failed, 0 refused\n');
    expect(out).toContain('fetched ahead\t21 hits on it, 1 under way\n');
    expect(out).toContain('network\tIPv4 up, IPv6 down\n');
    expect(out).toContain('server\t192.0.2.53:53: 13 ms, 50 exchanges, 4 timeouts\n');
    expect(out).toContain('shared cache\tredis://***@cache.example:6379 left alone for now; given up 2 times\n');
    expect(out).toContain('shared lookups\t20, 12 answered; 1.5 ms, slowest 12.0 ms\n');
    expect(JSON.parse((await run(`stats --json ${there}`)).out)).toMatchObject({ hitRatio: 0.789 });
  });

  it('shows the stores of the cache', async () => {
    expect((await run(`cache stats ${there}`)).out).toContain('rrset\t20\t4800\t10\t5\t1\t6\t2\t3\t7\t4\n');
    expect((await run(`cache stats ${there}`, true)).out).toMatch(
      /^STORE +ENTRIES +SIZE[\s\S]*may use 256 MiB\nanswers made from NSEC and NSEC3 records: 5 nxdomain, 3 nodata, 1 wildcard\n$/,
    );
    expect(JSON.parse((await run(`cache stats --json ${there}`)).out)).toMatchObject({ maxBytes: 268_435_456 });
  });

  it('tells what another size of the cache would do', async () => {
    expect((await run(`cache what-if ${there}`)).out).toBe(
      'half\t134217728\t0.751\nas it is\t268435456\t0.789\ndouble\t536870912\t0.802\nfour times\t1073741824\t0.804\n',
    );
    expect((await run(`cache what-if ${there}`, true)).out).toMatch(
      /^CACHE +SIZE +HIT RATIO\nhalf +128 MiB +75.1 %[\s\S]*480 of 120000 lookups[\s\S]*too few/,
    );
    expect(JSON.parse((await run(`cache what-if --json ${there}`)).out)).toMatchObject({ sampled: 480 });
  });

  it('watches until told to stop, with rates from the second look on', async () => {
    const ended = new AbortController();
    const real = inspection.stats;
    let looks = 0;
    inspection.stats = () => {
      looks++;
      const snapshot = real();
      if (looks === 2) ended.abort();
      const queries = { ...snapshot.queries, total: 100 + 30 * looks };
      return { ...snapshot, uptimeSeconds: 100 + 10 * looks, queries };
    };
    const terminal = capturedTerminal();
    const client = new HttpClient(endpoint.address, async () => undefined);
    await watch(client, {}, terminal, ended.signal, 1).finally(() => {
      inspection.stats = real;
    });
    expect(looks).toBe(2);
    expect(terminal.written.out).toContain('queries\t130\n');
    expect(terminal.written.out).toContain('queries\t160 (3.0 a second)\n');
  });
});

describe('anchors', () => {
  it('is a line for each anchor, negative ones last, in a pipe', async () => {
    const { code, out } = await run(`anchors ${there}`);
    expect(code).toBe(0);
    expect(out.split('\n').map((line) => line.split('\t').slice(0, 5).join(' '))).toEqual([
      '. 38696 RSASHA256 (8) unseen built-in',
      '. 20454 RSASHA256 (8) revoked built-in',
      '. 4711 RSASHA256 (8) valid learnt',
      'broken.example. - - negative, expired config',
      'old.example. - - negative config',
      '',
    ]);
    expect(out).toContain('\t2026-01-01T00:00Z\t2026-01-02T00:00Z\t2026-01-03T00:00Z\tthe last refresh failed: nobody');
    expect(out).toContain('until 2026-01-01T00:00Z: ticket 1\n');
    expect(out).not.toContain('\u001b');
  });

  it('tells people where the state is kept', async () => {
    expect((await run(`anchors ${there}`, true)).out).toContain('state kept in /var/lib/rootwalk/trust-anchors.json');
  });

  it('is JSON on request', async () => {
    const body = JSON.parse((await run(`anchors --json ${there}`)).out);
    expect(body.anchors[2]).toMatchObject({ zone: '.', keyTag: 4711, state: 'valid', validFrom: null });
    expect(body.negative[0]).toEqual({
      name: 'broken.example.',
      until: '2026-01-01T00:00:00.000Z',
      reason: 'ticket 1',
      expired: true,
    });
  });
});

describe('what stands in the way', () => {
  let other: Server | undefined;
  afterEach(() => other?.close());

  async function answering(status: number, body: string): Promise<string> {
    other = createServer((_request, response) => response.writeHead(status).end(body));
    await new Promise<void>((resolve) => other!.listen(0, '127.0.0.1', resolve));
    return `--http 127.0.0.1:${(other.address() as AddressInfo).port}`;
  }

  it('nobody listens there', async () => {
    const place = await answering(200, '');
    await new Promise((resolve) => other!.close(resolve));
    const { code, err } = await run(`stats ${place}`);
    expect(code).toBe(2);
    expect(err).toMatch(/nothing listens at 127\.0\.0\.1:\d+: no server is running there[\s\S]*rootwalk serve/);
  });

  it.each([
    [200, '<html>hello</html>'],
    [404, '{"message":"no such page"}'],
    [500, 'null'],
    [200, '{"status":"ok"}'],
    [200, '[]'],
  ])('somebody else answers %i', async (status, body) => {
    const { code, err } = await run(`stats ${await answering(status, body)}`);
    expect(code).toBe(2);
    expect(err).toContain('is not rootwalk');
  });

  it('the server has its own trouble', async () => {
    const { err } = await run(`stats ${await answering(500, '{"error":"it \\u001b[1m failed","hint":"see the log"}')}`);
    expect(err).toContain('says: it \\x1b[1m failed\n  see the log\n');
  });

  it('the endpoint is off in the configuration, or that is wrong', async () => {
    const config = join(folder, 'off.yaml');
    writeFileSync(config, 'http: false\n');
    expect((await run(`stats --config ${config}`)).err).toMatch(/endpoint is off in .*off\.yaml[\s\S]*listen:/);
    writeFileSync(config, 'htpp: false\n');
    const { code, err } = await run(`stats --config ${config}`);
    expect(code).toBe(2);
    expect(err).toContain('off.yaml:1:1: htpp');
  });

  it('the address is none', async () => {
    expect((await run('stats --http localhost:8053')).err).toContain('--http');
  });
});

it('shows nothing of an empty cache, in every form', async () => {
  inspection.held.splice(0);
  expect(await run(`cache list ${there}`)).toEqual({ code: 0, out: '', err: '' });
  expect(JSON.parse((await run(`cache list --json ${there}`)).out)).toEqual({ count: 0, more: false, entries: [] });
});

it('cuts long data for people and never for programs', async () => {
  const long = Array.from({ length: 6 }, (_, i) => `${String(i).repeat(20)}`).join('.');
  inspection.held.splice(0, 7, entry('nodata', `${long}.example`, 16, {}));
  expect((await run(`cache list ${there}`)).out).toContain(`${long}.example.`);
  const drawn = (await run(`cache list ${there}`, true)).out;
  expect(drawn).toContain('…');
  expect(drawn).not.toContain(long);
});
