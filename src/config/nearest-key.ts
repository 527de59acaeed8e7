/** Which key was meant by an unknown one? */
import { z } from 'zod';
import { configSchema } from './schema.js';

/** JSON Schema as far as it tells keys. */
interface Shape {
  readonly properties?: Readonly<Record<string, Shape>>;
  readonly anyOf?: readonly Shape[];
  readonly items?: Shape;
}

/** The way out for an unknown key: the nearest key of its section, or where such a key belongs, or what is known. */
export function hintForKey(key: string, section: readonly (string | number)[]): string {
  const here = section.map((part) => (typeof part === 'number' ? '[]' : part));
  const paths = knownPaths();
  const siblings = paths.filter((path) => path.length === here.length + 1 && here.every((part, i) => part === path[i]));
  const near = nearest(
    key,
    siblings.map((path) => path.at(-1)!),
  );
  if (near !== undefined) return `did you mean "${near}"?`;
  const known = `known here: ${siblings.map((path) => path.at(-1)).join(', ')}`;
  const elsewhere = paths.filter((path) => sameWord(path.at(-1)!, key)).map(textOfPath);
  return elsewhere.length === 0 ? known : `did you mean ${elsewhere.join(' or ')}? ${known}`;
}

let paths: readonly (readonly string[])[] | undefined;

function knownPaths(): readonly (readonly string[])[] {
  paths ??= collect(z.toJSONSchema(configSchema, { io: 'input', unrepresentable: 'any' }) as Shape, []);
  return paths;
}

function collect(shape: Shape, at: readonly string[]): (readonly string[])[] {
  const own = Object.entries(shape.properties ?? {}).flatMap(([key, inner]) => {
    const path = [...at, key];
    return [path, ...collect(inner, path)];
  });
  const branches = (shape.anyOf ?? []).flatMap((branch) => collect(branch, at));
  const items = shape.items === undefined ? [] : collect(shape.items, [...at, '[]']);
  return [...own, ...branches, ...items];
}

function textOfPath(path: readonly string[]): string {
  return path.join('.').replaceAll('.[]', '[]');
}

/** Whether two spellings differ only in case, dashes and underscores: max-ttl, MAX_TTL, maxTtl. */
function sameWord(a: string, b: string): boolean {
  return wordOf(a) === wordOf(b);
}

function wordOf(key: string): string {
  return key.replaceAll(/[-_]/g, '').toLowerCase();
}

/** The candidate with the smallest edit distance, no more than a third of the word; the first of equals. */
export function nearest(key: string, candidates: readonly string[]): string | undefined {
  let best: string | undefined;
  let bound = Math.max(1, Math.floor(wordOf(key).length / 3)) + 1;
  for (const candidate of candidates) {
    const distance = editDistance(wordOf(key), wordOf(candidate), bound);
    if (distance >= bound) continue;
    best = candidate;
    bound = distance;
  }
  return best;
}

/** Optimal string alignment: insertions, deletions, replacements and swapped neighbours; `bound` when not below it. */
export function editDistance(a: string, b: string, bound: number): number {
  // Also keeps the table small, whatever the length of a key in the file.
  if (Math.abs(a.length - b.length) >= bound) return bound;
  let before: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const replaced = last[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1);
      row[j] = Math.min(row[j - 1]! + 1, last[j]! + 1, replaced);
      const swapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      if (swapped) row[j] = Math.min(row[j]!, before[j - 2]! + 1);
    }
    before = last;
    last = row;
  }
  return Math.min(last[b.length]!, bound);
}
