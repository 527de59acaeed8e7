/** A server on loopback with a resolver that says what it is told: closed again after each test. */
import { afterEach } from 'vitest';
import { type RunningServer, type StartOptions, startServer } from '../../src/server/start-server.js';
import { Desk, LOCALHOST, lastOne, settings } from './edge-fixture.js';

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
