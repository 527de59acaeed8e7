/** What was asked before a flush is not kept after it: the flush would have been for nothing. */
import { expect, test } from 'vitest';
import { nameFromText } from '../../src/dns/name.js';
import { loadOne, World } from '../sim/world.js';
import { NS1, NS2, ordinary } from './zones.js';

test('a reply that was under way when its name was flushed is not kept', async () => {
  const kept: number[] = [];
  for (let ms = 1; ms <= 200; ms += 1) {
    const world = new World(ordinary);
    world.clock.schedule(ms, () => {
      const zone = loadOne('example.com.', ordinary['example.com.'].replaceAll('192.0.2.1', '192.0.2.99'));
      for (const server of [NS1, NS2]) world.at(server).zones.splice(0, 99, zone);
      world.composed.inspection.flush({ suffix: nameFromText('example.com') });
    });
    await world.ask('www.example.com. A');
    await world.clock.pass(300);
    if ((await world.ask('www.example.com. A')).match(/192\.0\.2\.1(?!\d)/)) kept.push(ms);
  }
  expect(kept).toEqual([]);
});
