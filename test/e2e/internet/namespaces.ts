/**
 * Two network namespaces joined by one cable: `client`, where rootwalk and its users live, and `internet`, which holds
 * every server address on its loopback. Nothing outside them is touched, so any address may be used and any cable cut.
 */
import { mustRun, run } from './command.js';

/** What scripts/e2e.mjs looks for when it cleans up after a run that was killed. */
const PREFIX = process.env.ROOTWALK_E2E_PREFIX ?? 'rootwalk-e2e-';

const CABLE = 'veth0';
const client = { mac: '02:00:00:00:00:01', ipv4: '198.18.0.2', ipv6: '2001:db8:ffff::2' };
const internet = { mac: '02:00:00:00:00:02', ipv4: '198.18.0.1', ipv6: '2001:db8:ffff::1' };

export interface Namespaces {
  readonly client: string;
  readonly internet: string;
}

/** How IPv6 fails. `silent`: queries arrive, replies are lost. `unroutable`: the client's kernel refuses to send. */
export type CutKind = 'silent' | 'unroutable';

let made = 0;

/** A namespace with nothing but loopback in it. */
export async function createIsolated(): Promise<string> {
  const name = `${PREFIX}${process.pid}-${made++}-isolated`;
  await mustRun(['ip', 'netns', 'add', name]);
  await mustRun(['ip', '-n', name, 'link', 'set', 'lo', 'up']);
  return name;
}

export async function createNamespaces(serverAddresses: readonly string[]): Promise<Namespaces> {
  const id = `${PREFIX}${process.pid}-${made++}`;
  const names = { client: `${id}-client`, internet: `${id}-internet` };
  for (const name of [names.client, names.internet]) {
    await mustRun(['ip', 'netns', 'add', name]);
    await mustRun(['ip', '-n', name, 'link', 'set', 'lo', 'up']);
  }
  await batch(names.client, [
    `link add ${CABLE} address ${client.mac} type veth peer name ${CABLE} address ${internet.mac} netns ${names.internet}`,
    ...endOfCable(client, internet),
    `route add default via ${internet.ipv4}`,
    `-6 route add default via ${internet.ipv6}`,
  ]);
  await batch(names.internet, [
    ...endOfCable(internet, client),
    ...serverAddresses.map((address) => `address add ${address}/${address.includes(':') ? '128 nodad' : '32'} dev lo`),
  ]);
  return names;
}

/** Neighbours are written down for good: a cut IPv6 must look like lost packets, not like a missing neighbour. */
function endOfCable(own: typeof client, other: typeof client): string[] {
  return [
    `address add ${own.ipv4}/24 dev ${CABLE}`,
    `address add ${own.ipv6}/64 dev ${CABLE} nodad`,
    `link set ${CABLE} up`,
    `neighbour replace ${other.ipv4} lladdr ${other.mac} nud permanent dev ${CABLE}`,
    `neighbour replace ${other.ipv6} lladdr ${other.mac} nud permanent dev ${CABLE}`,
  ];
}

export async function cutIPv6(names: Namespaces, kind: CutKind): Promise<void> {
  if (kind === 'silent') await batch(names.internet, [`-6 route add blackhole ${client.ipv6}/128`]);
  else await batch(names.client, [`-6 route del default`]);
}

export async function restoreIPv6(names: Namespaces, kind: CutKind): Promise<void> {
  if (kind === 'silent') await batch(names.internet, [`-6 route del blackhole ${client.ipv6}/128`]);
  else await batch(names.client, [`-6 route add default via ${internet.ipv6}`]);
}

/** Ends whatever still runs in the namespace (by pid: only what the tests started can be in there) and removes it. */
export async function removeNamespace(name: string): Promise<void> {
  const pids = (await run(['ip', 'netns', 'pids', name])).stdout.split(/\s+/).filter(Boolean);
  for (const pid of pids) await run(['kill', '-KILL', pid]);
  await run(['ip', 'netns', 'delete', name]);
}

/** The command line that runs `argv` inside the namespace; the process id is that of the program itself. */
export function inside(name: string, argv: readonly string[]): string[] {
  return ['ip', 'netns', 'exec', name, ...argv];
}

/** Lines of `ip -batch`, where "-6" may lead a line. */
async function batch(name: string, lines: readonly string[]): Promise<void> {
  for (const family of ['', '-6']) {
    const own = lines.filter((line) => line.startsWith('-6 ') === (family === '-6')).map((l) => l.replace(/^-6 /, ''));
    if (own.length === 0) continue;
    await mustRun(['ip', ...(family ? [family] : []), '-n', name, '-batch', '-'], { input: `${own.join('\n')}\n` });
  }
}
