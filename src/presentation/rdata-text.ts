/**
 * RDATA <-> text: what stands after the type in a line of a master file.
 * RFC 1035 §5 and each type's own RFC; RFC 3597 §5 (`\# length hex`) for what is unknown or malformed.
 */
import { ROOT } from '../dns/name.js';
import { typeToText } from '../dns/numbers.js';
import type { Octets } from '../dns/octets.js';
import { EntryScanner } from './entry-scanner.js';
import { hexFromText, hexText } from './fields/blob-fields.js';
import { uintFromText } from './fields/number-fields.js';
import { OctetReader } from './octet-reader.js';
import { PresentationError } from './presentation-error.js';
import { fieldsOf } from './rdata-table.js';
import { TokenReader } from './token-reader.js';

/** RFC 1035 §3.2.1: RDLENGTH has 16 bits. */
const MAX_RDATA_OCTETS = 0xffff;

/** RDATA as text. Never throws: `\# n hex` when the type is unknown or the octets do not fit it. */
export function rdataToText(type: number, rdata: Octets): string {
  const fields = fieldsOf(type);
  if (fields === undefined) return genericText(rdata);
  try {
    const reader = new OctetReader(rdata);
    let text = '';
    for (const { codec } of fields) {
      const words = codec.toText(reader);
      if (words !== '') text += text === '' ? words : ` ${words}`;
    }
    return reader.remaining > 0 ? genericText(rdata) : text;
  } catch (error) {
    if (error instanceof PresentationError) return genericText(rdata);
    throw error;
  }
}

function genericText(rdata: Octets): string {
  return rdata.length === 0 ? '\\# 0' : `\\# ${rdata.length} ${hexText(rdata)}`;
}

/** RDATA from its text; parentheses, line breaks inside them and comments allowed. Throws PresentationError. */
export function rdataFromText(type: number, text: string, origin: Octets = ROOT): Octets {
  const scanner = new EntryScanner(text);
  const entry = scanner.next();
  if (entry?.problem !== undefined) throw new PresentationError(entry.problem);
  if (scanner.next() !== undefined) throw new PresentationError('there is more than one line');
  return rdataFromTokens(type, entry?.tokens ?? [], origin);
}

/**
 * RDATA from the words of a master-file entry, from the word at `start` on. Escapes and quotes are still in the
 * words. Throws PresentationError.
 */
export function rdataFromTokens(type: number, tokens: readonly string[], origin: Octets = ROOT, start = 0): Octets {
  const reader = new TokenReader(tokens, origin, start);
  const rdata = reader.peek() === '\\#' ? genericFromTokens(reader) : fieldsFromTokens(type, reader);
  if (!reader.isDone) throw new PresentationError(`"${reader.peek()}" is more than ${typeToText(type)} takes`);
  if (rdata.length > MAX_RDATA_OCTETS) {
    throw new PresentationError(`${rdata.length} octets of RDATA are more than ${MAX_RDATA_OCTETS}`);
  }
  return rdata as Octets;
}

function fieldsFromTokens(type: number, reader: TokenReader): string {
  const fields = fieldsOf(type);
  if (fields === undefined) {
    throw new PresentationError(`${typeToText(type)} has no text form here: write its RDATA as \\# length hex`);
  }
  let rdata = '';
  for (const { codec } of fields) rdata += codec.fromTokens(reader);
  return rdata;
}

/** RFC 3597 §5. Of a known type too; whether the octets fit the type is not asked. */
function genericFromTokens(reader: TokenReader): string {
  reader.next('\\#');
  const length = uintFromText(reader.next('the length after \\#'), MAX_RDATA_OCTETS);
  const octets = hexFromText(reader.rest().join(''));
  if (octets.length !== length) {
    throw new PresentationError(`\\# announces ${length} octets, ${octets.length} follow`);
  }
  return octets;
}
