import { expect, test } from 'vitest';
import { World } from '../sim/world.js';
import { com, exampleCom, ordinary } from './zones.js';

const zones = {
  ...ordinary,
  'com.': `${com}\napex NS ns1.example`,
  'example.com.': `${exampleCom}\nz0 0 DNAME new\nc0 0 CNAME www\n`,
  'apex.com.': '@ NS ns1.example.com.\n@ DNAME new.example.com.\n',
};

test.each([
  ['a name below a DNAME', 'x.old.example.com. A', 'x.new.example.com. 3600 IN A 192.0.2.5'],
  ['a name that is none, below a DNAME', 'x.y.old.example.com. A', 'NXDOMAIN\nold.example.com. 3600 IN DNAME'],
  ['a name below a DNAME of TTL 0', 'x.z0.example.com. A', 'x.z0.example.com. 0 IN CNAME x.new.example.com.'],
  ['an alias of TTL 0', 'c0.example.com. A', 'c0.example.com. 0 IN CNAME www.example.com.'],
  ['a name below a zone that is a DNAME', 'x.apex.com. A', 'x.new.example.com. 3600 IN A 192.0.2.5'],
  ['the zone that is a DNAME itself', 'apex.com. A', 'NOERROR\nauthority: apex.com. '],
  ['the alias made from a DNAME', 'x.apex.com. CNAME', 'x.apex.com. 3600 IN CNAME x.new.example.com.'],
  ['the DNAME itself', 'old.example.com. DNAME', 'NOERROR\nold.example.com. 3600 IN DNAME new.example.com.'],
  ['another type at a DNAME', 'old.example.com. A', 'NOERROR\nauthority: example.com. '],
  ['a DS below a DNAME', 'x.old.example.com. DS', 'x.old.example.com. 3600 IN CNAME x.new.example.com.'],
])('RFC 6672: %s has the same answer twice', async (_, question, expected) => {
  const world = new World(zones);
  const first = await world.ask(question);
  expect(first).toContain(expected);
  expect(await world.ask(question)).toBe(first);
});

test('RFC 6672 §3.1: the alias below a DNAME is the same when the DNAME is known already', async () => {
  const cold = await new World(ordinary).ask('x.old.example.com. CNAME');
  expect(cold).toContain('x.old.example.com. 3600 IN CNAME x.new.example.com.');
  const world = new World(ordinary);
  await world.ask('x.old.example.com. A');
  expect(await world.ask('x.old.example.com. CNAME')).toBe(cold);
});

test('RFC 2308 §2: an alias to nothing is kept whole, and remains an alias', async () => {
  const world = new World({ ...ordinary, 'example.com.': `${exampleCom}\nnx CNAME gone\nnd CNAME www\n` });
  for (const question of ['nx.example.com. A', 'nd.example.com. MX']) {
    const first = await world.ask(question);
    expect(first).toMatch(/ IN CNAME .*\nauthority: example\.com\. /);
    expect(await world.ask(question)).toBe(first);
    expect(world.asked).toEqual([]);
  }
  expect(await world.ask('nx.example.com. CNAME')).toContain('NOERROR\nnx.example.com. 3600 IN CNAME gone');
});

test('RFC 6672 §2.2: YXDOMAIN behind an alias shows the alias', async () => {
  const label = (letter: string, length: number): string => letter.repeat(length);
  const target = [label('x', 60), label('x', 60), label('x', 60), label('y', 37)].join('.');
  const world = new World({
    ...ordinary,
    'example.com.': `${exampleCom}\nlong DNAME ${target}.example.com.\nto CNAME ${label('z', 40)}.long\n`,
  });
  expect(await world.ask('to.example.com. A')).toMatch(/^YXDOMAIN\nto\.example\.com\. 3600 IN CNAME z{40}\.long/);
});
