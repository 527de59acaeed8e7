/** The log as the inner folders see it; pino fills it in cli/compose.ts. Fields first, message second, as pino has it. */
export interface Log {
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}
