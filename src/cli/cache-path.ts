/** Where in the HTTP endpoint is this part of the cache, the reason of this answer, or this local record? */
import { type DomainName, nameToText, ROOT } from '../dns/name.js';
import { typeToText } from '../dns/numbers.js';

/** The address of one name's entries. The root is "@": every client tidies "/cache/." away before sending it. */
export function entryPath(name: DomainName, type: number | undefined, conditions: Conditions = {}): string {
  const base = `/cache/${segment(name)}`;
  return withQuery(type === undefined ? base : `${base}/${typeToText(type)}`, conditions);
}

/** The address of an explanation. */
export function whyPath(name: DomainName, type: number, resolve: boolean): string {
  return `/why/${segment(name)}/${typeToText(type)}${resolve ? '?resolve=true' : ''}`;
}

/** The address of the way down to a name. */
export function treePath(name: DomainName): string {
  return `/tree/${segment(name)}`;
}

function segment(name: DomainName): string {
  return name === ROOT ? '@' : encodeURIComponent(nameToText(name));
}

/** The address of all that matches. */
export function filterPath(conditions: Conditions): string {
  return withQuery('/cache', conditions);
}

/** The address of a dump of all that matches. */
export function dumpPath(conditions: Conditions): string {
  return withQuery('/cache/dump', conditions);
}

type Conditions = Readonly<Record<string, string | number | undefined>>;

/** Conditions that are undefined are left out. */
function withQuery(path: string, conditions: Conditions): string {
  const query = new URLSearchParams();
  for (const [key, value] of Object.entries(conditions)) if (value !== undefined) query.set(key, String(value));
  return query.size === 0 ? path : `${path}?${query}`;
}

/** The address of a local record; to set it, with its data. */
export function localPath(
  name: DomainName,
  type: number,
  { data = [], ttl }: { readonly data?: readonly string[]; readonly ttl?: string },
): string {
  const query = new URLSearchParams();
  for (const text of data) query.append('data', text);
  if (ttl !== undefined) query.set('ttl', ttl);
  return `/local/${segment(name)}/${typeToText(type)}${query.size === 0 ? '' : `?${query}`}`;
}

/** The address of the local records at or below a name, all when it is undefined. */
export function localListPath(suffix: string | undefined, limit: number): string {
  const query = new URLSearchParams({ limit: String(limit) });
  if (suffix !== undefined) query.set('suffix', suffix);
  return `/local?${query}`;
}
