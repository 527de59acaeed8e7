/**
 * `npm run test:e2e`: the stories of test/e2e/ in network namespaces, with name servers and clients that others wrote.
 * Linux and root; installs what is missing with apt-get, builds, runs, and leaves neither process nor namespace behind.
 * Arguments go to vitest: `npm run test:e2e -- test/e2e/outage.test.ts`.
 */
import { spawn, spawnSync } from 'node:child_process';
import { accessSync, constants, existsSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { constants as osConstants } from 'node:os';
import { join } from 'node:path';
import { ensure, projectRoot } from './ensure.mjs';

/** Program needed, and the Debian or Ubuntu package it is in. */
const NEEDED = {
  ip: 'iproute2',
  unshare: 'util-linux',
  mount: 'mount',
  curl: 'curl',
  git: 'git',
  python3: 'python3-minimal',
  nsd: 'nsd',
  knotd: 'knot',
  named: 'bind9',
  unbound: 'unbound',
  dig: 'bind9-dnsutils',
  kdig: 'knot-dnsutils',
  delv: 'bind9-dnsutils',
  keymgr: 'knot',
  'ldns-signzone': 'ldnsutils',
  'dnssec-signzone': 'bind9-utils',
  'redis-server': 'redis-server',
  'redis-cli': 'redis-tools',
  memcached: 'memcached',
  openssl: 'openssl',
};

/** Packages that only some releases have; stories that want them are left out without. */
const WELCOME = { 'valkey-server': 'valkey-server' };

const POLICY = '/usr/sbin/policy-rc.d';
const NAMESPACES = '/run/netns';
const prefix = `rootwalk-e2e-${process.pid}-`;
const PATH = `${process.env.PATH ?? ''}:/usr/local/sbin:/usr/sbin:/sbin`;

const say = (text) => process.stderr.write(`e2e: ${text}\n`);

function fail(text) {
  say(text);
  process.exit(2);
}

function onPath(program) {
  return PATH.split(':').some((folder) => {
    try {
      accessSync(join(folder, program), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

function missingPackages() {
  return [...new Set(Object.keys(NEEDED).filter((program) => !onPath(program)))].map((program) => NEEDED[program]);
}

function apt(...args) {
  const { status } = spawnSync('apt-get', args, {
    stdio: ['ignore', process.stderr, process.stderr],
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
  });
  return status === 0;
}

/** Packages of name servers start them when installed; policy-rc.d is Debian's way to say no, and is taken away again. */
function withoutStartingServices(install) {
  if (existsSync(POLICY)) return install();
  writeFileSync(POLICY, '#!/bin/sh\nexit 101\n', { mode: 0o755 });
  try {
    return install();
  } finally {
    rmSync(POLICY, { force: true });
  }
}

function welcome() {
  const known = (name) => spawnSync('apt-cache', ['show', name], { stdio: 'ignore' }).status === 0;
  return Object.values(WELCOME).filter(known);
}

function installMissing() {
  const packages = missingPackages();
  if (packages.length === 0) return;
  if (!onPath('apt-get')) fail(`please install what these Debian packages hold: ${packages.join(' ')}`);
  say(`installing ${packages.join(' ')} (apt-get; their services are not started)`);
  const done = withoutStartingServices(
    () => apt('update', '-qq') && apt('install', '-y', '-qq', '--no-install-recommends', ...packages, ...welcome()),
  );
  const left = missingPackages();
  if (!done || left.length > 0) fail(`apt-get could not install ${(left.length > 0 ? left : packages).join(' ')}`);
}

/** What a killed run left: processes in its namespaces, then the namespaces. */
function sweep() {
  const names = existsSync(NAMESPACES) ? readdirSync(NAMESPACES).filter((name) => name.startsWith(prefix)) : [];
  for (const name of names) {
    const { stdout } = spawnSync('ip', ['netns', 'pids', name], { encoding: 'utf8', env: { ...process.env, PATH } });
    for (const pid of (stdout ?? '').split(/\s+/).filter(Boolean)) spawnSync('kill', ['-KILL', pid]);
    spawnSync('ip', ['netns', 'delete', name], { env: { ...process.env, PATH } });
  }
}

if (process.platform !== 'linux') fail('these tests need Linux: they build a small internet in network namespaces.');
if (process.getuid() !== 0) fail('these tests need root for network namespaces. Try: sudo npm run test:e2e');
installMissing();
ensure();

const vitest = join(projectRoot, 'node_modules', 'vitest', 'vitest.mjs');
const args = ['run', '--config', 'vitest.e2e.config.ts', ...process.argv.slice(2)];
const child = spawn(process.execPath, [vitest, ...args], {
  cwd: projectRoot,
  stdio: 'inherit',
  env: { ...process.env, PATH, ROOTWALK_E2E_PREFIX: prefix },
});
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill('SIGTERM'));
child.on('exit', (code, signal) => {
  sweep();
  process.exit(code ?? 128 + osConstants.signals[signal]);
});
