/** What stands between owner and RDATA in an entry: TTL, class and type, the first two optional and in any order. */
import { Class, classFromText, typeFromText } from '../dns/numbers.js';
import { PresentationError } from './presentation-error.js';
import { ttlFromText } from './ttl.js';

export interface RecordHead {
  /** Seconds; undefined when left out. */
  readonly ttl: number | undefined;
  readonly class: number | undefined;
  readonly type: number;
  /** Index of the first word of RDATA. */
  readonly rdataAt: number;
}

/** Reads from the word at `start` on, RFC 1035 §5.1. Throws PresentationError. */
export function readHead(tokens: readonly string[], start: number): RecordHead {
  let ttl: number | undefined;
  let rrClass: number | undefined;
  let at = start;
  for (; at < tokens.length; at++) {
    const token = tokens[at]!;
    const first = token.charCodeAt(0);
    // No type or class begins with a digit.
    if (ttl === undefined && first >= 0x30 && first <= 0x39) {
      ttl = ttlFromText(token);
      continue;
    }
    const type = typeFromText(token);
    if (type !== undefined && !(rrClass === undefined && token.toUpperCase() === 'ANY')) {
      return { ttl, class: rrClass, type, rdataAt: at + 1 };
    }
    if (rrClass !== undefined) throw new PresentationError(`"${token}" is not a record type`);
    rrClass = classFromText(token);
    if (rrClass === undefined) throw new PresentationError(`"${token}" is not a record type, class or TTL`);
    if (rrClass === Class.ANY || rrClass === Class.NONE) throw new PresentationError(`no record is of class ${token}`);
  }
  throw new PresentationError('the record type is missing');
}
