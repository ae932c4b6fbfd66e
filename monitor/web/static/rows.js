// Lists that are kept fresh in place: a row keeps its element, so a focused link stays focused.

export const number = (value) => value.toLocaleString("en-US");

// What is not nothing is never called 0 %, nor what is not all 100 %.
export const share = (part, whole) => {
  if (!whole || !part) return "0 %";
  if (part === whole) return "100 %";
  return `${Math.min(99, Math.max(1, Math.round((100 * part) / whole)))} %`;
};

export function text(root, field, value) {
  const element = root.querySelector(`[data-field="${field}"]`);
  if (element.textContent !== value) element.textContent = value;
}

// Make `list` show `items`, a row each.
export function show(list, template, items, fill) {
  while (list.children.length > items.length) list.lastElementChild.remove();
  while (list.children.length < items.length) list.append(template.content.firstElementChild.cloneNode(true));
  items.forEach((item, index) => fill(list.children[index], item));
  fit(list);
}

// Hide the rows that would be cut off at the list's end, and say how many of how many are left.
export function fit(list) {
  const rows = [...list.children];
  for (const row of rows) row.hidden = false;
  if (getComputedStyle(list).overflowY === "hidden") {
    const bottom = list.getBoundingClientRect().bottom + 1;
    const cut = rows.filter((row) => row.getBoundingClientRect().bottom > bottom);
    for (const row of cut) row.hidden = true;
  }
  const shown = rows.filter((row) => !row.hidden).length;
  const note = list.parentElement.querySelector("[data-note]");
  if (note) note.textContent = shown < rows.length ? `, ${shown} of ${rows.length}` : "";
}

export function setMark(svg, state) {
  svg.setAttribute("class", `mark ${state}`);
  svg.firstElementChild.setAttribute("href", `#mark-${state}`);
}

export function setIcon(svg, kind, state = "") {
  svg.setAttribute("class", state ? `icon ${state}` : "icon");
  svg.firstElementChild.setAttribute("href", `#kind-${kind.replaceAll(" ", "-")}`);
}
