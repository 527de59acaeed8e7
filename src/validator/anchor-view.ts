/** How do the trust anchors look to people: each key with its state, since when, and where it came from? */
import type { TrustAnchor } from '../config/trust-anchors.js';
import { dnskeyOf, dsOf } from '../dns/dnssec-rdata.js';
import { Type } from '../dns/numbers.js';
import type { NegativeAnchorView, TrustAnchorView, TrustView } from '../ports/inspection.js';
import { Algorithms } from './algorithms.js';
import type { TrackedZone } from './anchor-keeper.js';
import { ADD_HOLD_DOWN, type AnchorKey, isConfigured } from './anchor-state.js';
import type { NegativeAnchor } from './trust-anchors.js';

export interface TrustParts {
  /** Anchors that stay as they are configured. */
  readonly fixed: readonly TrustAnchor[];
  readonly tracked: readonly TrackedZone[];
  readonly negative: readonly NegativeAnchor[];
  readonly source: 'built-in' | 'config';
  /** Where the state is kept; undefined: nowhere. */
  readonly file: string | undefined;
}

const algorithms = new Algorithms([]);

/** @param wall milliseconds since 1970 */
export function trustView({ fixed, tracked, negative, source, file }: TrustParts, wall: number): TrustView {
  return {
    anchors: [
      ...fixed.map((anchor) => fixedView(anchor, source)).filter((view) => view !== undefined),
      ...tracked.flatMap((zone) => trackedViews(zone, source)),
    ],
    refreshes: tracked.map(({ state, last, next }) => ({ zone: state.zone, last, next })),
    negative: negative.map((anchor) => negativeView(anchor, wall)),
    file,
  };
}

const UNTIMED = { since: undefined, lastSeen: undefined, validFrom: undefined } as const;

function fixedView({ zone, type, rdata }: TrustAnchor, source: 'built-in' | 'config'): TrustAnchorView | undefined {
  const named = type === Type.DS ? dsOf(rdata) : dnskeyOf(rdata);
  return named && { zone, ...tagAndAlgorithm(named), state: 'static', source, ...UNTIMED };
}

function tagAndAlgorithm({ keyTag, algorithm }: { readonly keyTag: number; readonly algorithm: number }) {
  return { keyTag, algorithm: algorithms.name(algorithm) };
}

function trackedViews({ state, configured }: TrackedZone, source: 'built-in' | 'config'): TrustAnchorView[] {
  const { zone, ds, keys } = state;
  const unseen = ds
    .map(dsOf)
    .filter((known) => known !== undefined)
    .map((known): TrustAnchorView => ({ zone, ...tagAndAlgorithm(known), state: 'unseen', source, ...UNTIMED }));
  return [
    ...unseen,
    ...keys.map(
      (anchor): TrustAnchorView => ({
        zone,
        ...tagAndAlgorithm(anchor.key),
        state: anchor.state,
        source: isConfigured(zone, configured, anchor.key) ? source : 'learnt',
        ...timesOf(anchor),
      }),
    ),
  ];
}

function timesOf({ state, since, lastSeen }: AnchorKey) {
  return {
    since: since * 1000,
    lastSeen: lastSeen * 1000,
    validFrom: state === 'addPend' ? (since + ADD_HOLD_DOWN) * 1000 : undefined,
  };
}

function negativeView({ name, until, reason }: NegativeAnchor, wall: number): NegativeAnchorView {
  return { name, until, reason, isExpired: until !== null && until <= wall };
}
