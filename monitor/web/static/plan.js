// The plan of the city on a canvas: ground, names, one mark for each camera. Shapes come from the page's own symbols.
import { namePlaces, territories } from "./ground.js";
import { gridFor } from "./grid.js";
import { Spot, drawMany, honeycomb } from "./spot.js";
import { fitted, markSize, oneByOne, spread } from "./spread.js";

const ORDER = ["up", "unknown", "degraded", "unreachable", "down"];
const QUIET = new Set(["up", "degraded"]);
const RING_MS = 2500;
const MOST_RINGS = 60;
const STRIP_STEP = 14;
const LARGEST_STEP = 26;
const CELL = 13;
const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

export class Plan {
  // `note` is where is said what a mark stands for, where that is not one camera.
  constructor(canvas, tip, spoken, note) {
    Object.assign(this, { canvas, tip, spoken, note, cameras: [], spots: [], rings: [], chosen: null, only: null, city: null });
    this.context = canvas.getContext("2d");
    this.shapes = Object.fromEntries(ORDER.map((state) => [
      state, new Path2D(document.querySelector(`#mark-${state} path`).getAttribute("d")),
    ]));
    this.calm = matchMedia("(prefers-reduced-motion: reduce)");
    new ResizeObserver(() => this.layout()).observe(canvas.parentElement);
    addEventListener("themechange", () => this.paint());
    canvas.addEventListener("pointermove", (event) => this.point(event));
    canvas.addEventListener("pointerleave", () => this.choose(null));
    canvas.addEventListener("click", (event) => { this.point(event); this.open(); });
    canvas.addEventListener("keydown", (event) => this.key(event));
    canvas.addEventListener("blur", () => this.choose(null));
  }

  // `state` is what cameras are taken to be in until their marks come.
  load(city, state = "unknown") {
    this.city = city;
    this.cameras = city.cameras.map(([id, name, zone, x, y], index) => ({ index, id, name, zone, metres: x === null ? null : { x, y }, state, reason: "" }));
    this.rings = [];
    this.chosen = null;
    this.layout();
  }

  mark(marks) {
    marks.forEach((mark, index) => this.set(index, mark));
    this.draw();
  }

  turn(changes) {
    const now = performance.now();
    for (const [index, mark] of changes) {
      const before = this.cameras[index]?.state;
      this.set(index, mark);
      const camera = this.cameras[index];
      if (this.most === 1 && camera && camera.state !== before && this.rings.length < MOST_RINGS) this.rings.push({ camera, from: now });
    }
    this.draw();
  }

  set(index, mark) {
    const camera = this.cameras[index];
    if (!camera) return;
    camera.state = this.city.states[mark[0]];
    camera.reason = mark.length > 1 ? this.city.reasons[Number(mark.slice(1))] : "";
    camera.reasonIndex = mark.length > 1 ? Number(mark.slice(1)) : -1;
  }

  // Let only the cameras of a zone, of a reason, or of a set of places in the plan stand out; null: all.
  highlight(only) {
    this.only = only;
    this.draw();
  }

  layout() {
    const { clientWidth: width, clientHeight: height } = this.canvas.parentElement;
    const ratio = devicePixelRatio || 1;
    if (!width || !height || !this.city) return;
    Object.assign(this, { width, height, ratio });
    this.canvas.width = width * ratio;
    this.canvas.height = height * ratio;
    this.place();
    this.paint();
  }

  place() {
    const placed = this.cameras.filter((camera) => camera.metres);
    const homeless = this.cameras.filter((camera) => !camera.metres);
    const measure = (name) => this.nameWidth(name);
    const room = placed.length ? this.height / 3 : this.height;
    const grid = gridFor(homeless, this.city.zones, this.width, room, placed.length ? STRIP_STEP : LARGEST_STEP, measure);
    const height = placed.length ? this.height - Math.min(grid.height, room) : 0;
    this.placed = placed.length ? this.placeByPosition(placed, height) : [];
    const below = grid.put(height, this.height);
    this.blocks = below.names;
    this.spots = [...this.placed, ...below.spots];
    this.most = this.spots.reduce((most, spot) => Math.max(most, spot.members.length), 1);
    this.chosen = null;
    this.showTip();
    this.showNote(below.left);
  }

  placeByPosition(cameras, height) {
    const area = this.width * height * 0.62, single = oneByOne(cameras.length, area), narrow = Math.min(this.width, height);
    this.size = single ? markSize(cameras.length, area, narrow) : CELL * Math.max(1, Math.min(2.2, this.width / 1000));
    this.reach = single ? Math.min(this.size * 3.6, narrow / 9) : this.size * 1.6;
    const edge = single ? this.reach : this.size;  // the ground around the outermost marks is on the plan, too
    const frame = { left: edge, top: edge, width: this.width - 2 * edge, height: height - 2 * edge };
    const points = fitted(cameras.map((camera) => camera.metres), frame);
    if (!single) return honeycomb(cameras, points, this.size);
    const at = spread(points, this.size * 1.22, frame);
    return cameras.map((camera, index) => new Spot([camera], at[index].x, at[index].y, this.size));
  }

  showNote(left) {
    const told = [];
    if (this.most > 1) told.push(`A mark stands for up to ${this.most.toLocaleString("en-US")} cameras; its square grows with the share not working.`);
    if (left) told.push(`And ${left.toLocaleString("en-US")} more without a position: they are in the list.`);
    this.note.hidden = !told.length;
    this.note.textContent = told.join(" ");
  }

  nameFont() {
    return `600 ${Math.max(11, Math.round(Math.min(this.width / 64, this.height / 50)))}px ${getComputedStyle(document.body).fontFamily}`;
  }

  nameWidth(name) {
    this.context.font = this.nameFont();
    return this.context.measureText(name).width;
  }

  // The ground and the names, kept as a picture until size, city or colours change.
  paint() {
    if (!this.width) return;
    this.ink = inks(this.canvas.parentElement);
    this.base = document.createElement("canvas");
    this.base.width = this.canvas.width;
    this.base.height = this.canvas.height;
    const context = this.base.getContext("2d");
    context.scale(this.ratio, this.ratio);
    this.paintGround(context);
    this.names = this.namePlaces(context);
    this.draw();
  }

  paintGround(context) {
    if (!this.placed.length) return;
    context.fillStyle = this.ink.land;
    for (const path of territories(this.placed, this.city.zones, this.width, this.height, this.reach)) context.fill(path, "evenodd");
  }

  namePlaces(context) {
    const names = this.city.zones.map((zone) => zone.name);
    context.font = this.nameFont();
    const line = parseInt(this.nameFont().split(" ")[1], 10) * 1.25;
    return namePlaces(this.placed, names, this.width, this.height, (name) => context.measureText(name).width, line, this.size * 0.6)
      .map((at, zone) => at && { ...at, name: names[zone], zone })
      .filter(Boolean)
      .concat(this.blocks);
  }

  draw() {
    if (!this.base || this.drawing) return;
    this.drawing = requestAnimationFrame((now) => {
      this.drawing = null;
      this.drawNow(now);
      if (this.rings.length) this.draw();
    });
  }

  drawNow(now) {
    const context = this.context;
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.clearRect(0, 0, this.canvas.width, this.canvas.height);
    context.drawImage(this.base, 0, 0);
    for (const state of ORDER) this.drawState(context, state);
    this.drawCrowds(context);
    this.drawNames(context);
    this.drawRings(context, now);
    if (this.chosen) this.drawChosen(context);
    this.canvas.dataset.drawn = String(this.cameras.length);
    this.canvas.dataset.standing = String(this.only?.cameras?.size ?? this.cameras.length);
  }

  drawState(context, state) {
    const larger = (state === "up" ? 0.95 : 1.25) / 16;
    context.fillStyle = this.ink[state];
    for (const spot of this.spots) {
      if (spot.alone?.state !== state) continue;
      context.globalAlpha = this.stands(spot.alone) ? 1 : 0.13;
      const scale = spot.size * larger * this.ratio;
      context.setTransform(scale, 0, 0, scale, spot.x * this.ratio, spot.y * this.ratio);
      context.fill(this.shapes[state], "evenodd");
    }
    context.globalAlpha = 1;
  }

  drawCrowds(context) {
    if (this.most === 1) return;
    context.setTransform(this.ratio, 0, 0, this.ratio, 0, 0);
    const stands = this.only ? (camera) => this.stands(camera) : null;
    for (const spot of this.spots) {
      if (spot.alone) continue;
      const counts = spot.tally(stands);
      context.globalAlpha = counts.all ? 1 : 0.13;
      drawMany(context, spot, counts, this.most, this.ink, this.shapes);
    }
    context.globalAlpha = 1;
  }

  stands(camera) {
    if (!this.only) return true;
    if (this.only.cameras) return this.only.cameras.has(camera.index);
    if (this.only.zone !== undefined) return this.city.zones[camera.zone]?.id === this.only.zone;
    return camera.reasonIndex >= 0 && this.city.reason_ids[camera.reasonIndex] === this.only.reason && !QUIET.has(camera.state);
  }

  drawNames(context) {
    context.setTransform(this.ratio, 0, 0, this.ratio, 0, 0);
    context.font = this.nameFont();
    context.textBaseline = "middle";
    context.lineJoin = "round";
    context.lineWidth = 4;
    for (const { name, x, y, left } of this.names) {
      context.textAlign = left ? "left" : "center";
      context.strokeStyle = this.ink.halo;
      if (!left) context.strokeText(name, x, y);
      context.fillStyle = this.ink.name;
      context.fillText(name, x, y);
    }
  }

  drawRings(context, now) {
    if (this.calm.matches) this.rings = [];
    this.rings = this.rings.filter((ring) => now - ring.from < RING_MS);
    context.setTransform(this.ratio, 0, 0, this.ratio, 0, 0);
    for (const { camera: { spot, state }, from } of this.rings) {
      if (!spot) continue;
      const done = Math.max(0, (now - from) / RING_MS);
      context.globalAlpha = 1 - done;
      context.strokeStyle = this.ink[state];
      context.lineWidth = 2;
      context.beginPath();
      context.arc(spot.x, spot.y, spot.size * (0.8 + done * 1.8), 0, 7);
      context.stroke();
    }
    context.globalAlpha = 1;
  }

  drawChosen(context) {
    context.setTransform(this.ratio, 0, 0, this.ratio, 0, 0);
    context.strokeStyle = this.ink.text;
    context.lineWidth = 2;
    context.beginPath();
    context.arc(this.chosen.x, this.chosen.y, this.chosen.size * 0.95 + 3, 0, 7);
    context.stroke();
  }

  point(event) {
    const { left, top } = this.canvas.getBoundingClientRect();
    const at = { x: event.clientX - left, y: event.clientY - top };
    let best = null, nearest = Math.max(12, this.size) ** 2;
    for (const spot of this.spots) {
      const far = (spot.x - at.x) ** 2 + (spot.y - at.y) ** 2;
      if (far < nearest) { nearest = far; best = spot; }
    }
    this.choose(best);
  }

  choose(spot, aloud = false) {
    if (spot === this.chosen) return;
    this.chosen = spot;
    this.canvas.classList.toggle("pointing", spot !== null);
    this.showTip();
    if (aloud && spot) this.spoken.textContent = this.words(spot).slice(0, 3).join(", ");
    this.draw();
  }

  // What is said of a spot, and the state whose colour that has.
  words(spot) {
    const zone = this.city.zones[spot.zone]?.name ?? "", camera = spot.alone;
    if (camera) return [camera.name, zone, camera.reason ? `${camera.state}: ${camera.reason}` : camera.state, camera.state];
    const counts = spot.tally(), told = [counts.dead && `${counts.dead} not working`, counts.unknown && `${counts.unknown} unknown`, counts.degraded && `${counts.degraded} degraded`];
    return [`${counts.all} cameras`, zone, told.filter(Boolean).join(", ") || "all up", counts.dead ? "down" : "text"];
  }

  showTip() {
    this.tip.hidden = !this.chosen;
    if (!this.chosen) return;
    const [name, zone, said, state] = this.words(this.chosen);
    this.tip.replaceChildren(line("b", name), line("span", said, state), line("small", zone));
    const left = Math.min(this.width - this.tip.offsetWidth - 4, Math.max(4, this.chosen.x - this.tip.offsetWidth / 2));
    const above = this.chosen.y - this.tip.offsetHeight - this.size - 8;
    this.tip.style.left = `${left}px`;
    this.tip.style.top = `${above > 4 ? above : this.chosen.y + this.size + 8}px`;
  }

  open() {
    if (!this.chosen) return;
    const camera = this.chosen.alone, zone = this.city.zones[this.chosen.zone]?.id ?? "";
    location.href = camera ? `/cameras/${encodeURIComponent(camera.id)}` : `/cameras?zone=${encodeURIComponent(zone)}`;
  }

  key(event) {
    if (event.key === "Enter") return this.open();
    if (event.key === "Escape") return this.choose(null);
    const way = ARROWS[event.key];
    if (!way) return undefined;
    event.preventDefault();
    return this.choose(this.neighbour(way) ?? this.chosen, true);
  }

  // The nearest mark in the arrow's direction (within 60 degrees of it): of those that do not work, if there are any.
  neighbour([dx, dy]) {
    const standing = this.only ? this.spots.filter((spot) => spot.members.some((camera) => this.stands(camera))) : this.spots;
    const loud = standing.filter((spot) => spot.loud);
    const from = this.chosen ?? { x: this.width / 2, y: this.height / 2 };
    let best = null, cost = Infinity;
    for (const spot of loud.length ? loud : standing) {
      const [x, y] = [spot.x - from.x, spot.y - from.y];
      const along = x * dx + y * dy, aside = Math.abs(x * dy - y * dx);
      const far = this.chosen ? along + aside * 2 : Math.hypot(x, y);
      if (this.chosen && (along <= 0.5 || aside >= along * 1.75)) continue;
      if (far < cost) { cost = far; best = spot; }
    }
    return best;
  }
}

function line(tag, words, state = "") {
  const element = document.createElement(tag);
  element.textContent = words;
  if (state) element.className = state;
  return element;
}

// The colours that the style sheet gives, as the canvas needs them.
function inks(element) {
  const probe = document.createElement("i");
  element.append(probe);
  const colour = (name) => { probe.style.color = `var(--${name})`; return getComputedStyle(probe).color; };
  const found = Object.fromEntries([...ORDER, "land", "halo", "name", "text"].map((name) => [name, colour(name)]));
  probe.remove();
  return found;
}
