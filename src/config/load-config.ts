/** Is this configuration right, and if not, what is wrong where? All mistakes are told at once. */
import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import type { Config } from './config.js';
import { crossCheck } from './cross-checks.js';
import { explainIssue, type Mistake, unknownKey } from './explain-issue.js';
import type { RunAs } from './fields.js';
import { notYetProblems } from './not-yet.js';
import { type Complain, readHttp, readRootHints, readShared, readTrustAnchors } from './referenced-files.js';
import { Remainder } from './remainder.js';
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
  /** Why a cache cannot be kept in this directory (an absolute path); undefined: nothing is known against it. */
  directoryProblem?(directory: string): string | undefined;
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
    const key = keyToText(path);
    // A value may break several rules of its field that are told in the same words.
    if (!problems.some((other) => other.key === key && other.message === message)) {
      problems.push({ file, ...position, key, message });
    }
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
  const sections = sectionsOf(source, (path, message) => report({ path, atKey: false, message }));
  if (sections === undefined) return undefined;
  const { fields, remainders } = readSections(sections, report);
  const complain: Complain = (path, message, given = []) => {
    const rest = remainders.get(String(path[0]));
    const place = rest?.original(path) ?? path;
    // The value that is complained of, or one it was held against, may stand in for one that was already told.
    if (rest?.lacks(place) || given.some((other) => rest?.isDamaged(rest.original(other)))) return;
    report({ path: place, atKey: false, message });
  };
  crossCheck(fields, complain);
  for (const { path, message } of notYetProblems(fields)) complain(path, message);
  const cache = fields.cache && withAbsoluteDirectory(fields.cache, directory);
  const place = cache?.persistence ? system?.directoryProblem?.(cache.persistence.directory) : undefined;
  if (place !== undefined) complain(['cache', 'persistence', 'directory'], place);
  const account = fields.user ? system?.accountProblem(fields.user) : undefined;
  if (account !== undefined) complain(['user'], account);
  const rootHints = readRootHints(fields.rootHints ?? null, directory, complain);
  const trustAnchors = readTrustAnchors(fields.dnssec?.trustAnchors ?? null, directory, complain);
  const http = readHttp(fields.http ?? false, directory, complain);
  const shared = readShared(fields.cache?.shared ?? false, directory, complain);
  if (!isComplete(fields)) return undefined;
  const { anchorState } = fields.dnssec;
  const { file: localFile } = fields.local;
  return {
    ...fields,
    http,
    rootHints,
    cache: { ...withAbsoluteDirectory(fields.cache, directory), shared },
    dnssec: {
      ...fields.dnssec,
      trustAnchors,
      trustAnchorSource: fields.dnssec.trustAnchors === null ? 'built-in' : 'config',
      anchorState: typeof anchorState === 'string' ? resolve(directory, anchorState) : anchorState,
    },
    local: { ...fields.local, file: localFile === null ? null : resolve(directory, localFile) },
  };
}

function withAbsoluteDirectory(cache: ConfigFields['cache'], directory: string): ConfigFields['cache'] {
  const { persistence } = cache;
  if (!persistence) return cache;
  return { ...cache, persistence: { ...persistence, directory: resolve(directory, persistence.directory) } };
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

interface ReadSections {
  readonly fields: Partial<ConfigFields>;
  /** Of the sections with mistakes: their fields are what is left of them, with defaults for the rest. */
  readonly remainders: ReadonlyMap<string, Remainder>;
}

/** Section by section, so that a mistake in one does not hide those between values of others. */
function readSections(sections: Readonly<Record<string, unknown>>, report: (mistake: Mistake) => void): ReadSections {
  for (const key of Object.keys(sections)) {
    if (!(SECTIONS as readonly string[]).includes(key)) report(unknownKey(key, []));
  }
  const fields: Partial<Record<SectionName, unknown>> = {};
  const remainders = new Map<string, Remainder>();
  for (const name of SECTIONS) {
    // "cache:" with all its keys commented out is null: defaults.
    const value = Object.hasOwn(sections, name) ? (sections[name] ?? undefined) : undefined;
    const outcome = readSection(name, value);
    if ('data' in outcome) {
      fields[name] = outcome.data;
      continue;
    }
    for (const mistake of outcome.mistakes) report(mistake);
    const rest = new Remainder(name, value);
    remainders.set(name, rest);
    fields[name] = readRest(name, rest, outcome.mistakes);
  }
  return { fields: fields as Partial<ConfigFields>, remainders };
}

type SectionOutcome = { readonly data: unknown } | { readonly mistakes: readonly Mistake[] };

function readSection(name: SectionName, value: unknown): SectionOutcome {
  const outcome = configSchema.shape[name].safeParse(value);
  if (outcome.success) return { data: outcome.data };
  return { mistakes: outcome.error.issues.flatMap((issue) => explainIssue(issue, value, [name])) };
}

/** What takes out a value may leave its surroundings incomplete; they nest less deep than this. */
const MAX_ROUNDS = 8;

/** The section without its wrong values; undefined when nothing can be made of it. */
function readRest(name: SectionName, rest: Remainder, first: readonly Mistake[]): unknown {
  let mistakes = first;
  for (let round = 0; round < MAX_ROUNDS; round++) {
    rest.remove(mistakes.map(({ path }) => path));
    const outcome = readSection(name, rest.value);
    if ('data' in outcome) return outcome.data;
    mistakes = outcome.mistakes;
  }
  return undefined;
}

function isComplete(fields: Partial<ConfigFields>): fields is ConfigFields {
  return SECTIONS.every((name) => fields[name] !== undefined);
}

function keyToText(path: Path): string {
  let text = '';
  for (const part of path) text += typeof part === 'number' ? `[${part}]` : `${text === '' ? '' : '.'}${part}`;
  return text;
}
