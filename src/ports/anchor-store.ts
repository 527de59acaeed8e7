/** Where the states of trust anchors outlive the process (RFC 5011 §2.2). */
import type { TextStore } from './text-store.js';

export type AnchorStore = TextStore;
