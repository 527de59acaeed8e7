/**
 * Records of local zones changed while questions are answered: zones, cache and whoever else keeps answers in one step,
 * the file after it. Between two turns of the event loop nobody sees one without the other. Local answers themselves are
 * in no cache: aliases that lead to them are followed anew for every question.
 */
import { type DomainName, isAtOrBelow, nameToText } from '../dns/name.js';
import { typeToText } from '../dns/numbers.js';
import type { RRset } from '../dns/rrset.js';
import type { LocalOutcome, LocalRecords, LocalRecordView } from '../ports/local-records.js';
import type { Log } from '../ports/log.js';
import type { TextStore } from '../ports/text-store.js';
import { type ChangeOutcome, type LocalChange, LocalChanges } from './local-changes.js';
import { changesFromText, localFileText } from './local-file.js';
import type { LocalZones } from './local-zones.js';

interface Parts {
  readonly store: TextStore | undefined;
  readonly log: Log;
  /** limits.localRecords */
  readonly maxRecords: () => number;
  /** Everything at or below that name goes from cache and answer caches; how many entries. */
  readonly flush: (suffix: DomainName) => Promise<number>;
}

/** Changes without effect that are named in the log; the rest is counted. */
const MAX_NAMED = 10;

export class RuntimeRecords implements LocalRecords {
  readonly #parts: Parts;
  readonly #changes: LocalChanges;
  #zones: LocalZones;
  /** The save under way and the one that waits for it, which takes with it whatever changes until it starts. */
  #saving: Promise<string | undefined> = Promise.resolve(undefined);
  #waiting: Promise<string | undefined> | undefined;

  /** Lays what was kept over the zones. Throws LocalFileError, and what the store throws. */
  constructor(zones: LocalZones, parts: Parts) {
    this.#parts = parts;
    this.#zones = zones;
    this.#changes = new LocalChanges(zones, parts.maxRecords);
    const text = parts.store?.load();
    if (parts.store !== undefined && text !== undefined) {
      for (const { name, type, rrset } of changesFromText(text, parts.store.where, parts.maxRecords())) {
        this.#changes.restore(name, type, rrset);
      }
    }
    this.layOver(zones);
  }

  get where(): string | undefined {
    return this.#parts.store?.where;
  }

  /** The zones of another configuration take over, with the changes laid over them. */
  layOver(zones: LocalZones): void {
    this.#zones = zones;
    const unused = this.#changes.layOver(zones);
    for (const { name, type, unused: because } of unused.slice(0, MAX_NAMED)) {
      const record = `${nameToText(name)} ${typeToText(type)}`;
      this.#parts.log.warn({ record, because }, 'what was set at run time has no effect with this configuration');
    }
    if (unused.length > MAX_NAMED) this.#parts.log.warn({ more: unused.length - MAX_NAMED }, 'and others likewise');
  }

  *list(suffix: DomainName): Generator<LocalRecordView> {
    for (const change of this.#changes.all()) if (isAtOrBelow(change.name, suffix)) yield this.#viewOfChange(change);
    for (const rrset of this.#zones.rrsets()) {
      const isChanged = this.#changes.at(rrset.name, rrset.type) !== undefined;
      if (!isChanged && isAtOrBelow(rrset.name, suffix)) yield this.#viewOf(rrset);
    }
  }

  at(name: DomainName, type: number): LocalRecordView | undefined {
    const change = this.#changes.at(name, type);
    if (change !== undefined) return this.#viewOfChange(change);
    const rrset = this.#zones.rrsetAt(name, type);
    return rrset && this.#viewOf(rrset);
  }

  set(rrset: RRset): LocalOutcome {
    return this.#after(this.#changes.set(rrset));
  }

  remove(name: DomainName, type: number): LocalOutcome {
    return this.#after(this.#changes.remove(name, type));
  }

  kept(): Promise<string | undefined> {
    return this.#waiting ?? this.#saving;
  }

  #after(outcome: ChangeOutcome): LocalOutcome {
    if (outcome.kind !== 'done') return outcome;
    const flushed = this.#parts.flush(outcome.suffix);
    this.#save();
    return { kind: 'done', flushed };
  }

  /** However many changes come while one save is under way, one more is enough for all of them. */
  #save(): void {
    const { store } = this.#parts;
    if (store === undefined || this.#waiting !== undefined) return;
    this.#waiting = this.#saving.then(async () => {
      this.#saving = this.#waiting!;
      this.#waiting = undefined;
      return this.#saveTo(store);
    });
  }

  async #saveTo(store: TextStore): Promise<string | undefined> {
    try {
      await store.save(localFileText(this.#changes.all()));
      return undefined;
    } catch (err) {
      this.#parts.log.error({ err, file: store.where }, 'changed local records could not be kept');
      return (err as Error).message;
    }
  }

  #viewOfChange({ name, type, rrset, base, unused }: LocalChange): LocalRecordView {
    const shown = rrset ?? base!;
    return { rrset: shown, zone: this.#zoneOf(name, type), source: rrset === undefined ? 'removed' : 'set', unused };
  }

  #viewOf(rrset: RRset): LocalRecordView {
    const zone = this.#zoneOf(rrset.name, rrset.type);
    return { rrset, zone, source: zone?.isBuiltIn ? 'built-in' : 'config', unused: undefined };
  }

  #zoneOf(name: DomainName, type: number) {
    const zone = this.#zones.zoneOf(name, type);
    return zone && { name: zone.name, type: zone.type, isBuiltIn: zone.isBuiltIn };
  }
}
