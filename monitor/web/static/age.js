// How old what a page says is, in words; the same on every page.
const STEPS = [[86400, "d"], [3600, "h"], [60, "min"], [1, "s"]];

// A duration by its two largest units: 2 h 5 min.
export function duration(seconds) {
  let left = Math.floor(seconds);
  const parts = [];
  for (const [size, unit] of STEPS) {
    const many = Math.floor(left / size);
    left -= many * size;
    if (many || parts.length) parts.push([many, unit]);
  }
  return parts.slice(0, 2).filter(([many]) => many).map(([many, unit]) => `${many} ${unit}`).join(" ") || "0 s";
}

// Show the age of figures that came `age` seconds ago (null: none yet); past `loud` seconds the page says why.
export function showAge({ age, loud, calm, answering }) {
  const stale = age !== null && age > loud;
  document.body.classList.toggle("stale", stale);
  document.body.classList.toggle("live", age !== null && !stale);
  const why = answering ? "the monitor stands still" : "the monitor does not answer";
  put("age-text", stale ? `These figures are ${duration(age)} old: ${why}` : calm);
  put("alarm", stale ? `These figures are old: ${why}.` : "");
  return stale;
}

export function showTrouble(sentence) {
  document.getElementById("trouble").hidden = !sentence;
  put("trouble", sentence || "");
}

// A screen reader speaks what is written anew: only what differs is written.
function put(id, words) {
  const element = document.getElementById(id);
  if (element.textContent !== words) element.textContent = words;
}
