/** Who may ask, and who may look into the cache? */
import { expect, it } from 'vitest';
import { AccessList } from '../../src/server/access.js';

const listed = (allow: string[], snoop: string[]): AccessList => new AccessList({ allow, snoop, notify: [] });

it('snooping is for those who may ask at all', () => {
  const access = listed(['10.0.0.0/8', '2001:db8::/32'], ['0.0.0.0/0', '2001:db8:1::/48']);
  const verdicts = ['10.1.2.3', '192.0.2.1', '2001:db8::1', '2001:db8:1::1', 'fe80::1%eth0', ''].map((address) => [
    access.mayAsk(address),
    access.maySnoop(address),
  ]);
  expect(verdicts).toEqual([
    [true, true],
    [false, false],
    [true, false],
    [true, true],
    [false, false],
    [false, false],
  ]);
});

it('nobody is allowed by an empty list', () => {
  const access = listed([], []);
  expect(access.mayAsk('127.0.0.1') || access.mayAsk('::1')).toBe(false);
});

it('verdicts stay right however many addresses ask', () => {
  const access = listed(['10.0.0.0/9'], []);
  for (let round = 0; round < 2; round++) {
    for (let i = 0; i < 10_000; i++) {
      const second = i % 256;
      expect(access.mayAsk(`10.${second}.${i >> 8}.1`)).toBe(second < 128);
    }
  }
});

it('a text that is no prefix is named', () => {
  expect(() => listed(['10.0.0.0/8', 'everyone'], [])).toThrow(/"everyone"/);
});

it('who may notify need not be a client, and nobody may unless listed', () => {
  const access = new AccessList({ allow: [], snoop: [], notify: ['192.0.2.0/24', '2001:db8::53'] });
  const may = ['192.0.2.1', '::ffff:192.0.2.1', '2001:db8::53', '192.0.3.1', '2001:db8::54'].map((a) =>
    access.mayNotify(a),
  );
  expect([may, access.takesNotify]).toEqual([[true, true, true, false, false], true]);
  expect(listed(['0.0.0.0/0'], []).takesNotify).toBe(false);
});
