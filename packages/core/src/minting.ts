import type { Ledger } from './ledger.ts';

/** Writes the first mark of an asset. All requests of this process share one write per asset. */
export function createMinting(ledger: Ledger): (key: string, isCached: boolean) => Promise<void> {
  const minting = new Map<string, Promise<void>>();

  async function mint(key: string, isCached: boolean): Promise<void> {
    if (ledger.mintsOnlyFirst) return ledger.mint(key, isCached);
    // Read again, because another process may have written a mark since the caller's read.
    const { values } = await ledger.read([key]);
    if (typeof values[0] !== 'string') await ledger.mint(key, isCached);
  }

  return function mintOnce(key, isCached) {
    const joined = minting.get(key);
    if (joined !== undefined) return joined;
    const minted = mint(key, isCached).finally(() => minting.delete(key));
    minting.set(key, minted);
    return minted;
  };
}
