/**
 * What number stands for a key, or for the domain that a key's name belongs to? Seeded: who sends names must not be able
 * to choose which of them share a place in a table.
 */
import { kindOfKey } from './entry.js';

/** 32 bits for the chars from `from` up to, not including, `to`. */
export function hashOctets(octets: string, from: number, to: number, seed: number): number {
  // The multiplier is secret too, and the turn lets high bits reach low ones: otherwise low bits would depend on the
  // text alone.
  const multiplier = seed | 1;
  let hash = seed ^ (to - from);
  for (let i = from; i < to; i++) {
    hash = Math.imul(hash ^ octets.charCodeAt(i), multiplier) + 0x27d4eb2f;
    hash = (hash << 13) | (hash >>> 19);
  }
  return mixed(hash);
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
  const kind = kindOfKey(key);
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
