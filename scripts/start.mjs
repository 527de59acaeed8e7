/**
 * `npm start`: installs and builds what is missing, then runs the resolver in this terminal.
 *
 *   npm start                      rootwalk serve
 *   npm start -- --config FILE     rootwalk serve --config FILE
 *   npm start -- --lab             rootwalk lab: a small internet in the process, for trying without a network
 */
import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { join } from 'node:path';
import { ensure, projectRoot } from './ensure.mjs';

const given = process.argv.slice(2);
const command = given.includes('--lab') ? 'lab' : 'serve';
const args = given.filter((arg) => arg !== '--lab');

ensure();
process.stderr.write(`rootwalk: starting \`rootwalk ${[command, ...args].join(' ')}\`\n`);

const child = spawn(process.execPath, [join(projectRoot, 'dist', 'cli.js'), command, ...args], { stdio: 'inherit' });

// ^C in a terminal reaches the whole process group, the resolver included: passing it on would make it two.
const pass = (signal) => signal !== 'SIGINT' || !process.stdin.isTTY;
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => pass(signal) && child.kill(signal));

child.on('error', (error) => {
  process.stderr.write(`rootwalk: node could not be started: ${error.message}\n`);
  process.exit(1);
});
// 128 + n is what shells report for a process ended by signal n.
child.on('exit', (code, signal) => process.exit(code ?? 128 + constants.signals[signal]));
