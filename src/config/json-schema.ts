/** How do editors check and complete a configuration file? With JSON Schema (2020-12) made from the one schema there is. */
import { z } from 'zod';
import { configSchema } from './schema.js';

/** JSON Schema of a configuration file, for the yaml-language-server and its like. */
export function configJsonSchema(): Readonly<Record<string, unknown>> {
  const schema = z.toJSONSchema(configSchema, { io: 'input', unrepresentable: 'any' });
  return { ...schema, title: 'rootwalk configuration' };
}
