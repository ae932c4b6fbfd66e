// Where marks are drawn: the city fitted to the stage, marks of one place fanned out until none covers another.

const LARGEST = 22;
const SMALLEST = 5;
const ROUNDS = 80;
// Marks are pushed apart for no longer than this, and cameras shown one by one only where there is room for it.
const PATIENCE_MS = 250;
const LEAST = 3.2;
const MOST = 6000;

// Return the size of a mark in pixels for so many on so much ground, whose shorter side is `narrow`.
export function markSize(count, area, narrow) {
  return Math.max(SMALLEST, Math.min(LARGEST, narrow / 24, Math.sqrt(area / Math.max(1, count)) * 0.55));
}

// Say whether so many cameras on so much ground can be shown one by one.
export function oneByOne(count, area) {
  return count <= MOST && Math.sqrt(area / Math.max(1, count)) * 0.55 >= LEAST;
}

// A plan is no map: to use a screen of another shape, one way may be this much longer than the other.
const STRETCH = 1.25;

// Fit points in metres ({x, y}) into a frame {left, top, width, height}; returns pixels.
export function fitted(points, frame) {
  const xs = points.map((p) => p.x), ys = points.map((p) => p.y);
  const [west, east, north, south] = [least(xs), -least(xs.map((x) => -x)), least(ys), -least(ys.map((y) => -y))];
  const [wide, high] = [frame.width / Math.max(east - west, 1), frame.height / Math.max(south - north, 1)];
  const [across, down] = [Math.min(wide, high * STRETCH), Math.min(high, wide * STRETCH)];
  const left = frame.left + (frame.width - (east - west) * across) / 2;
  const top = frame.top + (frame.height - (south - north) * down) / 2;
  return points.map((p) => ({ x: left + (p.x - west) * across, y: top + (p.y - north) * down }));
}

// Of a hundred thousand: more than a call takes as arguments.
const least = (values) => values.reduce((a, b) => (b < a ? b : a), Infinity);

// Push points apart until each has `distance` to itself, or patience ends. Points of one place begin on a spiral.
export function spread(points, distance, frame) {
  const seen = new Map();
  for (const point of points) {
    const key = `${Math.round(point.x)},${Math.round(point.y)}`;
    const turn = seen.get(key) ?? 0;
    seen.set(key, turn + 1);
    const radius = distance * 0.6 * Math.sqrt(turn), angle = turn * 2.399963;
    point.x += radius * Math.cos(angle);
    point.y += radius * Math.sin(angle);
  }
  const until = performance.now() + PATIENCE_MS;
  for (let round = 0; round < ROUNDS && performance.now() < until && relax(points, distance, frame); round++);
  return points;
}

function relax(points, distance, frame) {
  const cells = new Map();
  const cell = (x, y) => Math.floor(x / distance) * 65536 + Math.floor(y / distance);
  points.forEach((point, index) => {
    const key = cell(point.x, point.y);
    (cells.get(key) ?? cells.set(key, []).get(key)).push(index);
  });
  let moved = false;
  points.forEach((a, i) => {
    for (let dx = -1; dx <= 1; dx++) for (let dy = -1; dy <= 1; dy++) {
      for (const j of cells.get(cell(a.x + dx * distance, a.y + dy * distance)) ?? []) {
        if (j > i && part(a, points[j], distance)) moved = true;
      }
    }
  });
  for (const point of points) {
    point.x = Math.min(frame.left + frame.width, Math.max(frame.left, point.x));
    point.y = Math.min(frame.top + frame.height, Math.max(frame.top, point.y));
  }
  return moved;
}

function part(a, b, distance) {
  const dx = b.x - a.x, dy = b.y - a.y, far = Math.hypot(dx, dy);
  if (far >= distance * 0.97) return false;
  const push = (distance - far) / 2 / (far || 1);
  const [px, py] = far ? [dx * push, dy * push] : [distance / 2, 0];
  a.x -= px; a.y -= py; b.x += px; b.y += py;
  return true;
}
