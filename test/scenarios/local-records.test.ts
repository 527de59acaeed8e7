/** Local records changed while questions are answered: the next question sees the change, whatever led there before. */
import { expect, test } from 'vitest';
import { parseConfig } from '../../src/config/load-config.js';
import { nameFromText } from '../../src/dns/name.js';
import { Type } from '../../src/dns/numbers.js';
import { groupRecords } from '../../src/dns/rrset.js';
import { recordFromText } from '../../src/presentation/record-text.js';
import { World } from '../sim/world.js';
import { ordinary } from './zones.js';

const CONFIG = `
local:
  zones:
    - { name: lan.net, records: ["nas.lan.net. 60 IN A 10.0.0.7"] }
    - { name: half.com, type: transparent }
`;

function set(world: World, ...lines: string[]) {
  return world.composed.inspection.local.set(groupRecords(lines.map((line) => recordFromText(line)))[0]!);
}

test('an alias of the internet that leads to a local record follows it at once', async () => {
  const world = new World(
    { ...ordinary, 'example.com.': `${ordinary['example.com.']}\nto-nas CNAME nas.lan.net.\n` },
    { config: CONFIG },
  );
  expect(await world.ask('to-nas.example.com. A')).toContain('10.0.0.7');
  set(world, 'nas.lan.net. 60 IN A 10.0.0.8');
  expect(await world.ask('to-nas.example.com. A')).toContain('10.0.0.8');
  expect(world.asked).toEqual([]);
  world.composed.inspection.local.remove(nameFromText('nas.lan.net'), Type.A);
  expect(await world.ask('to-nas.example.com. A')).toMatch(/^NXDOMAIN/);
});

test('what was cached at and below the name is gone with the change, and with its end', async () => {
  const world = new World(ordinary, { config: CONFIG });
  const { inspection } = world.composed;
  const www = await world.ask('www.example.com. A');
  await world.ask('no.www.example.com. A');
  const outcome = set(world, 'www.example.com. 60 IN A 10.0.0.9');
  expect(outcome.kind === 'done' && (await outcome.flushed)).toBe(2);
  expect([...inspection.entries({ suffix: nameFromText('www.example.com') })]).toEqual([]);
  expect(await world.ask('www.example.com. A')).toContain('10.0.0.9');
  inspection.local.remove(nameFromText('www.example.com'), Type.A);
  expect(await world.ask('www.example.com. A')).toBe(www);
});

test('a reload flushes what changed local zones cover, keeps the rest, and the change stands over it', async () => {
  const world = new World(ordinary, { config: CONFIG });
  set(world, 'nas.lan.net. 60 IN A 10.0.0.8');
  await world.ask('www.example.com. A');
  await world.ask('com. SOA');
  const next = parseConfig(`dnssec: { mode: off }\n${CONFIG}    - { name: example.com, type: transparent }\n`, 'test');
  if (!next.ok) throw new Error('bad test');
  const { inspection } = world.composed;
  world.composed.reconfigure(next.config);
  expect([...inspection.entries({ suffix: nameFromText('example.com') })]).toEqual([]);
  expect([...inspection.entries({ name: nameFromText('com'), type: Type.SOA })]).toHaveLength(1);
  expect(await world.ask('nas.lan.net. A')).toContain('10.0.0.8');
});
