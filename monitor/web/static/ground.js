// The ground of the plan: each zone's territory, drawn around its cameras, and the best place for its name.

// Return a Path2D for each zone. `points` have x, y and zone; `reach` is how far a camera's ground goes, in pixels.
export function territories(points, zones, width, height, reach) {
  const step = Math.max(4, reach / 8);
  const columns = Math.ceil(width / step) + 1, rows = Math.ceil(height / step) + 1;
  const owner = owners(points, columns, rows, step, reach);
  return zones.map((_, zone) => {
    let field = Float32Array.from(owner, (of) => (of === zone ? 1 : 0));
    field = blurred(blurred(field, columns, rows), columns, rows);
    return contour(field, columns, rows, step, 0.6);
  });
}

// Each grid point belongs to the zone of the nearest camera within reach; -1 to none.
function owners(points, columns, rows, step, reach) {
  const owner = new Int16Array(columns * rows).fill(-1);
  const nearest = new Float32Array(columns * rows).fill(reach * reach);
  for (const point of points) {
    const [left, right] = [Math.max(1, Math.floor((point.x - reach) / step)), Math.min(columns - 2, Math.ceil((point.x + reach) / step))];
    const [top, bottom] = [Math.max(1, Math.floor((point.y - reach) / step)), Math.min(rows - 2, Math.ceil((point.y + reach) / step))];
    for (let row = top; row <= bottom; row++) for (let column = left; column <= right; column++) {
      const far = (column * step - point.x) ** 2 + (row * step - point.y) ** 2, at = row * columns + column;
      if (far < nearest[at]) { nearest[at] = far; owner[at] = point.zone; }
    }
  }
  return owner;
}

function blurred(field, columns, rows) {
  const out = new Float32Array(field.length);
  for (let row = 1; row < rows - 1; row++) for (let column = 1; column < columns - 1; column++) {
    let sum = 0;
    for (let dy = -1; dy <= 1; dy++) for (let dx = -1; dx <= 1; dx++) sum += field[(row + dy) * columns + column + dx];
    out[row * columns + column] = sum / 9;
  }
  return out;
}

// Marching squares: the edges that the contour crosses in a cell, by which of its corners are inside (1 2 4 8 from the
// top left, clockwise). Edges: 0 top, 1 right, 2 bottom, 3 left. Each pair keeps the inside on its right.
const CROSSINGS = [
  [], [[3, 0]], [[0, 1]], [[3, 1]], [[1, 2]], [[3, 0], [1, 2]], [[0, 2]], [[3, 2]],
  [[2, 3]], [[2, 0]], [[0, 1], [2, 3]], [[2, 1]], [[1, 3]], [[1, 0]], [[0, 3]], [],
];

function contour(field, columns, rows, step, level) {
  const next = new Map(), place = new Map();
  const edge = (row, column, side) => {
    const [r, c, vertical] = [[row, column, 0], [row, column + 1, 1], [row + 1, column, 0], [row, column, 1]][side];
    const key = (r * columns + c) * 2 + vertical;
    if (!place.has(key)) {
      const from = field[r * columns + c], to = vertical ? field[(r + 1) * columns + c] : field[r * columns + c + 1];
      const at = (level - from) / (to - from);
      place.set(key, vertical ? [c * step, (r + at) * step] : [(c + at) * step, r * step]);
    }
    return key;
  };
  for (let row = 0; row < rows - 1; row++) for (let column = 0; column < columns - 1; column++) {
    const at = row * columns + column;
    const inside = (field[at] > level) | ((field[at + 1] > level) << 1)
      | ((field[at + columns + 1] > level) << 2) | ((field[at + columns] > level) << 3);
    for (const [from, to] of CROSSINGS[inside]) next.set(edge(row, column, from), edge(row, column, to));
  }
  return joined(next, place);
}

// Join the crossings into closed lines, rounded through the middles of their parts.
function joined(next, place) {
  const path = new Path2D();
  while (next.size) {
    const line = [];
    let key = next.keys().next().value;
    while (next.has(key)) {
      const following = next.get(key);
      next.delete(key);
      line.push(place.get(key));
      key = following;
    }
    if (line.length > 2) trace(path, line);
  }
  return path;
}

function trace(path, line) {
  const middle = (a, b) => [(a[0] + b[0]) / 2, (a[1] + b[1]) / 2];
  path.moveTo(...middle(line.at(-1), line[0]));
  line.forEach((corner, index) => path.quadraticCurveTo(...corner, ...middle(corner, line[(index + 1) % line.length])));
  path.closePath();
}

// Finding places for names looks at no more marks than this: where very many stand, some tell of the others.
const MOST_POINTS = 2500;

// Return where each zone's name covers the fewest marks: near the middle of its cameras, apart from other names.
export function namePlaces(all, zones, width, height, measure, lineHeight, clear) {
  const points = all.filter((_, index) => index % Math.ceil(all.length / MOST_POINTS) === 0);
  const taken = [];
  return zones.map((name, zone) => {
    const own = points.filter((point) => point.zone === zone);
    if (!own.length) return null;
    const half = measure(name) / 2 + 3;
    const middle = { x: mean(own.map((p) => p.x)), y: mean(own.map((p) => p.y)) };
    let best = null;
    for (const at of candidates(own, lineHeight * 0.6 + clear)) {
      if (at.x - half < 2 || at.x + half > width - 2 || at.y < lineHeight || at.y > height - lineHeight) continue;
      const ends = [at.x - half, at.x, at.x + half];
      const foreign = ends.filter((x) => nearestZone(points, { x, y: at.y }) !== zone).length * 130;
      const covered = points.filter((p) => Math.abs(p.x - at.x) < half + clear && Math.abs(p.y - at.y) < lineHeight * 0.4 + clear).length;
      const near = taken.filter((t) => Math.abs(t.x - at.x) < t.half + half && Math.abs(t.y - at.y) < lineHeight * 1.3).length;
      const cost = covered * 12 + near * 1000 + foreign + Math.hypot(at.x - middle.x, at.y - middle.y) * 0.25;
      if (!best || cost < best.cost) best = { ...at, half, cost };
    }
    if (best) taken.push(best);
    return best;
  });
}

function nearestZone(points, at) {
  let zone = -1, least = Infinity;
  for (const point of points) {
    const far = (point.x - at.x) ** 2 + (point.y - at.y) ** 2;
    if (far < least) { least = far; zone = point.zone; }
  }
  return zone;
}

const mean = (values) => values.reduce((sum, value) => sum + value, 0) / values.length;

function* candidates(own, step) {
  const xs = own.map((p) => p.x), ys = own.map((p) => p.y);
  const [left, right, top, bottom] = [Math.min(...xs), Math.max(...xs), Math.min(...ys) - step, Math.max(...ys) + step];
  for (let i = 0; i <= 12; i++) for (let j = 0; j <= 16; j++) {
    yield { x: left + ((right - left) * i) / 12, y: top + ((bottom - top) * j) / 16 };
  }
}
