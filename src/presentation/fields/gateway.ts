/** IPSECKEY (RFC 4025) and AMTRELAY (RFC 8777): a number early in the record says what kind of address follows. */
import { nameToText } from '../../dns/name.js';
import type { OctetReader } from '../octet-reader.js';
import { PresentationError } from '../presentation-error.js';
import type { TokenReader } from '../token-reader.js';
import { addressText, ipv4FromText, ipv6FromText } from './address-fields.js';
import { base64FromText, base64Text } from './blob-fields.js';
import { fieldOf } from './field-codec.js';
import { wireOfToken } from './name-fields.js';
import { uintFromText, uintOctets } from './number-fields.js';

/** RFC 4025 §2.3, RFC 8777 §4.2.3: 0 nothing (written `.`), 1 IPv4, 2 IPv6, 3 a name. */
function gatewayFromTokens(tokens: TokenReader, kind: number): string {
  const token = tokens.next('a gateway');
  switch (kind) {
    case 0:
      if (token !== '.') throw new PresentationError(`"${token}": a gateway of type 0 is written "."`);
      return '';
    case 1:
      return ipv4FromText(token);
    case 2:
      return ipv6FromText(token);
    case 3:
      return wireOfToken(token, tokens.origin);
    default:
      throw new PresentationError(`${kind} is not a gateway type from 0 to 3`);
  }
}

function takeGateway(octets: OctetReader, kind: number): string {
  switch (kind) {
    case 0:
      return '.';
    case 1:
      return addressText(octets.take(4));
    case 2:
      return addressText(octets.take(16));
    case 3:
      return nameToText(octets.name());
    default:
      throw new PresentationError(`${kind} is not a gateway type from 0 to 3`);
  }
}

export const ipsecKey = fieldOf({
  fromTokens(tokens) {
    const precedence = uintFromText(tokens.next('a precedence'), 255);
    const gatewayType = uintFromText(tokens.next('a gateway type'), 255);
    const algorithm = uintFromText(tokens.next('an algorithm'), 255);
    const gateway = gatewayFromTokens(tokens, gatewayType);
    const key = base64FromText(tokens.rest().join(''));
    // RFC 4025 §2.4: algorithm 0 says that no key is present.
    if (algorithm === 0 && key.length > 0) throw new PresentationError('with algorithm 0 there is no key');
    return String.fromCharCode(precedence, gatewayType, algorithm) + gateway + key;
  },
  take(octets) {
    const [precedence, gatewayType, algorithm] = [octets.uint8(), octets.uint8(), octets.uint8()];
    const gateway = takeGateway(octets, gatewayType);
    const publicKey = base64Text(octets.rest());
    if (algorithm === 0 && publicKey !== '') throw new PresentationError('with algorithm 0 there is no key');
    return { precedence, gatewayType, algorithm, gateway, publicKey };
  },
  text: ({ precedence, gatewayType, algorithm, gateway, publicKey }) =>
    `${precedence} ${gatewayType} ${algorithm} ${gateway} ${publicKey}`.trimEnd(),
});

export const amtRelay = fieldOf({
  fromTokens(tokens) {
    const precedence = uintFromText(tokens.next('a precedence'), 255);
    const discoveryOptional = uintFromText(tokens.next('a discovery bit'), 1);
    const relayType = uintFromText(tokens.next('a relay type'), 127);
    const head = uintOctets(precedence, 1) + uintOctets((discoveryOptional << 7) | relayType, 1);
    return head + gatewayFromTokens(tokens, relayType);
  },
  take(octets) {
    const precedence = octets.uint8();
    const packed = octets.uint8();
    const relayType = packed & 0x7f;
    return { precedence, discoveryOptional: packed >>> 7, relayType, relay: takeGateway(octets, relayType) };
  },
  text: ({ precedence, discoveryOptional, relayType, relay }) =>
    `${precedence} ${discoveryOptional} ${relayType} ${relay}`,
});
