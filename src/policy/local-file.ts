/**
 * How do changes of local records stand in a file? As a master file, for people to read: what was set as records, what
 * was removed as comments of a fixed form. Text in, changes or problems out; nothing else is believed of the file.
 */
import { type DomainName, NameError, nameFromText, nameToText } from '../dns/name.js';
import { Class, typeFromText, typeToText } from '../dns/numbers.js';
import { groupRecords, type RRset, recordsOf } from '../dns/rrset.js';
import { parseMasterFile } from '../presentation/master-file.js';
import { recordToText } from '../presentation/record-text.js';
import type { LocalChange } from './local-changes.js';

/** A file that cannot be believed: to go on without would forget what was set, and then write over it. */
export class LocalFileError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'LocalFileError';
  }
}

type KeptChange = Pick<LocalChange, 'name' | 'type' | 'rrset'>;

const HEADING = '; Local records changed at run time, kept by rootwalk: written anew with each change.\n';
const REMOVED = ';removed ';

export function localFileText(changes: Iterable<KeptChange>): string {
  const lines: string[] = [];
  for (const { name, type, rrset } of changes) {
    if (rrset === undefined) lines.push(`${REMOVED}${nameToText(name)} ${typeToText(type)}`);
    else for (const record of recordsOf(rrset, false)) lines.push(recordToText(record));
  }
  return HEADING + lines.map((line) => `${line}\n`).join('');
}

/** @param file names it in errors @param maxRecords of the file. Throws LocalFileError. */
export function changesFromText(text: string, file: string, maxRecords: number): KeptChange[] {
  const { records, problems } = parseMasterFile(text, { file });
  if (problems.length > 0) throw new LocalFileError(problems.map(({ message }) => message).join('\n'));
  const foreign = records.find((record) => record.class !== Class.IN);
  if (foreign !== undefined) throw new LocalFileError(`${file}: ${recordToText(foreign)} is not of class IN`);
  const removed = removalsIn(text, file);
  const size = records.length + removed.length;
  if (size > maxRecords) {
    throw new LocalFileError(`${file} holds ${size} changes and ${maxRecords} may be: raise limits.localRecords`);
  }
  return [...removed, ...groupRecords(records).map(changeOf)];
}

function changeOf(rrset: RRset): KeptChange {
  return { name: rrset.name, type: rrset.type, rrset };
}

function removalsIn(text: string, file: string): KeptChange[] {
  const removals: KeptChange[] = [];
  for (const [index, line] of text.split('\n').entries()) {
    if (!line.startsWith(REMOVED)) continue;
    const [nameText = '', typeText = '', ...rest] = line.slice(REMOVED.length).split(' ');
    const name = nameOrNone(nameText);
    const type = typeFromText(typeText);
    if (name === undefined || type === undefined || rest.length > 0) {
      throw new LocalFileError(`${file}:${index + 1}: write "${REMOVED}NAME TYPE", or delete the line`);
    }
    removals.push({ name, type, rrset: undefined });
  }
  return removals;
}

function nameOrNone(text: string): DomainName | undefined {
  try {
    return nameFromText(text);
  } catch (error) {
    if (error instanceof NameError) return undefined;
    throw error;
  }
}
