/** Where in the HTTP endpoint is this part of the cache, or the reason of this answer? */
import { type DomainName, nameToText, ROOT } from '../dns/name.js';
import { typeToText } from '../dns/numbers.js';

/** The address of one name's entries. The root is "@": every client tidies "/cache/." away before sending it. */
export function entryPath(name: DomainName, type: number | undefined): string {
  const base = `/cache/${segment(name)}`;
  return type === undefined ? base : `${base}/${typeToText(type)}`;
}

/** The address of an explanation. */
export function whyPath(name: DomainName, type: number, resolve: boolean): string {
  return `/why/${segment(name)}/${typeToText(type)}${resolve ? '?resolve=true' : ''}`;
}

function segment(name: DomainName): string {
  return name === ROOT ? '@' : encodeURIComponent(nameToText(name));
}

/** The address of all that matches; conditions that are undefined are left out. */
export function filterPath(conditions: Readonly<Record<string, string | number | undefined>>): string {
  const query = new URLSearchParams();
  for (const [key, value] of Object.entries(conditions)) if (value !== undefined) query.set(key, String(value));
  return query.size === 0 ? '/cache' : `/cache?${query}`;
}
