/**
 * What can be read off the denial records of a zone, whether they are NSEC or NSEC3? denial.ts asks only these
 * questions, so every proof is written once.
 *
 * Terms (RFC 5155 §1.3, RFC 9499): a record matches a name that stands at its owner and covers one that would stand
 * between its owner and its next name. The closest encloser of a name that does not exist is its longest ancestor that
 * does; the next closer name is one label longer. A proof that something does not exist rests on a covered name.
 */
import type { TypeBitmap } from '../dns/denial-rdata.js';
import { type DomainName, labelCount, lastLabels } from '../dns/name.js';
import { Type } from '../dns/numbers.js';

/** A name that is not in the chain. */
export interface Absence {
  readonly closestEncloser: DomainName;
  /** An unsigned delegation may be there all the same: the covering record has the opt-out flag (RFC 5155 §6). */
  readonly optOut: boolean;
}

/** The record a statement rests on, for people. */
export interface Witness {
  readonly relation: 'matches' | 'covers';
  /** "NSEC a.example. -> d.example." */
  readonly text: string;
}

export interface Evidence {
  /** For people: what the records are. */
  readonly recordType: 'NSEC' | 'NSEC3';

  /** The types at a name shown to exist, none for an empty non-terminal; undefined when nothing shows that it exists. */
  typesAt(name: DomainName): TypeBitmap | undefined;

  /** How `name` is shown not to exist, nor anything below it; undefined when it is not. */
  absenceOf(name: DomainName): Absence | undefined;

  /** As absenceOf, where the closest encloser, a proper ancestor of `name`, is known from elsewhere. */
  absenceBelow(name: DomainName, closestEncloser: DomainName): Absence | undefined;

  /** The record that matches `name`, else the one that covers it. Asked only when a proof is told to people. */
  witnessOf(name: DomainName): Witness | undefined;
}

/** The ancestor-or-self of `name` one label longer than `closestEncloser`. */
export function nextCloserName(name: DomainName, closestEncloser: DomainName): DomainName {
  return lastLabels(name, labelCount(closestEncloser) + 1);
}

/** Whether these are the types of a delegation as the parent has them (RFC 4035 §2.3; RFC 6840 §4.1). */
export function isParentSide(types: TypeBitmap): boolean {
  return types.has(Type.NS) && !types.has(Type.SOA);
}

/**
 * Whether the names below are not this zone's to deny: below a delegation they are the child's, below a DNAME they are
 * aliases (RFC 6840 §4.1, RFC 5155 §8.3).
 */
export function hidesNamesBelow(types: TypeBitmap): boolean {
  return isParentSide(types) || types.has(Type.DNAME);
}
