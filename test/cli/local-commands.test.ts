/** rootwalk local against the real endpoint over real local zones. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { serverAddress } from '../../src/dns/address.js';
import { type HttpEndpoint, startHttp } from '../../src/http/start-http.js';
import { fakeInspection } from '../http/fake-inspection.js';
import { run } from './captured-terminal.js';

const log = { debug() {}, info() {}, warn() {}, error() {} };
const folder = mkdtempSync(join(tmpdir(), 'rootwalk-local-'));
const token = 'the-right-token-1';
let endpoint: HttpEndpoint;
let there = '';

beforeAll(async () => {
  writeFileSync(join(folder, 'token'), `${token}\n`);
  const listen = serverAddress('127.0.0.1', 0);
  endpoint = await startHttp({ listen, inspection: fakeInspection([]), log, token, maxConnections: 8 });
  there = `--http ${endpoint.address.key} --token-file ${join(folder, 'token')}`;
});
afterAll(async () => {
  await endpoint.close();
  rmSync(folder, { recursive: true, force: true });
});

it('sets, lists and removes', async () => {
  const set = await run(`local set new.lan.example A 192.0.2.9 192.0.2.10 --ttl 60 ${there}`);
  expect(set).toMatchObject({ code: 0, err: '', out: 'new.lan.example.\tA\tset\t0\n' });
  const { out } = await run(`local list --suffix new.lan.example ${there}`);
  expect(out).toBe('new.lan.example.\tA\t60\tset\tlan.example. (static)\t192.0.2.9, 192.0.2.10\t-\n');
  await run(['local', 'set', 'lan.example', 'MX', '10 mail.example.', ...there.split(' ')]);
  expect((await run(`local list --suffix lan.example ${there}`)).out).toContain(
    '\tMX\t300\tset\tlan.example. (static)\t10 mail.example.\t-\n',
  );
  await run(`local remove lan.example MX ${there}`);
  const removed = await run(`local remove new.lan.example A --json ${there}`);
  expect(JSON.parse(removed.out)).toEqual({ name: 'new.lan.example.', type: 'A', flushed: 0, file: null });
  expect(JSON.parse((await run(`local list --json ${there}`)).out)).toMatchObject({ count: 2, file: null });
});

it('is a table for people, who are told where changes are kept', async () => {
  const { out } = await run(`local list ${there}`, true);
  expect(out).toMatch(/^NAME +TYPE +TTL +SOURCE +ZONE +DATA/);
  expect(out).toContain('memory only (local.file names a file)');
  expect((await run(`local set t.lan.example TXT hello ${there}`, true)).out).toContain('until the server ends');
});

it('says no with words, a way out and an exit code', async () => {
  const absent = await run(`local remove nothing.lan.example A ${there}`);
  expect(absent).toMatchObject({
    code: 1,
    err: expect.stringContaining('there is no local record nothing.lan.example. A'),
  });
  const refused = await run(`local set x.ads.example A 192.0.2.1 ${there}`);
  expect(refused).toMatchObject({ code: 2, err: expect.stringContaining('answers without looking at records') });
  const swapped = await run(`local set A nas.lan.example 192.0.2.1 ${there}`);
  expect(swapped).toMatchObject({ code: 2, err: expect.stringContaining('did you mean nas.lan.example A?') });
  const wrong = await run(`local set nas.lan.example A 192.0.2 ${there}`);
  expect(wrong).toMatchObject({ code: 2, err: expect.stringContaining('parameter data') });
});
