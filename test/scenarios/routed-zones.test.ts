import { expect, test } from 'vitest';
import { Rcode } from '../../src/dns/numbers.js';
import { recordFromText } from '../../src/presentation/record-text.js';
import { World } from '../sim/world.js';
import { askInTurn } from './asking.js';
import { NS1, ordinary } from './zones.js';

test.each(['forward', 'stub'])(
  'RFC 4035 §2.4: the DS denied by the parent of a %s zone does not hide the zone',
  async (type) => {
    const world = new World(
      { ...ordinary, 'corp.net.': '@ NS ns\nns A 10.0.0.1\nwww A 10.1.1.1' },
      { config: `zones: [{ name: corp.net, type: ${type}, servers: ["10.0.0.1"] }]` },
    );
    expect(await world.ask('www.corp.net. A')).toContain('10.1.1.1');
    expect(await world.ask('corp.net. DS')).toContain('NXDOMAIN\nauthority: net. ');
    expect(await world.ask('other.corp.net. A')).toContain('NXDOMAIN\nauthority: corp.net. ');
    expect(world.asked.map((line) => line.split(' ')[0])).toEqual(['10.0.0.1']);
    expect(await world.ask('ns.corp.net. A')).toContain('10.0.0.1');
    expect(await world.ask('corp.net. NS')).toContain('corp.net. 3600 IN NS ns.corp.net.');
  },
);

test('a forwarder that refers instead of recursing has failed, and the fallback answers', async () => {
  const config = 'zones: [{ name: example.com, type: forward, servers: ["192.5.6.30"], fallback: true }]';
  const world = new World(ordinary, { config });
  expect(await world.ask('www.example.com. A')).toContain('192.0.2.1');
  expect(world.asked[0]).toBe('192.5.6.30 www.example.com. A');
});

test('a forwarder that answers from its cache in 10 ms is given 400 ms for what it has to fetch', async () => {
  const config = `zones: [{ name: example.com, type: forward, servers: ["${NS1}"] }]`;
  const world = new World(ordinary, { config });
  await askInTurn(world, 10, (i) => `n${i}.wild.example.com. TXT`);
  world.at(NS1).rtt = 400;
  const { rcodes } = await askInTurn(world, 10, (i) => `m${i}.wild.example.com. TXT`, 10_000);
  expect(rcodes).toEqual(Array(10).fill('NOERROR'));
});

test.each(['forward', 'stub'])('two dead servers of a %s zone leave the fallback time to answer', async (type) => {
  const servers = '["203.0.113.251", "203.0.113.252"]';
  const config = `zones: [{ name: example.com, type: ${type}, servers: ${servers}, fallback: true }]`;
  const { rcodes } = await askInTurn(new World(ordinary, { config }), 6, (i) => `n${i}.wild.example.com. TXT`);
  expect(rcodes).toEqual(Array(6).fill('NOERROR'));
});

test('what a forwarder denies does not hide a zone taken out of what it is asked', async () => {
  const config = `
zones:
  - { name: ., type: forward, servers: ["203.0.113.250"] }
  - { name: example.com, type: forward, servers: [] }
`;
  const world = new World(ordinary, { config });
  const soa = recordFromText('. 300 IN SOA a. b. 1 1 1 1 300');
  world.at('203.0.113.250').mutate = (reply) => ({ ...reply, ra: true, rcode: Rcode.NXDOMAIN, authority: [soa] });
  expect(await world.ask('com. A')).toMatch(/^NXDOMAIN/);
  expect(await world.ask('www.example.com. A')).toContain('192.0.2.1');
});
