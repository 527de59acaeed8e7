/** What happened to a zone's trust anchors between two states? For the log: each step of a key is told once. */
import { nameToText } from '../dns/name.js';
import { ADD_HOLD_DOWN, type AnchorKey, type AnchorState, isSameKey, trustedTags } from './anchor-state.js';

export interface AnchorEvent {
  readonly level: 'info' | 'warn' | 'error';
  readonly keyTag: number | undefined;
  readonly message: string;
}

/** The events, keys in their order; the end of all trust last. */
export function anchorEvents(before: AnchorState, after: AnchorState): readonly AnchorEvent[] {
  const events: AnchorEvent[] = [];
  for (const anchor of after.keys) {
    const was = before.keys.find(({ key }) => isSameKey(key, anchor.key));
    if (was?.state !== anchor.state) events.push(eventOf(was, anchor));
  }
  for (const { key } of before.keys) {
    if (after.keys.some((anchor) => isSameKey(anchor.key, key))) continue;
    events.push({ level: 'warn', keyTag: key.keyTag, message: 'a new key was taken back before it became an anchor' });
  }
  if (trustedTags(before).length > 0 && trustedTags(after).length === 0) events.push(endOfTrust(after));
  return events;
}

function eventOf(was: AnchorKey | undefined, { key, state, since }: AnchorKey): AnchorEvent {
  const { keyTag } = key;
  switch (state) {
    case 'addPend':
      return {
        level: 'info',
        keyTag,
        message: `a new key was seen: a trust anchor from ${dayOf(since + ADD_HOLD_DOWN)} on, if it stays`,
      };
    case 'valid':
      return { level: 'info', keyTag, message: validMessage(was) };
    case 'missing':
      return { level: 'warn', keyTag, message: 'a trust anchor is missing from its zone: it is trusted all the same' };
    case 'revoked':
      return { level: 'warn', keyTag, message: 'a trust anchor was revoked by its zone: it is trusted no more' };
    case 'removed':
      return {
        level: 'info',
        keyTag,
        message: 'a revoked trust anchor is kept in mind only, never to be trusted again',
      };
    default:
      return state satisfies never;
  }
}

function validMessage(was: AnchorKey | undefined): string {
  if (was === undefined) return 'the key of a configured trust anchor was seen';
  return was.state === 'missing' ? 'a missing trust anchor is back' : 'a new key is a trust anchor now';
}

/** RFC 5011 §5: as if there had never been an anchor. Below the root that can be meant; the root never means it. */
function endOfTrust({ zone }: AnchorState): AnchorEvent {
  const message = `every trust anchor of ${nameToText(zone)} is revoked: nothing there is validated any more`;
  return { level: 'error', keyTag: undefined, message };
}

function dayOf(seconds: number): string {
  return new Date(seconds * 1000).toISOString().slice(0, 10);
}
