// Dark or light: what the system says, unless somebody chose; the choice is kept. Runs before the page is painted.
"use strict";
(() => {
  const root = document.documentElement;
  const kept = () => { try { return localStorage.getItem("theme"); } catch { return null; } };
  const keep = (theme) => { try { localStorage.setItem("theme", theme); } catch { /* private mode: not kept */ } };
  const systemDark = matchMedia("(prefers-color-scheme: dark)");
  const current = () => root.dataset.theme || (systemDark.matches ? "dark" : "light");

  const chosen = kept();
  if (chosen === "dark" || chosen === "light") root.dataset.theme = chosen;

  addEventListener("DOMContentLoaded", () => {
    const button = document.getElementById("theme");
    const label = () => {
      button.textContent = current() === "dark" ? "Light" : "Dark";
      button.setAttribute("aria-label", `Switch to ${current() === "dark" ? "light" : "dark"} colours`);
    };
    button.hidden = false;
    label();
    button.addEventListener("click", () => {
      root.dataset.theme = current() === "dark" ? "light" : "dark";
      keep(root.dataset.theme);
      label();
      dispatchEvent(new Event("themechange"));
    });
    systemDark.addEventListener("change", () => { label(); dispatchEvent(new Event("themechange")); });
    for (const time of document.querySelectorAll("time[datetime]")) window.localise(time);
  });

  // Times are written in UTC by the server; here they become the reader's own.
  window.localise = (time) => {
    const at = new Date(time.dateTime);
    if (Number.isNaN(at.getTime())) return;
    const clock = at.toLocaleTimeString("en-GB");
    const today = at.toDateString() === new Date().toDateString();
    time.title = at.toISOString();
    time.textContent = today ? clock : `${at.toLocaleDateString("sv-SE")} ${clock}`;
  };
})();
