// Where marks are drawn: the city fitted to the stage, marks of one place fanned out until none covers another.

const LARGEST = 22;
const SMALLEST = 5;
const ROUNDS = 80;

// Return the size of a mark in pixels for so many on so much ground.
export function markSize(count, area) {
  return Math.max(SMALLEST, Math.min(LARGEST, Math.sqrt(area / Math.max(1, count)) * 0.55));
}

// Fit points in metres ({x, y}) into a frame {left, top, width, height}; returns pixels.
export function fitted(points, frame) {
  const xs = points.map((p) => p.x), ys = points.map((p) => p.y);
  const [west, east, north, south] = [Math.min(...xs), Math.max(...xs), Math.min(...ys), Math.max(...ys)];
  const scale = Math.min(frame.width / Math.max(east - west, 1), frame.height / Math.max(south - north, 1));
  const left = frame.left + (frame.width - (east - west) * scale) / 2;
  const top = frame.top + (frame.height - (south - north) * scale) / 2;
  return points.map((p) => ({ x: left + (p.x - west) * scale, y: top + (p.y - north) * scale }));
}

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
  for (let round = 0; round < ROUNDS && relax(points, distance, frame); round++);
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
