/** Does a process that was root end as an ordinary one, or not go on at all? The system is a model of itself. */
import { describe, expect, it } from 'vitest';
import { accountProblem, dropPrivileges, PrivilegeError, type UserSystem } from '../../src/server/privileges.js';

const USERS: Readonly<Record<string, { uid: number; gid: number }>> = {
  root: { uid: 0, gid: 0 },
  dns: { uid: 70, gid: 71 },
};
const GROUPS: Readonly<Record<string, number>> = { root: 0, dns: 71, net: 72 };

/** Setters work for user 0 alone, as on a real system; `loose` systems let everybody. */
class ModelSystem implements UserSystem {
  readonly calls: string[] = [];

  constructor(
    public uid = 0,
    private readonly loose = false,
  ) {}

  getuid = () => this.uid;
  geteuid = () => this.uid;
  currentUser = () => ({ uid: this.uid, username: this.uid === 0 ? 'root' : 'dns' });

  primaryGroup(user: string | number): number {
    const account = Object.values(USERS).find(({ uid }) => uid === user) ?? USERS[user];
    if (account === undefined) throw new Error(`id: '${user}': no such user`);
    return account.gid;
  }

  initgroups(user: string | number, group: string | number): void {
    this.#change(`initgroups ${user} ${this.#gid(group)}`);
  }

  setgroups(groups: readonly (string | number)[]): void {
    this.#change(`setgroups ${groups.map((group) => this.#gid(group)).join()}`);
  }

  setgid(group: string | number): void {
    this.#change(`setgid ${this.#gid(group)}`);
  }

  setuid(user: string | number): void {
    const uid = typeof user === 'number' ? user : USERS[user]!.uid;
    this.#change(`setuid ${uid}`);
    this.uid = uid;
  }

  #gid(group: string | number): number {
    const gid = typeof group === 'number' ? group : GROUPS[group];
    if (gid === undefined) throw new Error(`Group identifier does not exist: ${group}`);
    return gid;
  }

  #change(call: string): void {
    if (this.uid !== 0 && !this.loose) throw new Error('EPERM');
    this.calls.push(call);
  }
}

const runAs = (user: string | number, group?: string | number) => ({ user, group });

describe('dropPrivileges', () => {
  it('changes groups before the user, and cannot return', () => {
    const system = new ModelSystem();
    dropPrivileges(runAs('dns'), system);
    expect(system.calls).toEqual(['initgroups dns 71', 'setgid 71', 'setuid 70']);
    expect(() => system.setuid(0)).toThrow('EPERM');
  });

  it('takes a group and numbers', () => {
    const system = new ModelSystem();
    dropPrivileges(runAs(70, 'net'), system);
    expect(system.calls).toEqual(['initgroups 70 72', 'setgid 72', 'setuid 70']);
  });

  it('takes a number that has no name, as containers have them', () => {
    const alone = new ModelSystem();
    dropPrivileges(runAs(4242), alone);
    expect(alone.calls).toEqual(['setgroups 4242', 'setgid 4242', 'setuid 4242']);
    const grouped = new ModelSystem();
    dropPrivileges(runAs(4242, 'net'), grouped);
    expect(grouped.calls).toEqual(['setgroups 72', 'setgid 72', 'setuid 4242']);
  });

  it('leaves a process alone that is that user already', () => {
    for (const user of ['dns', 70]) {
      const system = new ModelSystem(70);
      dropPrivileges(runAs(user), system);
      expect(system.calls).toEqual([]);
    }
  });

  it.each([
    [
      'only root can change',
      new ModelSystem(70),
      runAs('other'),
      /only root can become user other.*this process is dns/,
    ],
    ['the user does not exist', new ModelSystem(), runAs('nobody-here'), /no user nobody-here.*useradd/],
    ['the group does not exist', new ModelSystem(), runAs('dns', 'nogroup-here'), /group nogroup-here.*getent/],
    ['the user is root by another name', new ModelSystem(), runAs('root'), /user root is root again/],
    ['there is a way back', new ModelSystem(0, true), runAs('dns'), /may become root again.*CAP_SETUID/],
  ])('refuses to go on when %s', (_why, system, wanted, message) => {
    const refusal = { name: PrivilegeError.name, message: expect.stringMatching(message) };
    expect(() => dropPrivileges(wanted, system)).toThrow(expect.objectContaining(refusal));
  });
});

describe('accountProblem', () => {
  /** Exit codes as id(1) and getent(1) have them. */
  const ask = (command: string, args: readonly string[]): number => {
    const isKnown = (command === 'id' ? USERS : GROUPS)[args[1]!] !== undefined;
    return isKnown ? 0 : command === 'id' ? 1 : 2;
  };

  it.each([
    [runAs('dns'), undefined],
    [runAs('dns', 'net'), undefined],
    [runAs(65_534), undefined],
    [runAs('dns', 99), undefined],
    [runAs('nobody-here'), /no user nobody-here.*useradd/],
    [runAs('dns', 'nogroup-here'), /no group nogroup-here.*groupadd/],
    [runAs('root'), /all privileges/],
    [runAs(0), /all privileges/],
  ])('%j', (wanted, problem) => {
    const found = accountProblem(wanted, ask);
    if (problem === undefined) expect(found).toBeUndefined();
    else expect(found).toMatch(problem);
  });

  it('knows nothing where there are no such programs', () => {
    expect(accountProblem(runAs('nobody-here', 'nogroup-here'), () => undefined)).toBeUndefined();
  });
});
