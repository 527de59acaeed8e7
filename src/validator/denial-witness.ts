/**
 * Which record of a denial shows what, in words? Stands between the proofs of denial.ts and their evidence and notes
 * what the proof asked and what it was told: the proofs themselves are written once, over there.
 */
import type { TypeBitmap } from '../dns/denial-rdata.js';
import { type DomainName, firstLabel, nameToText, parentOf, ROOT } from '../dns/name.js';
import { Type, typeToText } from '../dns/numbers.js';
import { type Absence, type Evidence, nextCloserName } from './evidence.js';

/** Types named of one record; a bitmap may hold thousands. */
const MAX_TYPES = 16;

export class DenialWitness {
  #notes = new Set<string>();

  /** What DenialProof.watch wants. Asked again (NSEC3 after NSEC), it forgets what did not lead to a proof. */
  readonly watch = (evidence: Evidence): Evidence => {
    this.#notes = new Set();
    return new WatchedEvidence(evidence, this.#notes);
  };

  /** One sentence for each thing shown, in the order the proof needed them. */
  get words(): readonly string[] {
    return [...this.#notes];
  }
}

class WatchedEvidence implements Evidence {
  readonly recordType: Evidence['recordType'];

  constructor(
    readonly evidence: Evidence,
    readonly notes: Set<string>,
  ) {
    this.recordType = evidence.recordType;
  }

  typesAt(name: DomainName): TypeBitmap | undefined {
    const types = this.evidence.typesAt(name);
    if (types !== undefined) this.#note(name, existence(name, types));
    return types;
  }

  absenceOf(name: DomainName): Absence | undefined {
    const absence = this.evidence.absenceOf(name);
    if (absence === undefined) return undefined;
    const { closestEncloser, optOut } = absence;
    if (this.recordType === 'NSEC') {
      this.#note(name, `${nameToText(name)} does not exist`);
      return absence;
    }
    const nextCloser = nextCloserName(name, closestEncloser);
    this.#note(closestEncloser, `${nameToText(closestEncloser)} exists (the closest encloser)`);
    this.#note(nextCloser, `${nameToText(nextCloser)} does not exist (the next closer name)${unless(optOut)}`);
    return absence;
  }

  absenceBelow(name: DomainName, closestEncloser: DomainName): Absence | undefined {
    const absence = this.evidence.absenceBelow(name, closestEncloser);
    if (absence === undefined) return undefined;
    const about = this.recordType === 'NSEC' ? name : nextCloserName(name, closestEncloser);
    const isWildcard = firstLabel(name) === '*' && parentOf(name) === closestEncloser;
    const shown = isWildcard
      ? `there is no ${wildcardOf(closestEncloser)}`
      : `${nameToText(name)} has no closer match than ${wildcardOf(closestEncloser)}`;
    this.#note(about, `${shown}${unless(absence.optOut)}`);
    return absence;
  }

  witnessOf(name: DomainName): ReturnType<Evidence['witnessOf']> {
    return this.evidence.witnessOf(name);
  }

  #note(about: DomainName, shown: string): void {
    this.notes.add(`${this.witnessOf(about)?.text ?? this.recordType} shows that ${shown}`);
  }
}

function existence(name: DomainName, types: TypeBitmap): string {
  if (types.has(Type.NXNAME)) return `${nameToText(name)} does not exist (NXNAME, RFC 9824)`;
  const listed: string[] = [];
  for (const type of types.types()) {
    if (listed.length === MAX_TYPES) return `${nameToText(name)} has ${listed.join(' ')} and more`;
    listed.push(typeToText(type));
  }
  if (listed.length === 0) return `${nameToText(name)} exists without records (an empty non-terminal)`;
  return `${nameToText(name)} has only ${listed.join(' ')}`;
}

function unless(optOut: boolean): string {
  return optOut ? ', unless as an unsigned delegation (opt-out)' : '';
}

function wildcardOf(encloser: DomainName): string {
  return encloser === ROOT ? '*.' : `*.${nameToText(encloser)}`;
}
