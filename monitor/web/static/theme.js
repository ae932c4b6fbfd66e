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
    window.localiseAll(document);
  });

  // Times are written in UTC by the server; here they become the reader's own, in the same words.
  const two = (value) => String(value).padStart(2, "0");
  const day = (at) => `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}`;

  // The zone by how far it is ahead of UTC: UTC, UTC+05:00.
  window.zoneName = (at = new Date()) => {
    const ahead = -at.getTimezoneOffset(), size = Math.abs(ahead);
    return ahead ? `UTC${ahead < 0 ? "-" : "+"}${two(Math.floor(size / 60))}:${two(size % 60)}` : "UTC";
  };

  // The time of day, with the day where it is not today's, for a place that names the zone. `seconds` since the epoch.
  window.clock = (seconds) => {
    const at = new Date(seconds * 1000);
    const time = [at.getHours(), at.getMinutes(), at.getSeconds()].map(two).join(":");
    return day(at) === day(new Date()) ? time : `${day(at)} ${time}`;
  };

  // A moment by itself: 10:31:24 UTC+05:00.
  window.moment = (seconds) => `${window.clock(seconds)} ${window.zoneName(new Date(seconds * 1000))}`;

  window.localiseAll = (root) => {
    for (const time of root.querySelectorAll("time[datetime]")) window.localise(time);
    for (const name of root.querySelectorAll("[data-zone-name]")) name.textContent = window.zoneName();
  };

  window.localise = (time) => {
    const at = new Date(time.dateTime);
    if (Number.isNaN(at.getTime())) return;
    time.title = at.toISOString();
    time.textContent = (time.dataset.short === undefined ? window.moment : window.clock)(at.getTime() / 1000);
  };
})();
