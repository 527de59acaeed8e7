import { expect, test } from 'vitest';
import { ROOT } from '../../src/dns/name.js';
import { Rcode, Type } from '../../src/dns/numbers.js';
import { World } from '../sim/world.js';
import { askInTurn } from './asking.js';
import { without } from './manners.js';
import { com, ordinary, ROOT_SERVER } from './zones.js';

test('RFC 9520: each failing name of a zone with eight dead servers is remembered', async () => {
  const dead = Array.from({ length: 8 }, (_, i) => `dead NS ns${i}.dead\nns${i}.dead A 203.0.113.10${i}`);
  const world = new World({ ...ordinary, 'com.': `${com}\n${dead.join('\n')}\n` });
  for (let i = 0; i < 8; i++) {
    expect(await world.ask(`n${i}.dead.com. A`)).toMatch(/^SERVFAIL/);
    expect(await world.ask(`n${i}.dead.com. A`)).toContain('; cached error');
    expect(world.asked).toEqual([]);
  }
});

test('a look-up given up for its depth is not remembered as the failure of the name', async () => {
  const zones: Record<string, string> = { ...ordinary };
  const delegations: string[] = [];
  for (let i = 0; i < 12; i++) {
    delegations.push(`z${i} NS ns.z${i + 1}.com.`);
    zones[`z${i}.com.`] = `@ NS ns.z${i + 1}.com.\nns A 203.0.113.1\nwww A 192.0.2.${i}\n`;
  }
  zones['com.'] = `${com}\n${delegations.join('\n')}\nz12 NS ns1.example\n`;
  zones['z12.com.'] = '@ NS ns1.example.com.\nns A 203.0.113.1\nwww A 192.0.2.200';
  const world = new World(zones);
  expect(await world.ask('www.z0.com. A')).toMatch(/^SERVFAIL/);
  expect(await world.ask('ns.z6.com. A')).toContain('203.0.113.1');
});

test('exchanges spent on an alias are not remembered as the failure of the name it leads to', async () => {
  const zones = {
    ...ordinary,
    'com.': `${com}\nglueless NS ns.other.net.\nalias NS ns1.example`,
    'alias.com.': '@ NS ns1.example.com.\nwww CNAME www.glueless.com.',
    'glueless.com.': '@ NS ns.other.net.\n* A 192.0.2.77',
  };
  const spent: number[] = [];
  for (let exchanges = 2; exchanges < 14; exchanges++) {
    const world = new World(zones, { config: `limits: { exchanges: ${exchanges} }` });
    if ((await world.ask('www.alias.com. A')).startsWith('SERVFAIL')) spent.push(exchanges);
    expect(await world.ask('www.glueless.com. A'), `${exchanges} exchanges`).not.toContain('cached error');
  }
  expect(spent).toContain(6);
});

test('RFC 8109: priming that fails is not repeated for each question', async () => {
  const world = new World(ordinary);
  world.at(ROOT_SERVER).mutate = (reply, query) =>
    query.type === Type.NS && query.name === ROOT ? without(reply, Rcode.REFUSED) : reply;
  const { asked, rcodes } = await askInTurn(world, 10, (i) => `nx${i}. A`);
  expect(rcodes).toEqual(Array(10).fill('NXDOMAIN'));
  const priming = asked.filter((line) => line === `${ROOT_SERVER} . NS`).length;
  expect(priming).toBeGreaterThan(0);
  expect(priming).toBeLessThan(3);
});
