import { expect, test } from 'vitest';
import { nameFromText } from '../../src/dns/name.js';
import { Class, Type } from '../../src/dns/numbers.js';
import { recordFromText } from '../../src/presentation/record-text.js';
import { World } from '../sim/world.js';
import { com, exampleCom, net, ordinary, otherNet, root } from './zones.js';

test('a name server without glue is looked up first', async () => {
  const world = new World({
    ...ordinary,
    'com.': `${com}\nglueless NS ns.other.net.\n`,
    'glueless.com.': '@ NS ns.other.net.\nwww A 192.0.2.77',
  });
  expect(await world.ask('www.glueless.com. A')).toContain('192.0.2.77');
  expect(world.asked).toContain('203.0.113.9 ns.other.net. A');
});

test('a name server that is an alias is found all the same', async () => {
  const world = new World({
    ...ordinary,
    'com.': `${com}\naliased NS ns-alias.other.net.\n`,
    'other.net.': `${otherNet}\nns-alias CNAME ns\n`,
    'aliased.com.': '@ NS ns.other.net.\nwww A 192.0.2.78',
  });
  expect(await world.ask('www.aliased.com. A')).toContain('192.0.2.78');
});

test('sibling glue is used, glue from outside the zone is not', async () => {
  const world = new World({
    ...ordinary,
    'com.': `${com}\nsib NS ns1.example\n`,
    'sib.com.': '@ NS ns1.example.com.\nw A 192.0.2.80',
  });
  expect(await world.ask('w.sib.com. A')).toContain('192.0.2.80');
  expect(world.asked).not.toContain('203.0.113.1 ns1.example.com. A');

  const poisoned = new World({
    ...ordinary,
    'com.': `${com}\nout NS ns.other.net.\n`,
    'out.com.': '@ NS ns.other.net.\nw A 192.0.2.81',
  });
  poisoned.at('192.5.6.30').mutate = (reply) =>
    reply.authority.length === 0
      ? reply
      : { ...reply, additional: [...reply.additional, recordFromText('ns.other.net. 60 IN A 198.51.100.66')] };
  expect(await poisoned.ask('w.out.com. A')).toContain('192.0.2.81');
  expect(poisoned.asked.some((line) => line.startsWith('198.51.100.66'))).toBe(false);
});

test('zones that need each other for their servers fail with a reason, soon', async () => {
  const world = new World({
    ...ordinary,
    'com.': `${com}\na NS ns.b.net.\n`,
    'net.': `${net}\nb NS ns.a.com.\n`,
  });
  const answer = await world.ask('www.a.com. A');
  expect(answer).toMatch(/^SERVFAIL/);
  expect(answer).toContain('ns.b.net.');
  expect(world.asked.length).toBeLessThan(12);
});

test('NXNSAttack: a delegation to many names that do not exist costs a bounded number of queries', async () => {
  const many = Array.from({ length: 100 }, (_, i) => `evil NS x${i}.other.net.`).join('\n');
  const world = new World({ ...ordinary, 'com.': `${com}\n${many}\n` });
  expect(await world.ask('www.evil.com. A')).toMatch(/^SERVFAIL/);
  expect(world.asked.length).toBeLessThan(40);
});

test('a referral that leads up or sideways is not followed', async () => {
  for (const owner of ['.', 'net.', 'other.net.']) {
    const world = new World(ordinary);
    const bad = recordFromText(`${owner} 60 IN NS ns.other.net.`);
    for (const address of ['203.0.113.1', '203.0.113.2']) {
      world.at(address).mutate = (reply) => ({ ...reply, aa: false, answer: [], authority: [bad], additional: [] });
    }
    expect(await world.ask('www.example.com. A')).not.toContain('192.0.2.');
    expect(world.asked.some((line) => line.startsWith('203.0.113.9'))).toBe(false);
  }
});

test('records nobody asked for are neither answered nor cached (Kashpureff, CVE-2025-11411)', async () => {
  const world = new World(ordinary);
  const extra = [
    recordFromText('www.other.net. 600 IN A 198.51.100.66'),
    recordFromText('mail.example.com. 600 IN A 198.51.100.66'),
  ];
  const ns = recordFromText('example.com. 600 IN NS evil.other.net.');
  for (const address of ['203.0.113.1', '203.0.113.2']) {
    world.at(address).mutate = (reply) => ({
      ...reply,
      answer: [...reply.answer, ...extra],
      authority: [...reply.authority, ns],
      additional: [...reply.additional, recordFromText('evil.other.net. 600 IN A 198.51.100.66')],
    });
  }
  expect(await world.ask('www.example.com. A')).not.toContain('198.51.100.66');
  const cached = [...world.composed.inspection.entries({})].flatMap((entry) => entry.records.map((r) => r.rdata));
  expect(cached).not.toContain('\xc6\x33\x64\x42');
});

test('a delegation ends when its parent said so, whatever the child says since (ghost domains)', async () => {
  const world = new World({ ...ordinary, 'com.': com.replaceAll('example NS', 'example 100 NS') });
  await world.ask('www.example.com. A');
  const askedParent: number[] = [];
  for (let i = 1; i <= 12; i++) {
    await world.clock.pass(10_000);
    await world.ask(`n${i}.wild.example.com. TXT`);
    if (world.asked.some((line) => line.startsWith('192.5.6.30'))) askedParent.push(i);
  }
  expect(askedParent).toEqual([10]);
});

test('what a delegation refers to does not outlive it', async () => {
  const world = new World({
    ...ordinary,
    'com.': com.replaceAll('example NS', 'example 100 NS'),
    'example.com.': `${exampleCom}\nsub NS ns1.sub\nns1.sub A 203.0.113.9\n`,
    'sub.example.com.': '@ NS ns1\nns1 A 203.0.113.9\nwww A 192.0.2.9',
  });
  await world.ask('www.sub.example.com. A');
  const entries = [
    ...world.composed.inspection.entries({ kind: 'delegation', name: nameFromText('sub.example.com.') }),
  ];
  expect(entries.map((entry) => entry.ttlLeft <= 100)).toEqual([true]);
});

test('DS is asked at the parent', async () => {
  const world = new World(ordinary);
  await world.ask('www.example.com. A');
  expect(await world.ask('example.com. DS')).toMatch(/^NOERROR\nauthority: com\. /);
  expect(world.asked).toEqual(['192.5.6.30 example.com. DS']);
});

test('a forward zone is asked with RD and believed; a stub zone is asked without and followed', async () => {
  const zones = `
zones:
  - { name: corp.example, type: forward, servers: ["203.0.113.50"] }
  - { name: lan.example, type: stub, servers: ["203.0.113.51"] }
`;
  const world = new World(ordinary, { config: zones });
  world.at('203.0.113.50').mutate = (reply) => ({
    ...reply,
    rcode: 0,
    aa: false,
    ra: true,
    answer: [{ ...recordFromText('x. 60 IN A 192.0.2.50'), name: reply.questions[0]!.name }],
  });
  world.at('203.0.113.51').mutate = (reply) => ({
    ...reply,
    rcode: 0,
    aa: true,
    answer: [{ ...recordFromText('x. 60 IN A 192.0.2.51'), name: reply.questions[0]!.name }],
  });
  expect(await world.ask('a.b.corp.example. A')).toContain('192.0.2.50');
  expect(world.asked).toEqual(['203.0.113.50 a.b.corp.example. A']);
  expect(world.network.queries[0]?.recursionDesired).toBe(true);
  expect(await world.ask('host.lan.example. A')).toContain('192.0.2.51');
  expect(world.network.queries.at(-1)?.recursionDesired).toBe(false);
});

test('a forwarder that fails is SERVFAIL, or ordinary resolution with fallback', async () => {
  const zones = (fallback: boolean): string =>
    `zones: [{ name: example.com, type: forward, servers: ["203.0.113.50"], fallback: ${fallback} }]`;
  expect(await new World(ordinary, { config: zones(false) }).ask('www.example.com. A')).toMatch(/^SERVFAIL/);
  expect(await new World(ordinary, { config: zones(true) }).ask('www.example.com. A')).toContain('192.0.2.1');
});

test('a denial above does not hide a configured zone below (CVE-2026-44687)', async () => {
  const zones = 'zones: [{ name: lan.nope.example.com, type: stub, servers: ["203.0.113.51"] }]';
  const world = new World(ordinary, { config: zones });
  world.at('203.0.113.51').mutate = (reply) => ({
    ...reply,
    rcode: 0,
    aa: true,
    answer: [{ ...recordFromText('x. 60 IN A 192.0.2.51'), name: reply.questions[0]!.name }],
  });
  expect(await world.ask('nope.example.com. A')).toMatch(/^NXDOMAIN/);
  expect(await world.ask('h.lan.nope.example.com. A')).toContain('192.0.2.51');
});

test('private addresses from public zones are taken out', async () => {
  const config = 'upstream: { privateAddresses: ["192.0.2.0/24"] }';
  const world = new World(ordinary, { config });
  expect(await world.ask('www.example.com. A')).not.toContain('192.0.2.');
});

test('servers on addresses that are never to be asked are not', async () => {
  const world = new World(ordinary, { config: 'upstream: { doNotQuery: ["203.0.113.0/24"] }' });
  const answer = await world.ask('www.example.com. A');
  expect(answer).toContain('203.0.113.1 is never asked');
  expect(world.asked.some((line) => line.startsWith('203.0.113.'))).toBe(false);
});

test('without the root there is nothing, and the answer says so', async () => {
  const world = new World({ '.': root });
  world.at('198.41.0.4').silent = true;
  const answer = await world.ask('www.example.com. A');
  expect(answer).toContain('no name server of . gave a usable answer');
});

test('equal questions at the same time are one resolution', async () => {
  const world = new World(ordinary);
  const question = { name: nameFromText('www.example.com.'), type: Type.A, class: Class.IN };
  const ask = () => world.composed.resolver.resolve(question, { checkingDisabled: false, trace: undefined });
  const answers = await world.clock.run(Promise.all([ask(), ask(), ask()]));
  expect(answers.map((a) => a.answer.length)).toEqual([1, 1, 1]);
  expect(world.network.asked).toHaveLength(4);
});
