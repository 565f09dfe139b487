import type { Derivatives } from '@safelight/core';
import type { Scheduler } from 'fast-check';

/** Derivatives with calls that wait for the scheduler. `evicts` decides at each opening whether the bytes were evicted. */
export function scheduledDerivatives(
  derivatives: Derivatives,
  { scheduler, evicts }: { readonly scheduler: Scheduler; readonly evicts: () => boolean },
): Derivatives {
  const turn = (name: string) => scheduler.schedule(Promise.resolve(), name);
  return {
    ...(derivatives.place === undefined ? {} : { place: derivatives.place }),
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
          await turn('store');
          const name = await draft.store(head);
          await turn(`stored as ${name}`);
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
