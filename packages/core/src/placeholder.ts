/**
 * The picture to show instead of a missing one: `'none'`, `'drawn'` (`drawnPlaceholder`), the path of an image file, or
 * the bytes of an image.
 */
export type PlaceholderSource = 'none' | 'drawn' | (string & {}) | PlaceholderImage;

/** An image in memory. */
export interface PlaceholderImage {
  /** The media type, such as `image/png`. */
  readonly contentType: string;
  readonly bytes: Uint8Array;
}

/**
 * An SVG placeholder of 1200 × 1200 pixels that can be cropped to any shape: a background of one colour, and in its
 * middle a frame with a sun and hills. It has no text, because text would need fonts and a language.
 */
export const drawnPlaceholder: string = [
  '<svg xmlns="http://www.w3.org/2000/svg" width="1200" height="1200" viewBox="0 0 1200 1200">',
  '<rect width="1200" height="1200" fill="#2b1416"/>',
  '<g transform="translate(600 600)" fill="none" stroke="#e5533d" stroke-width="16" stroke-linejoin="round">',
  '<rect x="-190" y="-140" width="380" height="280" rx="20"/>',
  '<circle cx="-95" cy="-55" r="32"/>',
  '<path d="M-186 110 L-60 -10 L20 66 L95 0 L186 90"/>',
  '</g></svg>',
].join('');
