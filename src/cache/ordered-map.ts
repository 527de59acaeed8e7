/**
 * Values in the order of their keys: which is the last at or before a given one? Found in O(log n), and kept in pieces
 * so that putting one among a million moves a few hundred places and not a million.
 *
 * Keys are one-byte strings and order as their code units do.
 */

interface Item<V> {
  readonly key: string;
  readonly value: V;
}

/** Items of a piece; a full one is cut in two. Moving so many places costs less than the search that led to them. */
const PIECE = 256;

export class OrderedMap<V> {
  /** Never an empty piece; every key of one is before all keys of the next. */
  readonly #pieces: Item<V>[][] = [];
  #size = 0;

  get size(): number {
    return this.#size;
  }

  get(key: string): V | undefined {
    const item = this.#itemAtOrBefore(key);
    return item?.key === key ? item.value : undefined;
  }

  /** The value of the last key that is not after `key`. */
  atOrBefore(key: string): V | undefined {
    return this.#itemAtOrBefore(key)?.value;
  }

  /** The value of the first key that is after `key`. */
  after(key: string): V | undefined {
    const p = lastNotAfter(this.#pieces, firstKey, key);
    if (p < 0) return this.first();
    const piece = this.#pieces[p]!;
    const at = lastNotAfter(piece, keyOf, key) + 1;
    return (piece[at] ?? this.#pieces[p + 1]?.[0])?.value;
  }

  first(): V | undefined {
    return this.#pieces[0]?.[0]?.value;
  }

  last(): V | undefined {
    return this.#pieces.at(-1)?.at(-1)?.value;
  }

  set(key: string, value: V): void {
    const p = Math.max(0, lastNotAfter(this.#pieces, firstKey, key));
    const piece = this.#pieces[p];
    if (piece === undefined) {
      this.#pieces.push([{ key, value }]);
      this.#size = 1;
      return;
    }
    const at = lastNotAfter(piece, keyOf, key);
    if (piece[at]?.key === key) {
      piece[at] = { key, value };
      return;
    }
    piece.splice(at + 1, 0, { key, value });
    this.#size++;
    if (piece.length > PIECE) this.#pieces.splice(p + 1, 0, piece.splice(PIECE >>> 1));
  }

  /** Whether the key was there. */
  delete(key: string): boolean {
    const p = lastNotAfter(this.#pieces, firstKey, key);
    const piece = this.#pieces[p];
    const at = piece === undefined ? -1 : lastNotAfter(piece, keyOf, key);
    if (piece?.[at]?.key !== key) return false;
    piece.splice(at, 1);
    if (piece.length === 0) this.#pieces.splice(p, 1);
    this.#size--;
    return true;
  }

  #itemAtOrBefore(key: string): Item<V> | undefined {
    const piece = this.#pieces[lastNotAfter(this.#pieces, firstKey, key)];
    return piece?.[lastNotAfter(piece, keyOf, key)];
  }
}

function keyOf({ key }: Item<unknown>): string {
  return key;
}

function firstKey(piece: readonly Item<unknown>[]): string {
  return piece[0]!.key;
}

/** The index of the last element whose key is not after `key`, -1 when there is none. */
function lastNotAfter<T>(sorted: readonly T[], keyAt: (element: T) => string, key: string): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (keyAt(sorted[middle]!) <= key) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}
