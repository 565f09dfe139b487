import type { Original, Originals } from '@safelight/core';

/**
 * Returns originals that call a function after each published version, and wait for it. A version that a repeated call gets
 * again does not count.
 */
export function afterPublish(
  originals: Originals,
  onPublished: (original: Original) => void | Promise<void>,
): Originals {
  const { publish, publishOnce } = originals;
  const known = new Set<string>();

  async function note(original: Original): Promise<void> {
    if (known.has(original.versionId)) return;
    known.add(original.versionId);
    await onPublished(original);
  }

  return {
    ...originals,
    async publish(received, facts) {
      const original = await publish(received, facts);
      await note(original);
      return original;
    },
    ...(publishOnce && {
      async publishOnce(received, facts, options) {
        const published = await publishOnce(received, facts, options);
        if (!published.isExisting) await note(published.original);
        return published;
      },
    }),
  };
}
