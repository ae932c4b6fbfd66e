// Cameras that have no place on the plan: blocks of marks, zone by zone, flowing like words.
import { Spot } from "./spot.js";

const EDGE = 8;
const SMALLEST_STEP = 7;
const MANY_STEP = 12;

// Return the grid with the largest marks for which `height` suffices, at most `step` apart; where single cameras would
// become too small, a mark stands for several. `measure` tells a name's width. All in pixels.
export function gridFor(cameras, zones, width, height, step, measure) {
  const names = zones.map((zone) => measure(zone.name));
  for (let size = step; size >= SMALLEST_STEP; size -= 0.5) {
    const grid = new Grid(cameras, zones, width, size, names, 1);
    if (grid.height <= height) return grid;
  }
  let grid, each = 2;
  do {
    grid = new Grid(cameras, zones, width, Math.min(step, MANY_STEP), names, each);
    each *= 2;
  } while (grid.height > height && each < cameras.length * 2);
  return grid;
}

class Grid {
  // `each`: how many cameras a mark stands for.
  constructor(cameras, zones, width, step, names, each) {
    Object.assign(this, { step, each, blocks: [], line: step > 14 ? 28 : 22, height: 0 });
    let x = EDGE, y = 0, tallest = 0;
    for (const [zone, members] of byZone(cameras)) {
      const marks = Math.ceil(members.length / each);
      const columns = Math.min(marks, Math.max(4, Math.ceil(Math.sqrt(marks * 2.4))));
      const wide = Math.max(columns * step, names[zone] ?? 0) + Math.max(16, step);
      if (x + wide > width && x > EDGE) { x = EDGE; y += tallest + 8; tallest = 0; }
      const high = Math.ceil(marks / columns) * step + this.line;
      this.blocks.push({ name: zones[zone]?.name ?? "", members, columns, x, y, high });
      x += wide;
      tallest = Math.max(tallest, high);
    }
    this.height = cameras.length ? y + tallest + EDGE : 0;
  }

  // Put the cameras between `top` and `bottom`; returns their spots, the names, and how many cameras found no place.
  put(top, bottom) {
    const spots = [], names = [];
    let left = 0;
    for (const { name, members, columns, x, y, high } of this.blocks) {
      if (top + y + high > bottom) { left += members.length; continue; }
      names.push({ name, x, y: top + y + this.line / 2, left: true });
      for (let from = 0, index = 0; from < members.length; from += this.each, index++) {
        const at = [x + ((index % columns) + 0.5) * this.step, top + y + this.line + (Math.floor(index / columns) + 0.5) * this.step];
        const size = this.each === 1 ? this.step * 0.72 : this.step;
        spots.push(new Spot(members.slice(from, from + this.each), ...at, size));
      }
    }
    return { spots, names, left };
  }
}

function byZone(cameras) {
  const zones = new Map();
  for (const camera of cameras) {
    if (!zones.has(camera.zone)) zones.set(camera.zone, []);
    zones.get(camera.zone).push(camera);
  }
  return zones;
}
