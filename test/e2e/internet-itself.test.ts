/**
 * The little internet is right: Unbound, which knows nothing of this project, walks it from the root. When this story
 * fails, look at the zones and servers under internet/, not at rootwalk.
 */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { dig, rdataOf } from './internet/dig.js';
import { Internet } from './internet/internet.js';
import { startUnbound, UNBOUND_PORT } from './internet/unbound.js';

let internet: Internet;
beforeAll(async () => {
  internet = await Internet.create();
  await startUnbound(internet);
});
afterAll(() => internet?.end());

const ask = (query: string) => dig(internet.client, query, { port: UNBOUND_PORT });

it('Unbound finds addresses, aliases over three top-level domains and what does not exist', async () => {
  expect(rdataOf((await ask('example.com A')).answer)).toEqual(['A 203.0.113.80']);
  expect(rdataOf((await ask('www.example.com AAAA')).answer)).toEqual([
    'AAAA 2001:db8:80::82',
    'CNAME web.example.org.',
    'CNAME www.example.net.',
  ]);
  expect((await ask('none.example.com A')).status).toBe('NXDOMAIN');
  expect(await ask('empty.example.com A')).toMatchObject({ status: 'NOERROR', answer: [] });
  expect(rdataOf((await ask('example.se A')).answer)).toEqual(['A 203.0.113.83']);
  expect(rdataOf((await ask('new.d7.com A')).answer)).toEqual(['A 203.0.113.90']);
});

it('a name server that does not exist is silence, not a refusal', async () => {
  const silent = dig(internet.client, '+time=2 ns.silent.com A', { server: '203.0.113.250', port: 53 });
  await expect(silent).rejects.toThrow(/timed out/);
});

it('answers over IPv6 stop when it is cut and come back', async () => {
  const overIPv6 = (extra = '') =>
    dig(internet.client, `+norecurse ${extra}example.com A`, { server: '2001:db8:2::1', port: 53 });
  for (const kind of ['silent', 'unroutable'] as const) {
    expect((await overIPv6()).status).toBe('NOERROR');
    await internet.cutIPv6(kind);
    await expect(overIPv6('+time=1 ')).rejects.toThrow(kind === 'silent' ? /timed out/ : /unreachable/);
    await internet.restoreIPv6(kind);
  }
  expect((await overIPv6()).status).toBe('NOERROR');
});
