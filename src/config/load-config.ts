/** Is this configuration right, and if not, what is wrong where? All mistakes are told at once. */
import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import type { Config } from './config.js';
import { crossCheck } from './cross-checks.js';
import { explainIssue, type Mistake, unknownKey } from './explain-issue.js';
import type { RunAs } from './fields.js';
import { notYetProblems } from './not-yet.js';
import { type Complain, readHttp, readRootHints, readTrustAnchors } from './referenced-files.js';
import { type ConfigFields, configSchema, type SectionName } from './schema.js';
import { type Path, YamlSource } from './yaml-source.js';

export interface ConfigProblem {
  readonly file: string;
  /** From 1. */
  readonly line: number;
  readonly column: number;
  /** As in "cache.maxTtl" or "listen[1]"; '' for the file as a whole. */
  readonly key: string;
  readonly message: string;
}

export type ConfigOutcome =
  | { readonly ok: true; readonly config: Config }
  | { readonly ok: false; readonly problems: readonly ConfigProblem[] };

/** "rootwalk.yaml:3:5: cache.maxTtl: must be ..." */
export function configProblemToText({ file, line, column, key, message }: ConfigProblem): string {
  return `${file}:${line}:${column}: ${key === '' ? '' : `${key}: `}${message}`;
}

/** What only the system can tell of a value; reading a configuration does not ask unless it is told to. */
export interface SystemChecks {
  /** Why nobody could become this user and group; undefined: nothing is known against it. */
  accountProblem(runAs: RunAs): string | undefined;
}

/** The configuration in `file`, or all defaults without one. */
export function loadConfig(file: string | undefined, system?: SystemChecks): ConfigOutcome {
  if (file === undefined) return parseConfig('', 'defaults');
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    const message = `cannot be read: ${(error as Error).message}`;
    return { ok: false, problems: [{ file, line: 1, column: 1, key: '', message }] };
  }
  return parseConfig(text, file, system);
}

/**
 * A configuration from YAML text. `file` names it in problems, and paths in the text are relative to its folder. When
 * the text is not YAML only that is told: what the rest would mean is a guess.
 */
export function parseConfig(text: string, file: string, system?: SystemChecks): ConfigOutcome {
  const source = new YamlSource(text);
  const problems: ConfigProblem[] = source.syntax.concat(source.duplicates).map(({ path, position, message }) => ({
    file,
    ...position,
    key: keyToText(path),
    message,
  }));
  if (source.syntax.length > 0) return { ok: false, problems };
  const complain = ({ path, atKey, message }: Mistake): void => {
    const position = atKey ? source.positionOfKey(path) : source.positionOf(path);
    problems.push({ file, ...position, key: keyToText(path), message });
  };
  const config = configFrom(source, dirname(resolve(file)), complain, system);
  if (config !== undefined && problems.length === 0) return { ok: true, config };
  return { ok: false, problems: problems.sort((a, b) => a.line - b.line || a.column - b.column) };
}

/** The configuration, undefined when some section could not be read. */
function configFrom(
  source: YamlSource,
  directory: string,
  report: (mistake: Mistake) => void,
  system: SystemChecks | undefined,
): Config | undefined {
  const complain: Complain = (path, message) => report({ path, atKey: false, message });
  const sections = sectionsOf(source, complain);
  if (sections === undefined) return undefined;
  const fields = readSections(sections, report);
  crossCheck(fields, complain);
  for (const { path, message } of notYetProblems(fields)) complain(path, message);
  const account = fields.user ? system?.accountProblem(fields.user) : undefined;
  if (account !== undefined) complain(['user'], account);
  const rootHints = readRootHints(fields.rootHints ?? null, directory, complain);
  const trustAnchors = readTrustAnchors(fields.dnssec?.trustAnchors ?? null, directory, complain);
  const http = readHttp(fields.http ?? false, directory, complain);
  if (!isComplete(fields)) return undefined;
  return { ...fields, http, rootHints, dnssec: { ...fields.dnssec, trustAnchors } };
}

/** The top of the file: an empty one has no sections. */
function sectionsOf(source: YamlSource, complain: Complain): Readonly<Record<string, unknown>> | undefined {
  try {
    const value = source.value() ?? {};
    if (typeof value === 'object' && !Array.isArray(value)) return value as Record<string, unknown>;
    complain([], 'a configuration is made of keys, such as "listen: [...]"');
  } catch (error) {
    // The yaml package refuses aliases that multiply ("billion laughs") with this error.
    if (!(error instanceof ReferenceError)) throw error;
    complain([], error.message);
  }
  return undefined;
}

const SECTIONS = Object.keys(configSchema.shape) as readonly SectionName[];

/** Section by section, so that a mistake in one does not hide those between values of others. */
function readSections(
  sections: Readonly<Record<string, unknown>>,
  report: (mistake: Mistake) => void,
): Partial<ConfigFields> {
  for (const key of Object.keys(sections)) {
    if (!(SECTIONS as readonly string[]).includes(key)) report(unknownKey(key, []));
  }
  const fields: Partial<Record<SectionName, unknown>> = {};
  for (const name of SECTIONS) {
    // "cache:" with all its keys commented out is null: defaults.
    const value = Object.hasOwn(sections, name) ? (sections[name] ?? undefined) : undefined;
    const outcome = configSchema.shape[name].safeParse(value);
    if (outcome.success) fields[name] = outcome.data;
    else for (const issue of outcome.error.issues) for (const one of explainIssue(issue, value, [name])) report(one);
  }
  return fields as Partial<ConfigFields>;
}

function isComplete(fields: Partial<ConfigFields>): fields is ConfigFields {
  return SECTIONS.every((name) => fields[name] !== undefined);
}

function keyToText(path: Path): string {
  let text = '';
  for (const part of path) text += typeof part === 'number' ? `[${part}]` : `${text === '' ? '' : '.'}${part}`;
  return text;
}
