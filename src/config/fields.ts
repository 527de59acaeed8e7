/** How is one configuration value checked and what does it become? Each builder's errors say what to write instead. */
import { z } from 'zod';
import type { ServerAddress } from '../dns/address.js';
import { type DomainName, NameError, nameFromText } from '../dns/name.js';
import { isMetaType, typeFromText } from '../dns/numbers.js';
import type { ResourceRecord } from '../dns/rrset.js';
import { PresentationError } from '../presentation/presentation-error.js';
import { recordFromText } from '../presentation/record-text.js';
import { endpointFromText, prefixFromText } from './address-text.js';
import { octetsFromSizeText } from './size-text.js';

/** A string that `read` turns into a value; what `read` throws for bad text becomes the message. */
export function textField<T>(read: (text: string) => T) {
  return z.string().transform((text, context): T => {
    try {
      return read(text);
    } catch (error) {
      if (!isAboutText(error)) throw error;
      context.addIssue({ code: 'custom', message: error.message });
      return z.NEVER;
    }
  });
}

function isAboutText(error: unknown): error is Error {
  return error instanceof RangeError || error instanceof NameError || error instanceof PresentationError;
}

/** A whole number from `min` to `max`, both included. */
export function whole(min: number, max: number) {
  const message = `must be a whole number from ${min} to ${max}`;
  return z.number({ error: message }).int({ error: message }).min(min, { error: message }).max(max, { error: message });
}

/** An address with an explicit port to listen on; port 0 takes any free one. */
export function listenField() {
  return textField((text): ServerAddress => endpointFromText(text, undefined, true));
}

/** An address to send queries to, port 53 unless given. */
export function serverField() {
  return textField((text): ServerAddress => endpointFromText(text, 53));
}

export function prefixField() {
  return textField(prefixFromText);
}

/** A domain name, absolute with or without its final dot. */
export function nameField() {
  return textField((text): DomainName => nameFromText(text));
}

/** A record type by its mnemonic, or as TYPE65280 (RFC 3597); no type that only questions have. */
export function typeField() {
  return textField((text): number => {
    const type = typeFromText(text);
    if (type !== undefined && !isMetaType(type)) return type;
    throw new RangeError(`"${text}" is not a record type: write it like AAAA`);
  });
}

/** One line of a zone file, names relative to the root. */
export function recordField() {
  return textField((text): ResourceRecord => recordFromText(text));
}

/** Octets, 64 KiB to 16 GiB, all that the cache can hold. */
export function sizeField() {
  return z.union([z.number(), textField(octetsFromSizeText)]).superRefine((octets, context) => {
    if (Number.isInteger(octets) && octets >= 65_536 && octets <= 2 ** 34) return;
    context.addIssue({ code: 'custom', message: 'must be from 64KiB to 16GiB' });
  });
}

const RFC3339 = /^\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)$/;

/** A moment in RFC 3339 form; becomes milliseconds since 1970 (UTC). */
export function instantField() {
  return textField((text): number => {
    const wall = RFC3339.test(text) ? Date.parse(text.replace(' ', 'T').toUpperCase()) : Number.NaN;
    if (Number.isNaN(wall)) throw new RangeError(`"${text}" is not a time: write it like 2026-07-01T12:00:00Z`);
    return wall;
  });
}

/** Whom the process becomes once its sockets are bound: names or numeric ids, as process.setuid takes them. */
export interface RunAs {
  readonly user: string | number;
  readonly group: string | number | undefined;
}

// The portable form of POSIX names, and the trailing $ of Samba machine accounts.
const ACCOUNT = /^(?:\d{1,10}|[A-Za-z_][A-Za-z0-9_.-]{0,31}\$?)$/;

/** The largest number of a user; 2^32 - 1 stands for "no change" (chown(2)). */
const MAX_ID = 2 ** 32 - 2;

/** "user" or "user:group", or the number of a user. */
export function runAsField() {
  const text = textField((account): RunAs => {
    const [user = '', group, ...rest] = account.split(':');
    if (!ACCOUNT.test(user) || (group !== undefined && !ACCOUNT.test(group)) || rest.length > 0) {
      throw new RangeError(`"${account}" is not a user: write "user" or "user:group"`);
    }
    return { user: idOrName(user), group: group === undefined ? undefined : idOrName(group) };
  });
  return z.union([text, whole(0, MAX_ID).transform((user): RunAs => ({ user, group: undefined }))]);
}

function idOrName(text: string): string | number {
  return /^\d+$/.test(text) ? Number(text) : text;
}
