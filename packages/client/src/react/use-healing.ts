import { type RefObject, useEffect, useRef } from 'react';
import { type Healing, heal } from '../image/heal.ts';
import type { HealDetail, HealOptions, HealState } from '../image/heal-options.ts';
import type { SourceProps } from './image-options.ts';

/** The options of `heal()` with another listener. */
interface HealingOptions extends Omit<HealOptions, 'onState' | 'transformation'>, Pick<SourceProps, 'onState'> {
  /** Another text starts again: it stands for the element and all options that count. */
  readonly key: string;
}

/** Calls `heal()` for an element while the component is in the page. */
export function useHealing(
  img: RefObject<HTMLImageElement | null>,
  source: SourceProps['source'],
  { key, onState, ...options }: HealingOptions,
): void {
  const latest = useRef(onState);
  useEffect(() => {
    latest.current = onState;
  });
  // biome-ignore lint/correctness/useExhaustiveDependencies: the options are new objects in each render; `key` stands for them.
  useEffect(() => {
    const { current } = img;
    if (!source || !current) return;
    let healing: Healing | undefined;
    let isMounted = true;
    const report = (state: HealState, detail: HealDetail): void =>
      latest.current?.(state, detail, () => healing?.retry());
    // StrictMode runs this effect twice in one tick. The first run would load the picture for nothing.
    queueMicrotask(() => {
      if (!isMounted) return;
      try {
        healing = heal(current, source, { ...options, onState: report });
      } catch (error) {
        report('gave-up', { error });
      }
    });
    return () => {
      isMounted = false;
      healing?.stop();
    };
  }, [source, key]);
}
