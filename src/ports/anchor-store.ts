/** Where the states of trust anchors outlive the process (RFC 5011 §2.2): a file in cli/, memory in tests. */
export interface AnchorStore {
  /** Names it in messages. */
  readonly where: string;
  /** The text saved last; undefined when nothing ever was. Throws when it is there and cannot be read. */
  load(): string | undefined;
  /** Replaces the text, wholly or not at all. Rejects when it cannot. */
  save(text: string): Promise<void>;
}
