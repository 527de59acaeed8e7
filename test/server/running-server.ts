/** A server on loopback with a resolver that says what it is told: closed again after each test. */
import { afterEach } from 'vitest';
import type { Resolution } from '../../src/dns/resolution.js';
import { type RunningServer, type StartOptions, startServer } from '../../src/server/start-server.js';
import { Desk, LOCALHOST, lastOne, resolution, settings, type ToldResolver } from './edge-fixture.js';

/** What a test may look at and turn. */
export interface Running extends Omit<Desk, 'edge' | 'hand' | 'octets' | 'ask'> {
  readonly server: RunningServer;
}

const servers: RunningServer[] = [];
afterEach(async () => {
  // No grace: what a test left unanswered is dropped.
  await Promise.all(servers.splice(0).map((server) => closeAtOnce(server)));
});

const clocks = new Map<RunningServer, Desk['clock']>();

async function closeAtOnce(server: RunningServer): Promise<void> {
  const closing = server.close(0);
  clocks.get(server)?.advance(0);
  clocks.delete(server);
  await closing;
}

/** Starts a server, on 127.0.0.1 and any port unless told otherwise. Its clock stands still. */
export async function running(changed: Partial<StartOptions> = {}): Promise<Running> {
  const { resolver, clock, log, stats } = new Desk();
  const parts = { listen: [LOCALHOST], resolver, clock, log, stats, random: lastOne, settings: settings() };
  const server = await startServer({ ...parts, ...changed });
  servers.push(server);
  clocks.set(server, clock);
  return { server, resolver, clock, log, stats };
}

/** Until the condition holds; the test's own time limit is the limit. */
export async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setImmediate(resolve));
}

/** Resolutions that wait until the test lets them go, in the order they were asked for. */
export function held(resolver: ToldResolver): ((found?: Resolution) => void)[] {
  const waiting: ((found?: Resolution) => void)[] = [];
  resolver.finds = () => new Promise((resolve) => waiting.push((found = resolution()) => resolve(found)));
  return waiting;
}
