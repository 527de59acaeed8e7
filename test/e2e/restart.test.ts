/**
 * Killed many times at any moment, under load, while snapshots and journals are being written: does it always start, is
 * everything back but the last second, and is nothing of it wrong, too young or flushed?
 */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { seededRandom } from '../sim/random.js';
import { eventually, pause, type Started } from './internet/command.js';
import { Internet } from './internet/internet.js';
import { projectRoot, Rootwalk } from './internet/rootwalk.js';

/** Fifty take over two minutes: E2E_KILLS=50. */
const KILLS = Number(process.env.E2E_KILLS ?? 6);
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

/** What `flood` was told since it was looked at last; what must be known after a kill at `killed` joins `known`. */
function note(flood: Started, seen: number, killed: number, known: Map<string, number>): number {
  const text = flood.output();
  for (const { name, rcode, data, at } of repliesIn(text.slice(seen))) {
    expect([rcode, data], name).toEqual([0, '203.0.113.81']);
    if (at <= killed - LOSS) known.set(name, at);
  }
  return text.lastIndexOf('\n') + 1;
}

async function expectKept(names: string[], flushed: string[], known: ReadonlyMap<string, number>): Promise<void> {
  const { stdout } = await internet.client.run([...askMany, 'cached'], { input: [...names, ...flushed].join('\n') });
  const replies = new Map(repliesIn(stdout).map((reply) => [reply.name, reply]));
  for (const name of flushed) expect(replies.get(name), `${name} was flushed`).toMatchObject({ data: null });
  for (const name of names) {
    const reply = replies.get(name);
    expect(reply?.data, `${name}, answered ${Date.now() - known.get(name)!} ms ago`).toBe('203.0.113.81');
    // Seconds that have begun count as left.
    expect(reply!.ttl!).toBeLessThanOrEqual(Math.ceil(TTL - (reply!.at - known.get(name)!) / 1000) + 1);
    expect(reply!.ttl!).toBeGreaterThan(0);
  }
}

async function flush(name: string): Promise<void> {
  const url = `http://127.0.0.1:8053/cache/${name}/A`;
  const request = ['curl', '-sS', '--fail', '-X', 'DELETE', '-H', `authorization: Bearer ${TOKEN}`, url];
  expect((await internet.client.run(request)).code).toBe(0);
}

it(`kill -9, ${KILLS} times`, { timeout: 300_000 }, async () => {
  const random = seededRandom(20);
  const directory = join(internet.directory, 'kept');
  const config = {
    http: { listen: '127.0.0.1:8053', token: TOKEN },
    cache: { persistence: { directory, snapshotInterval: 2 } },
  };
  const flood = internet.client.start('flood', [...askMany, 'flood', 'name']);
  const known = new Map<string, number>();
  const flushed: string[] = [];
  let seen = 0;
  let snapshots = 0;
  for (let life = 0; life < KILLS; life++) {
    const rootwalk = await Rootwalk.start(internet.client, config);
    const kept = await eventually('the cache is loaded', async () => {
      const { persistence } = await rootwalk.stats();
      return persistence?.loaded === undefined ? undefined : persistence;
    });
    expect(kept, rootwalk.process.output()).toMatchObject({ loaded: { damage: 0 }, failures: 0 });
    // What is soon over is left out: it might be while it is asked for.
    const names = [...known.keys()].filter((name) => known.get(name)! > Date.now() - (TTL - 60) * 1000);
    const older = names.slice(0, -200).filter(() => random.below(names.length) < 100);
    await expectKept([...names.slice(-200), ...older], flushed, known);
    if (life % 10 === 9) {
      // Killed at once: who was told that it is gone may rely on it.
      const name = names[random.below(names.length)]!;
      await flush(name);
      known.delete(name);
      flushed.push(name);
    } else {
      // Short lives, and some that come to a snapshot.
      await pause(life % 5 === 0 ? 1500 + random.below(2500) : random.below(600));
    }
    const killed = Date.now();
    rootwalk.process.signal('SIGKILL');
    await rootwalk.process.ended;
    seen = note(flood, seen, killed, known);
    snapshots += Number(rootwalk.process.output().includes('the cache is written down'));
  }
  expect(known.size).toBeGreaterThan(10 * KILLS);
  expect(snapshots).toBeGreaterThan(Math.floor(KILLS / 16));
  const files = readdirSync(directory);
  expect(files.filter((name) => name.endsWith('.broken'))).toEqual([]);
  expect(files.length).toBeLessThan(30);
});
