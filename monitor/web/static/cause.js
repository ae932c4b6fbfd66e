// A cause's page: kept fresh as the others are, with its cameras on the plan.
import "./fresh.js";
import { Plan } from "./plan.js";

const EVERY_MS = 5000;
const byId = (id) => document.getElementById(id);
const canvas = byId("plan");
const plan = new Plan(canvas, byId("tip"), byId("plan-spoken"), byId("plan-note"));
let version = null;

async function json(address) {
  const answer = await fetch(address);
  if (!answer.ok) throw new Error(`${address}: ${answer.status}`);
  return answer.json();
}

// The cameras of the cause stand out; the others only show where they are.
async function refresh() {
  if (document.hidden) return;
  const found = await json(`/api/v1/plan/marks?cause=${encodeURIComponent(canvas.dataset.cause)}`);
  if (found.plan !== version) {
    const city = await json("/api/v1/plan");
    if (city.version !== found.plan) return;
    version = city.version;
    plan.load(city, "up");
  }
  plan.highlight({ cameras: new Set(found.marks.map(([index]) => index)) });
  plan.turn(found.marks);
}

const again = () => refresh().catch(() => undefined); // the age at the top of the page says when nothing answers
again();
setInterval(again, EVERY_MS);
