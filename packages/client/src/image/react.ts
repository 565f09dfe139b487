import type { DetailedHTMLProps, HTMLAttributes } from 'react';
import type { SafelightImgElement, SafelightImgProperties, SafelightStateDetail } from './safelight-img-element.ts';

type ReactProps = DetailedHTMLProps<HTMLAttributes<SafelightImgElement>, SafelightImgElement>;

/** The props of `<safelight-img>` in JSX of React. React 19 sets properties and events; React 18 sets only attributes. */
export interface SafelightImgProps extends ReactProps, Partial<SafelightImgProperties> {
  readonly source?: SafelightImgElement['source'];
  readonly asset?: SafelightImgElement['asset'];
  readonly 'onsafelight-state'?: ((event: CustomEvent<SafelightStateDetail>) => void) | undefined;
}

declare module 'react' {
  namespace JSX {
    interface IntrinsicElements {
      'safelight-img': SafelightImgProps;
    }
  }
}
