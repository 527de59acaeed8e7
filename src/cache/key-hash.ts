/**
 * What number stands for a key, or for the domain that a key's name belongs to? Seeded: who sends names must not be able
 * to choose which of them share a place in a table.
 */
import type { DomainName } from '../dns/name.js';
import { uint16At } from '../dns/octets.js';
import { kindOfCode } from './entry.js';

/** 32 bits for the chars from `from` up to, not including, `to`. */
export function hashOctets(octets: string, from: number, to: number, seed: number): number {
  return mixed(hashedOn(seed, octets, from, to, seed));
}

/** The last char first: so the hashes of a name's ancestors are stations on the way to its own. */
function hashedOn(state: number, octets: string, from: number, to: number, seed: number): number {
  // The multiplier is secret too, and the turn lets high bits reach low ones: otherwise low bits would depend on the
  // text alone.
  const multiplier = seed | 1;
  let hash = state;
  for (let i = to - 1; i >= from; i--) {
    hash = Math.imul(hash ^ octets.charCodeAt(i), multiplier) + 0x27d4eb2f;
    hash = (hash << 13) | (hash >>> 19);
  }
  return hash;
}

/** Levels of the longest name: 127 labels and the root. */
const MOST_LEVELS = 128;

/**
 * hashOctets of a name and of each of its ancestors. Those of the name asked for last are remembered: a question looks
 * for its name in many ways.
 */
export class NameHashes {
  readonly #starts = new Uint8Array(MOST_LEVELS);
  readonly #hashes = new Int32Array(MOST_LEVELS);
  #name: string | undefined;
  #root = 0;

  /** @param seed 32 bits of chance */
  constructor(readonly seed: number) {}

  /** HOT: of the name itself, 32 bits signed. */
  of(name: DomainName): number {
    if (name !== this.#name) this.#read(name);
    return this.#hashes[0]!;
  }

  /** HOT: the level of the root, which is the number of labels: level 0 is the name itself. */
  levelsOf(name: DomainName): number {
    if (name !== this.#name) this.#read(name);
    return this.#root;
  }

  /** HOT: at a level of the name asked for last. */
  at(level: number): number {
    return this.#hashes[level]!;
  }

  #read(name: DomainName): void {
    let root = 0;
    for (let at = 0; name.charCodeAt(at) > 0; at += name.charCodeAt(at) + 1) this.#starts[root++] = at;
    let end = name.length;
    this.#starts[root] = end - 1;
    let hash = this.seed;
    for (let level = root; level >= 0; level--) {
      const start = this.#starts[level]!;
      hash = hashedOn(hash, name, start, end, this.seed);
      this.#hashes[level] = mixed(hash);
      end = start;
    }
    this.#name = name;
    this.#root = root;
  }
}

/** What is before the name in a key: the code of the kind, and the type above it where the key has one. */
export function kindAndTypeOf(key: string): number {
  const code = key.charCodeAt(0);
  return nameStartFor(code) === 1 ? code : code | (uint16At(key, 1) << 8);
}

/** What turns the hash of a name into that of a key for it, by XOR, and back. */
export function keyTurn(kindAndType: number, seed: number): number {
  return mixed(kindAndType ^ seed);
}

/** The hash of a key, 32 bits signed. */
export function hashKey(key: string, seed: number): number {
  return hashOctets(key, nameStartOf(key), key.length, seed) ^ keyTurn(kindAndTypeOf(key), seed);
}

/** The finalizer of MurmurHash3: every bit of the result depends on every bit of the value. */
export function mixed(value: number): number {
  let hash = value ^ (value >>> 16);
  hash = Math.imul(hash, 0x85ebca6b);
  hash ^= hash >>> 13;
  hash = Math.imul(hash, 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}

/** Where the name in a key begins: behind the kind, and the type where there is one. */
export function nameStartOf(key: string): number {
  return nameStartFor(key.charCodeAt(0));
}

/** The same for keys of the kind with that code: those of two kinds have no type. */
export function nameStartFor(kindCode: number): number {
  const kind = kindOfCode(kindCode);
  return kind === 'nxdomain' || kind === 'delegation' ? 1 : 3;
}

const ARPA = '\x04arpa';
/** A /24 of IPv4 below in-addr.arpa, a /32 of IPv6 below ip6.arpa: what one owner tends to have. */
const REVERSE_LABELS_4 = 5;
const REVERSE_LABELS_6 = 10;
/** Offsets of a name's labels; reused, since names have at most 127. */
const starts = new Uint8Array(128);

/**
 * The same for the domain that was registered, as well as it can be told without a list of public suffixes: the last two
 * labels; three where the second last is short below a country ("co.uk", "com.au"). Of names in the reverse trees, the
 * network.
 */
export function hashDomain(key: string, seed: number): number {
  const start = nameStartOf(key);
  let labels = 0;
  let at = start;
  for (let length = key.charCodeAt(at); length > 0; length = key.charCodeAt(at)) {
    starts[labels++] = at - start;
    at += length + 1;
  }
  const skipped = Math.max(0, labels - domainLabels(key, start, labels));
  return hashOctets(key, labels === 0 ? at : start + starts[skipped]!, at, seed);
}

function domainLabels(key: string, start: number, labels: number): number {
  if (labels < 3) return labels;
  const last = start + starts[labels - 1]!;
  const second = start + starts[labels - 2]!;
  if (key.startsWith(ARPA, last)) return key.charCodeAt(second) === 3 ? REVERSE_LABELS_6 : REVERSE_LABELS_4;
  return key.charCodeAt(last) === 2 && key.charCodeAt(second) <= 3 ? 3 : 2;
}
