import type { Gravity } from '@safelight/protocol';
import type { PixelSize, Region } from './pixel-size.ts';

/** Where to place a box relative to another one. */
export interface Placement {
  readonly gravity: Gravity;
  /** Offset in pixels, to the right; from an eastern edge to the left. */
  readonly x: number;
  /** Offset in pixels, downwards; from a southern edge upwards. */
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
  // Used only if sharp cannot search for the part that draws attention.
  auto: ['middle', 'middle'],
};

/** Places a box relative to another one. The result is not clamped: it may reach beyond the outer box. */
export function place(inner: PixelSize, outer: PixelSize, { gravity, x, y }: Placement): Region {
  const [horizontal, vertical] = anchors[gravity];
  return {
    left: startOnAxis(horizontal, inner.width, outer.width, x),
    top: startOnAxis(vertical, inner.height, outer.height, y),
    width: inner.width,
    height: inner.height,
  };
}

/** Moves a region into a box that is at least as large. */
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

function startOnAxis(anchor: Anchor, inner: number, outer: number, offset: number): number {
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
