import { describe, expect, it } from 'vitest';
import { configJsonSchema } from '../../src/config/json-schema.js';
import { LIMITS } from '../../src/config/limits.js';

/** The part of a JSON Schema at "cache.maxTtl". */
function at(path: string): unknown {
  return path
    .split('.')
    .reduce<unknown>(
      (schema, key) => (schema as { properties: Record<string, unknown> }).properties[key],
      configJsonSchema(),
    );
}

describe('the JSON Schema', () => {
  it('refuses unknown keys and demands none', () => {
    expect(configJsonSchema()).toMatchObject({ type: 'object', additionalProperties: false });
    expect(configJsonSchema()).not.toHaveProperty('required');
  });

  it('tells ranges, choices, defaults and reasons', () => {
    expect(at('cache.maxTtl')).toMatchObject({ type: 'integer', minimum: 0, default: 86_400 });
    expect(at('upstream.qnameMinimisation')).toMatchObject({ enum: ['off', 'relaxed', 'strict'], default: 'relaxed' });
    const { min, max, because } = LIMITS.exchanges;
    expect(at('limits.exchanges')).toMatchObject({ minimum: min, maximum: max, default: 128, description: because });
  });

  it('shows values as people write them', () => {
    expect(at('listen')).toMatchObject({ type: 'array', items: { type: 'string' } });
    expect(at('cache.maxSize')).toMatchObject({ type: ['number', 'string'], default: '256MiB' });
    expect(JSON.parse(JSON.stringify(configJsonSchema()))).toEqual(configJsonSchema());
  });
});
