import type { Gravity } from '@safelight/protocol';
import type { PixelSize, Region } from './pixel-size.ts';

export interface Placement {
  readonly gravity: Gravity;
  /** Pixels towards the inside: to the right, but to the left of an eastern edge. */
  readonly x: number;
  /** Pixels towards the inside: downwards, but upwards from a southern edge. */
  readonly y: number;
}

type Anchor = 'start' | 'middle' | 'end' | 'point';

const anchors: Readonly<Record<Gravity, readonly [horizontal: Anchor, vertical: Anchor]>> = {
  center: ['middle', 'middle'],
  north: ['middle', 'start'],
  south: ['middle', 'end'],
  east: ['end', 'middle'],
  west: ['start', 'middle'],
  north_east: ['end', 'start'],
  north_west: ['start', 'start'],
  south_east: ['end', 'end'],
  south_west: ['start', 'end'],
  xy_center: ['point', 'point'],
  // Where the encoder cannot look for what is interesting, the middle is the best guess.
  auto: ['middle', 'middle'],
};

/** Where a box lies inside (or, when it is larger or pushed, beyond) another one. The place is not clamped. */
export function place(inner: PixelSize, outer: PixelSize, { gravity, x, y }: Placement): Region {
  const [horizontal, vertical] = anchors[gravity];
  return {
    left: along(horizontal, inner.width, outer.width, x),
    top: along(vertical, inner.height, outer.height, y),
    width: inner.width,
    height: inner.height,
  };
}

/** Pushes a region back into a box that is at least as large. */
export function pushInside(region: Region, box: PixelSize): Region {
  return {
    ...region,
    left: Math.min(Math.max(region.left, 0), box.width - region.width),
    top: Math.min(Math.max(region.top, 0), box.height - region.height),
  };
}

/** The part of a region that lies inside a box; `undefined` when they do not touch. */
export function overlap(region: Region, box: PixelSize): Region | undefined {
  const left = Math.max(region.left, 0);
  const top = Math.max(region.top, 0);
  const width = Math.min(region.left + region.width, box.width) - left;
  const height = Math.min(region.top + region.height, box.height) - top;
  return width > 0 && height > 0 ? { left, top, width, height } : undefined;
}

function along(anchor: Anchor, inner: number, outer: number, offset: number): number {
  switch (anchor) {
    case 'start':
      return Math.round(offset);
    case 'middle':
      return Math.round((outer - inner) / 2 + offset);
    case 'end':
      return Math.round(outer - inner - offset);
    case 'point':
      return Math.round(offset - inner / 2);
  }
}
