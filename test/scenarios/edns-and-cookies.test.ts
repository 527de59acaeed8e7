import { expect, test } from 'vitest';
import { Rcode } from '../../src/dns/numbers.js';
import { World } from '../sim/world.js';
import { askInTurn } from './asking.js';
import { bareEdns, behave, ednsWithCookie, without } from './manners.js';
import { NS1, NS2, ordinary } from './zones.js';

test('RFC 6891 §7: one FORMERR without OPT does not turn EDNS off for servers known to speak it', async () => {
  const world = new World(ordinary);
  await askInTurn(world, 10, (i) => `n${i}.wild.example.com. TXT`);
  let forged = false;
  behave(world, [NS1, NS2], (reply, query) => {
    if (forged || query.edns === undefined) return reply;
    forged = true;
    return { ...without(reply, Rcode.FORMERR), edns: undefined, questions: [] };
  });
  await world.ask('x.wild.example.com. TXT');
  expect(forged).toBe(true);
  const { queries } = await askInTurn(world, 20, (i) => `m${i}.wild.example.com. TXT`);
  expect(queries.filter((query) => query.edns === undefined)).toEqual([]);
});

test.each([1, 2, 3, 4, 5, 6, 7, 8])(
  'servers known with EDNS whose path begins to drop it are answered by (seed %i)',
  async (seed) => {
    const world = new World(ordinary, { seed });
    behave(world, [NS1, NS2], (reply, query) => (query.edns === undefined ? reply : { ...reply, edns: bareEdns }));
    await askInTurn(world, 10, (i) => `n${i}.wild.example.com. TXT`);
    behave(world, [NS1, NS2], (reply, query) => (query.edns === undefined ? reply : undefined));
    const { rcodes } = await askInTurn(world, 8, (i) => `m${i}.wild.example.com. TXT`, 60_000);
    expect(rcodes.slice(4)).toEqual(Array(4).fill('NOERROR'));
  },
);

test('RFC 7873 §5.3: servers that stop sending cookies, and speak no TCP, stay usable', async () => {
  const world = new World(ordinary);
  let cookies = true;
  behave(world, [NS1, NS2], (reply, query) => {
    if (query.transport === 'tcp') return { kind: 'unreachable', scope: 'server', reason: 'connection refused' };
    return { ...reply, edns: cookies ? ednsWithCookie(query) : bareEdns };
  });
  const before = await askInTurn(world, 10, (i) => `n${i}.wild.example.com. TXT`);
  expect(before.rcodes).toEqual(Array(10).fill('NOERROR'));
  cookies = false;
  const after = await askInTurn(world, 10, (i) => `m${i}.wild.example.com. TXT`, 60_000);
  expect(after.rcodes.at(-1)).toBe('NOERROR');
});

test('servers that stop sending cookies are asked over TCP a few times, not for ever', async () => {
  const world = new World(ordinary);
  let cookies = true;
  behave(world, [NS1, NS2], (reply, query) => ({ ...reply, edns: cookies ? ednsWithCookie(query) : bareEdns }));
  await askInTurn(world, 10, (i) => `n${i}.wild.example.com. TXT`);
  cookies = false;
  const { asked, rcodes } = await askInTurn(world, 40, (i) => `m${i}.wild.example.com. TXT`);
  expect(rcodes).toEqual(Array(40).fill('NOERROR'));
  const overTcp = asked.filter((line) => line.endsWith(' tcp')).length;
  expect(overTcp).toBeGreaterThan(0);
  expect(overTcp).toBeLessThan(6);
});

test('RFC 7873 §5.3: servers with BADCOOKIE for everything over UDP are asked over TCP', async () => {
  const world = new World(ordinary);
  behave(world, [NS1, NS2], (reply, query) => {
    const edns = ednsWithCookie(query);
    return query.transport === 'tcp' ? { ...reply, edns } : { ...without(reply, Rcode.BADCOOKIE), edns };
  });
  expect(await world.ask('www.example.com. A')).toContain('192.0.2.1');
  expect(world.asked.at(-1)).toMatch(/^203\.0\.113\.[12] www\.example\.com\. A tcp$/);
});
