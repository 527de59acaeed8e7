import { expect, test } from 'vitest';
import { nameFromText } from '../../src/dns/name.js';
import { Rcode } from '../../src/dns/numbers.js';
import { World } from '../sim/world.js';
import { behave, without } from './manners.js';
import { COM_SERVER, NS1, NS2, ordinary } from './zones.js';

test('RFC 9156: a server that denies empty non-terminals hides nothing from the next question either', async () => {
  const world = new World(ordinary);
  behave(world, [NS1, NS2], (reply) =>
    reply.aa && reply.rcode === Rcode.NOERROR && reply.answer.length === 0
      ? { ...reply, rcode: Rcode.NXDOMAIN }
      : reply,
  );
  expect(await world.ask('nope.b.c.d.example.com. A')).toContain('NXDOMAIN');
  expect(await world.ask('a.b.c.d.example.com. A')).toContain('192.0.2.4');
});

test('strict minimisation shows the whole name to no server that fails the short one', async () => {
  const world = new World(ordinary, { config: 'upstream: { qnameMinimisation: strict }' });
  world.at(COM_SERVER).mutate = (reply, query) =>
    query.name === nameFromText('example.com.') ? without(reply, Rcode.REFUSED) : reply;
  await world.ask('secret.www.example.com. A');
  expect(world.asked).toContain('192.5.6.30 example.com. A');
  expect(world.asked.filter((line) => line.includes('secret'))).toEqual([]);
});

test('servers that are silent to a short name are asked for the whole one', async () => {
  const world = new World(ordinary);
  const short = nameFromText('wild.example.com.');
  behave(world, [NS1, NS2], (reply, query) => (query.name === short ? undefined : reply));
  expect(await world.ask('x.wild.example.com. TXT')).toContain('any');
});

test('a name of more than a hundred labels is found in a bounded number of steps', async () => {
  const world = new World(ordinary);
  expect(await world.ask(`${'b.'.repeat(110)}wild.example.com. TXT`)).toContain('any');
  expect(world.asked.length).toBeLessThan(16);
});
