import type { HTMLAttributes, PublicProps } from 'vue';
import type { SafelightImgElement, SafelightImgProperties, SafelightStateDetail } from './safelight-img-element.ts';

/** The props and events of `<safelight-img>` in templates of Vue. */
export interface SafelightImgProps extends HTMLAttributes, Partial<SafelightImgProperties> {
  readonly source?: SafelightImgElement['source'];
  readonly asset?: SafelightImgElement['asset'];
  readonly onSafelightState?: ((event: CustomEvent<SafelightStateDetail>) => void) | undefined;
}

declare module 'vue' {
  interface GlobalComponents {
    'safelight-img': new () => SafelightImgElement & { readonly $props: SafelightImgProps & PublicProps };
  }
}
