/**
 * The two judges: Unbound, which validates, and delv, which validates by itself what a second Unbound without validator
 * fetches for it. Both trust the same anchor as rootwalk.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { eventually } from './command.js';
import { dig } from './dig.js';
import { copyOfProgram } from './name-servers.js';
import type { SignedInternet } from './signed-internet.js';
import { dsText } from './signed-zone.js';
import { rootServers } from './zones.js';

/** Where the configuration of the stories has it listen. */
export const ROOTWALK_PORT = 5300;
export const JUDGE_PORT = 5397;
export const FETCHER_PORT = 5398;

/** The anchor as a line that Unbound and rootwalk both read. */
export const anchorLine = ({ anchor }: SignedInternet) => `. IN ${dsText(anchor)}`;

/** Starts both and what they need. Resolves when they answer. */
export async function startJudges(internet: SignedInternet): Promise<void> {
  const program = await copyOfProgram('unbound', internet.directory);
  await Promise.all([
    startUnbound(
      internet,
      program,
      JUDGE_PORT,
      `module-config: "validator iterator"\n  harden-algo-downgrade: yes\n  trust-anchor: "${anchorLine(internet)}"`,
    ),
    startUnbound(internet, program, FETCHER_PORT, 'module-config: "iterator"'),
  ]);
  const { keyTag, algorithm, digestType, digest } = internet.anchor;
  const anchors = `trust-anchors { . static-ds ${keyTag} ${algorithm} ${digestType} "${digest}"; };\n`;
  writeFileSync(anchorFile(internet), anchors);
}

export const anchorFile = ({ directory }: SignedInternet) => join(directory, 'delv.anchors');

async function startUnbound(internet: SignedInternet, program: string, port: number, role: string): Promise<void> {
  const directory = join(internet.directory, `unbound-${port}`);
  mkdirSync(directory, { recursive: true });
  const hints = rootServers.map(([letter, ipv4, ipv6]) => {
    const name = `${letter}.root-servers.net.`;
    return `. 3600000 NS ${name}\n${name} 3600000 A ${ipv4}\n${name} 3600000 AAAA ${ipv6}\n`;
  });
  writeFileSync(join(directory, 'root.hints'), hints.join(''));
  const config = `server:
  interface: 127.0.0.1@${port}
  username: ""
  chroot: ""
  directory: "${directory}"
  pidfile: "${directory}/unbound.pid"
  use-syslog: no
  root-hints: "${directory}/root.hints"
  ${role}
remote-control:
  control-enable: no
`;
  writeFileSync(join(directory, 'unbound.conf'), config);
  const started = internet.client.start(`unbound-${port}`, [program, '-d', '-c', join(directory, 'unbound.conf')]);
  await eventually(
    () => `Unbound answers; it printed:\n${started.output()}`,
    async () => {
      const reply = await dig(internet.client, 'localhost A', { port }).catch(() => undefined);
      return reply?.status === 'NOERROR';
    },
  );
}
