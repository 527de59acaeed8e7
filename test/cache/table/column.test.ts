import { describe, expect, it } from 'vitest';
import { FloatColumn, IntColumn, IntRows } from '../../../src/cache/table/column.js';

const ROWS = 2 ** 20;

describe('the columns of a table', () => {
  it.each([
    ['integers', () => new IntColumn()],
    ['rows of integers', () => new IntRows(2)],
    ['numbers', () => new FloatColumn()],
  ])('of %s take no memory that V8 counts against its next collection', (_, create) => {
    const before = process.memoryUsage().external;
    const column = create();
    column.reserve(ROWS);
    // They are of 4 MiB at least.
    expect(process.memoryUsage().external - before).toBeLessThan(2 ** 20);
    expect(column).toBeDefined();
  });
});
