import type { Originals, PublishedFacts } from '@safelight/core';

/** Returns the originals with a function around each step that publishes an upload, for the first time or again. */
export function aroundPublish(
  originals: Originals,
  around: <Result>(facts: PublishedFacts, publish: () => Promise<Result>) => Promise<Result>,
): Originals {
  const { publish, publishOnce } = originals;
  return {
    ...originals,
    publish: (received, facts) => around(facts, () => publish(received, facts)),
    ...(publishOnce && {
      publishOnce: (received, facts, options) => around(facts, () => publishOnce(received, facts, options)),
    }),
  };
}
