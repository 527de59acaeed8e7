import { defineConfig } from 'vitest/config';

/** Tests of what does not work in worker threads: see `watch` in src/native/libc.ts. */
const inProcesses = ['test/transport/**/*.test.ts', 'test/contract/**/*.test.ts', 'test/server/**/*.test.ts'];
const never = ['test/e2e/**', 'node_modules/**'];

export default defineConfig({
  test: {
    testTimeout: 20_000,
    projects: [
      {
        extends: true,
        test: { name: 'threads', pool: 'threads', include: ['test/**/*.test.ts'], exclude: [...never, ...inProcesses] },
      },
      { extends: true, test: { name: 'processes', pool: 'forks', include: inProcesses, exclude: never } },
    ],
  },
});
