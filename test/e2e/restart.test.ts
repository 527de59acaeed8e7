/**
 * Killed fifty times at any moment, under load, while snapshots and journals are being written: does it always start, is
 * everything back but the last second, and is nothing of it wrong, too young or flushed?
 */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { seededRandom } from '../sim/random.js';
import { eventually, pause } from './internet/command.js';
import { Internet } from './internet/internet.js';
import { projectRoot, Rootwalk } from './internet/rootwalk.js';

const KILLS = 50;
const TTL = 300;
/** What may be lost, in ms: everysec. */
const LOSS = 1000;
const TOKEN = 'token-of-the-restart-story';
const askMany = [process.execPath, join(projectRoot, 'test', 'e2e', 'internet', 'ask-many.mjs')];

interface Reply {
  readonly name: string;
  readonly rcode: number;
  readonly data: string | null;
  readonly ttl: number | null;
  readonly at: number;
}

let internet: Internet;
beforeAll(async () => {
  internet = await Internet.create();
});
afterAll(() => internet?.end());

function repliesIn(text: string): Reply[] {
  // The last line may be cut off: whoever wrote it was killed too.
  return text
    .split('\n')
    .filter((line) => line.endsWith('}'))
    .map((line) => JSON.parse(line) as Reply);
}

/** A life of the program: started, asked, killed. Adds to `known` when each name was first answered. */
async function live(rootwalk: Rootwalk, life: number, ms: number, known: Map<string, number>): Promise<void> {
  const flood = internet.client.start(`flood-${life}`, [...askMany, 'flood', `life-${life}`]);
  await pause(ms);
  const killed = Date.now();
  rootwalk.process.signal('SIGKILL');
  await rootwalk.process.ended;
  await flood.kill();
  for (const { name, rcode, data, at } of repliesIn(flood.output())) {
    expect([rcode, data], name).toEqual([0, '203.0.113.81']);
    if (at <= killed - LOSS) known.set(name, at);
  }
}

async function expectKept(names: readonly string[], known: ReadonlyMap<string, number>): Promise<void> {
  const { stdout } = await internet.client.run([...askMany, 'cached'], { input: names.join('\n') });
  const replies = new Map(repliesIn(stdout).map((reply) => [reply.name, reply]));
  for (const name of names) {
    const reply = replies.get(name);
    expect(reply?.data, `${name}, answered ${Date.now() - known.get(name)!} ms ago`).toBe('203.0.113.81');
    // Seconds that have begun count as left.
    expect(reply!.ttl!).toBeLessThanOrEqual(Math.ceil(TTL - (reply!.at - known.get(name)!) / 1000) + 1);
    expect(reply!.ttl!).toBeGreaterThan(0);
  }
}

it('kill -9, fifty times', async () => {
  const random = seededRandom(20);
  const directory = join(internet.directory, 'kept');
  const config = {
    http: { listen: '127.0.0.1:8053', token: TOKEN },
    cache: { persistence: { directory, snapshotInterval: 2 } },
  };
  const known = new Map<string, number>();
  const flushed: string[] = [];
  let snapshots = 0;
  for (let life = 0; life < KILLS; life++) {
    const rootwalk = await Rootwalk.start(internet.client, config);
    const kept = await eventually('the cache is loaded', async () => {
      const { persistence } = await rootwalk.stats();
      return persistence?.loaded === undefined ? undefined : persistence;
    });
    expect(kept, rootwalk.process.output()).toMatchObject({ loaded: { damage: 0 }, failures: 0 });
    const names = [...known.keys()];
    const older = Array.from({ length: 100 }, () => names[random.below(Math.max(1, names.length))]!);
    await expectKept([...new Set([...names.slice(-200), ...older])].filter(Boolean), known);
    const { stdout } = await internet.client.run([...askMany, 'cached'], { input: flushed.join('\n') });
    expect(repliesIn(stdout).filter(({ data }) => data !== null)).toEqual([]);
    if (life % 10 === 9) {
      const name = names[random.below(names.length)]!;
      const url = `http://127.0.0.1:8053/cache/${name}/A`;
      await internet.client.run(['curl', '-sS', '--fail', '-X', 'DELETE', '-H', `authorization: Bearer ${TOKEN}`, url]);
      known.delete(name);
      flushed.push(name);
      // At once: who was told that it is gone may rely on it.
      rootwalk.process.signal('SIGKILL');
      await rootwalk.process.ended;
      continue;
    }
    // Short lives and ones that come to a snapshot.
    await live(rootwalk, life, 100 + random.below(life % 5 === 0 ? 3000 : 900), known);
    snapshots += Number(rootwalk.process.output().includes('the cache is written down'));
  }
  expect(known.size).toBeGreaterThan(500);
  expect(snapshots).toBeGreaterThan(3);
  expect(readdirSync(directory).filter((name) => name.endsWith('.broken'))).toEqual([]);
  expect(readdirSync(directory).length).toBeLessThan(30);
});
