/** How does a cache that is kept over restarts fare, in words? */
import type { PersistenceStats, StatsSnapshot } from '../ports/inspection.js';
import { durationText, octetsText } from './figures.js';

/** Lines of `rootwalk stats`; none while the cache is in memory only. */
export function keptPairs({ persistence, startedAt, uptimeSeconds }: StatsSnapshot): (readonly [string, string])[] {
  if (persistence === undefined) return [];
  const { directory, state, journalBytes, failures, lastFailure } = persistence;
  const now = startedAt + uptimeSeconds * 1000;
  const trouble = failures === 0 ? '' : `; refused ${failures} times, the last time: ${lastFailure}`;
  return [
    ['kept in', `${directory} (${state})${trouble}`],
    ['kept: loaded', loadedText(persistence)],
    ['kept: snapshot', snapshotText(persistence, now)],
    ['kept: journal', octetsText(journalBytes)],
  ];
}

function loadedText({ loaded, state }: PersistenceStats): string {
  if (loaded === undefined) return state === 'loading' ? 'under way' : 'nothing';
  const { entries, outdated, damage, ms } = loaded;
  const unreadable = damage === 0 ? '' : `, ${damage} places could not be read`;
  return `${entries} entries in ${ms} ms, ${outdated} outdated${unreadable}`;
}

function snapshotText({ snapshot, snapshots }: PersistenceStats, now: number): string {
  if (snapshot === undefined) return 'none yet';
  const { at, entries, bytes, ms } = snapshot;
  const ago = durationText(Math.max(0, Math.round((now - at) / 1000)));
  return `${entries} entries, ${octetsText(bytes)} in ${ms} ms, ${ago} ago; ${snapshots} in all`;
}
