import { expect, test } from 'vitest';
import { World } from '../sim/world.js';
import { ordinary } from './zones.js';

test('a first question walks root, TLD and authoritative servers, showing each no more than it needs', async () => {
  const world = new World(ordinary);
  expect(await world.ask('www.example.com. A')).toMatchInlineSnapshot(`
    "NOERROR
    www.example.com. 3600 IN A 192.0.2.1
    www.example.com. 3600 IN A 192.0.2.2"
  `);
  expect(world.asked.map((line) => line.replace(/203\.0\.113\.[12]/, 'NS'))).toMatchInlineSnapshot(`
    [
      "198.41.0.4 . NS",
      "198.41.0.4 com. A",
      "192.5.6.30 example.com. A",
      "NS www.example.com. A",
    ]
  `);
});

test('a second question is answered from the cache, its TTL counted down', async () => {
  const world = new World(ordinary);
  await world.ask('www.example.com. A');
  await world.clock.pass(100_000);
  expect(await world.ask('www.example.com. A')).toMatchInlineSnapshot(`
    "NOERROR
    www.example.com. 3500 IN A 192.0.2.1
    www.example.com. 3500 IN A 192.0.2.2"
  `);
  expect(world.asked).toEqual([]);
});

test('a new name in a known zone takes one exchange', async () => {
  const world = new World(ordinary);
  await world.ask('www.example.com. A');
  await world.ask('ns1.example.com. A');
  expect(world.asked).toHaveLength(1);
});

test('an alias across zones is followed', async () => {
  const world = new World(ordinary);
  expect(await world.ask('cdn.example.com. A')).toMatchInlineSnapshot(`
    "NOERROR
    cdn.example.com. 3600 IN CNAME edge.other.net.
    edge.other.net. 3600 IN A 198.51.100.7"
  `);
});

test('an alias within the zone is answered by the same reply', async () => {
  const world = new World(ordinary);
  await world.ask('www.example.com. A');
  expect(await world.ask('local.example.com. A')).toMatchInlineSnapshot(`
    "NOERROR
    local.example.com. 3600 IN CNAME www.example.com.
    www.example.com. 3600 IN A 192.0.2.1
    www.example.com. 3600 IN A 192.0.2.2"
  `);
  expect(world.asked).toHaveLength(1);
});

test('RFC 6672: a DNAME is cached and answers for other names below it', async () => {
  const world = new World(ordinary);
  expect(await world.ask('x.old.example.com. A')).toMatchInlineSnapshot(`
    "NOERROR
    old.example.com. 3600 IN DNAME new.example.com.
    x.old.example.com. 3600 IN CNAME x.new.example.com.
    x.new.example.com. 3600 IN A 192.0.2.5"
  `);
  expect(await world.ask('y.old.example.com. A')).toMatchInlineSnapshot(`
    "NXDOMAIN
    old.example.com. 3600 IN DNAME new.example.com.
    y.old.example.com. 3600 IN CNAME y.new.example.com.
    authority: example.com. 300 IN SOA ns.invalid. host.invalid. 1 3600 900 604800 300"
  `);
});

test('RFC 2308: a name error and a missing type are kept with their SOA', async () => {
  const world = new World(ordinary);
  expect(await world.ask('nope.example.com. A')).toMatchInlineSnapshot(`
    "NXDOMAIN
    authority: example.com. 300 IN SOA ns.invalid. host.invalid. 1 3600 900 604800 300"
  `);
  expect(await world.ask('www.example.com. MX')).toMatchInlineSnapshot(`
    "NOERROR
    authority: example.com. 300 IN SOA ns.invalid. host.invalid. 1 3600 900 604800 300"
  `);
  await world.ask('nope.example.com. AAAA');
  expect(world.asked).toEqual([]);
  await world.ask('www.example.com. MX');
  expect(world.asked).toEqual([]);
});

test('RFC 8020: nothing exists below a name that does not', async () => {
  const world = new World(ordinary);
  await world.ask('nope.example.com. A');
  expect(await world.ask('deeper.nope.example.com. A')).toContain('NXDOMAIN');
  expect(world.asked).toEqual([]);
});

test('empty non-terminals have no data and their children exist', async () => {
  const world = new World(ordinary);
  expect(await world.ask('b.c.d.example.com. A')).toMatch(/^NOERROR\nauthority/);
  expect(await world.ask('a.b.c.d.example.com. A')).toContain('192.0.2.4');
});

test('TTL 0 is answered and not kept', async () => {
  const world = new World(ordinary);
  expect(await world.ask('zero.example.com. A')).toContain('192.0.2.6');
  await world.ask('zero.example.com. A');
  expect(world.asked).toHaveLength(1);
});

test('aliases in a circle are a failure that says so', async () => {
  const world = new World(ordinary);
  expect(await world.ask('loop1.example.com. A')).toMatchInlineSnapshot(`
    "SERVFAIL
    ; other: the aliases of loop1.example.com. lead in a circle"
  `);
});

test('what has expired is asked for again, from the root down', async () => {
  const world = new World(ordinary);
  await world.ask('www.example.com. A');
  await world.clock.pass(6 * 3_600_000);
  expect(await world.ask('www.example.com. A')).toContain('www.example.com. 3600 IN A 192.0.2.1');
  expect(world.asked).toContain('198.41.0.4 com. A');
});
