/** The values of the known SvcParamKeys (IANA "Service Parameter Keys"), each in text, octets and JSON. */
import { type Octets, octets16, uint16At } from '../../dns/octets.js';
import { jsonText, quotedText } from '../character-string.js';
import type { OctetReader } from '../octet-reader.js';
import { PresentationError } from '../presentation-error.js';
import { addressText, ipv4FromText, ipv6FromText } from './address-fields.js';
import { base64FromText, base64Text } from './blob-fields.js';
import { uintFromText } from './number-fields.js';

/** `text` is the value with its character-string escapes already resolved (RFC 9460 appendix A). */
interface SvcValue {
  readonly fromText: (text: string) => string;
  /** Quoted where needed, '' for an empty value. Throws PresentationError for octets it would not have written. */
  readonly toText: (octets: OctetReader) => string;
  readonly toJson: (octets: OctetReader) => unknown;
}

/** RFC 9460 §8: the keys a client must understand. In rising order on the wire. */
export const mandatoryValue: SvcValue & { keysOf(value: string): number[] } = {
  keysOf: (value) => Array.from({ length: value.length >>> 1 }, (_, i) => uint16At(value, 2 * i)),
  fromText(text) {
    const keys = text.split(',').map((name) => {
      const key = keyFromText(name);
      if (key === undefined) throw new PresentationError(`"${name}" is not a SvcParamKey`);
      if (key === 0) throw new PresentationError('it may not list itself');
      return key;
    });
    if (new Set(keys).size < keys.length) throw new PresentationError('a key is listed twice');
    return keys
      .sort((a, b) => a - b)
      .map(octets16)
      .join('');
  },
  toText: (octets) => takeMandatory(octets).join(','),
  toJson: takeMandatory,
};

function takeMandatory(octets: OctetReader): string[] {
  const list: string[] = [];
  for (let previous = 0; list.length === 0 || octets.remaining > 0; ) {
    const key = octets.uint16();
    if (key <= previous) throw new PresentationError('the keys are not in rising order');
    list.push(keyToText(key));
    previous = key;
  }
  return list;
}

/** RFC 9460 §7.1.1, appendix A.1: items between commas, `\,` and `\\` inside them. */
function stringList(mayBeEmpty: boolean): SvcValue {
  const take = (octets: OctetReader): string[] => {
    const items: string[] = [];
    while (octets.remaining > 0 || (items.length === 0 && !mayBeEmpty)) {
      const item = octets.take(octets.uint8());
      if (item.length === 0) throw new PresentationError('an item is empty');
      items.push(item);
    }
    return items;
  };
  return {
    fromText: (text) => (text === '' && mayBeEmpty ? '' : itemsFromText(text).map(lengthPrefixed).join('')),
    toText(octets) {
      const items = take(octets);
      return items.length === 0 ? '' : quotedText(items.map((item) => item.replace(/[\\,]/g, '\\$&')).join(','));
    },
    toJson: (octets) => take(octets).map(jsonText),
  };
}

function itemsFromText(text: string): string[] {
  const items: string[] = [];
  let item = '';
  for (let i = 0; i < text.length; i++) {
    if (text[i] === ',') {
      items.push(item);
      item = '';
    } else if (text[i] === '\\') {
      const next = text[++i];
      if (next !== ',' && next !== '\\') throw new PresentationError('a backslash escapes a comma or a backslash only');
      item += next;
    } else {
      item += text[i];
    }
  }
  items.push(item);
  return items;
}

function lengthPrefixed(item: string): string {
  if (item.length === 0) throw new PresentationError('an item is empty');
  if (item.length > 255) throw new PresentationError('an item is longer than 255 octets');
  return String.fromCharCode(item.length) + item;
}

/** RFC 9460 §7.1.1: present or not, never with a value. */
const flag: SvcValue = {
  fromText(text) {
    if (text !== '') throw new PresentationError('it takes no value');
    return '';
  },
  toText: takeFlag,
  toJson: (octets) => takeFlag(octets) === '',
};

function takeFlag(octets: OctetReader): string {
  if (octets.remaining > 0) throw new PresentationError('it takes no value');
  return '';
}

/** A list of items of `size` octets each, at least one. */
function fixedList<V>(
  size: number,
  parse: (text: string) => string,
  show: (octets: Octets) => V,
  unique = false,
): SvcValue {
  const take = (octets: OctetReader): V[] => {
    const items: V[] = [];
    while (items.length === 0 || octets.remaining > 0) items.push(show(octets.take(size)));
    if (unique && new Set(items).size < items.length) throw new PresentationError('an item is listed twice');
    return items;
  };
  return {
    fromText(text) {
      const items = text.split(',').map(parse);
      if (unique && new Set(items).size < items.length) throw new PresentationError('an item is listed twice');
      return items.join('');
    },
    toText: (octets) => take(octets).join(','),
    toJson: take,
  };
}

const port: SvcValue = {
  fromText: (text) => octets16(uintFromText(text, 0xffff)),
  toText: (octets) => String(takePort(octets)),
  toJson: takePort,
};

function takePort(octets: OctetReader): number {
  const value = octets.uint16();
  takeFlag(octets);
  return value;
}

const ech: SvcValue = {
  fromText: (text) => notEmpty(base64FromText(text)),
  toText: (octets) => base64Text(notEmpty(octets.rest())),
  toJson: (octets) => base64Text(notEmpty(octets.rest())),
};

/** RFC 9461 §5: a URI template. */
const template: SvcValue = {
  fromText: notEmpty,
  toText: (octets) => quotedText(notEmpty(octets.rest())),
  toJson: (octets) => jsonText(notEmpty(octets.rest())),
};

function notEmpty<T extends string>(octets: T): T {
  if (octets.length === 0) throw new PresentationError('a value is missing');
  return octets;
}

const KEYS: readonly (readonly [number, string, SvcValue])[] = [
  [0, 'mandatory', mandatoryValue],
  [1, 'alpn', stringList(false)],
  [2, 'no-default-alpn', flag],
  [3, 'port', port],
  [4, 'ipv4hint', fixedList(4, ipv4FromText, addressText)],
  [5, 'ech', ech],
  [6, 'ipv6hint', fixedList(16, ipv6FromText, addressText)],
  [7, 'dohpath', template],
  // RFC 9540 §4
  [8, 'ohttp', flag],
  [
    9,
    'tls-supported-groups',
    fixedList(
      2,
      (text) => octets16(uintFromText(text, 0xffff)),
      (o) => uint16At(o, 0),
      true,
    ),
  ],
  // RFC 9953 §3.2
  [10, 'docpath', stringList(true)],
];

/** Codecs by key. */
export const SVC_VALUES: ReadonlyMap<number, SvcValue> = new Map(KEYS.map(([key, , codec]) => [key, codec]));
const nameOfKey = new Map(KEYS.map(([key, name]) => [key, name]));
const keyOfName = new Map(KEYS.map(([key, name]) => [name, key]));

export function keyToText(key: number): string {
  return nameOfKey.get(key) ?? `key${key}`;
}

/** A key's number from its name or keyN without leading zeros, lower case only (RFC 9460 §2.1). */
export function keyFromText(text: string): number | undefined {
  const known = keyOfName.get(text);
  if (known !== undefined) return known;
  const digits = /^key(0|[1-9]\d{0,4})$/.exec(text)?.[1];
  return digits === undefined || Number(digits) > 0xffff ? undefined : Number(digits);
}
