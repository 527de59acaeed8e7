import { expect, test } from 'vitest';
import { isDueForProbe, isLame, isResting, ServerBook } from '../../src/cache/server-book.js';
import { serverAddress } from '../../src/dns/address.js';
import { nameFromText } from '../../src/dns/name.js';
import { SimClock } from '../sim/clock.js';

const settings = { firstTimeout: 400, minTimeout: 50, maxTimeout: 5000, serverRest: 60_000, serversRemembered: 1000 };
const a = serverAddress('192.0.2.1', 53);
const b = serverAddress('192.0.2.2', 53);
const a6 = serverAddress('2001:db8::1', 53);
const b6 = serverAddress('2001:db8::2', 53);
const zone = nameFromText('example.com.');

test('RFC 6298: the timeout follows round trips, doubles on loss, and is bounded', () => {
  const book = new ServerBook(settings, new SimClock());
  expect(book.timeoutFor(book.stateOf(a))).toBe(400);
  book.noteReply(a, 100, false);
  expect(book.timeoutFor(book.stateOf(a))).toBe(300);
  for (let i = 0; i < 50; i++) book.noteReply(a, 100, false);
  expect(book.timeoutFor(book.stateOf(a))).toBe(120);
  book.noteTimeout(a);
  expect(book.timeoutFor(book.stateOf(a))).toBe(240);
  book.noteTimeout(a);
  expect(book.timeoutFor(book.stateOf(a))).toBe(400);
  for (let i = 0; i < 9; i++) book.noteTimeout(a);
  expect(book.timeoutFor(book.stateOf(a))).toBe(1600);
  book.noteReply(b, 1, false);
  for (let i = 0; i < 50; i++) book.noteReply(b, 1, false);
  expect(book.timeoutFor(book.stateOf(b))).toBe(50);
});

test('a silent server rests, never longer than serverRest, and is then due for a probe', async () => {
  const clock = new SimClock();
  const book = new ServerBook(settings, clock);
  book.noteTimeout(a);
  expect(isResting(book.stateOf(a), clock.now())).toBe(false);
  for (let i = 0; i < 30; i++) book.noteTimeout(a);
  expect(isResting(book.stateOf(a), clock.now())).toBe(true);
  await clock.pass(60_000);
  expect(isResting(book.stateOf(a), clock.now())).toBe(false);
  expect(isDueForProbe(book.stateOf(a), clock.now())).toBe(true);
  book.noteReply(a, 10, false);
  expect(isDueForProbe(book.stateOf(a), clock.now())).toBe(false);
});

test('lameness is per zone and ends', async () => {
  const clock = new SimClock();
  const book = new ServerBook(settings, clock);
  book.markLame(a, zone);
  expect(isLame(book.stateOf(a), zone, clock.now())).toBe(true);
  expect(isLame(book.stateOf(a), nameFromText('other.com.'), clock.now())).toBe(false);
  await clock.pass(600_000);
  expect(isLame(book.stateOf(a), zone, clock.now())).toBe(false);
});

test('EDNS is given up after an answer without it or two losses, never after one loss, and tried again later', async () => {
  const clock = new SimClock();
  const book = new ServerBook(settings, clock);
  book.noteEdnsLoss(a);
  expect(book.stateOf(a).edns).toBe('unknown');
  book.noteEdnsLoss(a);
  expect(book.stateOf(a).edns).toBe('no');
  await clock.pass(600_000);
  expect(book.stateOf(a).edns).toBe('unknown');
});

test('a family whose servers all fail while the other works is down, is probed, and comes back with a reply', async () => {
  const clock = new SimClock();
  const book = new ServerBook(settings, clock);
  for (const server of [a6, b6, a6, b6]) {
    book.noteReply(a, 10, false);
    book.noteTimeout(server);
  }
  expect([book.familyDown(6), book.familyDown(4)]).toEqual([true, false]);
  expect(book.takeFamilyProbe(6)).toBe(false);
  await clock.pass(30_000);
  expect([book.takeFamilyProbe(6), book.takeFamilyProbe(6)]).toEqual([true, false]);
  book.noteReply(a6, 10, false);
  expect(book.familyDown(6)).toBe(false);
});

test('being offline breaks no family', () => {
  const book = new ServerBook(settings, new SimClock());
  for (let i = 0; i < 10; i++) for (const server of [a, b, a6, b6]) book.noteUnreachable(server, 'network');
  expect([book.familyDown(4), book.familyDown(6)]).toEqual([false, false]);
});

test('what it shows', () => {
  const book = new ServerBook(settings, new SimClock());
  book.noteReply(a, 20, false);
  book.noteReply(a, 20, true);
  book.noteTimeout(b);
  book.markLame(b, zone);
  expect(book.counts()).toEqual({ exchanges: 3, timeouts: 1, unreachable: 0, overTcp: 1 });
  expect(book.busiest(1).map((view) => view.server)).toEqual(['192.0.2.1:53']);
  expect(book.busiest(9)[1]).toMatchObject({ srttMs: undefined, lameFor: ['example.com.'], timeouts: 1 });
});
