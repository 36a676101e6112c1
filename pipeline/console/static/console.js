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

// Offsets are code points: a string is cut by them, not by its UTF-16 units.
function highlight(link, text, spans) {
  const letters = Array.from(text);
  let place = 0;
  for (const [start, end] of [...spans].sort((one, other) => one[0] - other[0])) {
    const from = Math.max(place, start);
    if (end <= from) continue;
    link.append(letters.slice(place, from).join(""), element("mark", "", letters.slice(from, end).join("")));
    place = end;
  }
  link.append(letters.slice(place).join(""));
}

function flag(kind, text) {
  return element("span", `flag ${kind}`, text);
}

function acknowledge(story) {
  const form = document.getElementById("acknowledge");
  if (!form) return "";
  const made = form.content.cloneNode(true);
  made.querySelector("form").action = `/stories/${encodeURIComponent(story)}/acknowledge`;
  return made;
}

function row(item) {
  const made = element("li", item.current ? "fresh" : "fresh old");
  made.dataset.dispatch = item.id;
  const link = element("a", "");
  link.href = `/stories/${encodeURIComponent(item.story_id)}`;
  link.lang = item.language || "und";
  link.dir = "auto";
  highlight(link, item.headline || "(no headline)", item.headline ? item.highlights : []);
  const what = element("span", "what");
  what.append(link);
  for (const mark of item.marks) what.append(" ", flag(mark.kind, mark.text));
  made.append(moment(item.received_at), badge(item.severity), element("span", "provider", item.provider), what);
  if (item.rules) what.append(element("span", "relation", item.rules));
  else made.append(element("span", "relation", `${item.relation === "withdrawal" ? "" : item.relation}${item.current ? "" : " (not current)"}`));
  if (item.rules) made.append(acknowledge(item.story_id));
  return made;
}

function embargo(until) {
  if (!until || new Date(until) <= new Date()) return [];
  return [{ kind: "embargo", text: `embargoed until ${moment(until).textContent} UTC` }];
}

function alerting(alert) {
  const words = alert.rules.flatMap((rule) => rule.matches);
  return {
    id: alert.dispatch_id,
    story_id: alert.story.id,
    current: alert.story.current,
    provider: alert.provider,
    headline: alert.headline,
    language: alert.language,
    severity: alert.severity,
    received_at: alert.published_at || new Date().toISOString(),
    marks: embargo(alert.embargoed_until),
    highlights: words.filter((match) => match.field === "headline").map((match) => [match.start, match.end]),
    rules: alert.rules.map((rule) => rule.title).join(", "),
    names: alert.rules.flatMap((rule) => [rule.rule, rule.title]),
  };
}

const SINCE = { withdrawn: "withdrawn", held: "held", corrected: "corrected since", doubted: "a kill or correction may mean this" };

// Dispatches that are on the page already and were withdrawn, held or corrected just now.
function stand(standings) {
  for (const [dispatch, standing] of Object.entries(standings)) {
    for (const shown of document.querySelectorAll(`[data-dispatch="${CSS.escape(dispatch)}"]`)) {
      const what = shown.querySelector(".what");
      if (!SINCE[standing] || what.querySelector(".flag.notice")) continue;
      for (const known of what.querySelectorAll(".flag.withdrawn, .flag.held, .flag.corrected, .flag.doubted")) known.remove();
      const link = what.querySelector("a");
      if (link) link.after(" ", flag(standing, SINCE[standing]));
      else what.append(" ", flag(standing, SINCE[standing]));
      shown.classList.toggle("gone", standing === "withdrawn" || standing === "held");
    }
  }
}

function wants(wanted, item) {
  if (wanted.provider && item.provider !== wanted.provider.toLowerCase()) return false;
  if (wanted.language && item.language !== wanted.language) return false;
  if (wanted.rule && !(item.names || []).includes(wanted.rule)) return false;
  return !wanted.severity || (item.severity || 0) >= Number(wanted.severity);
}

function follow(status) {
  const rows = document.getElementById("rows");
  const wanted = status.dataset;
  let count = 0;
  let opened = false;
  const address = new URL(wanted.stream, location.href);
  if (wanted.after) address.searchParams.set("last_event_id", wanted.after);
  const source = new EventSource(address);
  const say = () => {
    status.classList.remove("lost");
    if (!count) status.textContent = "Live.";
    else if (wanted.story) {
      status.textContent = `Live: ${count} new in this story. `;
      const again = element("a", "", "Show");
      again.href = location.pathname;
      status.append(again);
    } else status.textContent = `Live: ${count} new since this page was loaded.`;
  };
  const take = (item) => {
    if (wanted.story) {
      if (item.story_id !== wanted.story || document.querySelector(`[data-dispatch="${CSS.escape(item.id)}"]`)) return;
      count += 1;
      say();
      return;
    }
    if (!wants(wanted, item)) return;
    if (rows.querySelector(`[data-dispatch="${CSS.escape(item.id)}"]`)) return;
    const nothing = document.getElementById("nothing");
    if (nothing) nothing.remove();
    rows.prepend(row(item));
    while (rows.children.length > KEPT) rows.lastElementChild.remove();
    count += 1;
    say();
  };
  source.addEventListener("headline", (event) => take(JSON.parse(event.data)));
  source.addEventListener("alert", (event) => take(alerting(JSON.parse(event.data))));
  source.addEventListener("standing", (event) => stand(JSON.parse(event.data)));
  source.addEventListener("open", () => {
    opened = true;
    say();
  });
  source.addEventListener("error", () => {
    status.classList.add("lost");
    status.textContent = opened ? "Not live: the connection is lost, trying again." : "Not live: no connection, trying again.";
    // An answer other than a stream (a token that has run out) closes it for good.
    if (source.readyState === EventSource.CLOSED) status.textContent = "Not live: load the page again.";
  });
}

const PAGES = { w: "/", s: "/stories", a: "/alerts", c: "/charts" };

function step(by) {
  const links = [...document.querySelectorAll("#rows .what a")];
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
