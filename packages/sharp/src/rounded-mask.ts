import type { PixelSize } from './pixel-size.ts';

type Corners = readonly [topLeft: number, topRight: number, bottomRight: number, bottomLeft: number];

/**
 * An SVG that is opaque inside the rounded corners and transparent outside.
 *
 * @param radius - in pixels: one for all corners, or up to four in CSS order; `max` is the ellipse that touches every
 *   side
 */
export function roundedMask({ width, height }: PixelSize, radius: number | 'max' | readonly number[]): Buffer {
  const shape =
    radius === 'max'
      ? `<ellipse cx="${width / 2}" cy="${height / 2}" rx="${width / 2}" ry="${height / 2}"/>`
      : `<path d="${outline({ width, height }, withoutOverlap({ width, height }, cornerRadii(radius)))}"/>`;
  return Buffer.from(`<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}">${shape}</svg>`);
}

/** The four radii in CSS order, from one to four of them. */
function cornerRadii(radius: number | readonly number[]): Corners {
  const [first = 0, second = first, third = first, fourth = second] = typeof radius === 'number' ? [radius] : radius;
  return [first, second, third, fourth];
}

/** If radii overlap along a side, all radii are reduced by one factor (CSS Backgrounds 3, section 4.5). */
function withoutOverlap({ width, height }: PixelSize, [a, b, c, d]: Corners): Corners {
  const factor = Math.min(1, width / (a + b), width / (c + d), height / (a + d), height / (b + c));
  return factor < 1 ? [a * factor, b * factor, c * factor, d * factor] : [a, b, c, d];
}

function outline({ width, height }: PixelSize, [a, b, c, d]: Corners): string {
  const arc = (radius: number, x: number, y: number) => `A${radius} ${radius} 0 0 1 ${x} ${y}`;
  return [
    `M${a} 0H${width - b}${arc(b, width, b)}`,
    `V${height - c}${arc(c, width - c, height)}`,
    `H${d}${arc(d, 0, height - d)}`,
    `V${a}${arc(a, a, 0)}Z`,
  ].join('');
}
