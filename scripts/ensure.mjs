/**
 * Installs and builds what a fresh clone lacks, and says so. Run by `npm start`, `npm test` and `npm run test:e2e`.
 * Plain Node without dependencies: it runs before there are any.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const MINIMUM_NODE = 20;

export const projectRoot = dirname(dirname(fileURLToPath(import.meta.url)));

const at = (...parts) => join(projectRoot, ...parts);
const modifiedAt = (path) => (existsSync(path) ? statSync(path).mtimeMs : 0);

/** Milliseconds since 1970 of the youngest file or folder; folders count so that a deleted file is noticed. */
function newestUnder(folder) {
  let newest = modifiedAt(folder);
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    newest = Math.max(newest, entry.isDirectory() ? newestUnder(path) : modifiedAt(path));
  }
  return newest;
}

function say(text) {
  process.stderr.write(`rootwalk: ${text}\n`);
}

/** Runs a step in the terminal; ends this process with the step's exit code when it fails. */
function step(command, args, remedy) {
  // npm is a .cmd file on Windows, which only a shell starts.
  const { status, error } = spawnSync(command, args, {
    cwd: projectRoot,
    stdio: ['ignore', process.stderr, process.stderr],
    shell: process.platform === 'win32' && command === 'npm',
  });
  if (status === 0) return;
  say(`\`${command} ${args.join(' ')}\` failed${error ? `: ${error.message}` : ''}. ${remedy}`);
  process.exit(status ?? 1);
}

function installed() {
  // npm writes this file last, so an interrupted install leaves it missing or old.
  const mark = modifiedAt(at('node_modules', '.package-lock.json'));
  return mark > 0 && mark >= modifiedAt(at('package-lock.json'));
}

function built() {
  const sources = Math.max(
    newestUnder(at('src')),
    ...['tsconfig.json', 'tsconfig.build.json', 'package.json'].map((name) => modifiedAt(at(name))),
  );
  return modifiedAt(at('dist', 'cli.js')) >= sources;
}

/** node_modules as package-lock.json says and dist as src says; nothing is done, and nothing printed, when they are. */
export function ensure() {
  if (Number(process.versions.node.split('.', 1)[0]) < MINIMUM_NODE) {
    say(`Node ${MINIMUM_NODE} or newer is needed, this is ${process.version}. See https://nodejs.org/`);
    process.exit(1);
  }
  if (!installed()) {
    say('installing the packages of package-lock.json (npm ci) ...');
    step('npm', ['ci', '--include=dev'], 'It needs the npm registry, or a filled npm cache, once.');
  }
  if (!built()) {
    say('building src/ into dist/ (tsc) ...');
    const compiler = at('node_modules', 'typescript', 'bin', 'tsc');
    // Without --noEmitOnError a failed build would look finished the next time.
    step(process.execPath, [compiler, '-p', 'tsconfig.build.json', '--noEmitOnError'], 'See the errors above.');
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) ensure();
