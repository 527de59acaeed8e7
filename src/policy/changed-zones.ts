/** Which local zones does a new configuration change? At and below those, answers may differ from those before. */
import type { Config } from '../config/config.js';
import { type DomainName, ROOT } from '../dns/name.js';

/** Each flush looks at the whole cache once: beyond so many, one flush of everything is cheaper. */
const MOST_SINGLE = 64;

/** The apexes, new, gone or otherwise; the root alone when there are many, or when built-in zones come or go. */
export function changedLocalZones(before: Config['local'], after: Config['local']): DomainName[] {
  if (before.specialUse !== after.specialUse) return [ROOT];
  const textOf = (zone: Config['local']['zones'][number]): string => JSON.stringify([zone.type, zone.records]);
  const was = new Map(before.zones.map((zone) => [zone.name, textOf(zone)]));
  const changed: DomainName[] = [];
  for (const zone of after.zones) {
    if (was.get(zone.name) === textOf(zone)) was.delete(zone.name);
    else if (!was.has(zone.name)) changed.push(zone.name);
  }
  changed.push(...was.keys());
  return changed.length > MOST_SINGLE ? [ROOT] : changed;
}
