/** What does a schema error say to a person? zod's issues become one sentence for each mistake. */
import type { z } from 'zod';
import { hintForKey, nearest } from './nearest-key.js';
import type { Path } from './yaml-source.js';

type Issue = z.core.$ZodIssue;

export interface Mistake {
  readonly path: Path;
  /** Whether the key itself is at fault, not its value. */
  readonly atKey: boolean;
  readonly message: string;
}

/** Every mistake behind one issue found in `value`, which stands at `path` in the file. */
export function explainIssue(issue: Issue, value: unknown, path: Path): Mistake[] {
  const at = [...path, ...(issue.path as (string | number)[])];
  const actual = (issue.path as (string | number)[]).reduce<unknown>(
    (inner, key) => (inner as Record<string | number, unknown> | null | undefined)?.[key],
    value,
  );
  switch (issue.code) {
    case 'unrecognized_keys':
      return issue.keys.map((key) => unknownKey(key, at));
    case 'invalid_union':
      return explainUnion(issue.errors, actual, at);
    case 'invalid_type':
    case 'invalid_value': {
      const found = isSecret(at) && actual !== undefined ? ' (it is not repeated here)' : got(actual, issue);
      return [{ path: at, atKey: false, message: `must be ${expectation(issue)}${found}` }];
    }
    default:
      return [{ path: at, atKey: false, message: withActual(issue.message, actual) }];
  }
}

/** A secret of digits is a number to YAML, and errors end up in logs. */
function isSecret(path: Path): boolean {
  return path.at(-1) === 'secret' || path.at(-1) === 'token';
}

/** Builders of fields that know only the range end in "must be ..."; the value found there is added. */
function withActual(message: string, actual: unknown): string {
  return message.startsWith('must be ') && typeof actual !== 'object' ? `${message}, not ${String(actual)}` : message;
}

/** A key that `section` does not have, and the one that may have been meant. */
export function unknownKey(key: string, section: Path): Mistake {
  return { path: [...section, key], atKey: true, message: `unknown key "${key}": ${hintForKey(key, section)}` };
}

/** A value that fits no branch: the errors of the branch it was meant for, else what all branches would take. */
function explainUnion(branches: readonly (readonly Issue[])[], actual: unknown, at: Path): Mistake[] {
  const meant = branches.find((issues) => !issues.some(isAboutKind));
  if (meant !== undefined) return meant.flatMap((issue) => explainIssue(issue, actual, at));
  const kinds = branches.flatMap((issues) => issues.filter(isAboutKind).slice(0, 1));
  const expected = [...new Set(kinds.map(expectation))].join(' or ');
  return [{ path: at, atKey: false, message: `must be ${expected}${got(actual, kinds[0])}` }];
}

/** Whether the value as a whole is of another kind than this branch takes. */
function isAboutKind(issue: Issue): boolean {
  return issue.path.length === 0 && (issue.code === 'invalid_type' || issue.code === 'invalid_value');
}

const KINDS: Readonly<Record<string, string>> = {
  string: 'a text',
  boolean: 'true or false',
  array: 'a list',
  object: 'a section of keys',
  number: 'a number',
};

function expectation(issue: Issue): string {
  // Builders of fields word their own errors: "must be a whole number from 1 to 9".
  if (issue.message.startsWith('must be ')) return issue.message.slice('must be '.length);
  if (issue.code === 'invalid_value') return issue.values.map((value) => String(value)).join(', ');
  return issue.code === 'invalid_type' ? (KINDS[issue.expected] ?? issue.expected) : 'another value';
}

function got(actual: unknown, issue: Issue | undefined): string {
  if (actual === undefined) return ', and it is missing';
  if (actual === null) return ', and it is empty: give it a value or leave the key out';
  if (Array.isArray(actual)) return ', not a list';
  if (typeof actual === 'object') return ', not a section of keys';
  const text = typeof actual === 'string' ? `"${shorten(actual)}"` : String(actual);
  return `, not ${text}${hintForScalar(actual, issue)}`;
}

function hintForScalar(actual: unknown, issue: Issue | undefined): string {
  if (typeof actual !== 'string') return '';
  if (issue?.code === 'invalid_value') {
    const meant = nearest(
      actual,
      issue.values.map((value) => String(value)),
    );
    return meant === undefined ? '' : `: did you mean ${meant}?`;
  }
  if (issue?.code !== 'invalid_type') return '';
  if (issue.expected === 'boolean' && /^(yes|no|on|off)$/i.test(actual)) return ' (YAML 1.2 knows true and false only)';
  if (issue.expected === 'number' && /^-?\d+(\.\d+)?$/.test(actual)) return ' (leave out the quotes)';
  return '';
}

function shorten(text: string): string {
  return text.length <= 60 ? text : `${text.slice(0, 57)}...`;
}
