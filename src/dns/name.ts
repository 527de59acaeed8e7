/**
 * Domain names (RFC 1035 §3.1, RFC 4343): the one place that slices, compares or lower-cases them.
 *
 * A DomainName is the uncompressed wire form with its terminal zero octet, ASCII letters lower-cased, one char per
 * octet. It is binary-safe and a Map key as it stands. Never use toLowerCase() (it folds U+212A to k) nor endsWith()
 * ("evil\.com." ends with "com."): labels are walked.
 */
import type { Octets } from './octets.js';

declare const brand: unique symbol;
export type DomainName = Octets & { readonly [brand]: 'DomainName' };

/** RFC 1035 §2.3.4: octets of a whole name, the terminal zero included. */
export const MAX_NAME_OCTETS = 255;
/** RFC 1035 §2.3.4 */
export const MAX_LABEL_OCTETS = 63;

export const ROOT = '\0' as DomainName;

/** Text that is not a domain name; `reason` says why in words. */
export class NameError extends Error {
  constructor(
    readonly text: string,
    readonly reason: string,
  ) {
    super(`"${text}" is not a domain name: ${reason}`);
    this.name = 'NameError';
  }
}

/** ASCII upper case folded to lower case, every other octet untouched (RFC 4343 §3). */
export function lowerCaseOctets<T extends Octets>(octets: T): T {
  for (let i = 0; i < octets.length; i++) {
    const c = octets.charCodeAt(i);
    if (c >= 0x41 && c <= 0x5a) return foldFrom(octets, i) as T;
  }
  return octets;
}

function foldFrom(octets: string, first: number): string {
  const bytes = Buffer.from(octets, 'latin1');
  for (let i = first; i < bytes.length; i++) {
    const c = bytes[i]!;
    if (c >= 0x41 && c <= 0x5a) bytes[i] = c | 0x20;
  }
  return bytes.latin1Slice();
}

/**
 * A name from uncompressed wire octets already known to be well formed (labels of 1..63, terminal zero, at most 255).
 * Length octets are below 0x40, so folding the whole string touches label text only.
 */
export function nameFromWire(wire: Octets): DomainName {
  return lowerCaseOctets(wire) as DomainName;
}

/** The well-formed uncompressed name that starts at `at`, or undefined. Its length is the result's `length`. */
export function nameAt(octets: Octets, at: number): DomainName | undefined {
  let pos = at;
  for (;;) {
    if (pos >= octets.length) return undefined;
    const length = octets.charCodeAt(pos);
    if (length > MAX_LABEL_OCTETS) return undefined;
    pos += length + 1;
    if (pos - at > MAX_NAME_OCTETS || pos > octets.length) return undefined;
    if (length === 0) return nameFromWire(octets.slice(at, pos) as Octets);
  }
}

/** A name from its labels, first label first. Throws NameError when a label or the whole is too long or empty. */
export function nameFromLabels(labels: readonly string[]): DomainName {
  let wire = '';
  for (const label of labels) {
    if (label.length === 0) throw new NameError(labels.join('.'), 'it has an empty label');
    if (label.length > MAX_LABEL_OCTETS) throw new NameError(labels.join('.'), 'a label is longer than 63 octets');
    wire += String.fromCharCode(label.length) + label;
  }
  if (wire.length + 1 > MAX_NAME_OCTETS) throw new NameError(labels.join('.'), 'it is longer than 255 octets');
  return nameFromWire(`${wire}\0` as Octets);
}

/**
 * A name from presentation form (RFC 1035 §5.1: `\.` and `\DDD` escapes). A name without a final dot is completed
 * with `origin`, the root unless given. Throws NameError.
 */
export function nameFromText(text: string, origin: DomainName = ROOT): DomainName {
  return nameFromWire(wireFromText(text, origin));
}

/** As nameFromText, with the spelling kept: for RDATA of zone files and for echoing questions. */
export function wireFromText(text: string, origin: Octets = ROOT): Octets {
  if (text === '.') return ROOT;
  if (text === '@') return origin;
  if (text === '') throw new NameError(text, 'it is empty');
  let wire = '';
  let label = '';
  let absolute = false;
  for (let i = 0; i < text.length; i++) {
    const char = text[i]!;
    absolute = char === '.';
    if (absolute) {
      wire += closeLabel(text, label);
      label = '';
    } else if (char === '\\') {
      const escaped = readEscape(text, i);
      label += escaped.octet;
      i += escaped.length - 1;
    } else {
      if (char.charCodeAt(0) > 0x7f) throw new NameError(text, `"${char}" is not ASCII: write the xn-- form or \\DDD`);
      label += char;
    }
  }
  wire += absolute ? '\0' : closeLabel(text, label) + origin;
  if (wire.length > MAX_NAME_OCTETS) throw new NameError(text, 'it is longer than 255 octets');
  return wire as Octets;
}

function closeLabel(text: string, label: string): string {
  if (label.length === 0) throw new NameError(text, 'it has an empty label');
  if (label.length > MAX_LABEL_OCTETS) throw new NameError(text, 'a label is longer than 63 octets');
  return String.fromCharCode(label.length) + label;
}

function readEscape(text: string, at: number): { octet: string; length: number } {
  const digits = /^\d{3}/.exec(text.slice(at + 1))?.[0];
  if (digits !== undefined) {
    if (Number(digits) > 255) throw new NameError(text, `\\${digits} is above 255`);
    return { octet: String.fromCharCode(Number(digits)), length: 4 };
  }
  const next = text[at + 1];
  if (next === undefined || /\d/.test(next))
    throw new NameError(text, 'an escape is \\DDD or a backslash and a character');
  if (next.charCodeAt(0) > 0x7f) throw new NameError(text, `"${next}" is not ASCII`);
  return { octet: next, length: 2 };
}

/** Presentation form, absolute, with escapes where RFC 1035 §5.1 asks for them. Works on any spelling. */
export function nameToText(name: Octets): string {
  if (name === ROOT) return '.';
  let text = '';
  for (let at = 0; ; ) {
    const length = name.charCodeAt(at);
    if (length === 0 || Number.isNaN(length)) return text;
    const end = at + length + 1;
    text += isPlain(name, at + 1, end) ? name.slice(at + 1, end) : escaped(name, at + 1, end);
    text += '.';
    at = end;
  }
}

/** Octets that stand for themselves: printable ASCII without those that mean something to master files. */
const PLAIN = Uint8Array.from({ length: 256 }, (_, octet) => {
  const needsEscape = octet <= 0x20 || octet >= 0x7f || '.\\"();@$'.includes(String.fromCharCode(octet));
  return needsEscape ? 0 : 1;
});

/** HOT: so are all octets of nearly every label. */
function isPlain(name: Octets, start: number, end: number): boolean {
  for (let at = start; at < end; at++) if (PLAIN[name.charCodeAt(at)] !== 1) return false;
  return true;
}

function escaped(name: Octets, start: number, end: number): string {
  let text = '';
  for (let at = start; at < end; at++) text += charToText(name.charCodeAt(at));
  return text;
}

function charToText(code: number): string {
  if (code <= 0x20 || code >= 0x7f) return `\\${String(code).padStart(3, '0')}`;
  const char = String.fromCharCode(code);
  return PLAIN[code] === 1 ? char : `\\${char}`;
}

/** Labels without the root label: 0 for the root. */
export function labelCount(name: DomainName): number {
  let count = 0;
  for (let at = 0; name.charCodeAt(at) > 0; at += name.charCodeAt(at) + 1) count++;
  return count;
}

/** The labels, first (leftmost) first, as octets without their length. */
function labelsOf(name: DomainName): string[] {
  const labels: string[] = [];
  for (let at = 0; ; ) {
    const length = name.charCodeAt(at);
    if (length === 0) return labels;
    labels.push(name.slice(at + 1, at + 1 + length));
    at += length + 1;
  }
}

/** The leftmost label, '' for the root. */
export function firstLabel(name: DomainName): string {
  return name.slice(1, 1 + name.charCodeAt(0));
}

/** The name without its leftmost label; undefined for the root, which has no parent. */
export function parentOf(name: DomainName): DomainName | undefined {
  return name === ROOT ? undefined : (name.slice(name.charCodeAt(0) + 1) as DomainName);
}

/** The name itself, then each ancestor up to the root. */
export function* selfAndAncestors(name: DomainName): Generator<DomainName> {
  for (let at: DomainName | undefined = name; at !== undefined; at = parentOf(at)) yield at;
}

/** The ancestor-or-self of `name` with `count` labels; `name` itself when it has no more than that. */
export function lastLabels(name: DomainName, count: number): DomainName {
  let skip = labelCount(name) - count;
  let at = 0;
  for (; skip > 0; skip--) at += name.charCodeAt(at) + 1;
  return at === 0 ? name : (name.slice(at) as DomainName);
}

/** Whether `name` is `zone` or below it. */
export function isAtOrBelow(name: DomainName, zone: DomainName): boolean {
  const start = name.length - zone.length;
  if (start < 0) return false;
  if (start === 0) return name === zone;
  if (!name.endsWith(zone)) return false;
  // The octets agree; they are the same labels only when `start` is where a label of `name` begins.
  let at = 0;
  while (at < start) at += name.charCodeAt(at) + 1;
  return at === start;
}

/** Whether `name` is below `zone` and not `zone` itself. */
export function isBelow(name: DomainName, zone: DomainName): boolean {
  return name.length > zone.length && isAtOrBelow(name, zone);
}

/** `name` with the ending `from` replaced by `to` (DNAME, RFC 6672 §2.2); undefined when it would be over 255 octets. */
export function replaceSuffix(name: DomainName, from: DomainName, to: DomainName): DomainName | undefined {
  const prefix = name.slice(0, name.length - from.length);
  return prefix.length + to.length > MAX_NAME_OCTETS ? undefined : ((prefix + to) as DomainName);
}

/** `label` in front of `name`; undefined when the outcome would be too long. */
export function prepend(label: string, name: DomainName): DomainName | undefined {
  if (label.length === 0 || label.length > MAX_LABEL_OCTETS || label.length + 1 + name.length > MAX_NAME_OCTETS) {
    return undefined;
  }
  return nameFromWire((String.fromCharCode(label.length) + label + name) as Octets);
}

/** Canonical order of names, RFC 4034 §6.1: negative, zero or positive. */
export function compareCanonical(a: DomainName, b: DomainName): number {
  const left = labelsOf(a);
  const right = labelsOf(b);
  for (let i = 1; i <= Math.min(left.length, right.length); i++) {
    const x = left[left.length - i]!;
    const y = right[right.length - i]!;
    // Code units of one-byte strings order as octets; a proper prefix sorts first, as the RFC asks.
    if (x !== y) return x < y ? -1 : 1;
  }
  return left.length - right.length;
}

/**
 * A string for each name whose code units order as the names do in canonical order (RFC 4034 §6.1): labels from the root
 * down, each ended by a zero. Zeros in labels, and ones to make room for them, are escaped. For ordered indexes.
 */
export function canonicalKey(name: DomainName): string {
  let key = '';
  for (const label of labelsOf(name)) key = `${escapedForOrder(label)}\0${key}`;
  return key;
}

function escapedForOrder(label: string): string {
  let escaped = '';
  let copied = 0;
  for (let i = 0; i < label.length; i++) {
    const octet = label.charCodeAt(i);
    if (octet > 1) continue;
    escaped += label.slice(copied, i) + String.fromCharCode(1, octet + 1);
    copied = i + 1;
  }
  return copied === 0 ? label : escaped + label.slice(copied);
}
