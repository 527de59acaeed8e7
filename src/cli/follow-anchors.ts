/**
 * Which trust anchors are followed through their rollovers (RFC 5011), with what, and how are all of them shown?
 *
 * The built-in ones are; those of dnssec.trustAnchors are when dnssec.anchorState names a file for their state, and are
 * fixed otherwise, as whoever writes them there without one expects.
 */
import type { Config } from '../config/config.js';
import type { AnchorStore } from '../ports/anchor-store.js';
import type { WorkBudget } from '../ports/budget.js';
import { TRUST_ANCHOR_STATES, type TrustAnchorState, type TrustView } from '../ports/inspection.js';
import type { Log } from '../ports/log.js';
import { Algorithms } from '../validator/algorithms.js';
import { anchorStatesFromJson } from '../validator/anchor-file.js';
import { AnchorKeeper, type KeeperParts } from '../validator/anchor-keeper.js';
import type { AnchorState } from '../validator/anchor-state.js';
import { trustView } from '../validator/anchor-view.js';

/** What of ComposeParts matters here. */
interface FollowParts {
  readonly log: Log;
  readonly anchorStore?: AnchorStore | 'memory';
}

export function isFollowed({ dnssec }: Config, { anchorStore }: FollowParts): boolean {
  if (dnssec.mode === 'off' || anchorStore === undefined) return false;
  return dnssec.trustAnchorSource === 'built-in' || typeof dnssec.anchorState === 'string';
}

function storeOf({ anchorStore }: FollowParts): AnchorStore | undefined {
  return anchorStore === 'memory' ? undefined : anchorStore;
}

/** The states of an earlier run. Throws AnchorFileError. */
export function loadStates(parts: FollowParts): readonly AnchorState[] {
  const store = storeOf(parts);
  const text = store?.load();
  return store === undefined || text === undefined ? [] : anchorStatesFromJson(text, store.where);
}

interface RunningParts extends Pick<KeeperParts, 'lookup' | 'clock' | 'onDistrust'> {
  readonly budget: () => WorkBudget;
}

export function createKeeper(
  { dnssec }: Config,
  parts: FollowParts,
  states: readonly AnchorState[],
  { budget, ...running }: RunningParts,
): AnchorKeeper {
  const context: KeeperParts['context'] = (askedFor) => ({
    budget: budget(),
    trace: undefined,
    flight: undefined,
    depth: 0,
    validate: true,
    askedFor,
  });
  return new AnchorKeeper({
    ...running,
    configured: dnssec.trustAnchors,
    states,
    context,
    algorithms: new Algorithms(dnssec.legacyAlgorithms),
    log: parts.log,
    validationTime: dnssec.validationTime,
    signal: dnssec.trustAnchorSignaling,
    store: storeOf(parts),
  });
}

/** Empty while validation is off. */
export function viewTrust(
  { dnssec }: Config,
  parts: FollowParts,
  keeper: AnchorKeeper | undefined,
  wall: number,
): TrustView {
  const isOff = dnssec.mode === 'off';
  return trustView(
    {
      fixed: isOff || keeper !== undefined ? [] : dnssec.trustAnchors,
      tracked: keeper?.zones() ?? [],
      negative: isOff ? [] : dnssec.negativeTrustAnchors,
      source: dnssec.trustAnchorSource,
      file: keeper === undefined ? undefined : storeOf(parts)?.where,
    },
    wall,
  );
}

export function countTrust({ anchors }: TrustView): Record<TrustAnchorState, number> {
  const counts = Object.fromEntries(TRUST_ANCHOR_STATES.map((state) => [state, 0])) as Record<TrustAnchorState, number>;
  for (const { state } of anchors) counts[state]++;
  return counts;
}
