import { expect, test } from 'vitest';
import { parseConfig } from '../../src/config/load-config.js';
import { nameFromText } from '../../src/dns/name.js';
import { World } from '../sim/world.js';
import { exampleCom, NET_SERVER, OTHER_NET_SERVER, ordinary, ROOT_SERVER } from './zones.js';

test('a wall time in shadow mode stops nothing', async () => {
  const world = new World(ordinary, { config: 'limits: { wallTime: 100, shadow: [wallTime] }' });
  world.at(ROOT_SERVER).rtt = 150;
  expect(await world.ask('www.example.com. A')).toContain('192.0.2.1');
});

test('a limit of aliases stops a chain, in shadow mode it does not', async () => {
  const chain = Array.from({ length: 13 }, (_, i) => `c${i} CNAME c${i + 1}`).join('\n');
  const zones = { ...ordinary, 'example.com.': `${exampleCom}\n${chain}\nc13 A 192.0.2.9` };
  expect(await new World(zones).ask('c0.example.com. A')).toMatch(
    /^SERVFAIL\n; other: the aliases .* are more than 11/,
  );
  const shadowed = new World(zones, { config: 'limits: { shadow: [aliases] }' });
  expect(await shadowed.ask('c0.example.com. A')).toContain('192.0.2.9');
});

test('trying a second server beside the first does not spend exchanges the question needs', async () => {
  const config = 'limits: { exchanges: 4 }\nupstream: { qnameMinimisation: off }';
  for (let seed = 1; seed <= 20; seed++) {
    expect(await new World(ordinary, { seed, config }).ask('www.example.com. A'), `seed ${seed}`).toContain(
      '192.0.2.1',
    );
  }
});

test('a first timeout changed by a reload holds for servers never heard', async () => {
  const world = new World(ordinary);
  await world.ask('www.example.com. A');
  const parsed = parseConfig('dnssec: { mode: off }\nlimits: { firstTimeout: 2000 }', 'test');
  if (!parsed.ok) throw new Error('the configuration of this test is wrong');
  const servers = [{ name: nameFromText('hint.root.'), addresses: [ROOT_SERVER] }];
  world.composed.reconfigure({ ...parsed.config, rootHints: { servers } });
  expect(await world.ask('edge.other.net. A')).toContain('198.51.100.7');
  const toNew = world.network.queries.filter(({ server }) => [NET_SERVER, OTHER_NET_SERVER].includes(server.address));
  expect(toNew.map((query) => query.timeout)).toEqual([2000, 2000]);
});
