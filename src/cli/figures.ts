/** How are sizes and times written for people? */
import { type CacheStats, SYNTHESISED_KINDS } from '../ports/inspection.js';

/** "0 B", "1.5 KiB", "256 MiB". */
export function octetsText(octets: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
  let value = octets;
  let unit = 0;
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024;
    unit++;
  }
  const digits = unit === 0 || value >= 100 || Number.isInteger(value) ? 0 : 1;
  return `${value.toFixed(digits)} ${units[unit]}`;
}

/** Seconds as "1d 2h 3m 4s", parts that are zero left out; "0s". */
export function durationText(seconds: number): string {
  const whole = Math.abs(Math.trunc(seconds));
  const parts = [
    [Math.floor(whole / 86_400), 'd'],
    [Math.floor(whole / 3600) % 24, 'h'],
    [Math.floor(whole / 60) % 60, 'm'],
    [whole % 60, 's'],
  ] as const;
  const text = parts
    .filter(([count]) => count > 0)
    .map(([count, unit]) => `${count}${unit}`)
    .join(' ');
  return text === '' ? '0s' : `${seconds < 0 ? '-' : ''}${text}`;
}

/** "1 exchange", "2 exchanges". */
export function counted(count: number, what: string, many = `${what}s`): string {
  return `${count} ${count === 1 ? what : many}`;
}

/** Seconds by their two largest units, "6 d 4 h": how far off something is. */
export function span(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  const units = [
    [86_400, 'd'],
    [3600, 'h'],
    [60, 'min'],
    [1, 's'],
  ] as const;
  const first = units.findIndex(([size]) => whole >= size);
  if (first < 0) return '0 s';
  const [size, unit] = units[first]!;
  const next = units[first + 1];
  const rest = next === undefined ? 0 : Math.floor((whole % size) / next[0]);
  const head = `${Math.floor(whole / size)} ${unit}`;
  return rest === 0 ? head : `${head} ${rest} ${next![1]}`;
}

/** A share of 0..1 as "78.9 %". */
export function percentText(share: number): string {
  return `${(share * 100).toFixed(1)} %`;
}

/** "3 nxdomain, 1 nodata, 0 wildcard" */
export function synthesisedText(counts: CacheStats['synthesised']): string {
  return SYNTHESISED_KINDS.map((kind) => `${counts[kind]} ${kind}`).join(', ');
}
