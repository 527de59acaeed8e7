import { expect, test } from 'vitest';
import { World } from '../sim/world.js';
import { askInTurn } from './asking.js';
import { com, exampleCom, net, ordinary, otherNet, root } from './zones.js';

test('a server name in a dead zone beside one in a good zone costs no answer', async () => {
  const zones = {
    ...ordinary,
    'com.': `${com}\nfoo NS ns.dead.net.\nfoo NS ns.other.net.\n`,
    'net.': `${net}\ndead NS ns1.dead\ndead NS ns2.dead\nns1.dead A 203.0.113.201\nns2.dead A 203.0.113.202\n`,
    'foo.com.': '@ NS ns.other.net.\n* A 192.0.2.77',
  };
  for (let seed = 1; seed <= 8; seed++) {
    const { rcodes } = await askInTurn(new World(zones, { seed }), 6, (i) => `a${i}.foo.com. A`, 7_000);
    expect(rcodes, `seed ${seed}`).toEqual(Array(6).fill('NOERROR'));
  }
});

test('a server looked up to a dead IPv4 and a live IPv6 address is reached', async () => {
  const world = new World({
    ...ordinary,
    'com.': `${com}\nfoo NS dual.other.net.\n`,
    'other.net.': `${otherNet}\ndual A 203.0.113.77\ndual AAAA 2001:db8::77\n`,
    'foo.com.': '@ NS dual.other.net.\n* A 192.0.2.55',
  });
  world.at('203.0.113.77').silent = true;
  const { rcodes } = await askInTurn(world, 4, (i) => `a${i}.foo.com. A`, 31_000);
  expect(rcodes.at(-1)).toBe('NOERROR');
});

test('sibling glue with nothing but a dead IPv6 address does not keep the IPv4 address from being looked up', async () => {
  const world = new World({
    ...ordinary,
    'com.': `${com}\nbar NS ns.bar\nbar NS ns1.example\nns.bar AAAA 2001:db8::b\nfoo NS ns.bar\n`,
    'bar.com.': '@ NS ns1.example.com.\nns A 203.0.113.1\nns AAAA 2001:db8::b\n',
    'foo.com.': '@ NS ns.bar.com.\n* A 192.0.2.99\n',
  });
  world.at('2001:db8::b').silent = true;
  const { answers } = await askInTurn(world, 5, (i) => `w${i}.foo.com. A`, 40_000);
  expect(answers.at(-1)).toContain('192.0.2.99');
});

test('delegations and server addresses with TTL 0 serve the question they were fetched for', async () => {
  const world = new World({
    '.': root.replace('com. NS', 'com. 0 NS').replace('@ NS', '@ 0 NS'),
    'com.': `${com}\nz 0 NS ns.other.net.\n`,
    'net.': net,
    'other.net.': otherNet.replace('ns A', 'ns 0 A'),
    'z.com.': '@ 0 NS ns.other.net.\n* 0 A 192.0.2.3',
    'example.com.': exampleCom,
  });
  const { answers, asked } = await askInTurn(world, 3, () => 'a.z.com. A');
  for (const answer of answers) expect(answer).toContain('192.0.2.3');
  expect(asked.filter((line) => line === '203.0.113.9 a.z.com. A')).toHaveLength(3);
});
