import { expect, test } from 'vitest';
import { Rcode, Type } from '../../src/dns/numbers.js';
import { World } from '../sim/world.js';
import { askInTurn } from './asking.js';
import { behave, without } from './manners.js';
import { NS1, NS2, ordinary } from './zones.js';

test('a dead server beside a good one costs a timeout, once', async () => {
  const world = new World(ordinary);
  world.at(NS1).silent = true;
  for (let i = 0; i < 12; i++) expect(await world.ask(`n${i}.wild.example.com. TXT`)).toContain('any');
  let lost = 0;
  for (let i = 0; i < 20; i++) {
    await world.ask(`m${i}.wild.example.com. TXT`);
    lost += world.asked.filter((line) => line.startsWith(NS1)).length;
  }
  expect(lost).toBeLessThanOrEqual(2);
});

test('a dead server that comes back is used again within a minute', async () => {
  const world = new World(ordinary);
  world.at(NS1).silent = true;
  for (let i = 0; i < 20; i++) await world.ask(`n${i}.wild.example.com. TXT`);
  world.at(NS1).silent = false;
  await world.clock.pass(60_000);
  let used = 0;
  for (let i = 0; i < 40; i++) {
    await world.ask(`m${i}.wild.example.com. TXT`);
    used += world.asked.filter((line) => line.startsWith(NS1)).length;
  }
  expect(used).toBeGreaterThan(3);
});

test('when all servers are dead the failure names them; it is answered again as soon as they are back', async () => {
  const world = new World(ordinary);
  await world.ask('www.example.com. A');
  world.at(NS1).silent = true;
  world.at(NS2).silent = true;
  const failure = await world.ask('n.wild.example.com. TXT');
  expect(failure).toContain('SERVFAIL\n; no reachable authority: no name server of example.com. gave a usable answer');
  expect(failure).toContain('203.0.113.1:53 timeout for ');
  world.at(NS1).silent = false;
  world.at(NS2).silent = false;
  expect(await world.ask('other.wild.example.com. TXT')).toContain('any');
});

test('RFC 9520: a failure is not asked for again at once, and not for long', async () => {
  const world = new World(ordinary);
  world.at(NS1).silent = true;
  world.at(NS2).silent = true;
  await world.ask('www.example.com. A');
  expect(await world.ask('www.example.com. A')).toContain('; cached error');
  expect(world.asked).toEqual([]);
  world.at(NS1).silent = false;
  await world.clock.pass(6_000);
  expect(await world.ask('www.example.com. A')).toContain('192.0.2.1');
});

test('refusing, failing and lame servers are passed over for a good one', async () => {
  for (const rcode of [Rcode.REFUSED, Rcode.SERVFAIL, Rcode.NOTIMP]) {
    const world = new World(ordinary);
    world.at(NS1).mutate = (reply) => ({ ...reply, rcode, aa: false, answer: [], authority: [], additional: [] });
    for (let i = 0; i < 5; i++) expect(await world.ask(`n${i}.wild.example.com. TXT`)).toContain('any');
  }
});

test('the failure of a zone whose servers all refuse says who refused what', async () => {
  const world = new World(ordinary);
  for (const address of [NS1, NS2]) {
    world.at(address).mutate = (reply) => ({ ...reply, rcode: Rcode.REFUSED, aa: false, answer: [], authority: [] });
  }
  const answer = await world.ask('www.example.com. A');
  expect(answer).toContain('; network error: 203.0.113.1:53 answered REFUSED for www.example.com. A');
  expect(answer).toContain('; network error: 203.0.113.2:53 answered REFUSED for www.example.com. A');
});

test('a truncated reply is asked again over TCP', async () => {
  const world = new World(ordinary);
  for (const address of [NS1, NS2]) {
    world.at(address).mutate = (reply, query) =>
      query.transport === 'udp' ? { ...reply, answer: [], tc: true } : reply;
  }
  expect(await world.ask('www.example.com. A')).toContain('192.0.2.1');
  expect(world.asked.at(-1)).toMatch(/tcp$/);
});

test('RFC 6891 §7: a server that answers FORMERR to EDNS is asked without, and remembered', async () => {
  const world = new World(ordinary);
  for (const address of [NS1, NS2]) {
    world.at(address).mutate = (reply, query) =>
      query.edns === undefined ? reply : { ...reply, rcode: Rcode.FORMERR, answer: [], authority: [], edns: undefined };
  }
  expect(await world.ask('www.example.com. A')).toContain('192.0.2.1');
  for (let i = 0; i < 20; i++) await world.ask(`n${i}.wild.example.com. TXT`);
  await world.ask('last.wild.example.com. TXT');
  expect(world.network.queries.map((query) => query.edns)).not.toContainEqual(expect.anything());
});

test('servers that drop EDNS queries are found out', async () => {
  const world = new World(ordinary);
  for (const address of [NS1, NS2]) {
    world.at(address).mutate = (reply, query) => (query.edns === undefined ? reply : undefined);
  }
  const answers = [];
  for (let i = 0; i < 4; i++) answers.push(await world.ask(`n${i}.wild.example.com. TXT`));
  expect(answers.at(-1)).toContain('any');
});

test('a server that refers upwards is lame', async () => {
  const world = new World(ordinary);
  const rootNs = { name: '\0', type: Type.NS, class: 1, ttl: 1, rdata: '\x01a\x04root\0' } as never;
  world.at(NS1).mutate = (reply) => ({ ...reply, aa: false, answer: [], authority: [rootNs], additional: [] });
  world.at(NS2).rtt = 300;
  for (let i = 0; i < 5; i++) expect(await world.ask(`n${i}.wild.example.com. TXT`)).toContain('any');
  const lame = world.composed.inspection.stats().upstream.servers.find((s) => s.server === `${NS1}:53`);
  expect(lame?.lameFor).toEqual(['example.com.']);
});

test('a server that denies empty non-terminals does not hide what is below them (relaxed minimisation)', async () => {
  const world = new World(ordinary);
  for (const address of [NS1, NS2]) {
    world.at(address).mutate = (reply) =>
      reply.aa && reply.rcode === Rcode.NOERROR && reply.answer.length === 0
        ? { ...reply, rcode: Rcode.NXDOMAIN }
        : reply;
  }
  expect(await world.ask('a.b.c.d.example.com. A')).toContain('192.0.2.4');
});

test('strict minimisation believes the denial', async () => {
  const world = new World(ordinary, { config: 'upstream: { qnameMinimisation: strict }' });
  for (const address of [NS1, NS2]) {
    world.at(address).mutate = (reply) =>
      reply.aa && reply.rcode === Rcode.NOERROR && reply.answer.length === 0
        ? { ...reply, rcode: Rcode.NXDOMAIN }
        : reply;
  }
  expect(await world.ask('a.b.c.d.example.com. A')).toContain('NXDOMAIN');
});

test('unreachable IPv6 is noticed: new names cost no more than over IPv4 alone', async () => {
  const zones = {
    ...ordinary,
    'example.com.': `${ordinary['example.com.']}\nns1 AAAA 2001:db8::1\nns2 AAAA 2001:db8::2\n`,
    'com.': `${ordinary['com.']}\nns1.example AAAA 2001:db8::1\nns2.example AAAA 2001:db8::2\n`,
  };
  const world = new World(zones);
  world.at('2001:db8::1').silent = true;
  world.at('2001:db8::2').silent = true;
  for (let i = 0; i < 30; i++) await world.ask(`n${i}.wild.example.com. TXT`);
  const before = world.clock.now();
  for (let i = 0; i < 20; i++) expect(await world.ask(`m${i}.wild.example.com. TXT`)).toContain('any');
  expect(world.clock.now() - before).toBeLessThanOrEqual(20 * 10);
  world.at('2001:db8::1').silent = false;
  world.at('2001:db8::2').silent = false;
  await world.clock.pass(61_000);
  for (let i = 0; i < 100; i++) await world.ask(`p${i}.wild.example.com. TXT`);
  const servers = world.composed.inspection.stats().upstream.servers.filter((s) => s.server.startsWith('['));
  expect(servers.some((s) => s.srttMs !== undefined)).toBe(true);
});

test.each([1, 2, 3, 4, 5, 6, 7, 8])(
  'a fast server that refuses a zone is not asked first for ever (seed %i)',
  async (seed) => {
    const world = new World(ordinary, { seed });
    world.at(NS1).rtt = 5;
    world.at(NS2).rtt = 60;
    world.at(NS1).mutate = (reply) => without(reply, Rcode.REFUSED);
    await askInTurn(world, 10, (i) => `n${i}.wild.example.com. TXT`);
    const { asked, rcodes } = await askInTurn(world, 20, (i) => `m${i}.wild.example.com. TXT`);
    expect(rcodes).toEqual(Array(20).fill('NOERROR'));
    expect(asked.filter((line) => line.startsWith(NS1)).length).toBeLessThan(5);
  },
);

test('RFC 7766 §5: servers that answer over TCP only are answered by', async () => {
  const world = new World(ordinary);
  behave(world, [NS1, NS2], (reply, query) => (query.transport === 'udp' ? undefined : reply));
  const { rcodes } = await askInTurn(world, 5, (i) => `n${i}.wild.example.com. TXT`);
  expect(rcodes.at(-1)).toBe('NOERROR');
});

test.each([
  ['truncated, over TCP too', { tc: true, rcode: Rcode.NOERROR }],
  ['BADVERS', { rcode: Rcode.BADVERS }],
  ['FORMERR', { rcode: Rcode.FORMERR, edns: undefined }],
])(
  'replies that are always %s are a failure, not an absence of data, after a bounded number of tries',
  async (_, as) => {
    const world = new World(ordinary);
    behave(world, [NS1, NS2], (reply) => ({ ...without(reply, Rcode.NOERROR), aa: true, ...as }));
    expect(await world.ask('www.example.com. A')).toMatch(/^SERVFAIL/);
    expect(world.asked.length).toBeLessThan(12);
  },
);
