/** A text that outlives the process: a file in cli/, memory in tests. */
export interface TextStore {
  /** Names it in messages. */
  readonly where: string;
  /** The text saved last; undefined when nothing ever was. Throws when it is there and cannot be read. */
  load(): string | undefined;
  /** Replaces the text, wholly or not at all. Rejects when it cannot. */
  save(text: string): Promise<void>;
}
