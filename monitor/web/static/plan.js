// The plan of the city on a canvas: ground, names, one mark for each camera. Shapes come from the page's own symbols.
import { namePlaces, territories } from "./ground.js";
import { Grid } from "./grid.js";
import { fitted, markSize, spread } from "./spread.js";

const ORDER = ["up", "unknown", "degraded", "unreachable", "down"];
const QUIET = new Set(["up", "degraded"]);
const RING_MS = 2500;
const MOST_RINGS = 60;
const STRIP_STEP = 14;
const LARGEST_STEP = 26;
const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

export class Plan {
  constructor(canvas, tip, spoken) {
    Object.assign(this, { canvas, tip, spoken, cameras: [], rings: [], chosen: null, only: null, city: null });
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

  load(city) {
    this.city = city;
    this.cameras = city.cameras.map(([id, name, zone, x, y]) => ({ id, name, zone, metres: x === null ? null : { x, y }, state: "unknown", reason: "" }));
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
      if (camera && camera.state !== before && this.rings.length < MOST_RINGS) this.rings.push({ camera, from: now });
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

  // Let only the cameras of a zone or a reason stand out; null: all.
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
    const below = placed.length ? new Grid(homeless, this.city.zones, this.width, STRIP_STEP, (name) => this.nameWidth(name)) : null;
    const height = this.height - (below ? Math.min(below.height, this.height / 3) : 0);
    this.size = markSize(placed.length || homeless.length, this.width * height * 0.62);
    this.reach = this.size * 3.6;
    const edge = this.reach * 0.95;
    const frame = { left: edge, top: edge, width: this.width - 2 * edge, height: height - 2 * edge };
    if (placed.length) {
      const at = spread(fitted(placed.map((camera) => camera.metres), frame), this.size * 1.22, {
        left: this.size, top: this.size, width: this.width - 2 * this.size, height: height - 2 * this.size,
      });
      placed.forEach((camera, index) => Object.assign(camera, at[index], { size: this.size }));
    }
    this.placed = placed;
    this.blocks = this.grid(homeless, placed.length ? height : 0);
  }

  // Cameras without a position stand in order, zone by zone, below the plan or instead of it; as large as there is room.
  grid(homeless, top) {
    let step = top ? STRIP_STEP : LARGEST_STEP, grid;
    do {
      grid = new Grid(homeless, this.city.zones, this.width, step, (name) => this.nameWidth(name));
      step -= 0.5;
    } while (step > 4 && grid.height > this.height - top);
    return grid.put(top);
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
    this.drawNames(context);
    this.drawRings(context, now);
    if (this.chosen) this.drawChosen(context);
    this.canvas.dataset.drawn = String(this.cameras.length);
  }

  drawState(context, state) {
    const larger = (state === "up" ? 0.95 : 1.25) / 16;
    context.fillStyle = this.ink[state];
    for (const camera of this.cameras) {
      if (camera.state !== state) continue;
      context.globalAlpha = this.stands(camera) ? 1 : 0.13;
      const scale = camera.size * larger * this.ratio;
      context.setTransform(scale, 0, 0, scale, camera.x * this.ratio, camera.y * this.ratio);
      context.fill(this.shapes[state], "evenodd");
    }
    context.globalAlpha = 1;
  }

  stands(camera) {
    if (!this.only) return true;
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
    for (const { camera, from } of this.rings) {
      const done = Math.max(0, (now - from) / RING_MS);
      context.globalAlpha = 1 - done;
      context.strokeStyle = this.ink[camera.state];
      context.lineWidth = 2;
      context.beginPath();
      context.arc(camera.x, camera.y, camera.size * (0.8 + done * 1.8), 0, 7);
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
    for (const camera of this.cameras) {
      const far = (camera.x - at.x) ** 2 + (camera.y - at.y) ** 2;
      if (far < nearest) { nearest = far; best = camera; }
    }
    this.choose(best);
  }

  choose(camera, aloud = false) {
    if (camera === this.chosen) return;
    this.chosen = camera;
    this.canvas.classList.toggle("pointing", camera !== null);
    this.showTip();
    if (aloud && camera) this.spoken.textContent = this.words(camera).join(", ");
    this.draw();
  }

  words(camera) {
    return [camera.name, this.city.zones[camera.zone]?.name ?? "", camera.reason ? `${camera.state}: ${camera.reason}` : camera.state];
  }

  showTip() {
    this.tip.hidden = !this.chosen;
    if (!this.chosen) return;
    const [name, zone, state] = this.words(this.chosen);
    this.tip.replaceChildren(line("b", name), line("span", state, this.chosen.state), line("small", zone));
    const left = Math.min(this.width - this.tip.offsetWidth - 4, Math.max(4, this.chosen.x - this.tip.offsetWidth / 2));
    const above = this.chosen.y - this.tip.offsetHeight - this.size - 8;
    this.tip.style.left = `${left}px`;
    this.tip.style.top = `${above > 4 ? above : this.chosen.y + this.size + 8}px`;
  }

  open() {
    if (this.chosen) location.href = `/cameras/${encodeURIComponent(this.chosen.id)}`;
  }

  key(event) {
    if (event.key === "Enter") return this.open();
    if (event.key === "Escape") return this.choose(null);
    const way = ARROWS[event.key];
    if (!way) return undefined;
    event.preventDefault();
    return this.choose(this.neighbour(way) ?? this.chosen, true);
  }

  // The nearest camera in the arrow's direction (within 60 degrees of it): of those that do not work, if there are any.
  neighbour([dx, dy]) {
    const loud = this.cameras.filter((camera) => !QUIET.has(camera.state));
    const from = this.chosen ?? { x: this.width / 2, y: this.height / 2 };
    let best = null, cost = Infinity;
    for (const camera of loud.length ? loud : this.cameras) {
      const [x, y] = [camera.x - from.x, camera.y - from.y];
      const along = x * dx + y * dy, aside = Math.abs(x * dy - y * dx);
      const far = this.chosen ? along + aside * 2 : Math.hypot(x, y);
      if (this.chosen && (along <= 0.5 || aside >= along * 1.75)) continue;
      if (far < cost) { cost = far; best = camera; }
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
