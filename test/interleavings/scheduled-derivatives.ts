import type { Derivatives } from '@safelight/core';
import type { Scheduler } from 'fast-check';

/** Derivatives whose every call waits for the scheduler, and which may have been evicted when they are asked for. */
export function scheduledDerivatives(
  derivatives: Derivatives,
  { scheduler, evicts }: { readonly scheduler: Scheduler; readonly evicts: () => boolean },
): Derivatives {
  const turn = (name: string) => scheduler.schedule(Promise.resolve(), name);
  return {
    async open(name) {
      await turn(`open ${name}`);
      if (evicts()) await derivatives.remove(name);
      return derivatives.open(name);
    },
    create() {
      const draft = derivatives.create();
      return {
        ...draft,
        async store(head) {
          await turn('put away');
          const name = await draft.store(head);
          await turn(`put away as ${name}`);
          return name;
        },
      };
    },
    async remove(name) {
      await turn(`remove ${name}`);
      await derivatives.remove(name);
    },
  };
}
