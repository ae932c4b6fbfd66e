// Keeps a page of the server's fresh: what carries data-fresh is taken from the page as the server now writes it.
const EVERY_MS = 5000;

async function refresh() {
  if (document.hidden) return;
  const answer = await fetch(location.href, { headers: { Accept: "text/html" } });
  if (!answer.ok) return;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  for (const old of document.querySelectorAll("[data-fresh]")) {
    const fresh = page.getElementById(old.id);
    if (!fresh || busy(old)) continue;
    for (const time of fresh.querySelectorAll("time[datetime]")) window.localise(time);
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

setInterval(() => refresh().catch(() => { /* the server is away: the page stays as it was, with its time on it */ }), EVERY_MS);
