// Live items and keys. Words of dispatches are only ever set as text.
"use strict";

const NAMES = ["", "info", "watch", "elevated", "high", "critical"];
const KEPT = 300;
const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

function element(name, className, text) {
  const made = document.createElement(name);
  if (className) made.className = className;
  if (text) made.textContent = text;
  return made;
}

function moment(iso) {
  const at = new Date(iso);
  const two = (number) => String(number).padStart(2, "0");
  const shown = `${two(at.getUTCDate())} ${MONTHS[at.getUTCMonth()]} ${two(at.getUTCHours())}:${two(at.getUTCMinutes())}`;
  const made = element("time", "", shown);
  made.dateTime = iso;
  return made;
}

function badge(severity) {
  const made = element("span", severity ? `severity s${severity}` : "severity", severity ? `${severity} ` : "");
  if (severity) made.append(element("span", "word", NAMES[severity]));
  return made;
}

function row(item) {
  const made = element("li", item.current ? "fresh" : "fresh old");
  made.dataset.id = item.id;
  const link = element("a", "", item.headline || "(no headline)");
  link.href = `/stories/${encodeURIComponent(item.story_id)}`;
  link.lang = item.language || "und";
  link.dir = "auto";
  const provider = element("span", "provider", item.provider);
  made.append(moment(item.received_at), badge(item.severity), provider, link, element("span", "relation", item.relation));
  return made;
}

function headline(item) {
  const relation = item.status === "usable" ? item.relation : `${item.relation}, ${item.status}`;
  return { ...item, relation };
}

function alerting(alert) {
  return {
    id: alert.id,
    story_id: alert.story.id,
    current: alert.story.current,
    provider: alert.provider,
    headline: alert.headline,
    language: alert.language,
    severity: alert.severity,
    status: "usable",
    received_at: alert.published_at || new Date().toISOString(),
    relation: alert.rules.map((rule) => rule.title).join(", "),
  };
}

function follow(status) {
  const rows = document.getElementById("rows");
  const wanted = status.dataset;
  let count = 0;
  const address = new URL(wanted.stream, location.href);
  if (wanted.after) address.searchParams.set("last_event_id", wanted.after);
  const source = new EventSource(address);
  const take = (item) => {
    if (wanted.provider && item.provider !== wanted.provider.toLowerCase()) return;
    if (wanted.language && item.language !== wanted.language) return;
    if (wanted.severity && (item.severity || 0) < Number(wanted.severity)) return;
    const known = rows.querySelector(`[data-id="${CSS.escape(item.id)}"]`);
    if (known) return;
    const nothing = document.getElementById("nothing");
    if (nothing) nothing.remove();
    rows.prepend(row(item));
    while (rows.children.length > KEPT) rows.lastElementChild.remove();
    count += 1;
    status.textContent = `Live: ${count} new since this page was loaded.`;
  };
  source.addEventListener("headline", (event) => take(headline(JSON.parse(event.data))));
  source.addEventListener("alert", (event) => take(alerting(JSON.parse(event.data))));
  source.addEventListener("open", () => {
    status.textContent = count ? `Live: ${count} new since this page was loaded.` : "Live.";
  });
  source.addEventListener("error", () => {
    status.textContent = "Not live: the connection is lost, trying again.";
  });
}

const PAGES = { w: "/", s: "/stories", a: "/alerts", c: "/charts" };

function step(by) {
  const links = [...document.querySelectorAll("#rows a")];
  if (!links.length) return;
  const at = links.indexOf(document.activeElement);
  links[Math.min(links.length - 1, Math.max(0, at + by))].focus();
}

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest("input, select, textarea")) return;
  if (event.key === "j") step(1);
  else if (event.key === "k") step(-1);
  else if (event.key === "/") {
    const search = document.querySelector("input[type=search], form[role=search] input");
    if (!search) return;
    event.preventDefault();
    search.focus();
  } else if (PAGES[event.key]) location.assign(PAGES[event.key]);
});

const status = document.getElementById("live");
if (status) follow(status);
