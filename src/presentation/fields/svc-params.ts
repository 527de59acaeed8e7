/**
 * The parameters of SVCB and HTTPS, RFC 9460 §2.1 and appendix A: `alpn="h2,h3" port=8443 key667="x"`.
 *
 * A parameter written or shown as keyN is opaque: nothing is demanded of its value. That is also how a known
 * parameter with a malformed value is shown, so one odd value does not hide the rest of the record.
 */
import { octets16 } from '../../dns/octets.js';
import { jsonText, octetsOfToken, quotedText } from '../character-string.js';
import { OctetReader } from '../octet-reader.js';
import { PresentationError } from '../presentation-error.js';
import { fieldOf } from './field-codec.js';
import { keyFromText, keyToText, mandatoryValue, SVC_VALUES } from './svc-values.js';

type Params = ReadonlyMap<number, string>;

export const svcParams = fieldOf<Params>({
  fromTokens: (tokens) => paramsOctets(paramsFromTokens(tokens.rest())),
  take(octets) {
    const params = new Map<number, string>();
    for (let previous = -1; octets.remaining > 0; ) {
      const key = octets.uint16();
      // RFC 9460 §2.2: strictly increasing order.
      if (key <= previous) throw new PresentationError('SvcParamKeys are not in rising order');
      params.set(key, octets.take(octets.uint16()));
      previous = key;
    }
    return params;
  },
  text: (params) => [...params].map(([key, value]) => paramText(key, value, params)).join(' '),
  json: (params) => Object.fromEntries([...params].map(([key, value]) => paramJson(key, value, params))),
});

function paramsFromTokens(tokens: readonly string[]): Params {
  const params = new Map<number, string>();
  let mandatory: readonly number[] = [];
  for (const token of tokens) {
    const equals = token.indexOf('=');
    const keyText = equals < 0 ? token : token.slice(0, equals);
    const key = keyFromText(keyText);
    if (key === undefined) throw new PresentationError(`"${keyText}" is not a SvcParamKey; others are written keyN`);
    // RFC 9460 §2.1: SvcParamKeys SHALL NOT appear more than once.
    if (params.has(key)) throw new PresentationError(`"${keyText}" is given twice`);
    if (equals === token.length - 1) throw new PresentationError(`"${token}" has no value: leave the = out`);
    const octets = equals < 0 ? '' : octetsOfToken(token.slice(equals + 1));
    const value = valueOctets(key, keyText, octets);
    if (value.length > 0xffff) throw new PresentationError(`the value of "${keyText}" is longer than 65535 octets`);
    params.set(key, value);
    if (keyText === 'mandatory') mandatory = mandatoryValue.keysOf(value);
  }
  const missing = mandatory.find((key) => !params.has(key));
  // RFC 9460 §8
  if (missing !== undefined) throw new PresentationError(`mandatory "${keyToText(missing)}" is not there`);
  return params;
}

function valueOctets(key: number, keyText: string, text: string): string {
  const codec = keyText.startsWith('key') ? undefined : SVC_VALUES.get(key);
  if (codec === undefined) return text;
  try {
    return codec.fromText(text);
  } catch (error) {
    if (error instanceof PresentationError) throw new PresentationError(`${keyText}: ${error.reason}`);
    throw error;
  }
}

function paramsOctets(params: Params): string {
  return [...params]
    .sort(([a], [b]) => a - b)
    .map(([key, value]) => octets16(key) + octets16(value.length) + value)
    .join('');
}

/** Whether the value is what its key asks for, so that it may be shown under the key's name. */
function wellFormed(key: number, value: string, params: Params): boolean {
  const codec = SVC_VALUES.get(key);
  if (codec === undefined) return false;
  try {
    codec.toText(new OctetReader(value as OctetReader['octets']));
  } catch (error) {
    if (error instanceof PresentationError) return false;
    throw error;
  }
  return codec !== mandatoryValue || mandatoryValue.keysOf(value).every((listed) => params.has(listed));
}

function paramText(key: number, value: string, params: Params): string {
  if (!wellFormed(key, value, params)) return value === '' ? `key${key}` : `key${key}=${quotedText(value)}`;
  const text = SVC_VALUES.get(key)!.toText(new OctetReader(value as OctetReader['octets']));
  return text === '' ? keyToText(key) : `${keyToText(key)}=${text}`;
}

function paramJson(key: number, value: string, params: Params): [string, unknown] {
  if (!wellFormed(key, value, params)) return [`key${key}`, jsonText(value)];
  return [keyToText(key), SVC_VALUES.get(key)!.toJson(new OctetReader(value as OctetReader['octets']))];
}
