/** RFC 5011 step by step, and along three years of the root zone. */
import { describe, expect, it } from 'vitest';
import { type Dnskey, dnskeyOf } from '../../src/dns/dnssec-rdata.js';
import { nameFromText, ROOT } from '../../src/dns/name.js';
import { Type } from '../../src/dns/numbers.js';
import { type Octets, octetsFrom } from '../../src/dns/octets.js';
import { groupRecords } from '../../src/dns/rrset.js';
import { recordFromText } from '../../src/presentation/record-text.js';
import { Algorithms } from '../../src/validator/algorithms.js';
import { AnchorFileError, anchorStatesFromJson, anchorStatesToJson } from '../../src/validator/anchor-file.js';
import {
  ADD_HOLD_DOWN,
  type AnchorState,
  expectedSigners,
  isAnchor,
  MAX_ANCHOR_KEYS,
  REMOVE_HOLD_DOWN,
  startAnchors,
  trustedKeys,
  trustedTags,
  updateAnchors,
  withConfigured,
} from '../../src/validator/anchor-state.js';
import { keysThatSigned } from '../../src/validator/verify-rrset.js';
import { CountingBudget, hasSharedData, needsSharedData, readShared } from './signature-triples.js';
import { DAY, dnskey, NOW, REVOKED_FLAGS, SEP_FLAGS, ZONE_FLAGS } from './signing.js';

/** Keys are opaque to the state machine: some octets each. */
const keyNamed = (name: string, flags = SEP_FLAGS): Dnskey => dnskey(13, name.padEnd(64, '.') as Octets, flags);
const a = keyNamed('a');
const b = keyNamed('b');
const c = keyNamed('c');
const revokedA = keyNamed('a', REVOKED_FLAGS);
const revokedB = keyNamed('b', REVOKED_FLAGS);
const zoneSigningKey = keyNamed('z', ZONE_FLAGS);

const start = (...keys: Dnskey[]): AnchorState =>
  startAnchors(ROOT, { ds: [], dnskeys: keys.map(({ rdata }) => rdata) }, NOW);

/** One letter and state for each key, in order. */
const show = (state: AnchorState): string =>
  state.keys.map(({ key, state: is }) => `${key.publicKey[0]} ${is}`).join(', ');

type Step = readonly [day: number, set: readonly Dnskey[], signedBy: readonly Dnskey[], shown: string];

function walk(state: AnchorState, steps: readonly Step[]): AnchorState {
  let at = state;
  for (const [day, set, signedBy, shown] of steps) {
    at = updateAnchors(at, set, signedBy, NOW + day * DAY);
    expect(show(at), `on day ${day}`).toBe(shown);
  }
  return at;
}

describe('the state table of RFC 5011 §4.1', () => {
  it('hold-downs are 30 days', () => {
    expect([ADD_HOLD_DOWN, REMOVE_HOLD_DOWN]).toEqual([30 * DAY, 30 * DAY]);
  });

  it('a new key waits 30 days, and for a set seen after them', () => {
    const state = walk(start(a), [
      [0, [a, b, zoneSigningKey], [a], 'a valid, b addPend'],
      [29, [a, b], [a], 'a valid, b addPend'],
      [40, [a, b], [], 'a valid, b addPend'],
      [41, [a, b], [b], 'a valid, b addPend'],
      [42, [a, b], [a], 'a valid, b valid'],
    ]);
    expect(trustedKeys(state)).toEqual([a, b]);
    expect(state.keys[1]).toMatchObject({ since: NOW + 42 * DAY, lastSeen: NOW + 42 * DAY });
  });

  it('a new key that goes away starts anew', () => {
    walk(start(a), [
      [0, [a, b], [a], 'a valid, b addPend'],
      [20, [a], [a], 'a valid'],
      [21, [a, b], [a], 'a valid, b addPend'],
      [50, [a, b], [a], 'a valid, b addPend'],
      [51, [a, b], [a], 'a valid, b valid'],
    ]);
  });

  it('a missing key stays trusted and comes back', () => {
    const state = walk(start(a, b), [
      [1, [b], [b], 'a missing, b valid'],
      [900, [b], [b], 'a missing, b valid'],
    ]);
    expect(trustedKeys(state)).toEqual([a, b]);
    walk(state, [[901, [a], [a], 'a valid, b missing']]);
  });

  it('a revoked key is not trusted any more, is removed after 30 days, and never comes back', () => {
    const state = walk(start(a, b), [
      [1, [revokedA, b], [revokedA, b], 'a revoked, b valid'],
      [2, [a, b], [a, b], 'a revoked, b valid'],
      [20, [revokedA, b], [revokedA, b], 'a revoked, b valid'],
      [30, [b], [b], 'a revoked, b valid'],
      [31, [b], [b], 'a removed, b valid'],
      [32, [a, b], [a, b], 'a removed, b valid'],
      [99, [a, revokedA, b], [a, revokedA, b], 'a removed, b valid'],
    ]);
    expect(trustedKeys(state)).toEqual([b]);
    expect(isAnchor(state, a)).toBe(false);
  });

  it('revocation needs the signature of the key itself, and no other', () => {
    walk(start(a, b), [
      [1, [revokedA, b], [b], 'a missing, b valid'],
      [2, [revokedA, b], [revokedA], 'a revoked, b valid'],
    ]);
    walk(start(a), [[1, [revokedA], [revokedA], 'a revoked']]);
  });

  it('a set signed by a revoked key alone adds nothing', () => {
    walk(start(a), [[1, [revokedA, b], [revokedA], 'a revoked']]);
  });

  it('a pending key can be revoked too', () => {
    walk(start(a), [
      [0, [a, b], [a], 'a valid, b addPend'],
      [9, [a, b, revokedB], [a, revokedB], 'a valid, b revoked'],
      [31, [a, b], [a], 'a valid, b revoked'],
      [39, [a, b], [a], 'a valid, b removed'],
    ]);
  });

  it('keys without the SEP flag, of other protocols or without the zone key flag do not begin', () => {
    const others = [zoneSigningKey, dnskey(13, c.publicKey, SEP_FLAGS, 2), keyNamed('d', 1)];
    walk(start(a), [[0, [a, ...others], [a], 'a valid']]);
  });

  it('a set nobody trusted has signed changes nothing: the very same state comes back', () => {
    const state = start(a);
    expect(updateAnchors(state, [b, c], [b, c], NOW + DAY)).toBe(state);
    expect(updateAnchors(state, [], [], NOW + DAY)).toBe(state);
  });

  it('a key listed twice with different flags is one key', () => {
    walk(start(a), [[0, [a, b, keyNamed('b', 0x0103)], [a], 'a valid, b addPend']]);
  });

  it('no more than so many keys are remembered', () => {
    const many = Array.from({ length: 100 }, (_, i) => keyNamed(`k${i}`));
    expect(updateAnchors(start(a), [a, ...many], [a], NOW).keys).toHaveLength(MAX_ANCHOR_KEYS);
  });
});

const history = hasSharedData
  ? readShared('root/root-dnskey-history.jsonl')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { commit_time: number; records: string[] })
      .map(({ commit_time, records }) => {
        const sets = groupRecords(records.map((text) => recordFromText(text)));
        const set = sets.find(({ type }) => type === Type.DNSKEY)!;
        return { time: commit_time, set, keys: set.rdatas.map((rdata) => dnskeyOf(rdata)!) };
      })
  : [];

const DS_20326 = '. IN DS 20326 8 2 E06D44B80B8F1D39A95C0B0D7C65D08458E880409BBC683457104237C7F8EC8D';
const DS_38696 = '. IN DS 38696 8 2 683D2D0ACB8C9B712A1948B27F741219298D0A450D612C483AF444A4C0FB2B16';

describe.skipIf(!hasSharedData)(`the root zone from November 2023 to August 2026${needsSharedData}`, () => {
  const algorithms = new Algorithms([]);

  function walkRoot(...anchors: string[]) {
    const ds = anchors.map((text) => recordFromText(text).rdata);
    let state = startAnchors(ROOT, { ds, dnskeys: [] }, history[0]!.time);
    const events: string[] = [];
    for (const { time, set, keys } of history) {
      const candidates = expectedSigners(state, keys);
      const signers = keysThatSigned(set, ROOT, candidates, time, new CountingBudget(), algorithms);
      expect(signers.kind === 'keys' && signers.keys.length, `at ${time}`).toBeGreaterThan(0);
      const next = updateAnchors(state, keys, signers.kind === 'keys' ? signers.keys : [], time);
      for (const { key, state: is } of next.keys) {
        const before = state.keys.find((known) => known.key === key || known.key.rdata === key.rdata)?.state;
        if (before !== is) events.push(`${new Date(time * 1000).toISOString().slice(0, 10)} ${key.keyTag} ${is}`);
      }
      state = anchorStatesFromJson(anchorStatesToJson([next]), 'root.json')[0]!;
    }
    return { state, events };
  }

  it('from 20326 alone, 38696 becomes trusted 30 days after its first appearance', () => {
    const { state, events } = walkRoot(DS_20326);
    expect(history).toHaveLength(102);
    expect(events.slice(0, 2)).toEqual(['2023-11-04 20326 valid', '2025-01-11 38696 addPend']);
    expect(events).toHaveLength(3);
    expect(events[2]).toMatch(/^2025-02-\d\d 38696 valid$/);
    expect(trustedKeys(state).map(({ keyTag }) => keyTag)).toEqual([20326, 38696]);
    expect(state.ds).toEqual([]);
  });

  it('with both configured, 38696 is trusted as soon as it is seen', () => {
    expect(walkRoot(DS_20326, DS_38696).events).toEqual(['2023-11-04 20326 valid', '2025-01-11 38696 valid']);
  });

  it('a configured key first seen revoked is revoked', () => {
    const { keys, time } = history.at(-1)!;
    const ds = [recordFromText(DS_20326).rdata];
    const withRevokeBit = keys
      .filter(({ keyTag }) => keyTag === 20326)
      .map((key) => dnskey(key.algorithm, key.publicKey, REVOKED_FLAGS));
    const before = startAnchors(ROOT, { ds, dnskeys: [] }, time);
    expect(expectedSigners(before, withRevokeBit)).toEqual(withRevokeBit);
    const after = updateAnchors(before, withRevokeBit, withRevokeBit, time);
    expect(after.keys.map(({ key, state }) => [key.keyTag, state])).toEqual([[20326 + 128, 'revoked']]);
    expect(after.ds).toEqual([]);
    expect(updateAnchors(after, keys, keys, time + DAY)).toBe(after);
  });
});

it('of a whole configured set only secure entry points are followed; without any, all of it', () => {
  expect(show(start(a, zoneSigningKey))).toBe('a valid');
  expect(show(start(zoneSigningKey))).toBe('z valid');
});

describe('a state from an earlier run under another configuration', () => {
  const configured = (...keys: Dnskey[]) => ({ ds: [], dnskeys: keys.map(({ rdata }) => rdata) });

  it('keeps what is known and trusts what is newly configured', () => {
    const state = updateAnchors(start(a), [a, b], [a], NOW);
    expect(show(withConfigured(state, configured(c), NOW + DAY))).toBe('a valid, b addPend, c valid');
  });

  it('a configured key need not wait for its hold-down', () => {
    const state = updateAnchors(start(a), [a, b], [a], NOW);
    const next = withConfigured(state, configured(a, b), NOW + DAY);
    expect(show(next)).toBe('a valid, b valid');
    expect(next.keys.map(({ since }) => since)).toEqual([NOW, NOW + DAY]);
  });

  it('a revoked key stays revoked, configured or not', () => {
    const state = updateAnchors(start(a, b), [revokedA, b], [revokedA, b], NOW);
    expect(show(withConfigured(state, configured(a, b), NOW + DAY))).toBe('a revoked, b valid');
  });

  it('a digest of a revoked key is not taken in again; one that is configured no more is forgotten', () => {
    const rdata = (line: string): Octets => recordFromText(line).rdata;
    const begun = startAnchors(ROOT, { ds: [rdata(DS_20326), rdata(DS_38696)], dnskeys: [] }, NOW);
    expect(withConfigured(begun, { ds: [rdata(DS_38696)], dnskeys: [] }, NOW).ds).toEqual([rdata(DS_38696)]);
    expect(trustedTags(begun)).toEqual([20326, 38696]);
  });
});

describe('the file', () => {
  const state = updateAnchors(start(a), [a, b], [a], NOW + 5);
  const full: AnchorState = { ...state, zone: nameFromText('a\\.b.example.'), ds: [octetsFrom(1, 2, 8, 2, 0xff)] };

  it('gives back what was written, of several zones', () => {
    expect(anchorStatesFromJson(anchorStatesToJson([full, state]), 'x.json')).toEqual([full, state]);
    expect(anchorStatesFromJson(anchorStatesToJson([]), 'x.json')).toEqual([]);
  });

  const json = anchorStatesToJson([full]);
  it.each([
    ['not JSON', '{', 'x.json: the file: it is not JSON'],
    ['no object', '[]', 'x.json: the file: this is not an object'],
    ['another version', json.replace('"version": 2', '"version": 1'), 'x.json: version: this is not 2'],
    [
      'a zone that is no name',
      json.replace(/"zone": "[^"]*"/, '"zone": "a..b"'),
      'x.json: zones[0].zone: "a..b" is not',
    ],
    ['no keys', json.replace('"keys"', '"clefs"'), 'x.json: zones[0].keys: this is not a list'],
    [
      'an unknown state',
      json.replace('"addPend"', '"new"'),
      'x.json: zones[0].keys[1].state: this is none of addPend, valid',
    ],
    [
      'a damaged key',
      json.replace('"publicKey": "YS', '"publicKey": "ZS'),
      'x.json: zones[0].keys[0].keyTag: the key has the tag',
    ],
    [
      'a key that is not base64',
      json.replace('"publicKey": "', '"publicKey": "*'),
      'keys[0].publicKey: this is not base64',
    ],
    ['flags out of range', json.replace('"flags": 257', '"flags": 65536'), 'keys[0].flags: this is not a whole number'],
    [
      'a time in another form',
      json.replace(/"since": "[^"]*"/, '"since": "today"'),
      'keys[0].since: this is not a time',
    ],
    ['a zone twice', anchorStatesToJson([full, full]), 'x.json: zones[1].zone: this zone stands here twice'],
    ['an odd digest', json.replace(/"ds": \[[^\]]*\]/, '"ds": ["0"]'), 'x.json: zones[0].ds[0]: this is no DS RDATA'],
  ])('%s is refused with its place and a way out', (_, text, message) => {
    expect(text).not.toBe(json);
    expect(() => anchorStatesFromJson(text, 'x.json')).toThrow(AnchorFileError);
    expect(() => anchorStatesFromJson(text, 'x.json')).toThrow(message);
    expect(() => anchorStatesFromJson(text, 'x.json')).toThrow('remove the file to start again');
  });
});
