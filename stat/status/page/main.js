// deno-lint-ignore-file no-undef -- runs in a browser
import { Charts, SPANS } from "./charts.js";
import { Panels } from "./panels.js";
import { setText } from "./dom.js";

const EVERY = 1000;
/** Between tries while nothing answers, in milliseconds. */
const AGAIN = [1000, 2000, 5000];
const TIMEOUT = 5000;

const $ = (selector) => document.querySelector(selector);
const charts = new Charts($("#charts"));
const panels = new Panels($("#tiles"), $("#panels"), $("#foot"));

let range = "5m";
let columns = { time: [] };
let pid;
let failures = 0;
let isPaused = false;
let timer;
/** Changes when an answer that is under way is not wanted any more. */
let turn = 0;

function state(name, text) {
  $("#live").dataset.state = name;
  // Only a change is read out.
  setText($("#live-text"), text);
}

async function look() {
  clearTimeout(timer);
  const mine = ++turn;
  let wait = EVERY;
  try {
    const since = columns.time.at(-1) ?? 0;
    const response = await fetch(
      `status.json?range=${range}&since=${since}`,
      { signal: AbortSignal.timeout(TIMEOUT) },
    );
    if (mine !== turn) return;
    if (response.status === 401) {
      askForToken();
      return;
    }
    if (!response.ok) throw new Error(`status ${response.status}`);
    const report = await response.json();
    if (mine !== turn) return;
    failures = 0;
    show(report);
    state("live", "live");
  } catch {
    if (mine !== turn) return;
    wait = AGAIN[Math.min(failures++, AGAIN.length - 1)];
    state("lost", "no answer, trying again");
  }
  next(wait);
}

function next(wait) {
  if (isPaused || document.hidden) return;
  timer = setTimeout(look, wait);
}

function show(report) {
  $("#login").hidden = true;
  $("#main").hidden = false;
  // Another process has another past, and so has a clock that was set back.
  const isOther = pid !== undefined && pid !== report.build.pid ||
    columns.time.at(-1) > report.time;
  if (isOther) columns = { time: [] };
  pid = report.build.pid;
  add(report.history, report.time);
  panels.show(report);
  const finest = report.requests?.finest;
  charts.show(columns, SPANS[range], report.time, finest);
}

/** Appends new points, and lets go of those that have left the range. */
function add(history, now) {
  const oldest = now - SPANS[range] * 1000;
  const fresh = {};
  for (const key of Object.keys(history)) {
    if (key === "range") continue;
    fresh[key] = [...columns[key] ?? [], ...history[key]];
  }
  const past = fresh.time.findIndex((time) => time >= oldest);
  const from = past === -1 ? fresh.time.length : past;
  for (const key of Object.keys(fresh)) fresh[key] = fresh[key].slice(from);
  columns = fresh;
}

function askForToken() {
  $("#main").hidden = true;
  $("#login").hidden = false;
  state("wait", "waiting for the token");
  $("#token").focus();
}

$("#login").addEventListener("submit", async (event) => {
  event.preventDefault();
  const note = $("#login-note");
  setText(note, "");
  try {
    // It goes in a header: an address lands in logs and histories.
    const response = await fetch("status/login", {
      method: "POST",
      headers: { authorization: `Bearer ${$("#token").value.trim()}` },
      signal: AbortSignal.timeout(TIMEOUT),
    });
    if (response.ok) {
      $("#token").value = "";
      await look();
      $("#main").focus();
      return;
    }
    setText(note, "This is not the token.");
  } catch (error) {
    const isToken = /headers|ByteString|ISO-8859-1/.test(error.message);
    setText(note, isToken ? "This is not the token." : "No answer.");
  }
});

for (const input of document.querySelectorAll("input[name=range]")) {
  input.addEventListener("change", () => {
    range = input.value;
    columns = { time: [] };
    look();
  });
}

$("#pause").addEventListener("click", () => {
  isPaused = !isPaused;
  $("#pause").setAttribute("aria-pressed", String(isPaused));
  if (!isPaused) {
    look();
    return;
  }
  turn++;
  clearTimeout(timer);
  state("paused", "paused");
});

document.addEventListener("visibilitychange", () => {
  if (document.hidden || isPaused || !$("#login").hidden) return;
  look();
});

look();
