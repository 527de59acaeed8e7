/** A lab map that is wrong says where: file, line and key. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { parseLabMap } from '../../src/lab/lab-map.js';
import { readLab } from '../../src/lab/read-lab.js';

test('a map with everything', () => {
  const text = `servers:
  - { name: a, address: 127.77.0.1, zones: [root, root2] }
  - { name: b, address: 127.77.0.2, zones: [], faults: [{ kind: slow, delayMs: 5 }, { kind: lame, manner: refused }] }
dnssec:
  root: {}
  root2: { algorithm: 8, keys: csk, denial: { kind: nsec3, iterations: 5, salt: c0FFee, optOut: true }, fault: expired }
suggestions:
  - { question: www.example.com A, shows: something }
`;
  expect(parseLabMap(text, 'lab.yaml')).toEqual({
    servers: [
      { name: 'a', address: '127.77.0.1', zones: ['root', 'root2'], faults: [] },
      {
        name: 'b',
        address: '127.77.0.2',
        zones: [],
        faults: [
          { kind: 'slow', delayMs: 5 },
          { kind: 'lame', manner: 'refused' },
        ],
      },
    ],
    dnssec: {
      root: { algorithm: 13, keys: 'split', denial: { kind: 'nsec' } },
      root2: {
        algorithm: 8,
        keys: 'csk',
        denial: { kind: 'nsec3', iterations: 5, salt: '\xc0\xff\xee', optOut: true },
        fault: 'expired',
      },
    },
    suggestions: [{ question: 'www.example.com A', shows: 'something' }],
  });
});

const SERVER = 'servers:\n  - name: a\n    address: 127.77.0.1\n    zones: [root]\n';

test.each([
  ['no address', SERVER.replace('127.77.0.1', 'localhost'), /^lab\.yaml:3: servers\.0\.address: is not an IP address/],
  [
    'a path',
    SERVER.replace('[root]', '[../root]'),
    /^lab\.yaml:4: servers\.0\.zones\.0: is not the name of a zone file/,
  ],
  ['an unknown key', `${SERVER}    zone: root\n`, /^lab\.yaml:\d: servers\.0: .*zone/],
  ['an unknown fault', `${SERVER}    faults:\n      - kind: lazy\n`, /^lab\.yaml:6: servers\.0\.faults\.0\.kind: /],
  [
    'too slow',
    `${SERVER}    faults: [{ kind: slow, delayMs: 60001 }]\n`,
    /^lab\.yaml:5: servers\.0\.faults\.0\.delayMs: /,
  ],
  [
    'an algorithm not signed with',
    `${SERVER}dnssec:\n  root: { algorithm: 5 }\n`,
    /^lab\.yaml:6: dnssec\.root\.algorithm: /,
  ],
  [
    'half an octet of salt',
    `${SERVER}dnssec:\n  root: { denial: { kind: nsec3, salt: abc } }\n`,
    /^lab\.yaml:6: .*salt: /,
  ],
  ['an unknown zone fault', `${SERVER}dnssec:\n  root: { fault: tired }\n`, /^lab\.yaml:6: dnssec\.root\.fault: /],
  ['a zone to sign that nobody serves', `${SERVER}dnssec:\n  com: {}\n`, /^lab\.yaml:6: dnssec\.com: no server serves/],
  ['no servers', 'servers: []\n', /^lab\.yaml:1: servers: /],
  ['nothing', '', /^lab\.yaml:1: lab map: /],
  ['no YAML', 'servers: [\n', /^lab\.yaml:2: /],
  ['an address twice', SERVER + SERVER.split('\n').slice(1).join('\n'), /two servers have the address 127\.77\.0\.1/],
])('%s', (_, text, expected) => {
  expect(() => parseLabMap(text, 'lab.yaml')).toThrow(expected);
});

describe('a directory', () => {
  let directory: string;
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'rootwalk-lab-'));
    writeFileSync(join(directory, 'lab.yaml'), SERVER);
  });
  afterEach(() => rmSync(directory, { recursive: true }));

  const zone = (text: string): void => writeFileSync(join(directory, 'root.zone'), text);

  test('without the map', async () => {
    await expect(readLab(join(directory, 'nowhere'), 1_790_000_000)).rejects.toThrow(
      /nowhere.lab\.yaml: cannot be read: /,
    );
  });

  test('without a zone file the map names', async () => {
    await expect(readLab(directory, 1_790_000_000)).rejects.toThrow(/root\.zone: cannot be read: /);
  });

  test('with a zone file that has a bad line', async () => {
    zone('. 60 IN SOA a. b. 1 2 3 4 5\nwww. 60 IN A not-an-address\n');
    await expect(readLab(directory, 1_790_000_000)).rejects.toThrow(/root\.zone:2: /);
  });

  test('with a zone file that has no SOA', async () => {
    zone('www. 60 IN A 192.0.2.1\n');
    await expect(readLab(directory, 1_790_000_000)).rejects.toThrow(/root\.zone: no SOA record/);
  });

  test('with records outside the zone', async () => {
    zone('test. 60 IN SOA a. b. 1 2 3 4 5\nwww.example. 60 IN A 192.0.2.1\n');
    await expect(readLab(directory, 1_790_000_000)).rejects.toThrow(
      /root\.zone: www\.example\. is outside the zone test\./,
    );
  });

  test('without a root zone', async () => {
    zone('test. 60 IN SOA a. b. 1 2 3 4 5\n');
    await expect(readLab(directory, 1_790_000_000)).rejects.toThrow(/none of them serves a root zone/);
  });

  test('with a zone to sign that is signed', async () => {
    writeFileSync(join(directory, 'lab.yaml'), `${SERVER}dnssec: { root: {} }\n`);
    zone('. 60 IN SOA a. b. 1 2 3 4 5\n. 60 IN DNSKEY 257 3 13 AAAA\n');
    await expect(readLab(directory, 1_790_000_000)).rejects.toThrow(
      /lab\.yaml: dnssec\.root: the zone is already signed/,
    );
  });

  test('that is right', async () => {
    zone('. 60 IN SOA a. b. 1 2 3 4 5\n. 60 IN NS ns.\nns. 60 IN A 127.77.0.1\nns. 60 IN AAAA ::1\n');
    const lab = await readLab(directory, 1_790_000_000);
    expect(lab.hints).toEqual([{ name: '\x02ns\0', addresses: ['127.77.0.1', '::1'] }]);
    expect(lab.trustAnchors).toEqual([]);
  });
});
