import { expect, test } from 'vitest';
import { World } from '../sim/world.js';
import { askInTurn } from './asking.js';
import { NS1, NS2, OTHER_NET_SERVER, ordinary, otherNet } from './zones.js';

test('a zone whose servers become thirty times slower is answered all the same', async () => {
  const world = new World(ordinary);
  await askInTurn(world, 10, (i) => `n${i}.wild.example.com. TXT`);
  world.at(NS1).rtt = 300;
  world.at(NS2).rtt = 300;
  const { rcodes } = await askInTurn(world, 10, (i) => `m${i}.wild.example.com. TXT`, 10_000);
  expect(rcodes.slice(2)).toEqual(Array(8).fill('NOERROR'));
});

test.each([150, 210, 300, 600, 1000])(
  'the only server of a zone, known to answer in 10 ms, is heard when it takes %i ms',
  async (rtt) => {
    const world = new World({ ...ordinary, 'other.net.': `${otherNet}\n*.wild TXT "any"` });
    await askInTurn(world, 10, (i) => `n${i}.wild.other.net. TXT`);
    world.at(OTHER_NET_SERVER).rtt = rtt;
    const { rcodes } = await askInTurn(world, 6, (i) => `m${i}.wild.other.net. TXT`, 60_000);
    expect(rcodes.slice(1)).toEqual(Array(5).fill('NOERROR'));
  },
);
