/** Signals that come before anybody is there to handle them, and many of them at once. */
import { afterEach, expect, it } from 'vitest';
import { catchSignals, type Signals } from '../../src/cli/signals.js';

let signals: Signals | undefined;
afterEach(() => signals?.release());

it('SIGHUP before the daemon is up is made up for, once', async () => {
  signals = catchSignals();
  expect(process.emit('SIGHUP', 'SIGHUP')).toBe(true);
  process.emit('SIGHUP', 'SIGHUP');
  let reloads = 0;
  signals.onHangUp(async () => void reloads++);
  await Promise.resolve();
  expect(reloads).toBe(1);
});

it('none is handled that did not come', async () => {
  signals = catchSignals();
  let reloads = 0;
  signals.onHangUp(async () => void reloads++);
  await Promise.resolve();
  expect(reloads).toBe(0);
});

it('those that come during a reload are one reload after it', async () => {
  signals = catchSignals();
  const running: (() => void)[] = [];
  signals.onHangUp(() => new Promise((resolve) => running.push(resolve)));
  for (let i = 0; i < 3; i++) process.emit('SIGHUP', 'SIGHUP');
  expect(running).toHaveLength(1);
  running[0]!();
  await new Promise((resolve) => setImmediate(resolve));
  expect(running).toHaveLength(2);
  running[1]!();
  await new Promise((resolve) => setImmediate(resolve));
  expect(running).toHaveLength(2);
});

it('SIGTERM and SIGINT end it, and nobody listens after release', async () => {
  signals = catchSignals();
  process.emit('SIGTERM', 'SIGTERM');
  expect(await signals.stopped).toBe('SIGTERM');
  const before = process.listenerCount('SIGHUP');
  signals.release();
  expect(process.listenerCount('SIGHUP')).toBe(before - 1);
});
