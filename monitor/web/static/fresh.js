// Keeps a page of the server's fresh: what carries data-fresh is taken from the page as the server now writes it. The
// age of what is shown is always told, and it is loud when the server does not answer or its figures grow old.
import { duration, showAge } from "./age.js";

const EVERY_MS = 5000;
const PATIENCE_MS = 10000;
const LOUD_S = 15;

const shown = { bornAt: 0, at: 0, answering: true, asking: false };

// Take the age of the figures from a page, as the server tells it there.
function take(page) {
  const { age, at } = page.getElementById("age").dataset;
  Object.assign(shown, { bornAt: performance.now() - Number(age) * 1000, at: Number(at) });
}

function tick() {
  const age = (performance.now() - shown.bornAt) / 1000;
  showAge({ age, loud: LOUD_S, calm: `As of ${window.moment(shown.at)} · ${duration(age)} old`, answering: shown.answering });
}

async function refresh() {
  if (document.hidden || shown.asking) return;
  shown.asking = true;
  try {
    const answer = await fetch(location.href, { headers: { Accept: "text/html" }, signal: AbortSignal.timeout(PATIENCE_MS) });
    if (answer.status === 404 || new URL(answer.url).pathname === "/login") return location.reload();
    if (!answer.ok) throw new Error(String(answer.status));
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    shown.answering = true;
    take(page);
    renew(page);
  } catch {
    shown.answering = false; // the page stays as it was, and says how old that is
  } finally {
    shown.asking = false;
    tick();
  }
  return undefined;
}

function renew(page) {
  for (const old of document.querySelectorAll("[data-fresh]")) {
    const fresh = page.getElementById(old.id);
    if (!fresh || busy(old)) continue;
    window.localiseAll(fresh);
    if (fresh.isEqualNode(old)) continue;
    for (const open of old.querySelectorAll("details[open]")) {
      page.getElementById(open.id)?.setAttribute("open", "");
    }
    old.replaceWith(document.adoptNode(fresh));
  }
}

// What somebody reads with the keyboard or has marked is left alone.
function busy(element) {
  const marked = getSelection();
  return element.contains(document.activeElement) || (!marked.isCollapsed && marked.containsNode(element, true));
}

take(document);
tick();
setInterval(tick, 1000);
setInterval(refresh, EVERY_MS);
addEventListener("visibilitychange", refresh);
addEventListener("online", refresh);
