/**
 * What can still be read of a section when some of its values are wrong? The rest, so that its other mistakes are told
 * at the same time: wrong values are taken out, and what is said of the rest is said of its place in the file.
 */
import type { Path } from './yaml-source.js';

type Container = Record<string | number, unknown>;

export class Remainder {
  readonly #root: Container;
  /** Places in the file of what was taken out. */
  readonly #removed: Path[] = [];

  /** `value` stands at `section` in the file; it is not changed. */
  constructor(
    private readonly section: string,
    value: unknown,
  ) {
    this.#root = { [section]: structuredClone(value) };
  }

  /** Undefined when all of it was taken out. */
  get value(): unknown {
    return this.#root[this.section];
  }

  /** Takes out the values at `paths`, which count as `value` is now; of a value that is missing, what lacks it. */
  remove(paths: readonly Path[]): void {
    // Later list items first, and what is inside first: so no removal moves another's target.
    const incomplete: Path[] = [];
    for (const path of [...paths].sort(lastFirst)) {
      if (!this.#take(path)) incomplete.push(path.slice(0, -1));
    }
    const once = new Map(incomplete.map((path) => [JSON.stringify(path), path]));
    if (once.size > 0) this.remove([...once.values()]);
  }

  /** The place in the file of what is at `path` in `value`. */
  original(path: Path): Path {
    const original: (string | number)[] = [];
    for (const part of path) original.push(typeof part === 'number' ? this.#originalIndex(original, part) : part);
    return original;
  }

  /** Whether the value at `path` in the file, or what it stands in, was taken out. */
  lacks(path: Path): boolean {
    return this.#removed.some((removed) => isPrefix(removed, path));
  }

  /** Whether anything at, around or inside `path` in the file was taken out. */
  isDamaged(path: Path): boolean {
    return this.#removed.some((removed) => isPrefix(removed, path) || isPrefix(path, removed));
  }

  #originalIndex(list: Path, index: number): number {
    const gone = this.#removed.filter((path) => path.length === list.length + 1 && isPrefix(list, path));
    const indices = gone.map((path) => Number(path.at(-1))).sort((a, b) => a - b);
    return indices.reduce((at, removed) => (removed <= at ? at + 1 : at), index);
  }

  /** False when there is nothing at `path`. */
  #take(path: Path): boolean {
    const key = path.at(-1)!;
    const parent = path.slice(0, -1).reduce<unknown>((at, part) => (at as Container | undefined)?.[part], this.#root);
    if (typeof parent !== 'object' || parent === null || !Object.hasOwn(parent, key)) return path.length <= 1;
    const place = this.original(path);
    if (Array.isArray(parent)) parent.splice(Number(key), 1);
    else delete (parent as Container)[key];
    this.#removed.push(place);
    return true;
  }
}

function isPrefix(start: Path, path: Path): boolean {
  return start.length <= path.length && start.every((part, i) => part === path[i]);
}

function lastFirst(a: Path, b: Path): number {
  for (let i = 0; i < Math.min(a.length, b.length); i++) {
    const [one, other] = [a[i]!, b[i]!];
    if (one === other) continue;
    if (typeof one === 'number' && typeof other === 'number') return other - one;
    return String(other) < String(one) ? -1 : 1;
  }
  return b.length - a.length;
}
