/** cache.shared: what must stand there, and that neither secret nor password is ever repeated in an error. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { parseConfig } from '../../src/config/load-config.js';
import { maskedUrl } from '../../src/config/shared-url.js';

const directory = mkdtempSync(join(tmpdir(), 'rootwalk-shared-keys-'));
afterAll(() => rmSync(directory, { recursive: true }));

const SECRET = '0123456789abcdef0123456789abcdef';

function outcome(shared: string) {
  return parseConfig(`cache: { shared: ${shared} }`, join(directory, 'rootwalk.yaml'));
}

function shared(text: string) {
  const read = outcome(text);
  if (!read.ok) throw new Error(read.problems.map(({ key, message }) => `${key}: ${message}`).join('\n'));
  return read.config.cache.shared;
}

function problems(text: string): string[] {
  const read = outcome(text);
  return read.ok ? [] : read.problems.map(({ key, message }) => `${key}: ${message}`);
}

describe('cache.shared', () => {
  it('is off unless configured', () => {
    const read = parseConfig('', 'test');
    expect(read.ok && read.config.cache.shared).toBe(false);
  });

  it('has a default for everything but the address and the secret', () => {
    expect(shared(`{ url: "redis://127.0.0.1:6379", secret: ${SECRET} }`)).toEqual({
      url: 'redis://127.0.0.1:6379',
      nodes: [],
      cluster: false,
      secret: SECRET,
      tls: { ca: undefined, cert: undefined, key: undefined },
      timeout: 20,
      prefix: 'rootwalk',
    });
  });

  it('takes the secret and the certificates from files, whose place is relative to the configuration', () => {
    writeFileSync(join(directory, 'secret'), `${SECRET}\n`);
    writeFileSync(join(directory, 'ca.pem'), 'PEM');
    const read = shared('{ url: "rediss://cache.example", secretFile: secret, tls: { ca: ca.pem } }');
    expect(read).toMatchObject({ secret: SECRET, tls: { ca: 'PEM' } });
  });

  it.each([
    ['{ url: "redis://h" }', /^cache\.shared: .* set secret or secretFile; make one with "openssl rand -hex 32"/],
    ['{ url: "redis://h", secret: short }', /^cache\.shared\.secret: .* at least 32 printable/],
    [`{ url: "redis://h", secret: ${SECRET}, secretFile: missing }`, /^cache\.shared\.secretFile: .* given twice/],
    ['{ url: "redis://h", secretFile: missing }', /^cache\.shared\.secretFile: cannot read/],
    [`{ url: "http://h", secret: ${SECRET} }`, /^cache\.shared\.url: .* write it like "redis:/],
    [`{ url: "memcached://h/0", secret: ${SECRET} }`, /^cache\.shared\.url: .* memcached has no databases/],
    [`{ url: "redis://h/zero", secret: ${SECRET} }`, /^cache\.shared\.url: .* write its number/],
    [
      `{ url: "memcached://h", cluster: true, secret: ${SECRET} }`,
      /^cache\.shared\.cluster: memcached has no clusters/,
    ],
    [`{ url: "redis://h", nodes: ["redis://i"], secret: ${SECRET} }`, /^cache\.shared\.nodes: .* add cluster: true/],
    [`{ url: "redis://h", tls: { ca: x }, secret: ${SECRET} }`, /^cache\.shared\.tls: .* rediss:/],
    [`{ url: "rediss://h", tls: { cert: x }, secret: ${SECRET} }`, /^cache\.shared\.tls: cert and key are needed/],
    [`{ url: "redis://h", timeout: 0, secret: ${SECRET} }`, /^cache\.shared\.timeout: must be a whole number from 1/],
    [`{ url: "redis://h", prefix: "a b", secret: ${SECRET} }`, /^cache\.shared\.prefix: "a b" is no prefix/],
  ])('%s', (text, expected) => {
    expect(problems(text)[0]).toMatch(expected);
  });

  it.each([
    '{ url: "redis://user:hunter2@/x", secret: hunter2 }',
    '{ url: "redis://user:hunter2@h/zero", secret: hunter2 }',
    '{ url: "memcached://user:hunter2@h", secret: "hunter2 hunter2 hunter2 hunter2 hunter2" }',
    '{ url: "http://user:hunter2@h", nodes: ["http://user:hunter2@x"] }',
    '{ url: "redis://h", secret: 7777777 }',
  ])('%s: the mistakes are told without the secrets', (text) => {
    const told = problems(text).join('\n');
    expect(told).not.toBe('');
    expect(told).not.toMatch(/hunter2|7777777/);
  });
});

it('an address is printed without user and password, even one with an @ in it', () => {
  expect(maskedUrl('redis://user:p@ss@cache.example:6379/0')).toBe('redis://***@cache.example:6379/0');
  expect(maskedUrl('redis://cache.example')).toBe('redis://cache.example');
});
