/**
 * Which keys of a zone are trust anchors, and since when? RFC 5011 as a pure state machine: a state, a DNSKEY RRset that
 * was seen, the keys whose signatures on it hold, the time; the next state.
 *
 * A key is the same key with and without its REVOKE bit, although its tag changes with it (RFC 5011 §2.1): keys are
 * told apart by algorithm and public key.
 *
 *             new key    key present   key absent   hold-down over   REVOKE bit, self-signed
 *   (start)   addPend                                                revoked, if a configured DS stands for it
 *   addPend                            (start)      valid            revoked
 *   valid                              missing                       revoked
 *   missing              valid                                       revoked
 *   revoked                                         removed
 *   removed
 *
 * A missing key stays trusted for ever (§4.2). Revocation is for ever too (§2.1): revoked and removed keys are remembered
 * so that they cannot come back, pending ones too, for which §4.1 has no such step.
 */
import { type Dnskey, dnskeyOf, dsOf, isRevoked, isSecureEntryPoint, isZoneKey } from '../dns/dnssec-rdata.js';
import type { DomainName } from '../dns/name.js';
import { concatOctets, type Octets, octets16, sliceOctets } from '../dns/octets.js';
import { dsMatches } from './digest.js';

export const ANCHOR_KEY_STATES = ['addPend', 'valid', 'missing', 'revoked', 'removed'] as const;
export type AnchorKeyState = (typeof ANCHOR_KEY_STATES)[number];

export interface AnchorKey {
  /** As seen last; of a revoked key with the REVOKE bit. */
  readonly key: Dnskey;
  readonly state: AnchorKeyState;
  /** When it came into this state. Seconds since 1970. */
  readonly since: number;
  /** When a validated set held it last. Seconds since 1970. */
  readonly lastSeen: number;
}

export interface AnchorState {
  readonly zone: DomainName;
  /** RDATA of configured DS records whose keys were not seen yet; each becomes a valid key when its key is seen. */
  readonly ds: readonly Octets[];
  readonly keys: readonly AnchorKey[];
}

const DAY = 86_400;
/** RFC 5011 §2.4.1: 30 days, or the TTL of the set if that is more, which no cache here allows. Seconds. */
export const ADD_HOLD_DOWN = 30 * DAY;
/** RFC 5011 §2.4.2. Seconds. */
export const REMOVE_HOLD_DOWN = 30 * DAY;
/** A zone has two or three; whoever holds a key could make us remember any number. */
export const MAX_ANCHOR_KEYS = 32;

/** Anchors as the configuration has them: RDATA of DS and DNSKEY records. */
export interface ConfiguredAnchors {
  readonly ds: readonly Octets[];
  readonly dnskeys: readonly Octets[];
}

/** The state to begin with: configured keys and digests are trusted at once. @param now seconds since 1970 */
export function startAnchors(zone: DomainName, configured: ConfiguredAnchors, now: number): AnchorState {
  return withConfigured({ zone, ds: [], keys: [] }, configured, now);
}

/**
 * A state from an earlier run under the configuration of this one. What the configuration names is trusted, be it new
 * or in its hold-down; what is known of a key stays: one that was revoked is not trusted again because somebody forgot
 * to take it out of the configuration. Digests that no longer stand there and for which no key was seen are forgotten.
 * @param now seconds since 1970
 */
export function withConfigured(state: AnchorState, configured: ConfiguredAnchors, now: number): AnchorState {
  const { zone } = state;
  const named = entryPoints(configured);
  const isNamed = (key: Dnskey): boolean =>
    named.some((other) => isSameKey(other, key)) || configured.ds.some((rdata) => isKeyOfDs(zone, rdata, key));
  const known = state.keys.map(
    (anchor): AnchorKey =>
      anchor.state === 'addPend' && isNamed(anchor.key) ? { ...anchor, state: 'valid', since: now } : anchor,
  );
  const added = named
    .filter((key) => !known.some((anchor) => isSameKey(anchor.key, key)))
    .map((key): AnchorKey => ({ key, state: 'valid', since: now, lastSeen: now }));
  const keys = [...known, ...firstOfEach(added)];
  const ds = configured.ds.filter((rdata) => !keys.some(({ key }) => isKeyOfDs(zone, rdata, withoutRevocation(key))));
  return { zone, ds, keys };
}

/**
 * The configured keys that are followed. RFC 5011 is for keys with the SEP flag; when a whole DNSKEY RRset was put into
 * the configuration, its zone-signing keys are left aside: they go without REVOKE, and would be trusted for ever.
 */
function entryPoints({ ds, dnskeys }: ConfiguredAnchors): readonly Dnskey[] {
  const keys = dnskeys.map(dnskeyOf).filter((key) => key !== undefined);
  const marked = keys.filter(isSecureEntryPoint);
  return marked.length + ds.length > 0 ? marked : keys;
}

/** Key tags of what is trusted, keys seen and digests of keys not seen yet; each once, ascending. */
export function trustedTags(state: AnchorState): readonly number[] {
  const digests = state.ds.map(dsOf).filter((ds) => ds !== undefined);
  const tags = [...trustedKeys(state), ...digests].map(({ keyTag }) => keyTag);
  return [...new Set(tags)].sort((a, b) => a - b);
}

/** The keys to trust: valid and missing ones. Empty with no `ds` left means that trust in the zone has ended (§5). */
export function trustedKeys(state: AnchorState): readonly Dnskey[] {
  return state.keys.filter(isTrusted).map(({ key }) => key);
}

/** Whether signatures by that key count for the trust point: a trusted key, or one a configured DS stands for. */
export function isAnchor(state: AnchorState, key: Dnskey): boolean {
  if (isRevoked(key)) return false;
  return state.keys.some((known) => isTrusted(known) && isSameKey(known.key, key)) || standsInDs(state, key);
}

/**
 * The keys of a DNSKEY RRset whose signatures on it updateAnchors wants to know of: anchors, and known keys with the
 * REVOKE bit. At most MAX_ANCHOR_KEYS.
 */
export function expectedSigners(state: AnchorState, dnskeys: readonly Dnskey[]): readonly Dnskey[] {
  const expected = dnskeys.filter(
    (key) =>
      isAnchor(state, key) ||
      (isRevoked(key) &&
        (state.keys.some((known) => isSameKey(known.key, key)) || standsInDs(state, withoutRevocation(key)))),
  );
  return expected.slice(0, MAX_ANCHOR_KEYS);
}

/**
 * The state after a DNSKEY RRset was seen. A set none of the anchors has signed changes nothing, but that a key may
 * revoke itself (§2.1) and hold-downs of removal pass. The state given is returned when nothing changed.
 * @param dnskeys all keys of the set
 * @param signedBy those of `dnskeys` whose signatures on the set hold (keysThatSigned)
 * @param now seconds since 1970
 */
export function updateAnchors(
  state: AnchorState,
  dnskeys: readonly Dnskey[],
  signedBy: readonly Dnskey[],
  now: number,
): AnchorState {
  const validated = signedBy.some((signer) => isAnchor(state, signer));
  const revocations = signedBy.filter((key) => isRevoked(key) && isZoneKey(key));
  const known = state.keys
    .map((anchor) => revoked(anchor, revocations, now))
    .map((anchor) => (validated ? observed(anchor, dnskeys, now) : anchor))
    .map((anchor) => afterHoldDown(anchor, validated, now))
    .filter((anchor) => anchor !== undefined);
  const unseen = [
    ...revokedUnseen(state, known, revocations, now),
    ...(validated ? newKeys(state, known, dnskeys, now) : []),
  ];
  const keys = [...known, ...firstOfEach(unseen)].slice(0, Math.max(known.length, MAX_ANCHOR_KEYS));
  const ds = state.ds.filter((rdata) => !keys.some(({ key }) => isKeyOfDs(state.zone, rdata, withoutRevocation(key))));
  const isUnchanged = ds.length === state.ds.length && keys.length === state.keys.length;
  return isUnchanged && keys.every((key, index) => key === state.keys[index]) ? state : { ...state, ds, keys };
}

/** RevBit. */
function revoked(anchor: AnchorKey, revocations: readonly Dnskey[], now: number): AnchorKey {
  const key = revocations.find((signer) => isSameKey(signer, anchor.key));
  if (key === undefined || anchor.state === 'removed') return anchor;
  return { key, state: 'revoked', since: anchor.state === 'revoked' ? anchor.since : now, lastSeen: now };
}

/** RevBit of keys a configured DS stands for and that are first seen revoked. */
function revokedUnseen(
  state: AnchorState,
  known: readonly AnchorKey[],
  revocations: readonly Dnskey[],
  now: number,
): readonly AnchorKey[] {
  return revocations
    .filter((key) => standsInDs(state, withoutRevocation(key)))
    .filter((key) => !known.some((anchor) => isSameKey(anchor.key, key)))
    .map((key) => ({ key, state: 'revoked', since: now, lastSeen: now }));
}

/** KeyPres and KeyRem: what the presence of the key, without its REVOKE bit, means. Undefined: back to the start. */
function observed(anchor: AnchorKey, dnskeys: readonly Dnskey[], now: number): AnchorKey | undefined {
  const isPresent = dnskeys.some((seen) => !isRevoked(seen) && isSameKey(seen, anchor.key));
  switch (anchor.state) {
    case 'addPend':
      return isPresent ? { ...anchor, lastSeen: now } : undefined;
    case 'valid':
      return isPresent ? { ...anchor, lastSeen: now } : { ...anchor, state: 'missing', since: now };
    case 'missing':
      return isPresent ? { ...anchor, state: 'valid', since: now, lastSeen: now } : anchor;
    case 'revoked':
    case 'removed':
      return anchor;
    default:
      return anchor.state satisfies never;
  }
}

/** AddTime and RemTime. A key joins only with a validated set that holds it after the hold-down (§2.4.1). */
function afterHoldDown(anchor: AnchorKey | undefined, validated: boolean, now: number): AnchorKey | undefined {
  if (anchor?.state === 'addPend' && validated && now - anchor.since >= ADD_HOLD_DOWN) {
    return { ...anchor, state: 'valid', since: now };
  }
  if (anchor?.state === 'revoked' && now - anchor.since >= REMOVE_HOLD_DOWN) {
    return { ...anchor, state: 'removed', since: now };
  }
  return anchor;
}

/** NewKey: keys with the SEP flag (§3) begin their hold-down; those a configured DS stands for are valid at once. */
function newKeys(
  state: AnchorState,
  known: readonly AnchorKey[],
  dnskeys: readonly Dnskey[],
  now: number,
): readonly AnchorKey[] {
  return dnskeys
    .filter((key) => isZoneKey(key) && !isRevoked(key) && key.protocol === 3)
    .filter((key) => !known.some((anchor) => isSameKey(anchor.key, key)))
    .map((key): AnchorKey => ({ key, state: standsInDs(state, key) ? 'valid' : 'addPend', since: now, lastSeen: now }))
    .filter(({ key, state: next }) => next === 'valid' || isSecureEntryPoint(key));
}

/** A set may hold one key twice, with different flags: the first is taken, and revocations come first. */
function firstOfEach(anchors: readonly AnchorKey[]): readonly AnchorKey[] {
  return anchors.filter(({ key }, index) => anchors.findIndex((other) => isSameKey(other.key, key)) === index);
}

function isTrusted(anchor: AnchorKey): boolean {
  return anchor.state === 'valid' || anchor.state === 'missing';
}

/** The same key pair, whatever its flags. */
export function isSameKey(a: Dnskey, b: Dnskey): boolean {
  return a.algorithm === b.algorithm && a.publicKey === b.publicKey;
}

const REVOKE_BIT = 0x0080;

/** The key as it was before it was revoked: what a DS was made of. */
function withoutRevocation(key: Dnskey): Dnskey {
  if (!isRevoked(key)) return key;
  return dnskeyOf(concatOctets(octets16(key.flags & ~REVOKE_BIT), sliceOctets(key.rdata, 2)))!;
}

function standsInDs(state: AnchorState, key: Dnskey): boolean {
  return state.ds.some((rdata) => isKeyOfDs(state.zone, rdata, key));
}

/** Whether a configured record, DS or DNSKEY, stands for that key, revoked meanwhile or not. */
export function isConfigured(zone: DomainName, configured: ConfiguredAnchors, key: Dnskey): boolean {
  const before = withoutRevocation(key);
  const isNamed = configured.dnskeys.some((rdata) => {
    const named = dnskeyOf(rdata);
    return named !== undefined && isSameKey(named, key);
  });
  return isNamed || configured.ds.some((rdata) => isKeyOfDs(zone, rdata, before));
}

function isKeyOfDs(zone: DomainName, rdata: Octets, key: Dnskey): boolean {
  const ds = dsOf(rdata);
  return ds !== undefined && dsMatches(ds, zone, key);
}
