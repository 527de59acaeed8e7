/** Unbound hands every question to rootwalk, as a router or a company's resolver would. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type DigReply, dig, rdataOf } from './internet/dig.js';
import { Internet } from './internet/internet.js';
import { Rootwalk } from './internet/rootwalk.js';
import { startUnbound, UNBOUND_PORT } from './internet/unbound.js';
import { longText } from './internet/zones.js';

let internet: Internet;
let rootwalk: Rootwalk;
beforeAll(async () => {
  internet = await Internet.create();
  rootwalk = await Rootwalk.start(internet.client);
  await startUnbound(internet, '127.0.0.1@5300');
});
afterAll(() => internet?.end());

const ask = (query: string): Promise<DigReply> => dig(internet.client, query, { port: UNBOUND_PORT });

it('gets addresses, aliases, long answers and refusals to exist through it', async () => {
  expect(rdataOf((await ask('example.com A')).answer)).toEqual(['A 203.0.113.80']);
  expect(rdataOf((await ask('www.example.com A')).answer)).toEqual([
    'A 203.0.113.82',
    'CNAME web.example.org.',
    'CNAME www.example.net.',
  ]);
  expect(rdataOf((await ask('+tcp long.example.com TXT')).answer)).toEqual([
    `TXT ${longText.map((text) => `"${text}"`).join(' ')}`,
  ]);
  expect((await ask('none.example.com A')).status).toBe('NXDOMAIN');
  expect(await ask('mail.example.com AAAA')).toMatchObject({ status: 'NOERROR', answer: [] });
});

it('and Unbound asked nobody else: rootwalk saw the questions', async () => {
  const before = (await rootwalk.stats()).queries.total;
  for (let i = 0; i < 10; i++) expect((await ask(`forwarded-${i}.wild.example.com A`)).status).toBe('NOERROR');
  expect((await rootwalk.stats()).queries.total - before).toBeGreaterThanOrEqual(10);
});
