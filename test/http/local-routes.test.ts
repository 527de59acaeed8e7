/** The routes below /local through fastify.inject, over real local zones. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createApp } from '../../src/http/app.js';
import type { TextStore } from '../../src/ports/text-store.js';
import { entry, type FakeInspection, fakeInspection, sampleLocal } from './fake-inspection.js';

const TOKEN = 'correct-horse';
const AUTHORISED = { authorization: `Bearer ${TOKEN}` };
const silent = { debug() {}, info() {}, warn() {}, error() {} };

let inspection: FakeInspection;
let app: ReturnType<typeof createApp>;
beforeEach(() => {
  inspection = fakeInspection([entry('nxdomain', 'x.new.lan.example', 0, {}), entry('failure', 'example.org', 1, {})]);
  app = createApp({ inspection, log: silent, token: TOKEN });
});
afterEach(() => app.close());

function ask(method: 'GET' | 'PUT' | 'DELETE', url: string, more: object = {}) {
  const authorisation = method === 'GET' ? {} : AUTHORISED;
  return app.inject({ method, url, headers: { host: 'localhost', ...authorisation }, ...more });
}

describe('changing', () => {
  it('sets records, which are there for the next reader, and what the cache held below them is gone', async () => {
    const reply = await ask('PUT', '/local/New.lan.example/a?data=192.0.2.9&data=192.0.2.10&ttl=5m');
    expect(reply.statusCode).toBe(200);
    expect(reply.json()).toEqual({ name: 'new.lan.example.', type: 'A', flushed: 1, file: null });
    expect(inspection.held.map(({ kind }) => kind)).toEqual(['failure']);
    expect((await ask('GET', '/local/new.lan.example/A')).json()).toEqual({
      name: 'new.lan.example.',
      type: 'A',
      ttl: 300,
      data: ['192.0.2.9', '192.0.2.10'],
      zone: 'lan.example.',
      zoneType: 'static',
      source: 'set',
      unused: null,
    });
  });

  it('gives what was set without a TTL five minutes', async () => {
    await ask('PUT', `/local/t.lan.example/TXT?data=${encodeURIComponent('"a; b" c')}`);
    const { ttl, data } = (await ask('GET', '/local/t.lan.example/TXT')).json();
    expect([ttl, data]).toEqual([300, ['"a; b" "c"']]);
  });

  it('removes records, those of the configuration too; then there is nothing to remove', async () => {
    expect((await ask('DELETE', '/local/nas.lan.example/A')).statusCode).toBe(200);
    expect((await ask('GET', '/local/nas.lan.example/A')).json()).toMatchObject({
      source: 'removed',
      data: ['192.0.2.7'],
    });
    const again = await ask('DELETE', '/local/nas.lan.example/A');
    expect([again.statusCode, again.json().error]).toEqual([404, 'there is no local record nas.lan.example. A']);
  });

  it.each([
    ['/local/a.lan.example/A', 400, /nothing says what to set/],
    ['/local/a.lan.example/A?data=192.0.2.300', 400, /^parameter data: /],
    ['/local/a.lan.example/A?data=192.0.2.1&ttl=soon', 400, /^parameter ttl: /],
    ['/local/a.lan.example/A?data=192.0.2.1&ttl=1&ttl=2', 400, /given 2 times/],
    ['/local/a.lan.example/A?data=192.0.2.1&tll=1', 400, /no parameter "tll"/],
    ['/local/a.lan.example/A?data=192.0.2.1%0Ab.lan.example.%20A%20192.0.2.2', 400, /more than one line/],
    ['/local/a.lan.example/CNAME?data=a.&data=b.', 400, /one target/],
    ['/local/a.lan.example/ANY?data=1', 400, /ANY is no type of local record/],
    ['/local/a.lan.example/RRSIG?data=1', 400, /RRSIG is no type of local record/],
    ['/local/a.lan.example/AAAAA?data=1', 400, /not a record type/],
    ['/local/a..b/A?data=192.0.2.1', 400, /empty label/],
    ['/local/x.ads.example/A?data=192.0.2.1', 409, /always_nxdomain/],
    ['/local/nas.lan.example/CNAME?data=a.', 409, /a CNAME stands alone/],
    ['/local/a.lan.example', 404, /there is no PUT/],
  ])('PUT %s is refused: %i', async (url, status, error) => {
    const reply = await ask('PUT', url);
    expect([reply.statusCode, reply.json().error]).toEqual([status, expect.stringMatching(error)]);
    expect((await ask('GET', '/local')).json().records.map(({ source }: { source: string }) => source)).toEqual([
      'config',
      'config',
    ]);
  });

  it('is refused beyond limits.localRecords', async () => {
    const data = [1, 2, 3, 4, 5, 6].map((n) => `data=192.0.2.${n}`).join('&');
    const reply = await ask('PUT', `/local/many.lan.example/A?${data}`);
    expect([reply.statusCode, reply.json().error]).toEqual([409, expect.stringContaining('limits.localRecords')]);
  });

  it('wants the token and takes no body', async () => {
    for (const method of ['PUT', 'DELETE'] as const) {
      const reply = await ask(method, '/local/nas.lan.example/A?data=192.0.2.1', { headers: { host: 'localhost' } });
      expect(reply.statusCode).toBe(401);
    }
    const headers = { host: 'localhost', ...AUTHORISED, 'content-type': 'application/json' };
    const body = await ask('PUT', '/local/nas.lan.example/A?data=192.0.2.1', { headers, payload: '{}' });
    expect(body.statusCode).toBe(415);
    expect((await ask('GET', '/local/nas.lan.example/A')).json().source).toBe('config');
  });

  it('that cannot be kept holds all the same, and is told as not kept', async () => {
    const save = () => Promise.reject(new Error('ENOSPC'));
    const store: TextStore = { where: '/state/local.zone', load: () => undefined, save };
    const other = createApp({
      inspection: { ...inspection, local: sampleLocal(async () => 0, store) },
      log: silent,
      token: TOKEN,
    });
    const headers = { host: 'localhost', ...AUTHORISED };
    const reply = await other.inject({ method: 'PUT', url: '/local/a.lan.example/A?data=192.0.2.1', headers });
    expect([reply.statusCode, reply.json().error]).toEqual([
      500,
      expect.stringContaining('not kept in /state/local.zone: ENOSPC'),
    ]);
    const { records, file } = (await other.inject({ url: '/local?suffix=a.lan.example', headers })).json();
    expect([records.length, file]).toEqual([1, '/state/local.zone']);
    await other.close();
  });
});

describe('reading', () => {
  it('lists what is below a name and tells whether there is more', async () => {
    expect((await ask('GET', '/local')).json()).toMatchObject({ count: 2, more: false, file: null });
    expect((await ask('GET', '/local?limit=1')).json()).toMatchObject({ count: 1, more: true });
    expect((await ask('GET', '/local?suffix=www.lan.example')).json().records).toMatchObject([{ type: 'CNAME' }]);
    expect((await ask('GET', '/local?limit=0')).statusCode).toBe(400);
  });

  it('shows a built-in record, and none where there is none', async () => {
    expect((await ask('GET', '/local/localhost/A')).json()).toMatchObject({ source: 'built-in', data: ['127.0.0.1'] });
    expect((await ask('GET', '/local/nothing.example/A')).statusCode).toBe(404);
  });

  it('from elsewhere wants the token', async () => {
    const from = (url: string, headers = {}) =>
      ask('GET', url, { remoteAddress: '192.0.2.99', headers: { host: '192.0.2.7', ...headers } });
    for (const url of ['/local', '/local/nas.lan.example/A']) {
      expect((await from(url)).statusCode).toBe(401);
      expect((await from(url, AUTHORISED)).statusCode).toBe(200);
    }
  });
});
