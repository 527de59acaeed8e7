/** The real server on a loopback port: its bounds against peers that send too much. */
import { connect } from 'node:net';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { serverAddress } from '../../src/dns/address.js';
import { type HttpEndpoint, startHttp } from '../../src/http/start-http.js';
import { fakeInspection } from './fake-inspection.js';

const log = { debug() {}, info() {}, warn() {}, error() {} };
const options = { inspection: fakeInspection(), log, token: 'secret', maxConnections: 64 };
let endpoint: HttpEndpoint;

beforeAll(async () => {
  endpoint = await startHttp({ ...options, listen: serverAddress('127.0.0.1', 0) });
});
afterAll(() => endpoint.close());

/** What comes back for raw octets, until the server ends the connection. */
function send(text: string): Promise<string> {
  return new Promise((resolve) => {
    let reply = '';
    const socket = connect(endpoint.address.port, endpoint.address.address, () => socket.write(text));
    socket.on('data', (chunk) => {
      reply += chunk;
    });
    socket.on('error', () => resolve(reply));
    socket.on('close', () => resolve(reply));
  });
}

it('tells the port it was given and answers there', async () => {
  expect(endpoint.address.port).toBeGreaterThan(0);
  const reply = await fetch(`http://${endpoint.address.key}/stats`);
  expect(reply.status).toBe(200);
  expect(await reply.json()).toMatchObject({ version: '0.1.0' });
});

it('cuts off headers and addresses without end', async () => {
  const long = 'x'.repeat(10_000);
  expect(await send(`GET /healthz HTTP/1.1\r\nHost: localhost\r\nX: ${long}\r\n\r\n`)).toMatch(/^HTTP\/1\.1 431 /);
  expect(await send(`GET /cache/${long} HTTP/1.1\r\nHost: localhost\r\n\r\n`)).toMatch(/^HTTP\/1\.1 431 /);
});

it('answers what is not HTTP with JSON and hangs up', async () => {
  const reply = await send('\u0000\u0001 not http\r\n\r\n');
  expect(reply).toMatch(/^HTTP\/1\.1 400 /);
  expect(JSON.parse(reply.split('\r\n\r\n')[1]!)).toHaveProperty('hint');
});

it('refuses requests that name no host', async () => {
  expect(await send('GET /stats HTTP/1.0\r\n\r\n')).toMatch(/^HTTP\/1\.1 421 /);
  expect(await send('GET /stats HTTP/1.1\r\nHost:\r\nConnection: close\r\n\r\n')).toMatch(/^HTTP\/1\.1 421 /);
});

it('says so when the port is taken', async () => {
  await expect(startHttp({ ...options, listen: endpoint.address })).rejects.toMatchObject({ code: 'EADDRINUSE' });
});

it('warns when other machines can reach it', async () => {
  const warnings: string[] = [];
  const open = await startHttp({
    ...options,
    log: { ...log, warn: (_, text) => warnings.push(text) },
    listen: serverAddress('0.0.0.0', 0),
  });
  await open.close();
  expect(warnings).toHaveLength(1);
});
