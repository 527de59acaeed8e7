/** Servers die while questions arrive: answers go on as long as one is left, and come back soon after the last returns. */
import { afterEach, beforeEach, expect, it } from 'vitest';
import { eventually } from './internet/command.js';
import { rdataOf } from './internet/dig.js';
import { Internet, type ServerName } from './internet/internet.js';
import { Rootwalk } from './internet/rootwalk.js';

let internet: Internet;
let rootwalk: Rootwalk;
beforeEach(async () => {
  internet = await Internet.create();
  rootwalk = await Rootwalk.start(internet.client);
});
afterEach(() => internet?.end());

/** Asks for `count` names nobody asked for before. */
async function expectNewNames(label: string, count: number): Promise<void> {
  for (let i = 0; i < count; i++) {
    const reply = await rootwalk.dig(`${label}-${i}.wild.example.com A`);
    expect(reply.status, reply.text).toBe('NOERROR');
    expect(rdataOf(reply.answer)).toEqual(['A 203.0.113.81']);
  }
}

it('one leaf server dies mid-run: every question is answered', async () => {
  await expectNewNames('before', 10);
  await internet.killServer('leaf-one');
  await expectNewNames('one-dead', 30);
  await internet.startServer('leaf-one');
  await internet.killServer('leaf-two');
  await expectNewNames('other-dead', 30);
});

it('one server of a top-level domain dies mid-run: new zones are still found', async () => {
  await rootwalk.dig('example.com A');
  await internet.killServer('tld-knot');
  for (let i = 1; i <= 20; i++) {
    const reply = await rootwalk.dig(`www.d${i}.com A`);
    expect(reply.status, reply.text).toBe('NOERROR');
  }
});

it('all servers of a zone die: SERVFAIL names one of them, and answers are back within a minute of their return', async () => {
  await expectNewNames('before', 3);
  const leaves: ServerName[] = ['leaf-one', 'leaf-two'];
  for (const name of leaves) await internet.killServer(name);
  for (let i = 0; i < 5; i++) {
    const reply = await rootwalk.dig(`dead-${i}.wild.example.com A`);
    expect(reply.status, reply.text).toBe('SERVFAIL');
    // RFC 8914: No Reachable Authority or Network Error, and who it was.
    expect(reply.text).toMatch(
      /EDE: 2[23] \([^)]*\): \(.*(203\.0\.113\.1|198\.51\.100\.1|2001:db8:[12]::1|example\.com)/,
    );
  }
  // What is in the cache does not need them.
  expect((await rootwalk.dig('before-0.wild.example.com A')).status).toBe('NOERROR');
  for (const name of leaves) await internet.startServer(name);
  let asked = 0;
  await eventually(
    'a new name is answered after all servers came back',
    async () => (await rootwalk.dig(`back-${asked++}.wild.example.com A`)).status === 'NOERROR',
    { within: 60_000, every: 1000 },
  );
  await expectNewNames('recovered', 10);
});
