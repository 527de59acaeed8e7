import { expect, test } from 'vitest';
import { World } from '../sim/world.js';
import { askInTurn } from './asking.js';
import { behave } from './manners.js';
import { com, exampleCom, net, ordinary, otherNet } from './zones.js';

const deadOverIpv6 = `
dead NS ns1.dead
dead NS ns2.dead
ns1.dead AAAA 2001:db8:dead::1
ns2.dead AAAA 2001:db8:dead::2
`;

/** Asks for a zone that nobody serves at IPv6 addresses, until IPv6 as such is held to be down. */
async function blameIpv6(world: World): Promise<void> {
  await askInTurn(world, 3, (i) => `n${i}.dead.com. A`);
  expect(world.composed.inspection.stats().upstream.ipv6).toBe('down');
}

test('IPv6 held to be down for one dead zone is still tried where a zone has nothing else', async () => {
  const world = new World({
    ...ordinary,
    'com.': `${com}${deadOverIpv6}six NS ns.six.net.\n`,
    'net.': `${net}\nsix NS ns.six\nns.six AAAA 2001:db8:6::1\n`,
    'six.net.': '@ NS ns\nns AAAA 2001:db8:6::1\n',
    'six.com.': '@ NS ns.six.net.\n* A 192.0.2.66',
  });
  await blameIpv6(world);
  expect(await world.ask('a.six.com. A')).toContain('192.0.2.66');
});

test('IPv6 held to be down does not keep a server name from being looked up that has IPv6 addresses only', async () => {
  const world = new World({
    ...ordinary,
    'com.': `${com}${deadOverIpv6}six NS v6only.other.net.\n`,
    'other.net.': `${otherNet}\nv6only AAAA 2001:db8:6::1\n`,
    'six.com.': '@ NS v6only.other.net.\n* A 192.0.2.66',
  });
  await blameIpv6(world);
  expect(await world.ask('a.six.com. A')).toContain('192.0.2.66');
});

/** NS records of thirteen names, each with an address of both families. */
function thirteen(owner: string, domain: string, ipv4: string, ipv6: string): string {
  const records = (letter: string, i: number): string[] => {
    const name = `${letter}.${domain}`;
    return [`${owner} NS ${name}`, `${name} A ${ipv4}${i + 30}`, `${name} AAAA ${ipv6}${i + 30}`];
  };
  return [...'abcdefghijklm'].flatMap(records).join('\n');
}

test.each(['IPv4', 'IPv6'])(
  'thirteen servers at each step and no way out over %s: all names are found',
  async (dead) => {
    const gtld = (owner: string): string => thirteen(owner, 'gtld.com.', '192.5.6.', '2001:db8:5::');
    const glue = 'ns1.example AAAA 2001:db8:7::1\nns2.example AAAA 2001:db8:7::2';
    const world = new World({
      '.': `${thirteen('@', 'root.', '198.41.0.', '2001:db8:4::')}\n${gtld('com.')}`,
      'com.': `${com.replace(/^.*gtld.*$/gm, '')}\n${gtld('@')}\n${glue}`,
      'example.com.': `${exampleCom}\nns1 AAAA 2001:db8:7::1\nns2 AAAA 2001:db8:7::2`,
    });
    for (const [address, server] of world.network.servers) server.silent = address.includes(':') === (dead === 'IPv6');
    const { rcodes, took } = await askInTurn(world, 12, (i) => `n${i}.wild.example.com. TXT`);
    expect(rcodes).toEqual(Array(12).fill('NOERROR'));
    expect(Math.max(...took.slice(1))).toBeLessThan(100);
  },
);

test('an own lack of sockets is the fault of no server and of no family', async () => {
  const world = new World({
    ...ordinary,
    'com.': `${com}\nns1.example AAAA 2001:db8::1\nns2.example AAAA 2001:db8::2\n`,
    'example.com.': `${exampleCom}\nns1 AAAA 2001:db8::1\nns2 AAAA 2001:db8::2\n`,
  });
  await askInTurn(world, 20, (i) => `n${i}.wild.example.com. TXT`);
  behave(world, ['203.0.113.1', '203.0.113.2', '2001:db8::2'], () => ({
    kind: 'unreachable',
    scope: 'here',
    reason: 'this process has no file descriptor left',
  }));
  await askInTurn(world, 6, (i) => `m${i}.wild.example.com. TXT`, 5_000);
  const { upstream } = world.composed.inspection.stats();
  expect([upstream.ipv4, upstream.ipv6]).toEqual(['up', 'up']);
  expect(upstream.servers.filter((server) => server.restingMs > 0 || server.timeoutsInRow > 0)).toEqual([]);
});
