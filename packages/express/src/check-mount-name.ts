import type { Mount } from './runtime.ts';

/**
 * Two clouds with the same name would serve the same URLs with different originals.
 * @throws {Error} when another mount has the name
 */
export function checkMountName(name: string, mounts: readonly Pick<Mount, 'name'>[]): void {
  if (!mounts.some((mount) => mount.name === name)) return;
  throw new Error(
    `cloud(): this Safelight has a cloud ${JSON.stringify(name)} already. Use the handler of that cloud in both places, or choose another name.`,
  );
}
