import { expect, test } from 'vitest';
import { Rcode } from '../../src/dns/numbers.js';
import { World } from '../sim/world.js';
import { askTogether } from './asking.js';
import { com, net, ordinary } from './zones.js';

const names = (count: number, zone: string): string[] => Array.from({ length: count }, (_, i) => `n${i}.${zone}`);

test('three hundred new names of a cold zone share the way there', async () => {
  const world = new World(ordinary);
  const answers = await askTogether(world, names(300, 'wild.example.com. TXT'));
  expect(answers.map((answer) => answer.rcode)).toEqual(Array(300).fill(Rcode.NOERROR));
  const shared = world.asked.filter((line) => !/ n\d+\./.test(line));
  expect(shared).toContain('192.5.6.30 example.com. A');
  expect(shared).toEqual([...new Set(shared)]);
});

test('three hundred new names of a zone without glue wait for one look-up of its server', async () => {
  const world = new World({
    ...ordinary,
    'com.': `${com}\nglueless NS ns.other.net.\n`,
    'glueless.com.': '@ NS ns.other.net.\n* A 192.0.2.77',
  });
  const answers = await askTogether(world, names(300, 'glueless.com. A'));
  expect(answers.map((answer) => answer.rcode)).toEqual(Array(300).fill(Rcode.NOERROR));
  expect(world.asked.filter((line) => line.endsWith(' ns.other.net. A'))).toHaveLength(1);
});

test('two hundred clients with one question all get its answer, from one walk', async () => {
  const world = new World(ordinary);
  const answers = await askTogether(world, Array<string>(200).fill('www.example.com. A'));
  expect(answers.map((answer) => answer.rcode)).toEqual(Array(200).fill(Rcode.NOERROR));
  expect(world.asked).toHaveLength(4);
});

test('questions for zones that need each other do not wait for each other for ever', async () => {
  const zones = {
    ...ordinary,
    'com.': `${com}\nx NS ns.y.net.\nx NS ns.other.net.`,
    'net.': `${net}\ny NS ns.x.com.\ny NS ns.other\n`,
    'x.com.': '@ NS ns.y.net.\n@ NS ns.other.net.\nns A 203.0.113.9\nwww A 192.0.2.1',
    'y.net.': '@ NS ns.x.com.\n@ NS ns.other.net.\nns A 203.0.113.9\nwww A 192.0.2.2',
  };
  const questions = ['www.x.com. A', 'www.y.net. A', 'ns.x.com. A', 'ns.y.net. A', 'a.x.com. A', 'b.y.net. A'];
  for (let seed = 1; seed <= 10; seed++) {
    const answers = await askTogether(new World(zones, { seed }), questions);
    expect(answers.map((answer) => answer.rcode)).toEqual([0, 0, 0, 0, Rcode.NXDOMAIN, Rcode.NXDOMAIN]);
  }
});
