/** A zone changes and its primary says so (RFC 1996): the next question gets the new data. */
import { expect, test } from 'vitest';
import { nameFromText } from '../../src/dns/name.js';
import { type Soa, soaOf } from '../../src/dns/rrset.js';
import { loadOne, World } from '../sim/world.js';
import { COM_SERVER, NS1, NS2, ordinary } from './zones.js';

const ZONE = nameFromText('example.com');

/** The zone as its servers have it from now on. */
function update(world: World, serial: number, address: string): void {
  const soa = `@ 3600 IN SOA ns.invalid. host.invalid. ${serial} 3600 900 604800 300\n`;
  const zone = loadOne('example.com.', `${soa}${ordinary['example.com.'].replaceAll('192.0.2.1', address)}`);
  for (const server of [NS1, NS2]) world.at(server).zones.splice(0, 99, zone);
}

async function soaIn(world: World): Promise<Soa> {
  const { answer } = await world.resolution('example.com. SOA');
  return soaOf(answer[0]!.rdatas[0]!)!;
}

test('what was cached of the zone is fetched again, what is of others is not', async () => {
  const world = new World(ordinary);
  await world.ask('www.example.com. A');
  await world.ask('edge.other.net. A');
  update(world, 2, '192.0.2.99');
  expect(await world.ask('www.example.com. A')).toContain('192.0.2.1');
  expect(world.composed.notified(ZONE, undefined)).toBe('flushed');
  expect(await world.ask('www.example.com. A')).toContain('192.0.2.99');
  expect(world.asked[0]).toMatch(new RegExp(`^${COM_SERVER} `));
  await world.ask('edge.other.net. A');
  expect(world.asked).toEqual([]);
});

test('RFC 1996 §3.7: nothing is flushed for the version that all that is cached is of', async () => {
  const world = new World(ordinary);
  const soa = await soaIn(world);
  await world.ask('www.example.com. A');
  expect(world.composed.notified(ZONE, soa)).toBe('same');
  await world.ask('www.example.com. A');
  expect(world.asked).toEqual([]);
});

test('an SOA with the right serial does not vouch for what was cached before it', async () => {
  const world = new World(ordinary);
  await world.ask('www.example.com. A');
  await world.clock.pass(1000);
  update(world, 2, '192.0.2.99');
  const soa = await soaIn(world);
  expect(soa.serial).toBe(2);
  expect(world.composed.notified(ZONE, soa)).toBe('flushed');
  expect(await world.ask('www.example.com. A')).toContain('192.0.2.99');
});

test('RFC 1996 §3.8: a hint that differs in anything, an older serial too, is no reason not to look', async () => {
  const world = new World(ordinary);
  const soa = await soaIn(world);
  expect(world.composed.notified(ZONE, { ...soa, serial: soa.serial - 1 })).toBe('flushed');
});

test('a zone with one label is flushed when it is routed', async () => {
  const world = new World(
    { ...ordinary, 'corp.': '@ NS ns\nns A 10.0.0.1\nwww A 10.1.1.1' },
    {
      config: 'zones: [{ name: corp, type: stub, servers: ["10.0.0.1"] }]',
    },
  );
  await world.ask('www.corp. A');
  expect(world.composed.notified(nameFromText('com'), undefined)).toBe('too-wide');
  expect(world.composed.notified(nameFromText('corp'), undefined)).toBe('flushed');
  await world.ask('www.corp. A');
  expect(world.asked).toEqual(['10.0.0.1 www.corp. A']);
});
