/** Zones signed before they are served, by ldns-signzone and by dnssec-signzone, each with keys of its own making. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { mustRun } from './command.js';
import { type Algorithm, type DsRecord, parseDs, type Signing, signingTime, type Window } from './signed-zone.js';

const MNEMONIC: Readonly<Record<Algorithm, string>> = {
  8: 'RSASHA256',
  10: 'RSASHA512',
  13: 'ECDSAP256SHA256',
  14: 'ECDSAP384SHA384',
  15: 'ED25519',
  16: 'ED448',
};

export const mnemonic = (algorithm: Algorithm): string => MNEMONIC[algorithm];

/** A zone's key pair of keys: one for DNSKEY, one for the rest. */
export interface ZoneKeys {
  readonly ds: readonly DsRecord[];
  /** The master-file text with signatures and denial records, a record per line. */
  sign(text: string, window: Window): Promise<string>;
}

const size = (algorithm: Algorithm) => (algorithm === 8 || algorithm === 10 ? ['-b', '2048'] : []);

function keyDirectory(parent: string, zone: string, signer: string): string {
  const directory = join(parent, 'signing', `${zone === '.' ? 'root.' : zone}${signer}`);
  mkdirSync(directory, { recursive: true });
  return directory;
}

const whole = (zone: string, text: string) => `$ORIGIN ${zone}\n$TTL 300\n${text}`;

export async function ldnsKeys(parent: string, zone: string, { algorithm, denial }: Signing): Promise<ZoneKeys> {
  const cwd = keyDirectory(parent, zone, 'ldns');
  const keygen = ['ldns-keygen', '-a', MNEMONIC[algorithm], ...size(algorithm)];
  const ksk = (await mustRun([...keygen, '-k', zone], { cwd })).trim();
  const zsk = (await mustRun([...keygen, zone], { cwd })).trim();
  const ds = await Promise.all(['-1', '-2'].map((type) => mustRun(['ldns-key2ds', '-n', type, `${ksk}.key`], { cwd })));
  const nsec3 = ['-n', '-t', '0', '-s', '5a1f', ...(denial === 'opt-out' ? ['-p'] : [])];
  return {
    ds: ds.flatMap(parseDs),
    async sign(text, window) {
      writeFileSync(join(cwd, 'zone'), whole(zone, text));
      const times = ['-i', signingTime(window.from), '-e', signingTime(window.to)];
      const how = denial === 'nsec' ? [] : nsec3;
      await mustRun(['ldns-signzone', ...how, ...times, '-o', zone, '-f', 'signed', 'zone', ksk, zsk], { cwd });
      return readFileSync(join(cwd, 'signed'), 'utf8');
    },
  };
}

export async function bindKeys(parent: string, zone: string, { algorithm, denial }: Signing): Promise<ZoneKeys> {
  const cwd = keyDirectory(parent, zone, 'bind');
  const keygen = ['dnssec-keygen', '-q', '-a', MNEMONIC[algorithm], ...size(algorithm)];
  const ksk = (await mustRun([...keygen, '-f', 'KSK', zone], { cwd })).trim();
  await mustRun([...keygen, zone], { cwd });
  const ds = await Promise.all(
    ['SHA-1', 'SHA-256', 'SHA-384'].map((type) => mustRun(['dnssec-dsfromkey', '-a', type, `${ksk}.key`], { cwd })),
  );
  const nsec3 = ['-3', '5A1F', '-H', '0', ...(denial === 'opt-out' ? ['-A'] : [])];
  return {
    ds: ds.flatMap(parseDs),
    async sign(text, window) {
      writeFileSync(join(cwd, 'zone'), whole(zone, text));
      const times = ['-s', signingTime(window.from), '-e', signingTime(window.to)];
      const how = denial === 'nsec' ? [] : nsec3;
      // -P: its check of the result refuses signatures that are not valid now, which some are meant to be.
      const argv = ['dnssec-signzone', '-q', '-P', '-S', '-x', '-O', 'full', ...how, ...times];
      await mustRun([...argv, '-o', zone, '-f', 'signed', 'zone'], { cwd });
      return readFileSync(join(cwd, 'signed'), 'utf8');
    },
  };
}
