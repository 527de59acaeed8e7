/** How does a process started as root become an ordinary one, for good? Done once its sockets are bound. */
import { execFileSync, spawnSync } from 'node:child_process';
import { userInfo } from 'node:os';
import type { RunAs } from '../config/fields.js';

/** Privileges that could not be given up. The process must not go on: it would serve the network as root. */
export class PrivilegeError extends Error {
  constructor(reason: string) {
    super(reason);
    this.name = 'PrivilegeError';
  }
}

type Account = string | number;

/** The part of the system that is touched. Its setters throw the system's errors. */
export interface UserSystem {
  getuid(): number;
  geteuid(): number;
  setuid(user: Account): void;
  setgid(group: Account): void;
  /** Sets the supplementary groups to those of the user and `group`. */
  initgroups(user: Account, group: Account): void;
  /** Sets the supplementary groups to this one. */
  setgroups(groups: readonly Account[]): void;
  /** Throws when there is no such user. */
  primaryGroup(user: Account): number;
  currentUser(): { readonly uid: number; readonly username: string };
}

/**
 * Takes on user and group (the user's own when none is named) and the user's supplementary groups, and makes sure that
 * there is no way back. A process that already is that user is left alone. Throws PrivilegeError.
 */
export function dropPrivileges(runAs: RunAs, system: UserSystem | undefined = realSystem()): void {
  const { user } = runAs;
  if (system === undefined) throw new PrivilegeError('"user" cannot be changed on this system: remove it');
  if (system.geteuid() !== 0) {
    const current = system.currentUser();
    if (current.username === user || current.uid === user) return;
    throw new PrivilegeError(
      `only root can become user ${user}, and this process is ${current.username}: start it as root, or remove "user"`,
    );
  }
  const own = primaryGroupOf(user, system);
  become(user, runAs.group ?? own ?? user, own !== undefined, system);
  assertNoWayBack(user, system);
}

/** Undefined for a number without a name: containers have such users, and their group has the same number. */
function primaryGroupOf(user: Account, system: UserSystem): number | undefined {
  try {
    return system.primaryGroup(user);
  } catch {
    if (typeof user === 'number') return undefined;
    throw new PrivilegeError(noSuchUser(user));
  }
}

function noSuchUser(user: Account): string {
  return `there is no user ${user}: create one (useradd --system ${user}) or change "user"`;
}

/** The user last: without root the groups cannot be changed any more. */
function become(user: Account, group: Account, isNamed: boolean, system: UserSystem): void {
  try {
    if (isNamed) system.initgroups(user, group);
    else system.setgroups([group]);
    system.setgid(group);
    system.setuid(user);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new PrivilegeError(
      `cannot become user ${user} and group ${group} (${reason}): do both exist? see "getent passwd", "getent group"`,
    );
  }
}

function assertNoWayBack(user: Account, system: UserSystem): void {
  if (system.getuid() === 0 || system.geteuid() === 0) {
    throw new PrivilegeError(`user ${user} is root again: name one without privileges`);
  }
  for (const attempt of [() => system.setuid(0), () => system.setgid(0)]) {
    if (isRefused(attempt)) continue;
    throw new PrivilegeError(`user ${user} may become root again: start without CAP_SETUID and CAP_SETGID`);
  }
}

function isRefused(attempt: () => void): boolean {
  try {
    attempt();
    return false;
  } catch {
    return true;
  }
}

/** Undefined where users have no numbers (Windows). The type declarations of Node lack initgroups. */
function realSystem(): UserSystem | undefined {
  const { getuid, geteuid, setuid, setgid, setgroups } = process;
  const { initgroups } = process as Partial<Pick<UserSystem, 'initgroups'>>;
  if (!getuid || !geteuid || !setuid || !setgid || !setgroups || !initgroups) return undefined;
  return { getuid, geteuid, setuid, setgid, setgroups, initgroups, primaryGroup, currentUser: () => userInfo() };
}

/** id(1) sees users of every source the system knows (LDAP, systemd); /etc/passwd has but some. */
function primaryGroup(user: Account): number {
  return Number(execFileSync('id', ['-g', String(user)], { encoding: 'latin1', stdio: ['ignore', 'pipe', 'ignore'] }));
}

/** Numbers of user and group, for what a process that will be them shall own. Throws when there is no such user. */
export function accountIds({ user, group }: RunAs): { readonly uid: number; readonly gid: number } {
  const ask = (option: string): number =>
    Number(execFileSync('id', [option, String(user)], { encoding: 'latin1', stdio: ['ignore', 'pipe', 'ignore'] }));
  return {
    uid: typeof user === 'number' ? user : ask('-u'),
    gid: typeof group === 'number' ? group : ask('-g'),
  };
}

/** Runs a program that tells of accounts; its exit code, undefined when there is no such program. */
type Ask = (command: string, args: readonly string[]) => number | undefined;

const POSIX = process.platform !== 'win32';

/**
 * Why a process could not run as this user and group, told before it is tried; undefined when nothing is known against
 * them. Numbers need no name.
 */
export function accountProblem(
  { user, group }: RunAs,
  ask: Ask | undefined = POSIX ? exitCodeOf : undefined,
): string | undefined {
  if (ask === undefined) return '"user" cannot be changed on this system: remove it';
  if (user === 0 || user === 'root') return `user ${user} has all privileges: name one without`;
  if (typeof user === 'string' && (ask('id', ['-u', user]) ?? 0) !== 0) return noSuchUser(user);
  // getent(1): 2 means that there is no such entry.
  if (typeof group !== 'string' || ask('getent', ['group', group]) !== 2) return undefined;
  return `there is no group ${group}: create one (groupadd --system ${group}) or change "user"`;
}

function exitCodeOf(command: string, args: readonly string[]): number | undefined {
  const { error, status } = spawnSync(command, args, { stdio: 'ignore' });
  return error === undefined ? (status ?? undefined) : undefined;
}
