// The wallboard: what the server said, kept fresh by its events.
import { Live } from "./live.js";
import { Plan } from "./plan.js";
import { duration, showAge, showTrouble } from "./age.js";
import { fit, number, setIcon, setMark, share, show, text } from "./rows.js";

const LOUD_S = 5;
const SPOKEN_EVERY_MS = 10000;
const BARS = ["down", "unreachable", "unknown"];

const byId = (id) => document.getElementById(id);
const board = { at: null, plan: null, sections: {}, spokenAt: 0, spoken: "" };
const plan = new Plan(byId("plan"), byId("tip"), byId("plan-spoken"), byId("plan-note"));

// What the server tells is taken in its order, also while the plan is being fetched; what fails is asked for anew.
let told = Promise.resolve();
const inOrder = (take) => (data) => { told = told.then(() => take(data)).catch(() => live.restart()); };

const live = new Live("/events", {
  whole: inOrder(async (data) => {
    if (data.plan !== board.plan) await fetchPlan();
    if (data.plan === board.plan) plan.mark(data.marks);
    apply(data);
  }),
  change: inOrder((data) => {
    if (data.marks) plan.turn(data.marks);
    apply(data);
  }),
  pulse(data) {
    showTrouble(data.trouble);
    tick();
  },
  lost: tick,
});

async function fetchPlan() {
  const answer = await fetch("/api/v1/plan");
  if (!answer.ok) throw new Error(`the plan: ${answer.status}`);
  const city = await answer.json();
  board.plan = city.version;
  plan.load(city);
}

const sections = { counts: showCounts, causes: showCauses, zones: showZones, reasons: showReasons, faults: showFaults, news: showNews };

function apply(data) {
  board.at = data.at;
  for (const [name, render] of Object.entries(sections)) {
    if (data[name] === undefined) continue;
    board.sections[name] = data[name];
    render(data[name]);
  }
  tick();
}

function showCounts(counts) {
  const values = { cameras: counts.cameras, not_working: counts.not_working, judged: counts.judged, ...counts.states };
  for (const element of document.querySelectorAll("[data-count]")) {
    element.textContent = number(values[element.dataset.count]);
    if (element.dataset.length) element.dataset.length = element.textContent.length;
  }
  for (const element of document.querySelectorAll("[data-share]")) {
    element.textContent = share(counts.states[element.dataset.share], counts.cameras);
  }
  for (const tile of document.querySelectorAll("[data-state]")) {
    tile.classList.toggle("none", counts.states[tile.dataset.state] === 0);
  }
  document.querySelector('[data-state="unreachable"]').hidden = counts.states.unreachable === 0;
  showProgress(counts);
}

// Until every camera has been judged once, the headline says how far that is.
function showProgress(counts) {
  const first = counts.judged < counts.cameras, { unknown } = counts.states;
  document.body.classList.toggle("first", first);
  document.body.classList.toggle("unjudged", first && counts.judged === 0);
  byId("besides").hidden = first || !unknown;
  byId("besides").textContent = `${number(unknown)} more ${unknown === 1 ? "is" : "are"} not known`;
  const pending = counts.cameras - counts.judged, of = pending === unknown ? "" : ` of the ${number(unknown)} unknown`;
  byId("pending").textContent = `${number(pending)}${of} still in ${pending === 1 ? "its" : "their"} first checks`;
  const judged = `judged ${number(counts.judged)} of ${number(counts.cameras)} so far`;
  const sentence = first
    ? `${number(counts.not_working)} cameras not working so far`
    : `${number(counts.not_working)} of ${number(counts.cameras)} cameras not working`;
  document.title = `${first && !counts.judged ? "First checks" : sentence} · camfleet`;
  if (first) board.spoken = counts.judged ? `${sentence}, ${judged}` : `First checks are running, ${judged}`;
  else board.spoken = unknown ? `${sentence}, ${number(unknown)} unknown` : sentence;
}

function showCauses(told) {
  showBlind(told.blind);
  const { shared_count: many } = told;
  byId("held").textContent = holding(told);
  show(byId("shared"), byId("cause-row"), told.shared, (row, line) => {
    row.dataset.cause = line.id;
    row.classList.toggle("open", !line.acknowledged);
    row.firstElementChild.href = `/causes/${encodeURIComponent(line.id)}`;
    setIcon(row.querySelector(".icon"), line.kind, line.state);
    setTime(row.querySelector("time"), line.by);
    text(row, "headline", line.headline);
    text(row, "cameras", number(line.cameras));
    text(row, "kind", line.kind);
    text(row, "since", line.vague ? "before" : "since");
    text(row, "owner", line.owner);
    text(row, "answer", line.acknowledged ? "acknowledged" : "not acknowledged");
  });
  byId("other").hidden = !told.other;
  byId("others-lead").textContent = many ? "The other" : "Each by itself:";
  byId("others-count").textContent = number(told.other);
  byId("unexplained").hidden = !told.unexplained;
  byId("unexplained").textContent = `${number(told.unexplained)} not explained yet`;
  show(byId("others"), byId("kind-row"), told.others, (row, line) => {
    row.dataset.kind = line.kind;
    row.firstElementChild.href = `/causes?kind=${encodeURIComponent(line.kind)}&shared=no`;
    setIcon(row.querySelector(".icon"), line.kind);
    text(row, "kind", line.kind);
    text(row, "cameras", number(line.cameras));
    text(row, "logins", line.logins.map((one) => `${one.name} ${number(one.cameras)}`).join(", "));
  });
  fit(byId("shared"));
}

// What shared causes hold, in the words of the server's macro.
function holding({ shared_count: many, held, not_working: dead }) {
  if (!many) return "No shared cause";
  if (!held) return `${number(many)} shared ${many === 1 ? "cause is" : "causes are"} open`;
  return `${number(many)} shared ${many === 1 ? "cause holds" : "causes hold"} ${number(held)} of the ${number(dead)}`;
}

// A blind monitor is louder than anything that it shows.
function showBlind(lines) {
  byId("blind").hidden = lines.length === 0;
  byId("blind").replaceChildren(...lines.map((line) => {
    const link = document.createElement("a");
    link.href = `/causes/${encodeURIComponent(line.id)}`;
    link.textContent = `${line.sentence} Since ${window.moment(line.by)}.`;
    return link;
  }));
}

function setTime(time, seconds) {
  time.dateTime = new Date(seconds * 1000).toISOString();
  window.localise(time);
}

function showZones(zones) {
  show(byId("zones"), byId("zone-row"), zones, (row, zone) => {
    row.dataset.zone = zone.id;
    row.firstElementChild.href = `/cameras?zone=${encodeURIComponent(zone.id)}`;
    text(row, "name", zone.name);
    text(row, "share", share(zone.not_working, zone.cameras));
    text(row, "not_working", number(zone.not_working));
    text(row, "cameras", number(zone.cameras));
    let x = 0;
    BARS.forEach((state, index) => {
      const width = (100 * zone.states[state]) / zone.cameras;
      const part = row.querySelectorAll(".bar rect")[index];
      part.setAttribute("x", `${x}%`);
      part.setAttribute("width", `${width}%`);
      x += width;
    });
  });
}

function showReasons(reasons) {
  byId("reasons-title").hidden = reasons.length === 0;
  byId("why-not").hidden = !reasons.length && !board.sections.faults?.length;
  show(byId("reasons"), byId("reason-row"), reasons, (row, reason) => {
    row.dataset.reason = reason.reason;
    row.firstElementChild.href = `/cameras?reason=${encodeURIComponent(reason.reason)}`;
    text(row, "cameras", number(reason.cameras));
    text(row, "title", reason.title);
    row.querySelector(".bar rect").setAttribute("width", `${(100 * reason.cameras) / reasons[0].cameras}%`);
  });
}

function showFaults(faults) {
  byId("faults-line").hidden = faults.length === 0;
  byId("why-not").hidden = !faults.length && !board.sections.reasons?.length;
  const links = faults.map((fault) => {
    const link = document.createElement("a");
    link.href = `/cameras?state=degraded&reason=${encodeURIComponent(fault.reason)}`;
    link.textContent = `${fault.title} ${number(fault.cameras)}`;
    return link;
  });
  byId("faults").replaceChildren(...links.flatMap((link, index) => (index ? [", ", link] : [link])));
  fit(byId("reasons"));
}

function showNews(news) {
  byId("newest").hidden = news.length === 0;
  show(byId("news"), byId("news-row"), news, (row, line) => {
    const zone = encodeURIComponent(line.zone), many = line.cameras > 1;
    const alike = `/cameras?zone=${zone}&state=${line.now}${line.reason ? `&reason=${line.reason}` : ""}&sort=since`;
    row.querySelector(".name").href = many ? alike : `/cameras/${encodeURIComponent(line.camera)}`;
    row.querySelector(".where").href = `/cameras?zone=${zone}`;
    setTime(row.querySelector("time"), line.at);
    setMark(row.querySelector('[data-mark="before"]'), line.before);
    setMark(row.querySelector('[data-mark="now"]'), line.now);
    text(row, "who", many ? `${number(line.cameras)} cameras` : line.name);
    text(row, "zone_name", line.zone_name);
    text(row, "now", line.now);
    text(row, "why", line.title ? `: ${line.title}` : "");
  });
}

// The age of the data, each second; past LOUD_S the whole board says that it cannot be trusted.
function tick() {
  const age = live?.age() ?? null;
  const calm = age === null || board.at === null ? "Waiting for data" : `Live · ${window.moment(board.at)} · ${duration(age)} old`;
  showAge({ age, loud: LOUD_S, calm, answering: live?.answering() ?? true });
  speak();
}

// A screen reader hears the headline when it changes, but not every second while a city is being looked at.
function speak() {
  const element = byId("spoken");
  if (!board.spoken || element.textContent === board.spoken) return;
  if (performance.now() - board.spokenAt < SPOKEN_EVERY_MS && board.spokenAt) return;
  board.spokenAt = performance.now();
  element.textContent = board.spoken;
}

// Pointing at a cause, a kind, a zone or a reason shows its cameras on the plan. Whose a cause is, the server knows.
const LISTS = { shared: "cause", others: "kind", zones: "zone", reasons: "reason" };
let pointed = null;

async function point(row, key) {
  if (row === pointed) return;
  pointed = row;
  if (!row) return plan.highlight(null);
  if (key === "zone" || key === "reason") return plan.highlight({ [key]: row.dataset[key] });
  const answer = await fetch(`/api/v1/plan/marks?${key}=${encodeURIComponent(row.dataset[key])}`);
  if (!answer.ok || row !== pointed) return undefined;
  const found = await answer.json();
  if (found.plan === board.plan) plan.highlight({ cameras: new Set(found.marks.map(([index]) => index)) });
  return undefined;
}

for (const [id, key] of Object.entries(LISTS)) {
  const list = byId(id);
  const choose = (event) => point(event.target.closest?.("li") ?? null, key).catch(() => plan.highlight(null));
  list.addEventListener("pointerover", choose);
  list.addEventListener("focusin", choose);
  list.addEventListener("pointerleave", () => point(null));
  list.addEventListener("focusout", () => point(null));
}

setInterval(tick, 500);
const fitAll = () => ["shared", "others", "zones", "reasons", "news"].forEach((id) => fit(byId(id)));
addEventListener("resize", fitAll);
fitAll();
