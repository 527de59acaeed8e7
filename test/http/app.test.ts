/** Every route through fastify.inject: what it answers, and how it says no. */
import { type AddressInfo, connect } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { Type } from '../../src/dns/numbers.js';
import { createApp } from '../../src/http/app.js';
import { dumpLine } from '../../src/http/dump-lines.js';
import { entry, type FakeInspection, fakeInspection, sampleContent } from './fake-inspection.js';

const TOKEN = 'correct-horse';
const silent = { debug() {}, info() {}, warn() {}, error() {} };
let inspection: FakeInspection = fakeInspection();
let app = createApp({ inspection, log: silent, token: TOKEN });

afterEach(async () => {
  await app.close();
  inspection = fakeInspection();
  app = createApp({ inspection, log: silent, token: TOKEN });
});

const AUTHORISED = { authorization: `Bearer ${TOKEN}` };

function get(url: string, more: object = {}) {
  return app.inject({ method: 'GET', url, headers: { host: '127.0.0.1:8053' }, ...more });
}

function remove(url: string, headers: Record<string, string> = AUTHORISED) {
  return app.inject({ method: 'DELETE', url, headers: { host: 'localhost', ...headers } });
}

describe('reading', () => {
  it('answers /healthz and /stats', async () => {
    expect((await get('/healthz')).json()).toEqual({ status: 'ok' });
    expect((await get('/stats')).json()).toMatchObject({ hitRatio: 0.789, queries: { total: 100 } });
  });

  it('tells what the hit ratio would be at other sizes; an entry named what-if is asked for with its dot', async () => {
    const { hitRatio, sizes } = (await get('/cache/what-if')).json();
    expect([hitRatio, sizes[1]]).toEqual([0.789, { factor: 2, maxBytes: 536_870_912, hitRatio: 0.802 }]);
    expect((await get('/cache/what-if?name=a')).statusCode).toBe(400);
    expect((await get('/cache/what-if.')).json().error).toBe('what-if. is not in the cache');
  });

  it('shows the trust anchors', async () => {
    const { anchors, refreshes, negative, file } = (await get('/anchors')).json();
    expect(anchors[0]).toEqual({
      zone: '.',
      keyTag: 38696,
      algorithm: 'RSASHA256 (8)',
      state: 'unseen',
      source: 'built-in',
      since: null,
      lastSeen: null,
      validFrom: null,
    });
    expect(refreshes[0].nextRefresh).toBe('2026-01-03T00:00:00.000Z');
    expect((await get('/anchors?zone=.')).statusCode).toBe(400);
    expect([anchors.length, negative.length, file]).toEqual([3, 2, '/var/lib/rootwalk/trust-anchors.json']);
    expect((await get('/metrics')).body).toContain('rootwalk_trust_anchors{state="revoked"} 1');
  });

  it('says how octets that are no UTF-8 are written in an address', async () => {
    const refused = await get('/why/%ff%fe/A');
    expect(refused.statusCode).toBe(400);
    expect(refused.json().hint).toContain('%5CDDD');
    expect((await get('/why/%5C255%5C254/A')).statusCode).toBe(200);
  });

  it('lists the cache and tells whether there is more', async () => {
    const all = (await get('/cache')).json();
    expect(all).toMatchObject({ count: 7, more: false });
    expect(all.entries[0]).toEqual({
      kind: 'rrset',
      name: 'www.example.org.',
      type: 'A',
      ttlLeft: 250,
      ttlOriginal: 300,
      security: 'insecure',
      credibility: 'answerAuthoritative',
      server: '192.0.2.53:53',
      storedAt: '2026-01-02T03:04:05.000Z',
      hits: 7,
      bytes: 240,
      costMs: 42,
      records: 1,
      data: ['192.0.2.1'],
    });
    expect((await get('/cache?limit=7')).json()).toMatchObject({ count: 7, more: false });
    expect((await get('/cache?limit=2')).json()).toMatchObject({ count: 2, more: true });
  });

  it('does not show what is expired, and no credibility of a failure', async () => {
    inspection.held.push(entry('failure', 'gone.example', Type.A, { ttlLeft: -1 }));
    expect((await get('/cache')).json().count).toBe(7);
    expect((await get('/cache/gone.example')).statusCode).toBe(404);
    expect((await get('/cache?kind=failure')).json().entries).toMatchObject([{ credibility: '-' }]);
    expect((await get('/cache/broken.example')).json().entries[0].provenance.credibility).toBe('-');
  });

  it('filters by every condition at once', async () => {
    const names = async (query: string) =>
      (await get(`/cache?${query}`)).json().entries.map((e: { name: string }) => e.name);
    expect(await names('suffix=example.org&kind=rrset&type=aaaa')).toEqual(['www.example.org.']);
    expect(await names('name=1%2F2.a%5C.b.example.net')).toEqual(['1/2.a\\.b.example.net.']);
    expect(await names('kind=failure')).toEqual(['broken.example.']);
    expect(await names('suffix=b.example.net')).toEqual([]);
  });

  it('shows one entry with records, provenance and reasons', async () => {
    const shown = (await get('/cache/WWW.example.org/a')).json();
    expect(shown.entries).toHaveLength(1);
    expect(shown.entries[0]).toMatchObject({
      ttlLeft: 250,
      ttlOriginal: 300,
      provenance: { credibility: 'answerAuthoritative', askedFor: 'www.example.org. A', costExchanges: 3 },
      records: [{ name: 'www.example.org.', type: 'A', class: 'IN', ttl: 300 }],
    });
    expect(shown.entries[0].records[0].text.split(/\s+/)).toEqual(['www.example.org.', '300', 'IN', 'A', '192.0.2.1']);
    expect((await get('/cache/broken.example')).json().entries[0].because[0]).toMatchObject({
      code: 22,
      name: 'no reachable authority',
    });
  });

  it('reaches names with odd octets and the root', async () => {
    expect((await get('/cache/1%2F2.a%5C.b.example.net/A')).json().name).toBe('1/2.a\\.b.example.net.');
    expect((await get('/cache/@/NS')).json().name).toBe('.');
    const longest = `${Array(3).fill('\\001'.repeat(63)).join('.')}.${'\\001'.repeat(61)}`;
    expect((await get(`/cache/${encodeURIComponent(longest)}`)).statusCode).toBe(404);
  });

  it('lets an NXDOMAIN speak for every type and a delegation for NS', async () => {
    expect((await get('/cache/nothing.example.org/MX')).json().entries[0].kind).toBe('nxdomain');
    expect((await get('/cache/example.org/NS')).json().entries[0].kind).toBe('delegation');
    expect((await get('/cache/example.org/A')).statusCode).toBe(404);
  });
});

describe('explaining', () => {
  it('explains a name and type, A unless told', async () => {
    expect((await get('/why/good.example')).json()).toMatchObject({
      question: { name: 'good.example.', type: 'A' },
      rcode: 'NOERROR',
    });
    await get('/why/good.example/mx?resolve=true');
    await get('/why/@/DNSKEY?resolve=false');
    await get('/why/1%2F2.a%5C.b.example.net');
    expect(inspection.asked).toEqual([
      'good.example. A',
      'good.example. MX resolve',
      '. DNSKEY',
      '1/2.a\\.b.example.net. A',
    ]);
  });

  it('lists what went wrong lately', async () => {
    expect((await get('/why')).json()).toMatchObject({
      recorded: [{ name: 'www.broken.example.', times: 3, ms: 5003 }],
    });
  });

  it('does nothing but read', async () => {
    expect((await remove('/why/good.example')).statusCode).toBe(404);
    expect((await remove('/why/good.example', {})).statusCode).toBe(401);
  });
});

describe('removing', () => {
  it('removes what matches', async () => {
    expect((await remove('/cache?suffix=example.org')).json()).toEqual({ removed: 4, untold: 'shared cache' });
    expect((await remove('/cache/broken.example')).json()).toEqual({ removed: 1, untold: 'shared cache' });
    expect((await remove('/cache/@/NS')).json()).toEqual({ removed: 1, untold: 'shared cache' });
    expect((await remove('/cache?all=true')).json()).toEqual({ removed: 1, untold: 'shared cache' });
    expect(inspection.held).toEqual([]);
  });

  it('takes the NXDOMAIN away with any type of the name', async () => {
    expect((await remove('/cache/nothing.example.org/A')).json()).toEqual({ removed: 1, untold: 'shared cache' });
  });

  it('removes everything only when told so', async () => {
    expect((await remove('/cache')).json().hint).toContain('all=true');
    expect((await remove('/cache?all=yes')).statusCode).toBe(400);
    expect(inspection.held).toHaveLength(7);
  });

  it.each([
    ['no token', {}],
    ['another token', { authorization: 'Bearer wrong' }],
    ['a prefix of the token', { authorization: `Bearer ${TOKEN.slice(0, -1)}` }],
    ['another scheme', { authorization: `Basic ${TOKEN}` }],
    ['an empty token', { authorization: 'Bearer ' }],
  ])('refuses %s', async (_what, headers) => {
    const reply = await remove('/cache?all=true', headers);
    expect(reply.statusCode).toBe(401);
    expect(reply.headers['www-authenticate']).toContain('Bearer');
    expect(reply.json().hint).toContain('http.token');
    expect(inspection.held).toHaveLength(7);
  });
});

describe('refusing', () => {
  it.each([
    ['/cache?limit=0', 'limit', '10000'],
    ['/cache?limit=10001', 'limit', '10000'],
    ['/cache?limit=1e3', 'limit', '10000'],
    ['/cache?type=AAA', 'type', 'did you mean'],
    ['/cache?kind=nxdomian', 'kind', 'did you mean nxdomain?'],
    ['/cache?name=a..b', 'name', 'zone file'],
    ['/cache?sufix=example.org', 'sufix', 'suffix'],
    ['/cache?name=a&name=b', 'name', 'once'],
    ['/cache/a..b', 'name', 'zone file'],
    ['/why/a..b', 'name', 'zone file'],
    ['/why/a.example/AAAAA', 'type', 'did you mean AAAA?'],
    ['/why/a.example/ANY', 'ANY', 'like A or MX'],
    ['/why/a.example/OPT?resolve=true', 'OPT', 'like A or MX'],
    ['/why/a.example?resolve=yes', 'resolve', 'resolve=true'],
    ['/why/a.example?resolve=true&resolve=true', 'resolve', 'once'],
    ['/why/a.example?reslove=true', 'reslove', 'known are resolve'],
    ['/why?limit=1', 'limit', 'no parameters'],
    ['/cache/a.example/TYPE70000', 'type', 'TYPE65280'],
    ['/cache/a.example?limit=1', 'limit', 'no parameters'],
  ])('%s names the parameter and the way out', async (url, parameter, way) => {
    const reply = await get(url);
    expect(reply.statusCode).toBe(400);
    expect(reply.json().error).toContain(parameter);
    expect(`${reply.json().error} ${reply.json().hint}`).toContain(way);
  });

  it('answers JSON for unknown addresses, broken escapes and absent entries', async () => {
    for (const url of ['/nothing', '/cache/a/b/c', '/cache/absent.example', '/cache/absent.example/A']) {
      const reply = await get(url);
      expect(reply.statusCode).toBe(404);
      expect(Object.keys(reply.json())).toEqual(['error', 'hint']);
    }
    expect((await get('/cache/%zz')).json()).toHaveProperty('hint');
    expect((await get('/cache/%zz')).statusCode).toBe(400);
  });

  it.each([
    'evil.example',
    'evil.example:8053',
    'localhost.evil.example',
    '127.0.0.1.evil.example',
    '[evil]',
    'a@127.0.0.1',
  ])('refuses the Host %s', async (host) => {
    expect((await get('/cache', { headers: { host } })).statusCode).toBe(421);
  });

  it.each(['localhost', 'LOCALHOST:8053', '127.0.0.1', '[::1]:8053', '192.0.2.7:80'])(
    'accepts the Host %s',
    async (host) => {
      expect((await get('/healthz', { headers: { host } })).statusCode).toBe(200);
    },
  );

  it('shows the cache to other machines only with the token', async () => {
    const from = (remoteAddress: string, headers = {}) =>
      get('/cache', { remoteAddress, headers: { host: '192.0.2.7', ...headers } });
    expect((await from('192.0.2.99')).statusCode).toBe(401);
    expect((await from('192.0.2.99', AUTHORISED)).statusCode).toBe(200);
    expect((await from('::ffff:127.0.0.1')).statusCode).toBe(200);
    expect((await get('/stats', { remoteAddress: '192.0.2.99' })).statusCode).toBe(200);
  });

  it('shows reasons and recorded failures to other machines only with the token', async () => {
    const from = (url: string, headers = {}) =>
      get(url, { remoteAddress: '192.0.2.99', headers: { host: '192.0.2.7', ...headers } });
    for (const url of ['/why', '/why/www.example.org', '/why/www.example.org/AAAA?resolve=true']) {
      expect((await from(url)).statusCode).toBe(401);
      expect((await from(url, AUTHORISED)).statusCode).toBe(200);
    }
    expect(inspection.asked).toEqual(['www.example.org. A', 'www.example.org. AAAA resolve']);
  });

  it('is not led past the token by another spelling of the path', async () => {
    for (const url of ['/%77hy', '/%77hy/www.example.org', '/%63ache', '/w%68y/www.example.org/A?resolve=true']) {
      const reply = await get(url, { remoteAddress: '192.0.2.99', headers: { host: '192.0.2.7' } });
      expect([401, 404]).toContain(reply.statusCode);
    }
    expect(inspection.asked).toEqual([]);
  });

  it('takes no bodies', async () => {
    const reply = await app.inject({
      method: 'DELETE',
      url: '/cache?all=true',
      headers: { host: 'localhost', ...AUTHORISED, 'content-type': 'application/json' },
      payload: '{}',
    });
    expect(reply.statusCode).toBe(415);
    expect(inspection.held).toHaveLength(7);
  });

  it('keeps what went wrong inside in the log', async () => {
    const logged: string[] = [];
    const broken = {
      ...inspection,
      stats: () => {
        throw new Error('secret detail');
      },
    };
    const other = createApp({
      inspection: broken,
      log: { ...silent, error: (_, text) => logged.push(text) },
      token: TOKEN,
    });
    const reply = await other.inject({ url: '/stats', headers: { host: 'localhost' } });
    expect(reply.statusCode).toBe(500);
    expect(reply.body).not.toContain('secret');
    expect(logged).toHaveLength(1);
    await other.close();
  });

  it('does not start without a token', () => {
    expect(() => createApp({ inspection, log: silent, token: '' })).toThrow(RangeError);
  });
});

it('forbids sniffing, storing and cross-origin use on every answer', async () => {
  for (const url of ['/healthz', '/metrics', '/nothing', '/cache?limit=0']) {
    const { headers } = await get(url, { headers: { host: '127.0.0.1', origin: 'https://evil.example' } });
    expect(headers).toMatchObject({ 'x-content-type-options': 'nosniff', 'cache-control': 'no-store' });
    expect(headers).not.toHaveProperty('access-control-allow-origin');
  }
});

describe('sorting', () => {
  const first = async (query: string) => (await get(`/cache?limit=1&${query}`)).json().entries[0].name;

  it('is done by the server, over everything', async () => {
    expect(await first('sort=hits')).toBe('www.example.org.');
    expect(await first('sort=ttl')).toBe('nothing.example.org.');
    expect(await first('sort=ttl&reverse=true')).toBe('.');
    expect(await first('security=indeterminate')).toBe('broken.example.');
    expect((await get('/cache?negative=true')).json().count).toBe(2);
  });

  it.each([
    ['sort=hit', 'did you mean hits?'],
    ['reverse=false', 'reverse=true'],
    ['security=safe', 'secure, insecure'],
    ['order=asc', 'sort, reverse'],
  ])('explains %s', async (query, hint) => {
    const refused = await get(`/cache?${query}`);
    expect(refused.statusCode).toBe(400);
    expect(refused.json().hint).toContain(hint);
  });

  it('writes a listing of thousands piece by piece, and it is one JSON text', async () => {
    for (let i = 0; i < 1234; i++) inspection.held.push(entry('rrset', `n${i}.example.net`, Type.A, {}));
    const { count, more, entries } = (await get('/cache?suffix=example.net&limit=1000&type=A')).json();
    expect([count, more, entries.length]).toEqual([1000, true, 1000]);
  });
});

describe('trying out a flush', () => {
  it('says what would go and removes nothing', async () => {
    expect((await remove('/cache?suffix=example.org&dryRun=true')).json()).toEqual({ removed: 0, wouldRemove: 4 });
    expect((await remove('/cache/www.example.org?dryRun=true')).json()).toEqual({ removed: 0, wouldRemove: 2 });
    expect((await remove('/cache/www.example.org?dryrun=true')).statusCode).toBe(400);
    expect(inspection.held).toHaveLength(7);
  });
});

describe('the way down to a name', () => {
  it('is shown zone by zone with what is missing', async () => {
    const { zones, entries, deniedAt } = (await get('/tree/www.example.org')).json();
    expect(zones.map(({ zone, missing }: { zone: string; missing: string[] }) => [zone, ...missing])).toEqual([
      ['.'],
      ['org.', 'the delegation: . will be asked'],
      ['example.org.', 'an address of any of its servers: one will be looked up', 'whether it is signed: its DS'],
    ]);
    expect(zones[2].delegation).toMatchObject({
      ttlLeft: 86_000,
      hits: 3,
      servers: [{ name: 'ns1.example.org.', glue: [], known: 0 }],
    });
    expect(zones[1]).toMatchObject({ delegation: null, ds: { kind: 'held', count: 2 } });
    expect(entries).toHaveLength(2);
    expect(deniedAt).toBeNull();
    expect((await get('/tree/www.example.org?x=1')).statusCode).toBe(400);
  });

  it('is not told to other machines without the token', async () => {
    expect((await get('/tree/www.example.org', { remoteAddress: '192.0.2.9' })).statusCode).toBe(401);
    expect((await get('/cache/dump', { remoteAddress: '192.0.2.9' })).statusCode).toBe(401);
  });
});

describe('dump and load', () => {
  const load = (payload: string, headers: Record<string, string> = AUTHORISED) =>
    app.inject({ method: 'POST', url: '/cache/load', headers: { host: 'localhost', ...headers }, payload });
  const head = '{"format":"rootwalk-cache","version":1}\n';

  it('give back what was given', async () => {
    inspection.dumped.push(sampleContent(1), sampleContent(2));
    const dump = await get('/cache/dump');
    expect(dump.headers['content-type']).toContain('ndjson');
    expect((await load(dump.body)).json()).toEqual({ loaded: 2, known: 0, expired: 0, refused: 0, problems: [] });
    expect(inspection.loaded).toEqual(inspection.dumped);
  });

  it('take a filter and a format', async () => {
    inspection.dumped.push(sampleContent(1));
    expect((await get('/cache/dump?kind=failure')).body.trimEnd().split('\n')).toHaveLength(1);
    expect((await get('/cache/dump?format=zone')).body).toContain('\nwww.example. ');
    const refused = await get('/cache/dump?format=zones');
    expect([refused.statusCode, refused.json().hint]).toEqual([400, 'did you mean zone? formats are jsonl, zone']);
  });

  it('load what is good of what is broken, and say what is not', async () => {
    const [good, bad] = [dumpLine(sampleContent(1)), dumpLine(sampleContent(13))];
    const { loaded, refused, problems } = (await load(`${head}${good}nonsense\n\n${bad}${good.trimEnd()}`)).json();
    expect([loaded, refused]).toEqual([2, 2]);
    expect(problems).toEqual([
      { line: 3, error: 'this is not JSON' },
      { line: 5, error: 'thirteen\u001b[2J' },
    ]);
    const many = (await load(head + bad.repeat(50))).json();
    expect([many.refused, many.problems.length]).toEqual([50, 20]);
  });

  it.each([
    ['', 400, 'empty'],
    ['www.example. 300 IN A 192.0.2.1\n', 400, 'line 1: this is a master file'],
    ['{"format":"rootwalk-cache","version":99}\n', 400, 'version 99'],
    [`${head}${'x'.repeat(2 * 1024 * 1024 + 1)}`, 400, 'line 2: a line is longer'],
  ])('refuse %.40s', async (payload, status, message) => {
    const refused = await load(payload);
    expect(refused.statusCode).toBe(status);
    expect(refused.json().error).toContain(message);
    expect(inspection.loaded).toEqual([]);
  });

  it("take an upload that breaks off for the client's doing, not for a fault inside", async () => {
    const logged: string[] = [];
    const own = createApp({
      inspection,
      log: { ...silent, error: (_, text) => logged.push(text) },
      token: TOKEN,
    });
    const answered = new Promise((resolve) => own.addHook('onError', async () => resolve(undefined)));
    await own.listen({ host: '127.0.0.1', port: 0 });
    const { port } = own.server.address() as AddressInfo;
    const socket = connect(port, '127.0.0.1');
    const head = `POST /cache/load HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer ${TOKEN}\r\nContent-Length: 99\r\n\r\n`;
    socket.write(`${head}{`, () => setTimeout(() => socket.destroy(), 50));
    await answered;
    await own.close();
    expect(logged).toEqual([]);
  });

  it('want the token of everybody who loads', async () => {
    expect((await load(head, {})).statusCode).toBe(401);
    expect((await load(head, { authorization: 'Bearer wrong' })).statusCode).toBe(401);
  });
});
