/** SIGHUP takes a new configuration and keeps the cache; SIGTERM lets what is in flight end. */
import { writeFileSync } from 'node:fs';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { EntryDetail } from '../../src/http/views.js';
import { eventually, pause } from './internet/command.js';
import { rdataOf } from './internet/dig.js';
import { Internet } from './internet/internet.js';
import { Rootwalk } from './internet/rootwalk.js';

let internet: Internet;
let rootwalk: Rootwalk;
beforeEach(async () => {
  internet = await Internet.create();
  rootwalk = await Rootwalk.start(internet.client);
});
afterEach(() => internet?.end());

const newZone = {
  local: { zones: [{ name: 'lan.example', type: 'static', records: ['nas.lan.example. 60 IN A 192.0.2.7'] }] },
};

/** Milliseconds since 1970. The cache counts in whole seconds. */
async function storedAt(name: string): Promise<number> {
  const { entries } = await rootwalk.json<{ entries: EntryDetail[] }>('cache', 'get', name, 'A', '--json');
  return Date.parse(entries[0]!.storedAt);
}

it('SIGHUP: the new configuration holds and the cache is still there', async () => {
  await rootwalk.dig('example.com A');
  const stored = await storedAt('example.com');
  // Long enough to tell an entry that was kept from one that was fetched again.
  await pause(1500);
  expect((await rootwalk.dig('nas.lan.example A')).answer).toEqual([]);
  rootwalk.rewriteConfig(newZone);
  rootwalk.process.signal('SIGHUP');
  await eventually(
    () => `the new local zone answers; it printed:\n${rootwalk.process.output()}`,
    async () => rdataOf((await rootwalk.dig('nas.lan.example A')).answer).join() === 'A 192.0.2.7',
  );
  const before = (await rootwalk.stats()).upstream.exchanges;
  expect(rdataOf((await rootwalk.dig('example.com A')).answer)).toEqual(['A 203.0.113.80']);
  expect(Math.abs((await storedAt('example.com')) - stored)).toBeLessThan(1100);
  expect((await rootwalk.stats()).upstream.exchanges).toBe(before);
});

it('SIGHUP with a mistake in the file: the mistake is told, the old configuration goes on', async () => {
  writeFileSync(rootwalk.configFile, 'listen: ["127.0.0.1:5300"]\ncache: { maxSiez: 1MiB }\n');
  rootwalk.process.signal('SIGHUP');
  await eventually(
    () => `the mistake is in the log:\n${rootwalk.process.output()}`,
    async () => rootwalk.process.output().includes('maxSiez'),
  );
  expect((await rootwalk.dig('example.com A', { server: '::1' })).status).toBe('NOERROR');
});

it('SIGTERM with questions in flight: exit code 0, and the ports are free again', async () => {
  await rootwalk.dig('example.com A');
  // Nobody answers for silent.com, so these are in flight until their budget ends.
  const inFlight = Array.from({ length: 5 }, (_, i) =>
    rootwalk.dig(`+time=6 in-flight-${i}.silent.com A`).catch(() => undefined),
  );
  await eventually('five are in flight', async () => (await rootwalk.stats()).queries.inFlight >= 5);
  rootwalk.process.signal('SIGTERM');
  const ended = await Promise.race([rootwalk.process.ended, pause(15_000).then(() => 'still there after 15 s')]);
  expect(ended, rootwalk.process.output()).toEqual({ code: 0, signal: null });
  await Promise.all(inFlight);
  rootwalk = await Rootwalk.start(internet.client);
  expect((await rootwalk.dig('example.com A')).status).toBe('NOERROR');
});

it('SIGINT ends it with code 0 as well', async () => {
  rootwalk.process.signal('SIGINT');
  expect((await rootwalk.process.ended).code, rootwalk.process.output()).toBe(0);
});
