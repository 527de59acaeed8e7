/**
 * Which keys are known but cannot be switched on yet? Each row is a feature to come: its value until then, and what the
 * error tells people to write. A row's value is also the key's default; deleting the row gives the key its real default
 * (see schema.ts) and its other values.
 */

interface NotYet {
  /** The only value accepted, and the default. */
  readonly only: string | number | boolean;
  /** What to write instead, as YAML. */
  readonly instead: string;
}

// biome-ignore format: a table reads better in rows
const NOT_YET: Readonly<Record<string, NotYet>> = {
  'rateLimit':            { only: false, instead: 'rateLimit: false' },
};

/** The default of a key: `real`, or its only possible value while the feature is not there. */
export function defaultFor<T>(key: string, real: T): T {
  const row = NOT_YET[key];
  return row === undefined ? real : (row.only as T);
}

/** The error for each key of `value` (a whole configuration, or the part of it that could be read) that asks too much. */
export function notYetProblems(value: object): { readonly path: readonly string[]; readonly message: string }[] {
  const problems: { path: string[]; message: string }[] = [];
  for (const [key, { only, instead }] of Object.entries(NOT_YET)) {
    const path = key.split('.');
    const found = path.reduce<unknown>((at, part) => (at as Record<string, unknown> | undefined)?.[part], value);
    if (found === undefined || found === only) continue;
    const asked = typeof found === 'object' ? '' : ` ${String(found)}`;
    problems.push({ path, message: `${key}${asked} is not available yet: write "${instead}", or leave the key out` });
  }
  return problems;
}
