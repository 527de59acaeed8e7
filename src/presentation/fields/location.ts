/** LOC, RFC 1876: a place on Earth. `42 21 54 N 71 06 18 W -24m 30m` */
import { octets32 } from '../../dns/octets.js';
import type { OctetReader } from '../octet-reader.js';
import { PresentationError } from '../presentation-error.js';
import type { TokenReader } from '../token-reader.js';
import { fieldOf } from './field-codec.js';
import { uintFromText } from './number-fields.js';

/** Angles in thousandths of a second of arc, lengths in centimetres. */
interface Location {
  readonly latitude: number;
  readonly longitude: number;
  readonly altitude: number;
  readonly size: number;
  readonly horizontal: number;
  readonly vertical: number;
}

/** RFC 1876 §2: angles are counted from 2^31, altitudes from 100 km below the reference spheroid. */
const ANGLE_ZERO = 2 ** 31;
const ALTITUDE_ZERO = 10_000_000;
const ARC_DEGREE = 3_600_000;
/** RFC 1876 §3: what is meant when size and precisions are left out, in centimetres. */
const DEFAULT_SIZE = 100;
const DEFAULT_HORIZONTAL = 1_000_000;
const DEFAULT_VERTICAL = 1_000;

export const location = fieldOf<Location>({
  fromTokens(tokens) {
    const latitude = angleFromTokens(tokens, 90, 'N', 'S');
    const longitude = angleFromTokens(tokens, 180, 'E', 'W');
    const altitude = centimetres(tokens.next('an altitude'), -ALTITUDE_ZERO, 2 ** 32 - 1 - ALTITUDE_ZERO);
    const size = precisionFromTokens(tokens, DEFAULT_SIZE);
    const horizontal = precisionFromTokens(tokens, DEFAULT_HORIZONTAL);
    const vertical = precisionFromTokens(tokens, DEFAULT_VERTICAL);
    return (
      String.fromCharCode(0, size, horizontal, vertical) +
      octets32(ANGLE_ZERO + latitude) +
      octets32(ANGLE_ZERO + longitude) +
      octets32(ALTITUDE_ZERO + altitude)
    );
  },
  take(octets) {
    if (octets.uint8() !== 0) throw new PresentationError('LOC is of an unknown version');
    const [size, horizontal, vertical] = [takePrecision(octets), takePrecision(octets), takePrecision(octets)];
    const latitude = takeAngle(octets, 90);
    const longitude = takeAngle(octets, 180);
    return { latitude, longitude, altitude: octets.uint32() - ALTITUDE_ZERO, size, horizontal, vertical };
  },
  text: (place) =>
    [
      angleText(place.latitude, 'N', 'S'),
      angleText(place.longitude, 'E', 'W'),
      `${(place.altitude / 100).toFixed(2)}m`,
      ...[place.size, place.horizontal, place.vertical].map((length) => `${length / 100}m`),
    ].join(' '),
  json: (place) => ({
    latitude: place.latitude / ARC_DEGREE,
    longitude: place.longitude / ARC_DEGREE,
    altitude: place.altitude / 100,
    size: place.size / 100,
    horizontalPrecision: place.horizontal / 100,
    verticalPrecision: place.vertical / 100,
  }),
});

/** Degrees, then perhaps minutes, then perhaps seconds, then the hemisphere. */
function angleFromTokens(tokens: TokenReader, maxDegrees: number, positive: string, negative: string): number {
  let angle = uintFromText(tokens.next('degrees'), maxDegrees) * ARC_DEGREE;
  let token = tokens.next(`${positive} or ${negative}`);
  if (/^\d/.test(token)) {
    angle += uintFromText(token, 59) * 60_000;
    token = tokens.next(`${positive} or ${negative}`);
  }
  if (/^\d/.test(token)) {
    angle += thousandths(token);
    token = tokens.next(`${positive} or ${negative}`);
  }
  const hemisphere = token.toUpperCase();
  if (hemisphere !== positive && hemisphere !== negative) {
    throw new PresentationError(`"${token}" should be ${positive} or ${negative}`);
  }
  return hemisphere === positive ? angle : -angle;
}

function thousandths(text: string): number {
  const [, whole, fraction = ''] = /^(\d{1,2})(?:\.(\d{1,3}))?$/.exec(text) ?? [];
  if (whole === undefined || Number(whole) > 59) throw new PresentationError(`"${text}" is not seconds 0..59.999`);
  return Number(whole) * 1000 + Number(fraction.padEnd(3, '0'));
}

function centimetres(text: string, min: number, max: number): number {
  const [, sign, whole, fraction = ''] = /^(-?)(\d{1,8})(?:\.(\d{1,2}))?m?$/i.exec(text) ?? [];
  const size = Number(whole) * 100 + Number(fraction.padEnd(2, '0'));
  const value = sign === '-' ? -size : size;
  if (whole === undefined || value < min || value > max) {
    throw new PresentationError(`"${text}" is not metres from ${min / 100} to ${max / 100}`);
  }
  return value;
}

/** RFC 1876 §2: four bits of mantissa, four of exponent to ten, in centimetres; digits after the first are lost. */
function precisionFromTokens(tokens: TokenReader, otherwise: number): number {
  let mantissa = tokens.isDone ? otherwise : centimetres(tokens.next('a length'), 0, 9_000_000_000);
  let exponent = 0;
  for (; mantissa >= 10; mantissa = Math.floor(mantissa / 10)) exponent++;
  return (mantissa << 4) | exponent;
}

function takePrecision(octets: OctetReader): number {
  const packed = octets.uint8();
  const mantissa = packed >>> 4;
  const exponent = packed & 15;
  if (mantissa > 9 || exponent > 9 || (mantissa === 0 && exponent > 0)) {
    throw new PresentationError('LOC has a malformed size or precision');
  }
  return mantissa * 10 ** exponent;
}

function takeAngle(octets: OctetReader, maxDegrees: number): number {
  const angle = octets.uint32() - ANGLE_ZERO;
  if (Math.abs(angle) >= (maxDegrees + 1) * ARC_DEGREE) throw new PresentationError('LOC has an angle out of range');
  return angle;
}

function angleText(angle: number, positive: string, negative: string): string {
  const size = Math.abs(angle);
  const degrees = Math.floor(size / ARC_DEGREE);
  const minutes = Math.floor((size % ARC_DEGREE) / 60_000);
  const seconds = ((size % 60_000) / 1000).toFixed(3);
  return `${degrees} ${minutes} ${seconds} ${angle < 0 ? negative : positive}`;
}
