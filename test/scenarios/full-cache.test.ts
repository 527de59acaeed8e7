/** A cache that is full, whatever its eviction policy, costs exchanges and never an answer. */
import { expect, it } from 'vitest';
import { World } from '../sim/world.js';
import { exampleCom, ordinary } from './zones.js';

const HOSTS = 640;
const addressOf = (i: number): string => `198.18.${i >> 8}.${i & 255}`;
const hosts = Array.from({ length: HOSTS }, (_, i) => `h${i} A ${addressOf(i)}`).join('\n');
const zones = { ...ordinary, 'example.com.': `${exampleCom}\n${hosts}` };
/** The least there may be. */
const MAX_SIZE = 65_536;

it.each(['lru', 'lfu', 'ttl', 'cost', 'none'])(
  'with eviction %s a full cache answers and keeps its size',
  async (eviction) => {
    const world = new World(zones, { config: `cache: { maxSize: ${MAX_SIZE}, eviction: ${eviction} }` });
    for (let i = 0; i < HOSTS; i++) expect(await world.ask(`h${i}.example.com. A`)).toContain(addressOf(i));
    const { byKind } = world.composed.inspection.stats().cache;
    const sum = (figure: 'bytes' | 'rejected' | 'evictions'): number =>
      Object.values(byKind).reduce((total, stats) => total + stats[figure], 0);
    expect(sum('bytes')).toBeLessThanOrEqual(MAX_SIZE);
    expect(sum('bytes')).toBeGreaterThan(MAX_SIZE * 0.9);
    expect(sum(eviction === 'none' ? 'rejected' : 'evictions')).toBeGreaterThan(100);
    expect(world.composed.inspection.whatIf()).toMatchObject({ lookups: HOSTS, hitRatio: 0 });
  },
);
