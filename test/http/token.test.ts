/** The token file: private, never through links, found again by the same user and nobody else's. */

import { once } from 'node:events';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { serverAddress } from '../../src/dns/address.js';
import { defaultTokenFile, findToken, provideToken, TokenError } from '../../src/http/token.js';

const address = serverAddress('127.0.0.1', 8053);
let root = '';
let environment: NodeJS.ProcessEnv = {};

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'rootwalk-token-'));
  environment = { HOME: root };
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

describe('a token made at start', () => {
  it('is long, private, found again and removed at the end', async () => {
    const made = await provideToken({}, address, environment);
    expect(made.token).toMatch(/^[0-9a-f]{64}$/);
    expect(made.file).toBe(defaultTokenFile(address, environment));
    expect(statSync(made.file!).mode & 0o777).toBe(0o600);
    expect(statSync(dirname(made.file!)).mode & 0o777).toBe(0o700);
    expect(await findToken({}, address, environment)).toBe(made.token);
    await made.release();
    expect(existsSync(made.file!)).toBe(false);
    expect(await findToken({}, address, environment)).toBeUndefined();
  });

  it('is new at each start, and the old server leaves the new one alone', async () => {
    const first = await provideToken({}, address, environment);
    const second = await provideToken({}, address, environment);
    expect(second.token).not.toBe(first.token);
    await first.release();
    expect(await findToken({}, address, environment)).toBe(second.token);
  });

  it('is found when only one side has a runtime directory, or the server listens everywhere', async () => {
    const runtime = join(root, 'run');
    mkdirSync(runtime, { mode: 0o700 });
    const made = await provideToken({}, serverAddress('::', 8053), environment);
    const login = { ...environment, XDG_RUNTIME_DIR: runtime };
    expect(await findToken({}, address, login)).toBe(made.token);
    expect(defaultTokenFile(address, login)).toBe(join(runtime, 'rootwalk', 'http-127.0.0.1-8053.token'));
    expect(await findToken({}, serverAddress('127.0.0.1', 8054), login)).toBeUndefined();
  });

  it('leaves the token of a server that is running alone', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const here = serverAddress('127.0.0.1', (server.address() as AddressInfo).port);
    // Somebody else's listener without a token file is for listen() to complain about.
    const first = await provideToken({}, here, environment);
    await expect(provideToken({}, here, environment)).rejects.toThrow(/runs at .* already/);
    expect(await findToken({}, here, environment)).toBe(first.token);
    server.close();
    await once(server, 'close');
    expect((await provideToken({}, here, environment)).token).not.toBe(first.token);
  });

  it('replaces a link that lies in wait, not what it points to', async () => {
    const file = defaultTokenFile(address, environment);
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
    const victim = join(root, 'victim');
    writeFileSync(victim, 'precious');
    symlinkSync(victim, file);
    await provideToken({}, address, environment);
    expect(readFileSync(victim, 'utf8')).toBe('precious');
    expect(statSync(file).size).toBe(65);
  });
});

describe('a home that cannot be written', () => {
  it.skipIf(!existsSync('/proc/self'))('such as /proc, where recursive mkdir never ends, stops nobody', async () => {
    const made = await provideToken({}, address, { HOME: '/proc' });
    expect(made.token).toMatch(/^[0-9a-f]{64}$/);
    expect(made).toMatchObject({ file: undefined, untold: expect.stringMatching(/\/proc\/.* cannot be written/) });
    await made.release();
    expect(await findToken({}, address, { HOME: '/proc' })).toBeUndefined();
  });

  it('such as one with a file in the way', async () => {
    writeFileSync(join(root, '.local'), 'a file');
    const made = await provideToken({}, address, environment);
    expect(made).toMatchObject({ file: undefined, untold: expect.stringMatching(/cannot be written \(ENOTDIR\)/) });
    expect(readFileSync(join(root, '.local'), 'utf8')).toBe('a file');
  });
});

describe('what is not trusted', () => {
  const prepare = (mode: number) => {
    const file = defaultTokenFile(address, environment);
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
    writeFileSync(file, 'abc\n');
    chmodSync(file, mode);
    return file;
  };

  it.skipIf(process.getuid === undefined)('a file others can read', async () => {
    prepare(0o644);
    await expect(findToken({}, address, environment)).rejects.toThrow(/only you can read/);
  });

  it.skipIf(process.getuid === undefined)('a directory others can write, on either side', async () => {
    chmodSync(dirname(prepare(0o600)), 0o777);
    await expect(findToken({}, address, environment)).rejects.toThrow(TokenError);
    const made = await provideToken({}, address, environment);
    expect(made).toMatchObject({ file: undefined, untold: expect.stringContaining('only you can write') });
  });

  it('a directory that is a link', async () => {
    const elsewhere = join(root, 'elsewhere');
    mkdirSync(elsewhere, { mode: 0o700 });
    mkdirSync(join(root, '.local', 'state'), { recursive: true });
    symlinkSync(elsewhere, join(root, '.local', 'state', 'rootwalk'));
    const made = await provideToken({}, address, environment);
    expect(made).toMatchObject({ file: undefined, untold: expect.stringContaining('only you can write') });
  });

  it('a file that is a link', async () => {
    const file = prepare(0o600);
    const target = join(root, 'target');
    writeFileSync(target, 'abc', { mode: 0o600 });
    rmSync(file);
    symlinkSync(target, file);
    await expect(findToken({}, address, environment)).rejects.toThrow(TokenError);
  });
});

describe('a configured token', () => {
  it('comes from the setting before the file', async () => {
    const tokenFile = join(root, 'secret');
    writeFileSync(tokenFile, ' from-file \n');
    expect((await provideToken({ token: 'given', tokenFile }, address, environment)).token).toBe('given');
    const made = await provideToken({ tokenFile }, address, environment);
    expect(made).toMatchObject({ token: 'from-file', file: undefined });
    await made.release();
    expect(existsSync(tokenFile)).toBe(true);
    expect(await findToken({ tokenFile }, address, environment)).toBe('from-file');
  });

  it.each([
    ['nothing', ''],
    ['two lines', 'a\nb'],
    ['control characters', 'a\u0007b'],
    ['far too much', 'a'.repeat(5000)],
  ])('is refused when the file holds %s', async (_what, text) => {
    const tokenFile = join(root, 'secret');
    writeFileSync(tokenFile, text);
    await expect(provideToken({ tokenFile }, address, environment)).rejects.toThrow(tokenFile);
  });

  it('names the file that is not there', async () => {
    await expect(provideToken({ tokenFile: join(root, 'none') }, address)).rejects.toThrow(
      /none cannot be read \(ENOENT\)/,
    );
  });
});
