import { expect, test } from 'vitest';
import { World } from '../sim/world.js';
import { askInTurn } from './asking.js';
import { behave } from './manners.js';
import { NS1, NS2, ordinary } from './zones.js';

test('servers that fold the case of names (0x20) and speak no TCP are answered by', async () => {
  const world = new World(ordinary);
  behave(world, [NS1, NS2], (reply, query) => {
    if (query.transport === 'tcp') return { kind: 'unreachable', scope: 'server', reason: 'connection refused' };
    return query.caseRandomisation ? { kind: 'suspicious', reason: 'the name came back in other letters' } : reply;
  });
  const { rcodes } = await askInTurn(world, 3, (i) => `n${i}.wild.example.com. TXT`);
  expect(rcodes.at(-1)).toBe('NOERROR');
});

test('RFC 5452: forged datagrams while TCP is filtered are a short trouble, not a lasting one', async () => {
  const world = new World(ordinary);
  let forgeries = 2;
  behave(world, [NS1, NS2], (reply, query) => {
    if (query.transport === 'tcp') return undefined;
    return forgeries-- > 0 ? { kind: 'suspicious', reason: '3 replies with a wrong ID' } : reply;
  });
  const { rcodes } = await askInTurn(world, 8, (i) => `n${i}.wild.example.com. TXT`, 5_000);
  expect(rcodes.slice(1)).toEqual(Array(7).fill('NOERROR'));
});
