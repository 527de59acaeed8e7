/** What others change here while clients ask: local records over HTTP and CLI, and zones whose primary says NOTIFY. */
import { mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { eventually, type Started } from './internet/command.js';
import { type DigReply, rdataOf } from './internet/dig.js';
import { Island } from './internet/internet.js';
import { Rootwalk } from './internet/rootwalk.js';

const TOKEN = 'a-token-for-this-story';
const PRIMARY = '127.0.0.2';

let island: Island;
beforeEach(async () => {
  island = await Island.create();
});
afterEach(() => island?.end());

const answerOf = (reply: DigReply): string => `${reply.status} ${rdataOf(reply.answer).join()}`;

describe('local records', () => {
  let file: string;
  const start = (zones: readonly object[] = []) =>
    Rootwalk.start(island, { http: { listen: '127.0.0.1:8053', token: TOKEN }, local: { file, zones } });
  const request = (method: string, path: string, token = TOKEN) => {
    const headers = ['-H', `Authorization: Bearer ${token}`];
    const url = `http://127.0.0.1:8053${path}`;
    return island.run(['curl', '-sS', '--max-time', '10', '-w', ' %{http_code}', '-X', method, ...headers, url]);
  };

  it('answer as changed from the next question on, and after a restart', async () => {
    file = join(island.directory, 'state', 'local.zone');
    let rootwalk = await start();
    expect(answerOf(await rootwalk.dig('nas.home.arpa A'))).toBe('NXDOMAIN ');
    for (let i = 1; i <= 10; i++) {
      const { stdout } = await request('PUT', `/local/nas.home.arpa/A?data=192.0.2.${i}&ttl=60`);
      expect(stdout).toMatch(/ 200$/);
      expect(answerOf(await rootwalk.dig(`nas.home.arpa A ${i % 2 === 0 ? '+tcp' : '+notcp'}`))).toBe(
        `NOERROR A 192.0.2.${i}`,
      );
    }
    expect((await request('PUT', '/local/nas.home.arpa/A?data=192.0.2.66', 'a-guess-at-a-token')).stdout).toMatch(
      / 401$/,
    );
    expect((await request('PUT', '/local/old.home.arpa/TXT?data=gone')).stdout).toMatch(/ 200$/);
    expect((await request('DELETE', '/local/old.home.arpa/TXT')).stdout).toMatch(/ 200$/);
    expect(answerOf(await rootwalk.dig('old.home.arpa TXT'))).toBe('NXDOMAIN ');
    // Replaced by renaming: at no moment is there half a file, and none is left beside it.
    expect(readFileSync(file, 'utf8')).toContain('nas.home.arpa. 60 IN A 192.0.2.10\n');
    expect(statSync(`${file}.new`, { throwIfNoEntry: false })).toBeUndefined();
    rootwalk.process.signal('SIGKILL');
    await rootwalk.process.ended;
    rootwalk = await start();
    expect(answerOf(await rootwalk.dig('nas.home.arpa A'))).toBe('NOERROR A 192.0.2.10');
    expect(await rootwalk.stop()).toBe(0);
  });

  it('stand over a configuration that is read again, and a file that was spoilt is told with its line', async () => {
    file = join(island.directory, 'local.zone');
    const zone = (address: string) => ({ name: 'lan.example', records: [`nas.lan.example. 60 IN A ${address}`] });
    const rootwalk = await start([zone('192.0.2.1')]);
    const local = (...args: string[]) => rootwalk.cli(['local', ...args, '--config', rootwalk.configFile]);
    expect((await local('set', 'nas.lan.example', 'A', '192.0.2.9')).code).toBe(0);
    expect((await local('set', 'new.lan.example', 'A', '192.0.2.8')).code).toBe(0);
    rootwalk.rewriteConfig({
      http: { listen: '127.0.0.1:8053', token: TOKEN },
      local: { file, zones: [zone('192.0.2.2'), { name: 'more.example', records: ['more.example. A 192.0.2.3'] }] },
    });
    rootwalk.process.signal('SIGHUP');
    await eventually('the new zone answers', async () =>
      answerOf(await rootwalk.dig('more.example A')).endsWith('192.0.2.3'),
    );
    expect(answerOf(await rootwalk.dig('nas.lan.example A'))).toBe('NOERROR A 192.0.2.9');
    expect(answerOf(await rootwalk.dig('new.lan.example A'))).toBe('NOERROR A 192.0.2.8');
    const listed = await local('list', '--suffix', 'nas.lan.example');
    expect(listed.stdout).toBe('nas.lan.example.\tA\t300\tset\tlan.example. (static)\t192.0.2.9\t-\n');
    await rootwalk.stop();
    writeFileSync(file, `${readFileSync(file, 'utf8')}x.lan.example. A not-an-address\n`);
    await expect(start()).rejects.toThrow(/local\.zone:4: .*not-an-address/);
  });
});

describe('NOTIFY', () => {
  const directory = () => join(island.directory, 'knot');

  function writeZone(serial: number, address: string): void {
    const soa = `@ 3600 SOA ns hostmaster ${serial} 7200 900 1209600 300`;
    const text = `$ORIGIN corp.example.\n$TTL 300\n${soa}\n@ NS ns\nns A ${PRIMARY}\nwww A ${address}\n`;
    writeFileSync(join(directory(), 'corp.zone'), text);
  }

  /** Knot as primary of corp.example., with rootwalk among those it tells of changes. */
  function startPrimary(): Started {
    mkdirSync(directory());
    writeZone(1, '192.0.2.1');
    const config = `server:
  rundir: "${directory()}"
  listen: ["${PRIMARY}@53"]
database:
  storage: "${directory()}/database"
log:
  - target: stderr
    any: info
remote:
  - id: resolver
    address: 127.0.0.1@5300
    via: ${PRIMARY}
zone:
  - domain: corp.example.
    storage: "${directory()}"
    file: corp.zone
    zonefile-sync: -1
    journal-content: none
    notify: resolver
`;
    writeFileSync(join(directory(), 'knot.conf'), config);
    return island.start('knot', ['knotd', '-c', join(directory(), 'knot.conf')]);
  }

  it("of a zone's primary flushes it; of others it is refused", async () => {
    const rootwalk = await Rootwalk.start(island, {
      access: { notify: [PRIMARY] },
      zones: [{ name: 'corp.example', type: 'stub', servers: [PRIMARY] }],
      upstream: { allowLoopback: true },
      limits: { notifyInterval: 1, failureTtl: 1 },
    });
    const knot = startPrimary();
    const www = async () => answerOf(await rootwalk.dig('www.corp.example A'));
    await eventually(
      () => `the zone answers; knot printed:\n${knot.output()}`,
      async () => (await www()).endsWith('192.0.2.1'),
    );
    const before = (await rootwalk.stats()).queries.byNotify;
    writeZone(2, '192.0.2.2');
    knot.signal('SIGHUP');
    // Its TTL is 300 s.
    await eventually(
      () => `the new address answers; knot printed:\n${knot.output()}\nrootwalk:\n${rootwalk.process.output()}`,
      async () => (await www()).endsWith('192.0.2.2'),
      { within: 10_000 },
    );
    const after = (await rootwalk.stats()).queries.byNotify;
    expect(after.flushed + after.later).toBeGreaterThan(before.flushed + before.later);

    const stranger = await rootwalk.dig('corp.example SOA +opcode=notify +norecurse +noedns');
    expect([stranger.status, stranger.flags]).toEqual(['REFUSED', ['qr']]);
    const overTcp = await rootwalk.dig('corp.example SOA +opcode=notify +norecurse +noedns +tcp');
    expect(overTcp.status).toBe('REFUSED');
    const listed = await rootwalk.dig(`-b ${PRIMARY} corp.example SOA +opcode=notify +norecurse`);
    expect([listed.status, listed.flags]).toEqual(['NOERROR', ['qr', 'aa']]);
    expect((await rootwalk.stats()).queries.byNotify.refused).toBe(2);
    expect(await rootwalk.stop(), rootwalk.process.output()).toBe(0);
  });
});
