import { describe, expect, it } from 'vitest';
import { systemClock } from '../../src/transport/system-clock.js';

describe('systemClock', () => {
  it('runs what is scheduled, unless it was cancelled', async () => {
    const ran: string[] = [];
    const cancel = systemClock.schedule(1, () => ran.push('cancelled'));
    cancel();
    await new Promise<void>((resolve) => {
      systemClock.schedule(2, () => {
        ran.push('kept');
        resolve();
      });
    });
    expect(ran).toEqual(['kept']);
  });

  it('knows the year, and a time that does not go back', () => {
    expect(new Date(systemClock.wall()).getUTCFullYear()).toBeGreaterThanOrEqual(2024);
    const earlier = systemClock.now();
    expect(systemClock.now()).toBeGreaterThanOrEqual(earlier);
  });
});
