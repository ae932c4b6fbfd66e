// A spot is what is drawn at one place of the plan: one camera, or as many as there is no room to show one by one.

const NOT_WORKING = ["down", "unreachable"];

export class Spot {
  constructor(members, x = 0, y = 0, size = 0) {
    Object.assign(this, { members, x, y, size, zone: mostOf(members.map((camera) => camera.zone)) });
    for (const camera of members) camera.spot = this;
  }

  // How many cameras are in each state; of those only that `stands` lets through.
  tally(stands) {
    const counts = { up: 0, degraded: 0, down: 0, unreachable: 0, unknown: 0, all: 0 };
    for (const camera of this.members) {
      if (stands && !stands(camera)) continue;
      counts[camera.state]++;
      counts.all++;
    }
    counts.dead = counts.down + counts.unreachable;
    return counts;
  }

  get alone() { return this.members.length === 1 ? this.members[0] : null; }

  get loud() {
    return this.members.some((camera) => NOT_WORKING.includes(camera.state) || camera.state === "unknown");
  }
}

// Return what stands most often in a list.
function mostOf(values) {
  if (values.length === 1) return values[0];
  const counts = new Map();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return [...counts].reduce((most, one) => (one[1] > most[1] ? one : most))[0];
}

// Put cameras at `points` (pixels) into the cells of a honeycomb, `step` apart; returns a spot for each cell in use.
export function honeycomb(cameras, points, step) {
  const cells = new Map(), high = step * 0.866;
  cameras.forEach((camera, index) => {
    const row = Math.round(points[index].y / high), shift = row & 1 ? 0.5 : 0;
    const column = Math.round(points[index].x / step - shift), key = row * 65536 + column;
    const cell = cells.get(key) ?? cells.set(key, { members: [], x: (column + shift) * step, y: row * high }).get(key);
    cell.members.push(camera);
  });
  return [...cells.values()].map(({ members, x, y }) => new Spot(members, x, y, step));
}

// Draw a spot of many: a disc as large as it has cameras, in it a square with the share that does not work (a diamond
// where most of those are held by something above), a ring where most are unknown, a triangle where many are degraded.
export function drawMany(context, spot, counts, most, inks, shapes) {
  const radius = spot.size * (0.22 + 0.26 * Math.sqrt(spot.members.length / most));
  context.fillStyle = inks.up;
  context.beginPath();
  context.arc(spot.x, spot.y, radius, 0, 7);
  context.fill();
  if (counts.dead) {
    const share = Math.sqrt(counts.dead / counts.all);
    stamp(context, spot, shapes, inks, counts.unreachable > counts.down ? "unreachable" : "down", Math.max(0.3, share) * 1.2);
  } else if (counts.unknown * 2 > counts.all) stamp(context, spot, shapes, inks, "unknown", 1.05);
  else if (counts.degraded * 4 > counts.all) stamp(context, spot, shapes, inks, "degraded", 0.8);
}

function stamp(context, spot, shapes, inks, state, size) {
  const scale = (spot.size * size) / 16;
  context.save();
  context.translate(spot.x, spot.y);
  context.scale(scale, scale);
  context.fillStyle = inks[state];
  context.fill(shapes[state], "evenodd");
  context.restore();
}
