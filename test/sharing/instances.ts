/** Resolvers over one store, each with a clock and a network of its own. */
import type { SharedCacheStats } from '../../src/ports/second-level.js';
import { World, type WorldOptions } from '../sim/world.js';
import type { FakeStore } from './fake-store.js';

export const ZONES = {
  '.': '@ NS a.root.\na.root. A 192.0.2.1\nexample. NS ns.example.\nns.example. A 192.0.2.2\n',
  'example.': `@ NS ns
ns A 192.0.2.2
www A 192.0.2.80
alias CNAME www
long CNAME alias
tree DNAME example.
text TXT "here"
`,
};
const SECRET = '0123456789abcdef0123456789abcdef';

export function config(more = ''): string {
  return `cache: { shared: { url: "redis://store.example", secret: ${SECRET} } }\n${more}`;
}

export interface Instance extends World {
  readonly shared: () => SharedCacheStats;
}

/** Connected when it resolves. */
export async function instance(store: FakeStore, options: WorldOptions = {}): Promise<Instance> {
  const world = new World(ZONES, { config: config(), ...options, parts: { openStore: store.open, ...options.parts } });
  await world.clock.run(Promise.resolve());
  return Object.assign(world, { shared: () => world.composed.inspection.stats().shared! });
}

/** Asks, and lets what was learnt be written. */
export async function teach(world: World, ...questions: readonly string[]): Promise<void> {
  for (const question of questions) await world.ask(question);
  await world.clock.pass(50);
}
