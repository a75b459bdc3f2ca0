"use strict";

// Light and dark. Until the reader chooses, the page follows the system.
const root = document.documentElement;
document.querySelector(".theme").addEventListener("click", () => {
  const isDark = getComputedStyle(root).colorScheme === "dark";
  root.dataset.theme = isDark ? "light" : "dark";
  try { localStorage.setItem("theme", root.dataset.theme); } catch {}
});

// The menu of narrow screens.
const menu = document.querySelector(".menu");
const toggle = (open) => {
  root.classList.toggle("menu-open", open);
  menu.setAttribute("aria-expanded", String(open));
};
menu.addEventListener("click", () => toggle(!root.classList.contains("menu-open")));
document.querySelector(".pages").addEventListener("click", (event) => { if (event.target.closest("a")) toggle(false); });

// The heading that is read, in the table of contents.
const entries = new Map();
for (const link of document.querySelectorAll(".contents a")) {
  const heading = document.getElementById(decodeURIComponent(link.hash.slice(1)));
  if (heading) entries.set(heading, link);
}
const follow = () => {
  let current;
  for (const heading of entries.keys()) {
    if (current && heading.getBoundingClientRect().top > 120) break;
    current = heading;
  }
  // At the end of the page, the last headings cannot come to the top.
  if (innerHeight + scrollY >= root.scrollHeight - 2 && scrollY > 0) current = [...entries.keys()].at(-1);
  for (const [heading, link] of entries) link.classList.toggle("here", heading === current);
};
if (entries.size > 0) {
  addEventListener("scroll", follow, { passive: true });
  follow();
}

// The search. The index is a script, so that it works without a server.
const input = document.querySelector(".search input");
const results = document.getElementById("results");
const words = (text) => text.toLowerCase().split(/[^\p{L}\p{N}_]+/u).filter(Boolean);
const index = (window.searchIndex ?? []).map((entry) => ({
  ...entry,
  page: entry.p.toLowerCase(),
  heading: entry.h.toLowerCase(),
  text: entry.t.toLowerCase(),
}));

const score = (entry, terms) => {
  let sum = 0;
  for (const term of terms) {
    let best = 0;
    if (entry.page.includes(term)) best = entry.h === "" ? 12 : 4;
    if (entry.heading.includes(term)) best = Math.max(best, words(entry.heading).includes(term) ? 10 : 8);
    if (best < 2 && entry.text.includes(term)) best = 2;
    if (best === 0) return 0;
    sum += best;
  }
  return sum;
};

// An excerpt around the first word that is found, with all of them marked.
const excerpt = (entry, terms) => {
  const places = terms.map((term) => entry.text.indexOf(term)).filter((place) => place >= 0);
  let from = places.length > 0 ? Math.max(0, Math.min(...places) - 50) : 0;
  if (from > 0) from = entry.t.indexOf(" ", from) + 1;
  let end = entry.t.indexOf(" ", from + 150);
  if (end < 0) end = entry.t.length;
  return (from > 0 ? "… " : "") + entry.t.slice(from, end) + (end < entry.t.length ? " …" : "");
};
const marked = (text, terms) => {
  const fragment = document.createDocumentFragment();
  const pattern = new RegExp(`(${terms.map((term) => term.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")).join("|")})`, "iu");
  for (const [place, part] of text.split(pattern).entries()) {
    if (place % 2 === 0) { fragment.append(part); continue; }
    const mark = document.createElement("mark");
    mark.textContent = part;
    fragment.append(mark);
  }
  return fragment;
};

let chosen = -1;
const choose = (place) => {
  const links = results.querySelectorAll("a");
  if (links.length === 0) return;
  chosen = (place + links.length) % links.length;
  links.forEach((link, at) => link.classList.toggle("chosen", at === chosen));
  links[chosen].scrollIntoView({ block: "nearest" });
};

const search = () => {
  const terms = words(input.value);
  results.replaceChildren();
  results.hidden = terms.length === 0;
  chosen = -1;
  if (terms.length === 0) return;
  const found = index.map((entry) => [score(entry, terms), entry]).filter(([points]) => points > 0);
  found.sort(([a], [b]) => b - a);
  for (const [, entry] of found.slice(0, 12)) {
    const link = document.createElement("a");
    link.href = entry.u;
    const title = document.createElement("strong");
    title.append(marked(entry.h === "" ? entry.p : `${entry.p} › ${entry.h}`, terms));
    const text = document.createElement("small");
    text.append(marked(excerpt(entry, terms), terms));
    link.append(title, text);
    const item = document.createElement("li");
    item.append(link);
    results.append(item);
  }
  if (found.length === 0) {
    const none = document.createElement("li");
    none.className = "none";
    none.textContent = `Nothing has “${input.value.trim()}”`;
    results.append(none);
  } else {
    choose(0);
  }
};

input.addEventListener("input", search);
input.addEventListener("focus", search);
input.addEventListener("keydown", (event) => {
  if (event.key === "ArrowDown") { event.preventDefault(); choose(chosen + 1); }
  if (event.key === "ArrowUp") { event.preventDefault(); choose(chosen - 1); }
  if (event.key === "Enter") results.querySelector("a.chosen")?.click();
  if (event.key === "Escape") { input.blur(); results.hidden = true; }
});
document.addEventListener("click", (event) => {
  if (!event.target.closest(".search")) results.hidden = true;
  else if (event.target.closest("#results a")) results.hidden = true;
});
document.addEventListener("keydown", (event) => {
  if (event.key === "/" && document.activeElement !== input && !event.ctrlKey && !event.metaKey) {
    event.preventDefault();
    input.focus();
  }
  if (event.key === "Escape") toggle(false);
});

// A link may ask: `index.html?q=saga`.
const asked = new URLSearchParams(location.search).get("q");
if (asked) {
  input.value = asked;
  search();
}
