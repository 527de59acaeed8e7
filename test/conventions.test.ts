/**
 * Which conventions hold the source together, and where are they broken? The import table and the owners of packages are
 * those of docs/architecture.md; a message names the file, the line and the rule.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { basename, dirname, join, posix, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { describe, expect, it } from 'vitest';

const projectRoot = dirname(dirname(fileURLToPath(import.meta.url)));

/** What each folder of src/ may import. wire/canonical*.ts, the canonical form of RFC 4034 §6, is a part of its own. */
const mayImport: Readonly<Record<string, readonly string[]>> = {
  dns: [],
  ports: ['dns'],
  presentation: ['dns'],
  config: ['dns', 'presentation'],
  wire: ['dns'],
  native: ['dns'],
  cache: ['dns', 'ports', 'config'],
  sharing: ['dns', 'ports', 'config', 'cache'],
  transport: ['dns', 'ports', 'config', 'wire', 'native'],
  iterator: ['dns', 'ports', 'config', 'cache'],
  validator: ['dns', 'ports', 'config', 'cache', 'wire/canonical'],
  policy: ['dns', 'ports', 'config', 'presentation'],
  resolver: ['dns', 'ports', 'config', 'cache', 'iterator', 'validator', 'policy'],
  server: ['dns', 'ports', 'config', 'wire', 'native'],
  http: ['dns', 'ports', 'config', 'presentation'],
  lab: ['dns', 'ports', 'wire', 'presentation'],
  // The place where real parts meet: it may import every folder.
  cli: ['*'],
};

/** The folders of src/ that may import a package; packages of the tests have none. */
const packageOwners: Readonly<Record<string, readonly string[]>> = {
  'cli-table3': ['cli'],
  commander: ['cli'],
  picocolors: ['cli'],
  pino: ['cli'],
  koffi: ['native'],
  'lru-cache': ['cache'],
  '@redis/client': ['sharing'],
  fastify: ['http'],
  'prom-client': ['http'],
  // Whatever reads a file written by people: the configuration, and the map of a lab.
  yaml: ['config', 'lab'],
  zod: ['config', 'lab'],
};

/** Files that lower-case something that is not a domain name. Names are folded by dns/name.ts alone. */
const mayFoldLetters: Readonly<Record<string, string>> = {
  'src/cli/dig-text.ts': 'names of extended errors',
  'src/config/nearest-key.ts': 'names of configuration keys',
  'src/config/size-text.ts': 'units of size',
  'src/dns/extended-error.ts': 'names of extended errors',
  'src/http/app.ts': 'reason phrases of HTTP',
  'src/http/nearest.ts': 'names of query parameters',
};

interface SourceFile {
  /** From the project root, with forward slashes. */
  readonly path: string;
  readonly text: string;
}

interface Violation {
  readonly file: string;
  readonly line: number;
  readonly rule: string;
}

type Rule = (file: SourceFile) => Violation[];

function sourceFiles(folder: string): SourceFile[] {
  return readdirSync(join(projectRoot, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
    .map((entry) => relative(projectRoot, join(entry.parentPath, entry.name)).replaceAll('\\', '/'))
    .sort()
    .map((path) => ({ path, text: readFileSync(join(projectRoot, path), 'utf8') }));
}

const lineAt = (text: string, position: number) => text.slice(0, position).split('\n').length;

/** src/wire/reader.ts is in "wire"; src/cli.ts and src/library.ts put things together and count as cli. */
function folderOf(path: string): string | undefined {
  const [top, folder, ...rest] = path.split('/');
  if (top !== 'src' || folder === undefined) return undefined;
  return rest.length > 0 ? folder : 'cli';
}

function importsOf(file: SourceFile): { specifier: string; line: number }[] {
  return ts
    .preProcessFile(file.text, true, true)
    .importedFiles.map(({ fileName, pos }) => ({ specifier: fileName, line: lineAt(file.text, pos) }));
}

const packageOf = (specifier: string) =>
  specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/');

function allowed(from: string, targetFolder: string, target: string): boolean {
  const list = mayImport[from] ?? [];
  if (from === targetFolder || list.includes('*') || list.includes(targetFolder)) return true;
  return list.some((entry) => entry.includes('/') && target.startsWith(`src/${entry}`));
}

const importTable: Rule = (file) => {
  const from = folderOf(file.path);
  if (from === undefined) return [];
  if (!(from in mayImport)) return [{ file: file.path, line: 1, rule: `src/${from}/ is not in the import table` }];
  return importsOf(file).flatMap(({ specifier, line }) => {
    if (!specifier.startsWith('.')) return [];
    const target = posix.normalize(posix.join(posix.dirname(file.path), specifier));
    const folder = folderOf(target);
    if (folder !== undefined && allowed(from, folder, target)) return [];
    const list = mayImport[from]!.join(', ') || 'nothing';
    return [{ file: file.path, line, rule: `${from}/ may import ${list}; not ${specifier}` }];
  });
};

const ownedPackages: Rule = (file) => {
  const from = folderOf(file.path);
  return importsOf(file).flatMap(({ specifier, line }) => {
    if (from === undefined || specifier.startsWith('.') || isBuiltin(specifier)) return [];
    const owners = packageOwners[packageOf(specifier)];
    if (owners?.includes(from)) return [];
    const rule =
      owners === undefined
        ? `package ${specifier} has no folder that may import it: src/ does without it`
        : `package ${specifier} belongs to ${owners.map((owner) => `${owner}/`).join(' and ')} alone`;
    return [{ file: file.path, line, rule }];
  });
};

const importsNameTheFile: Rule = (file) =>
  importsOf(file).flatMap(({ specifier, line }) =>
    specifier.startsWith('.') && !/\.(js|json)$/.test(specifier)
      ? [{ file: file.path, line, rule: `a relative import names the file and ends in .js; ${specifier} does not` }]
      : [],
  );

const tellingFileNames: Rule = ({ path }) => {
  if (/^(index|utils?|helpers?|types)$/.test(basename(path, '.ts')))
    return [{ file: path, line: 1, rule: `no file is called ${basename(path)}: name it after what it answers` }];
  return [];
};

/** Lines of code that match; a comment may speak of what code may not do. */
function eachMatch(file: SourceFile, pattern: RegExp, rule: string): Violation[] {
  return file.text
    .split('\n')
    .flatMap((text, i) =>
      pattern.test(text) && !/^\s*(\/\/|\/?\*)/.test(text) ? [{ file: file.path, line: i + 1, rule }] : [],
    );
}

const cryptographicChance: Rule = (file) =>
  eachMatch(file, /\bMath\s*\.\s*random\s*\(/, 'chance comes from the Random port, never from Math.random');

const namesFoldedInOnePlace: Rule = (file) =>
  file.path in mayFoldLetters
    ? []
    : eachMatch(
        file,
        /\.to(?:LocaleLower|LocaleUpper|Lower)Case\s*\(/,
        'only dns/name.ts folds names; a file that folds something else is listed in mayFoldLetters',
      );

const sourceRules: readonly (readonly [title: string, rule: Rule])[] = [
  ['folders import what the table allows', importTable],
  ['packages are imported by their owners', ownedPackages],
  ['relative imports name the file', importsNameTheFile],
  ['files are named after what they answer', tellingFileNames],
  ['chance is never Math.random', cryptographicChance],
  ['letters of names are folded by dns/name.ts', namesFoldedInOnePlace],
];

const report = (violations: readonly Violation[]) => violations.map((v) => `${v.file}:${v.line}: ${v.rule}`);

describe('src/', () => {
  const files = sourceFiles('src');
  for (const [title, rule] of sourceRules) it(title, () => expect(report(files.flatMap(rule))).toEqual([]));

  it('lists no file in mayFoldLetters that is gone or folds nothing', () => {
    const stale = Object.keys(mayFoldLetters).filter((path) => !/\.to\w*Case\(/.test(textOf(path)));
    expect(stale).toEqual([]);
  });
});

describe('test/', () => {
  const files = sourceFiles('test');
  it('relative imports name the file', () => expect(report(files.flatMap(importsNameTheFile))).toEqual([]));
  it('files are named after what they answer', () => expect(report(files.flatMap(tellingFileNames))).toEqual([]));
});

function textOf(path: string): string {
  const file = join(projectRoot, path);
  return existsSync(file) ? readFileSync(file, 'utf8') : '';
}

/** Folder names in the first column of the tables of a document: | `dns/` | ... */
const foldersInTable = (path: string) =>
  [...textOf(path).matchAll(/^\| `(?:src\/)?(\w+)\/` \|/gm)].map((m) => m[1]!).sort();

describe('the maps', () => {
  const folders = readdirSync(join(projectRoot, 'src'), { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && sourceFiles(join('src', entry.name)).length > 0)
    .map((entry) => entry.name)
    .sort();

  it.each(['README.md', 'docs/architecture.md'])('%s lists every folder of src/ once, and no other', (document) => {
    expect(foldersInTable(document)).toEqual(folders);
  });

  it('docs/architecture.md repeats the import table of this test', () => {
    const rows = [...textOf('docs/architecture.md').matchAll(/^\| `(\w+)\/` \|[^|]*\|([^|]*)\|$/gm)];
    const table = Object.fromEntries(
      rows.map(([, folder, imports]) => [folder, [...imports!.matchAll(/`([\w/*]+)`/g)].map((m) => m[1]!).sort()]),
    );
    expect(table).toEqual(Object.fromEntries(folders.map((name) => [name, [...(mayImport[name] ?? [])].sort()])));
  });

  it('every path they name exists', () => {
    for (const document of ['README.md', 'docs/architecture.md']) {
      const named = [...textOf(document).matchAll(/`((?:src|test|scripts|docs|fixtures|conformance)\/[\w./-]*)`/g)];
      const missing = named.map((m) => m[1]!).filter((path) => !existsSync(join(projectRoot, path)));
      expect(missing, `${document} names files that do not exist`).toEqual([]);
    }
  });
});

describe('the rules themselves notice', () => {
  it.each([
    [importTable, 'src/dns/x.ts', "import type { A } from '../ports/clock.js';", 'dns/ may import nothing'],
    [importTable, 'src/cache/a/x.ts', "\nexport { b } from '../../wire/reader.js';", 'src/cache/a/x.ts:2: cache/ may'],
    [importTable, 'src/server/x.ts', "const a = await import('../resolver/resolve.js');", 'not ../resolver/resolve.js'],
    [importTable, 'src/validator/x.ts', "import { a } from '../wire/reader.js';", 'validator/ may import'],
    [importTable, 'src/novel/x.ts', '', 'src/novel/ is not in the import table'],
    [ownedPackages, 'src/server/x.ts', "import { LRUCache } from 'lru-cache';", 'belongs to cache/ alone'],
    [ownedPackages, 'src/lab/x.ts', "import packet from 'dns-packet/index.js';", 'has no folder that may import it'],
    [importsNameTheFile, 'src/dns/x.ts', "import { a } from './name';", 'ends in .js; ./name does not'],
    [tellingFileNames, 'src/dns/utils.ts', '', 'no file is called utils.ts'],
    [tellingFileNames, 'src/dns/index.ts', '', 'no file is called index.ts'],
    [cryptographicChance, 'src/dns/x.ts', 'Math.random()', 'never from Math.random'],
    [namesFoldedInOnePlace, 'src/server/x.ts', '\n\nname.toLowerCase()', 'src/server/x.ts:3: only dns/name.ts'],
  ])('%o in %s', (rule, path, text, message) => {
    expect(report(rule({ path, text })).join('\n')).toContain(message);
  });

  it.each([
    [importTable, 'src/validator/x.ts', "import { a } from '../wire/canonical.js';"],
    [importTable, 'src/library.ts', "export { a } from './resolver/resolve.js';"],
    [importTable, 'src/dns/x.ts', "// import '../wire/reader.js'\nimport { a } from './name.js';"],
    [cryptographicChance, 'src/ports/x.ts', '/** Never Math.random(). */\n * nor Math.random() here'],
    [ownedPackages, 'src/cli/x.ts', "import { Command } from 'commander';\nimport { join } from 'node:path';"],
  ])('and leave alone: %o in %s', (rule, path, text) => {
    expect(rule({ path, text })).toEqual([]);
  });
});
