// Cameras that have no place on the plan: blocks of marks, zone by zone, flowing like words.

const EDGE = 8;

export class Grid {
  // `step` is the distance between marks; `measure` tells a name's width. All in pixels.
  constructor(cameras, zones, width, step, measure) {
    Object.assign(this, { step, blocks: [], names: step > 14 ? 28 : 22, height: 0 });
    let x = EDGE, y = 0, tallest = 0;
    for (const [zone, members] of byZone(cameras)) {
      const name = zones[zone]?.name ?? "";
      const columns = Math.min(members.length, Math.max(4, Math.ceil(Math.sqrt(members.length * 2.4))));
      const wide = Math.max(columns * step, measure(name)) + Math.max(16, step);
      if (x + wide > width && x > EDGE) { x = EDGE; y += tallest + 8; tallest = 0; }
      this.blocks.push({ name, members, columns, x, y });
      x += wide;
      tallest = Math.max(tallest, Math.ceil(members.length / columns) * step + this.names);
    }
    this.height = cameras.length ? y + tallest + EDGE : 0;
  }

  // Put the cameras below `top`; returns the names with their places.
  put(top) {
    for (const { members, columns, x, y } of this.blocks) {
      members.forEach((camera, index) => {
        camera.x = x + ((index % columns) + 0.5) * this.step;
        camera.y = top + y + this.names + (Math.floor(index / columns) + 0.5) * this.step;
        camera.size = this.step * 0.72;
      });
    }
    return this.blocks.map(({ name, x, y }) => ({ name, x, y: top + y + this.names / 2, left: true }));
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
