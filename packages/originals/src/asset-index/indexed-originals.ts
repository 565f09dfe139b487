import { type AssetId, type AssetIndex, createInTurn, IndexUnavailableError, type Originals } from '@safelight/core';
import { checkOptions, checkValue, functionValue, portValue } from '@safelight/protocol';
import { recordOf } from './record-json.ts';

export interface IndexedOriginalsOptions {
  /** Gets the error when the index could not be written after a change. @default console.error */
  readonly onError?: (error: unknown) => void;
}

/** Originals that write their changes into an index of assets. */
export interface IndexedOriginals extends Originals {
  /**
   * Reads the assets with unfinished changes again, and rebuilds an index that is new. Call it when the process
   * starts. Assets can be changed and listed meanwhile.
   *
   * @throws what `Originals.list` throws, when the index is new
   */
  catchUp(): Promise<void>;
}

/**
 * Writes each change of originals into an index of assets: notes the asset, makes the change, reads the state of the asset
 * again, and writes it. The changes of an asset are made one after the other.
 *
 * A change rejects with `IndexUnavailableError`, and changes nothing, when the index cannot note it. When the index cannot
 * be written after the change, the change resolves: the note stays, and the next change or `catchUp` writes the state.
 *
 * @throws {TypeError} when an argument or an option has a wrong type
 * @example
 * import { fileOriginals, sqliteAssetIndex } from '@safelight/originals';
 *
 * const index = sqliteAssetIndex({ file: 'data/index.db' });
 * const originals = indexedOriginals(fileOriginals({ directory: 'data/originals' }), index);
 * await originals.catchUp();
 */
export function indexedOriginals(
  originals: Originals,
  index: AssetIndex,
  options: IndexedOriginalsOptions = {},
): IndexedOriginals {
  checkValue('indexedOriginals(): the first argument', originals, originalsRule);
  checkValue('indexedOriginals(): the second argument', index, indexRule);
  checkOptions<IndexedOriginalsOptions>('indexedOriginals()', options, { onError: functionValue('console.error') });
  const { onError = console.error } = options;
  const inTurn = createInTurn();
  /** The assets of this process that the index could not be told about. */
  const behind = new Map<string, AssetId>();

  async function writeState(asset: AssetId): Promise<void> {
    const current = await originals.find(asset);
    await index.end(asset, current && recordOf(current));
    behind.delete(nameOf(asset));
  }

  async function endChange(asset: AssetId): Promise<void> {
    try {
      await writeState(asset);
    } catch (error) {
      behind.set(nameOf(asset), asset);
      onError(error);
    }
  }

  /** Tells the index what it has missed, now that it can be written again. */
  function catchUpBehind(): void {
    for (const asset of [...behind.values()]) {
      behind.delete(nameOf(asset));
      void inTurn([nameOf(asset)], () => endChange(asset));
    }
  }

  function change<T>(assets: readonly AssetId[], make: () => Promise<T>): Promise<T> {
    return inTurn(assets.map(nameOf), async () => {
      try {
        for (const asset of assets) await index.begin(asset);
      } catch (error) {
        throw new IndexUnavailableError(error);
      }
      try {
        return await make();
      } finally {
        for (const asset of assets) await endChange(asset);
        if (behind.size > 0 && !assets.some((asset) => behind.has(nameOf(asset)))) catchUpBehind();
      }
    });
  }

  async function catchUp(): Promise<void> {
    for (const asset of await index.unfinished()) await inTurn([nameOf(asset)], () => writeState(asset));
    if ((await index.state()).phase !== 'new') return;
    await index.rebuild(originals.list());
  }

  const publishOnce = originals.publishOnce?.bind(originals);
  return {
    find: (asset, version) => originals.find(asset, version),
    receive: (source, limits) => originals.receive(source, limits),
    versions: (asset) => originals.versions(asset),
    list: () => originals.list(),
    unfinished: originals.unfinished,
    calls: originals.calls,
    publish: (received, facts) => change([idOf(facts)], () => originals.publish(received, facts)),
    ...(publishOnce && {
      publishOnce: (received, facts, once) => change([idOf(facts)], () => publishOnce(received, facts, once)),
    }),
    destroy: (asset) => change([idOf(asset)], () => originals.destroy(asset)),
    rename: (from, to, how) => change(distinct(from, to), () => originals.rename(from, to, how)),
    changeFacts: (asset, facts) => change([idOf(asset)], () => originals.changeFacts(asset, facts)),
    restore: (asset, version) => change([idOf(asset)], () => originals.restore(asset, version)),
    catchUp,
  };
}

const originalsRule = portValue('Originals, such as fileOriginals()', [
  'find',
  'publish',
  'destroy',
  'rename',
  'changeFacts',
  'restore',
  'list',
]);
const indexRule = portValue('an AssetIndex, such as sqliteAssetIndex()', ['begin', 'end', 'unfinished', 'rebuild']);

function nameOf({ resourceType, publicId }: AssetId): string {
  return `${resourceType}/${publicId}`;
}

function idOf({ resourceType, publicId }: AssetId): AssetId {
  return { resourceType, publicId };
}

function distinct(from: AssetId, to: AssetId): readonly AssetId[] {
  return nameOf(from) === nameOf(to) ? [idOf(from)] : [idOf(from), idOf(to)];
}
