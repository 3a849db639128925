// Made by embed.py from the files in `parts`: change those, and run it.
// swift-format-ignore-file

enum PageFiles {
    static let all: [PageFile] = [
        PageFile(name: "app.js", type: "text/javascript; charset=utf-8", content: ####"""
// The page: what the stream tells goes into the map, the list of vehicles, the details and the events.

import { FleetMap, fence, fenceKinds, inOrder, project } from "./map.js";
import { Stream, ask, request, setToken } from "./stream.js";
import {
  language, say, sayDistance, sayEvent, sayFence, saySpeed, sayTime, setLanguage, setUnits, units,
} from "./words.js";

const find = (id) => document.getElementById(id);
const states = ["moving", "idling", "parked", "lost", "offline"];
const listed_max = 200;
const events_max = 300;
const trail_max = 60;

const map = new FleetMap(find("canvas"));
const { vehicles, stops } = map;
const shownStates = new Set(states);
const fenceNames = new Map();
let events = [];
let fleet = null;
let stream = null;
let details = null;
let isListDue = false;
let connection = "away";

/** An element with text, classes and children; text is never HTML. */
function make(name, { text, className, onclick, ...attributes } = {}, ...children) {
  const element = document.createElement(name);
  if (text !== undefined) element.textContent = text;
  if (className) element.className = className;
  if (onclick) element.addEventListener("click", onclick);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  element.append(...children);
  return element;
}

// What the stream tells

function takeVehicle(next) {
  const known = vehicles.get(next.id);
  const vehicle = known ?? { id: next.id, trail: [] };
  const before = known && { x: known.x, y: known.y };
  for (const key of ["lat", "lon", "speed_kmh", "heading_deg", "group", "geofences", "time", "last_seen"]) {
    vehicle[key] = next[key];
  }
  vehicle.state = next.state;
  if (next.lat !== undefined) {
    [vehicle.x, vehicle.y] = project(next.lat, next.lon);
    if (before?.x !== undefined && (before.x !== vehicle.x || before.y !== vehicle.y)) {
      vehicle.fromX = before.x;
      vehicle.fromY = before.y;
      vehicle.trail.push([before.x, before.y]);
      if (vehicle.trail.length > trail_max) vehicle.trail.shift();
    } else {
      vehicle.fromX = undefined;
    }
  }
  vehicle.hidden = isHidden(vehicle);
  vehicles.set(next.id, vehicle);
}

function takeStop({ id, state }) {
  if (!state) return stops.delete(id);
  const place = state.position ?? state.place;
  const stop = { ...state, id };
  if (place?.lat !== undefined) [stop.x, stop.y] = project(place.lat, place.lon);
  stops.set(id, stop);
}

const on = {
  state(next) {
    connection = next;
    if (next === 401) askForToken();
    showConnection();
  },
  begin({ resumed }) {
    if (resumed) return;
    vehicles.clear();
    stops.clear();
    map.routes = [];
    events = [];
    find("events").replaceChildren();
  },
  vehicles({ vehicles: changed }) {
    const isFirst = vehicles.size === 0;
    for (const vehicle of changed) takeVehicle(vehicle);
    showGroups();
    listLater();
    if (isFirst && !map.hasMoved) map.fit(); else map.glide();
    if (details && changed.some((vehicle) => vehicle.id === details.id)) loadDetails();
  },
  stops({ stops: changed }) {
    for (const stop of changed) takeStop(stop);
    map.redraw();
    showDetails();
  },
  event({ number, event }) {
    if (events.some((known) => known.number === number)) return;
    const told = { number, event, type: event.type?.replace("fleetstream.", "") ?? "" };
    events.unshift(told);
    if (events.length > events_max) events.pop();
    showEvent(told);
  },
  geofences: loadGeofences,
  routes: loadRoutes,
};

async function loadGeofences() {
  const response = await request(`geofences.geojson?fleet=${encodeURIComponent(fleet)}`).catch(() => null);
  if (!response?.ok) return;
  const { features } = await response.json();
  map.fences = features.map(fence).filter(Boolean)
    // Large ones below small ones.
    .sort((a, b) => (b.box[2] - b.box[0]) - (a.box[2] - a.box[0]));
  fenceNames.clear();
  for (const each of map.fences) fenceNames.set(each.id, each.name || each.id);
  showLegend();
  map.redraw();
}

/** The paths of open routes, each with the vehicle that drives it. */
async function loadRoutes() {
  const response = await request(`routes.geojson?fleet=${encodeURIComponent(fleet)}`).catch(() => null);
  if (!response?.ok) return;
  const { features } = await response.json();
  map.routes = features.map(({ properties, geometry }) => ({
    vehicle: properties.vehicle, line: geometry.coordinates.map(([lon, lat]) => project(lat, lon)),
  }));
  map.redraw();
}

// Filters and the list

function isHidden(vehicle) {
  if (!shownStates.has(vehicle.state)) return true;
  const group = find("group").value;
  if (group && vehicle.group !== group) return true;
  const text = find("search").value.trim().toLowerCase();
  return text !== "" && !vehicle.id.toLowerCase().includes(text) && !(vehicle.group ?? "").toLowerCase().includes(text);
}

function filter() {
  for (const vehicle of vehicles.values()) vehicle.hidden = isHidden(vehicle);
  showList();
  map.redraw();
}

/** The list follows within half a second: sorting thousands with every change would be noticed. */
function listLater() {
  if (isListDue) return;
  isListDue = true;
  setTimeout(() => {
    isListDue = false;
    showList();
  }, 500);
}

function showList() {
  const counts = Object.fromEntries(states.map((state) => [state, 0]));
  const shown = [];
  for (const vehicle of vehicles.values()) {
    counts[vehicle.state] += 1;
    if (!vehicle.hidden) shown.push(vehicle);
  }
  for (const button of find("states").children) {
    button.textContent = `${say(button.dataset.state)} ${counts[button.dataset.state]}`;
  }
  shown.sort((a, b) => (a.id < b.id ? -1 : a.id > b.id ? 1 : 0));
  const rows = shown.slice(0, listed_max).map((vehicle) => make("li", {}, make(
    "button",
    {
      className: vehicle.state, type: "button", "data-vehicle": vehicle.id,
      "aria-current": vehicle.id === map.selected, title: say(vehicle.state), onclick: () => select(vehicle.id, true),
    },
    make("span", { text: vehicle.id }),
    make("span", { className: "speed", text: vehicle.state === "moving" ? saySpeed(vehicle.speed_kmh) : "" }))));
  if (shown.length > listed_max) {
    rows.push(make("li", { className: "faint", text: `… ${shown.length - listed_max} ${say("more")}` }));
  }
  const focused = document.activeElement?.dataset?.vehicle;
  find("list").replaceChildren(...rows);
  if (focused) find("list").querySelector(`[data-vehicle="${CSS.escape(focused)}"]`)?.focus();
}

function showGroups() {
  const groups = [...new Set([...vehicles.values()].map((vehicle) => vehicle.group).filter(Boolean))].sort();
  const select = find("group");
  select.hidden = groups.length === 0;
  if (select.dataset.groups === groups.join("\n") + language) return;
  select.dataset.groups = groups.join("\n") + language;
  const chosen = select.value;
  select.replaceChildren(
    make("option", { value: "", text: say("allGroups") }),
    ...groups.map((group) => make("option", { value: group, text: group })));
  select.value = chosen;
}

function showStates() {
  find("states").replaceChildren(...states.map((state) => make("button", {
    type: "button", className: state, "data-state": state, "aria-pressed": shownStates.has(state),
    onclick: (event) => {
      if (!shownStates.delete(state)) shownStates.add(state);
      event.currentTarget.setAttribute("aria-pressed", shownStates.has(state));
      filter();
    },
  })));
}

// Events

const alarming = [
  "prohibited", "outside_hours", "sos", "crash", "tamper", "tow_", "jamming", "dropped", "exceeded", "violated", "outage",
  "lagging", "failed", "refused", "speeding_started", "dtc_raised", "disputed", "proof_missing", "battery_low",
  "outside_stop", "consumption_anomalous", "deviated",
];

function severity(type) {
  if (alarming.some((word) => type.includes(word)) || type === "delivery.at_risk") return "alert";
  return /entered|online|restored|recovered|delivered|arrived|completed/.test(type) ? "good" : "";
}

function eventRow({ number, event, type }) {
  const data = event.data ?? {};
  const row = make("li", { className: severity(type), "data-type": type, "data-number": number });
  row.append(make("time", { text: sayTime(event.time), datetime: event.time ?? "" }), " ");
  if (data.vehicle) {
    row.append(make("button", { type: "button", text: data.vehicle, onclick: () => select(data.vehicle, true) }), " ");
  }
  row.append(make("strong", { text: sayEvent(type) }));
  const where = data.geofence_name ?? data.geofence ?? data.stop ?? data.order ?? "";
  if (where) row.append(` ${where}`);
  if (data.late ?? event.late) row.append(make("span", { className: "faint", text: " (late)" }));
  return row;
}

function isEventShown({ type }) { return !find("alerts-only").checked || severity(type) === "alert"; }

function showEvent(told) {
  if (!isEventShown(told)) return;
  const list = find("events");
  list.prepend(eventRow(told));
  while (list.children.length > events_max) list.lastElementChild.remove();
}

function showEvents() { find("events").replaceChildren(...events.filter(isEventShown).map(eventRow)); }

// One vehicle

function select(id, moves = false) {
  map.selected = id;
  map.follows = false;
  details = id ? { id } : null;
  const vehicle = vehicles.get(id);
  if (moves && vehicle?.x !== undefined) map.center(vehicle.x, vehicle.y, 15);
  for (const button of find("list").querySelectorAll("button")) {
    button.setAttribute("aria-current", button.dataset.vehicle === id);
  }
  if (id) loadDetails(true);
  showDetails();
  map.redraw();
}

async function loadDetails(withTrail = false) {
  const id = details?.id;
  if (!id || details.isLoading) return showDetails();
  details.isLoading = true;
  const path = `api/vehicles/${encodeURIComponent(id)}?fleet=${encodeURIComponent(fleet)}`;
  const answer = await ask(path);
  if (details?.id !== id) return;
  details.isLoading = false;
  if (answer) {
    details.state = answer.state;
    const vehicle = vehicles.get(id);
    if (withTrail && vehicle) vehicle.trail = answer.trail.map(([, lat, lon]) => project(lat, lon));
  }
  showDetails();
  map.redraw();
}

function follow() {
  map.follows = !map.follows;
  showDetails();
  map.redraw();
}

function showDetails() {
  const panel = find("details");
  const vehicle = details && vehicles.get(details.id);
  panel.hidden = !vehicle;
  if (!vehicle) return;
  const state = details.state ?? {};
  const list = make("dl");
  const line = (word, value) => {
    if (value !== undefined && value !== "") list.append(make("dt", { text: say(word) }), make("dd", { text: value }));
  };
  line("state", say(vehicle.state));
  line("group", vehicle.group);
  line("speed", saySpeed(vehicle.speed_kmh));
  line("heading", vehicle.heading_deg === undefined ? "" : `${Math.round(vehicle.heading_deg)}°`);
  line("time", vehicle.time ? sayTime(vehicle.time) : "");
  line("seen", vehicle.last_seen ? sayTime(vehicle.last_seen) : "");
  line("inside", (vehicle.geofences ?? []).map((id) => fenceNames.get(id) ?? id).join(", "));
  line("ignition", state.ignition === undefined ? "" : say(state.ignition ? "on" : "off"));
  line("fuel", state.fuel_pct === undefined ? "" : `${state.fuel_pct} %`);
  line("odometer", state.odometer_km === undefined ? "" : sayDistance(state.odometer_km));
  line("battery", state.battery_v === undefined ? "" : `${state.battery_v} V`);
  line("cargo", state.cargo_c === undefined ? "" : `${state.cargo_c} °C`);
  const hasFocus = panel.contains(document.activeElement) && document.activeElement.id;
  panel.replaceChildren(
    make("div", { className: "row" }, make("h2", { text: vehicle.id }),
      make("button", { id: "follow", type: "button", text: say(map.follows ? "unfollow" : "follow"), onclick: follow }),
      make("button", {
        id: "close", type: "button", text: "×", "aria-label": say("close"), onclick: () => select(null),
      })),
    list);
  const table = stopTable(vehicle.id);
  if (table) panel.append(table);
  if (hasFocus) find(hasFocus)?.focus();
}

function stopTable(id) {
  const mine = [...stops.values()].filter((stop) => stop.vehicle === id).sort(inOrder);
  if (!mine.length) return null;
  const head = ["stop", "status", "eta", "promise"].map((word) => make("th", { text: say(word) }));
  const span = (from, to) => [from, to].filter(Boolean).map(sayTime).join(" – ");
  const rows = mine.map((stop, index) => make("tr", { "data-stop": stop.id, className: stop.at_risk ? "alert" : "" },
    make("td", {}, make("button", {
      type: "button", text: `${index + 1} ${stop.order ?? stop.id}`,
      onclick: () => stop.x !== undefined && map.center(stop.x, stop.y, 15),
    })),
    make("td", { text: sayEvent(`delivery.${stop.status ?? ""}`) }),
    make("td", { text: stop.arrived ? sayTime(stop.arrived) : span(stop.eta?.p50, stop.eta?.p90) }),
    make("td", { text: span(stop.window?.from, stop.window?.to) })));
  return make("table", {}, make("tr", {}, ...head), ...rows);
}

// The rest of the page

function showConnection() {
  const span = find("connection");
  const isHere = connection === "here";
  span.className = isHere ? "here" : "away";
  span.textContent = isHere ? say("connected") : connection === "paused" ? say("paused") : say("away");
  find("notice").hidden = isHere || connection === "paused" || connection === 401;
  find("notice").textContent = connection === 503 ? say("tooMany") : say("away");
}

function showLegend() {
  const kinds = new Set(map.fences.map((each) => each.kind));
  find("legend").replaceChildren(...fenceKinds.filter(([kind]) => kinds.has(kind)).map(([kind]) =>
    make("span", { className: `kind-${kind}`, text: `${sayFence(kind)}  ` })));
}

function showFigures(status) {
  const lag = status ? `, ${say("lag")} ${status.input.lag_ms_p50.toFixed(1)} ms` : "";
  const rate = status ? `, ${Math.round(status.input.messagesPerSecond)} ${say("perSecond")}` : "";
  find("figures").textContent = `${vehicles.size} ${say("vehicles").toLowerCase()}${rate}${lag}`;
}

function translate(next) {
  setLanguage(next);
  showStates();
  showGroups();
  showList();
  showEvents();
  showDetails();
  showLegend();
  showConnection();
  showFigures();
}

function askForToken() {
  if (!find("login").open) find("login").showModal();
}

/** Until there is a fleet to show, asks which there are; then follows it. */
async function begin() {
  const answer = await request("api/fleets").catch(() => null);
  if (answer?.status === 401) return askForToken();
  const fleets = answer?.ok ? (await answer.json()).fleets.map((each) => each.id) : [];
  if (!fleets.length) {
    on.state(answer?.ok ? "here" : "away");
    return setTimeout(begin, 2000);
  }
  const choice = find("fleet");
  choice.replaceChildren(...fleets.map((id) => make("option", { value: id, text: id })));
  choice.hidden = fleets.length < 2;
  const wanted = new URLSearchParams(location.search).get("fleet");
  choice.value = fleets.includes(wanted) ? wanted : fleets[0];
  watch(choice.value);
}

function watch(next) {
  stream?.close();
  fleet = next;
  on.begin({ resumed: false });
  select(null);
  stream = new Stream(`stream?fleet=${encodeURIComponent(next)}`, on);
}

async function beginPage() {
  setUnits(units);
  translate(language);
  find("search").addEventListener("input", filter);
  find("group").addEventListener("change", filter);
  find("fleet").addEventListener("change", (event) => watch(event.target.value));
  find("alerts-only").addEventListener("change", showEvents);
  find("language").addEventListener("click", () => translate(language === "en" ? "zh-Hant" : "en"));
  find("units").addEventListener("click", () => {
    setUnits(units === "km" ? "mi" : "km");
    showList();
    showDetails();
  });
  find("zoom-in").addEventListener("click", () => map.zoomBy(1));
  find("zoom-out").addEventListener("click", () => map.zoomBy(-1));
  find("fit").addEventListener("click", () => map.fit());
  find("login").addEventListener("close", () => {
    setToken(find("token").value.trim());
    find("token").value = "";
    begin();
  });
  document.addEventListener("keydown", key);
  document.addEventListener("visibilitychange", () => map.redraw());
  map.onSelect = (id) => select(id);
  setInterval(async () => {
    if (!document.hidden) showFigures(await ask("api/status"));
  }, 5000);
  const config = await ask("config.json");
  map.tiles = config?.tiles ?? "";
  find("credit").textContent = config?.tiles ? config.tiles_attribution : "";
  await begin();
}

function key(event) {
  if (event.ctrlKey || event.metaKey || event.altKey || event.target.matches?.("input, select, dialog *")) {
    if (event.key === "Escape") event.target.blur();
    return;
  }
  const actions = {
    "/": () => find("search").focus(), "+": () => map.zoomBy(1), "=": () => map.zoomBy(1), "-": () => map.zoomBy(-1),
    0: () => map.fit(), f: () => details && follow(), l: () => translate(language === "en" ? "zh-Hant" : "en"),
    Escape: () => select(null),
  };
  const action = actions[event.key] ?? actions[event.key.toLowerCase()];
  if (!action) return;
  event.preventDefault();
  action();
}

beginPage();

"""####),
        PageFile(name: "icon.svg", type: "image/svg+xml", content: ####"""
<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><circle cx="16" cy="16" r="15" fill="#1463a5"/>
<path d="M16 5l8 20-8-5-8 5z" fill="#fff"/></svg>

"""####),
        PageFile(name: "index.html", type: "text/html; charset=utf-8", content: ####"""
<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Fleetstream</title>
<link rel="icon" href="icon.svg">
<link rel="stylesheet" href="style.css">
<script type="module" src="app.js"></script>
</head>
<body>
<header>
  <h1>Fleetstream</h1>
  <select id="fleet" hidden data-label="fleet"></select>
  <output id="figures"></output>
  <span id="connection" class="away" role="status"></span>
  <button id="units" type="button" data-tip="units">km</button>
  <button id="language" type="button" lang="zh-Hant">繁體中文</button>
</header>
<main>
  <section id="vehicles" data-label="vehicles">
    <input id="search" type="search" autocomplete="off" data-hint="search" data-label="search">
    <div id="states" role="group" data-label="states"></div>
    <select id="group" data-label="group"></select>
    <ul id="list"></ul>
  </section>
  <section id="map">
    <canvas id="canvas" tabindex="0" role="application" data-label="map"></canvas>
    <div id="tools">
      <button id="zoom-in" type="button" data-tip="zoomIn">+</button>
      <button id="zoom-out" type="button" data-tip="zoomOut">−</button>
      <button id="fit" type="button" data-tip="fit">⌂</button>
    </div>
    <div id="legend"></div>
    <div id="credit"></div>
    <div id="notice" role="alert" hidden></div>
  </section>
  <section id="side" data-label="happenings">
    <div id="details" hidden></div>
    <div class="heading">
      <h2 data-text="happenings"></h2>
      <label><input id="alerts-only" type="checkbox"> <span data-text="alertsOnly"></span></label>
    </div>
    <ol id="events" aria-live="polite" aria-relevant="additions"></ol>
  </section>
</main>
<dialog id="login">
  <form method="dialog">
    <label><span data-text="token"></span> <input id="token" type="password" autocomplete="off"></label>
    <button data-text="enter"></button>
  </form>
</dialog>
</body>
</html>

"""####),
        PageFile(name: "map.js", type: "text/javascript; charset=utf-8", content: ####"""
// The map: geofences, trails, stops and vehicles on a canvas, on ground tiles where there are some. Web Mercator, in
// which the world is the square from (0, 0), north-west, to (1, 1).

const colours = {
  moving: "#1e8e3e", idling: "#e08a00", parked: "#3367d6", lost: "#8e24aa", offline: "#80868b",
};
const fenceColours = {
  depot: "#1463a5", customer: "#00897b", zone: "#7e8c9a", no_go: "#c62828", corridor: "#8d6e63",
  filling_plant: "#ef6c00",
};
const stopColours = {
  delivered: "#1e8e3e", partially_delivered: "#e08a00", failed: "#c62828", refused: "#c62828", cancelled: "#80868b",
  arrived: "#00897b", servicing: "#00897b",
};
const earth_m = 40075016.686;
const zoom_min = 2;
const zoom_max = 19;
/** From so many in sight on, vehicles are drawn together where they are near one another. */
const clustersFrom = 1500;
const cell_px = 46;

export function project(lat, lon) {
  const sine = Math.sin(Math.max(-85.05, Math.min(85.05, lat)) * Math.PI / 180);
  return [lon / 360 + 0.5, 0.5 - Math.log((1 + sine) / (1 - sine)) / (4 * Math.PI)];
}

/** Stops of one vehicle in the order in which it serves them. */
export function inOrder(a, b) {
  const when = ({ arrived, ended, eta, planned_arrival: planned }) =>
    Date.parse(arrived ?? ended ?? eta?.p50 ?? planned ?? "") || Infinity;
  const [left, right] = [when(a), when(b)];
  return left === right ? (a.id < b.id ? -1 : 1) : left < right ? -1 : 1;
}

export class FleetMap {
  /** Vehicles by id, as the page has them: with `x`, `y`, `trail` and whether they are `hidden` by a filter. */
  vehicles = new Map();
  stops = new Map();
  fences = [];
  /** Paths of open routes: `vehicle` and the places of a `line`. */
  routes = [];
  selected = null;
  follows = false;
  onSelect = () => {};

  #canvas;
  #context;
  #x = project(25.04, 121.53)[0];
  #y = project(25.04, 121.53)[1];
  #zoom = 11;
  #width = 0;
  #height = 0;
  #isDue = false;
  #animatesUntil = 0;
  #tiles = "";
  #tileImages = new Map();
  #clusters = [];
  #hasMoved = false;

  constructor(canvas) {
    this.#canvas = canvas;
    this.#context = canvas.getContext("2d");
    new ResizeObserver(() => this.#resize()).observe(canvas);
    this.#listen();
    this.#resize();
  }

  set tiles(template) {
    this.#tiles = template;
    this.redraw();
  }

  /** Whether somebody moved the map: then it is not moved to show all. */
  get hasMoved() { return this.#hasMoved; }

  redraw() {
    if (this.#isDue || document.hidden) return;
    this.#isDue = true;
    requestAnimationFrame((now) => {
      this.#isDue = false;
      this.#draw(now);
      if (now < this.#animatesUntil) this.redraw();
    });
  }

  /** Vehicles glide to where they are now. */
  glide() {
    this.#animatesUntil = performance.now() + 700;
    this.redraw();
  }

  // Moving

  fit() {
    let places = [...this.vehicles.values()].filter((vehicle) => vehicle.x !== undefined && !vehicle.hidden)
      .map((vehicle) => [vehicle.x, vehicle.y]);
    if (!places.length) places = this.fences.flatMap((fence) => fence.rings.flat());
    if (!places.length) return;
    const sorted = (axis) => places.map((place) => place[axis]).sort((a, b) => a - b);
    const [xs, ys] = [sorted(0), sorted(1)];
    const cut = places.length > 50 ? Math.floor(places.length / 100) : 0;
    const [west, east, north, south] = [xs[cut], xs[xs.length - 1 - cut], ys[cut], ys[ys.length - 1 - cut]];
    this.#x = (west + east) / 2;
    this.#y = (north + south) / 2;
    const scale = Math.min(this.#width / Math.max(east - west, 1e-6), this.#height / Math.max(south - north, 1e-6));
    this.#zoom = Math.max(zoom_min, Math.min(16, Math.log2(scale * 0.85 / 256)));
    this.redraw();
  }

  center(x, y, zoom = this.#zoom) {
    this.#x = x;
    this.#y = y;
    this.#zoom = Math.max(zoom_min, Math.min(zoom_max, zoom));
    this.redraw();
  }

  zoomBy(step, px = this.#width / 2, py = this.#height / 2) {
    const zoom = Math.max(zoom_min, Math.min(zoom_max, this.#zoom + step));
    const before = 256 * 2 ** this.#zoom;
    const after = 256 * 2 ** zoom;
    this.#x += (px - this.#width / 2) * (1 / before - 1 / after);
    this.#y += (py - this.#height / 2) * (1 / before - 1 / after);
    this.#zoom = zoom;
    this.#hasMoved = true;
    this.redraw();
  }

  panBy(px, py) {
    const scale = 256 * 2 ** this.#zoom;
    this.#x += px / scale;
    this.#y = Math.max(0, Math.min(1, this.#y + py / scale));
    this.#hasMoved = true;
    this.follows = false;
    this.redraw();
  }

  #listen() {
    const pointers = new Map();
    let wasDragged = false;
    this.#canvas.addEventListener("pointerdown", (event) => {
      this.#canvas.setPointerCapture(event.pointerId);
      pointers.set(event.pointerId, [event.offsetX, event.offsetY]);
      wasDragged = false;
    });
    this.#canvas.addEventListener("pointermove", (event) => {
      const last = pointers.get(event.pointerId);
      if (!last) return;
      const next = [event.offsetX, event.offsetY];
      if (pointers.size === 2) {
        const other = [...pointers.entries()].find(([id]) => id !== event.pointerId)[1];
        const distance = (a, b) => Math.hypot(a[0] - b[0], a[1] - b[1]);
        this.zoomBy(Math.log2(Math.max(1, distance(next, other)) / Math.max(1, distance(last, other))), ...other);
      } else if (wasDragged || Math.hypot(next[0] - last[0], next[1] - last[1]) > 3) {
        wasDragged = true;
        this.panBy(last[0] - next[0], last[1] - next[1]);
      } else {
        return;
      }
      pointers.set(event.pointerId, next);
    });
    const end = (event) => {
      if (pointers.delete(event.pointerId) && !wasDragged && event.type === "pointerup") {
        this.#pick(event.offsetX, event.offsetY);
      }
    };
    this.#canvas.addEventListener("pointerup", end);
    this.#canvas.addEventListener("pointercancel", end);
    this.#canvas.addEventListener("wheel", (event) => {
      event.preventDefault();
      this.zoomBy(Math.max(-1, Math.min(1, -event.deltaY / 240)), event.offsetX, event.offsetY);
    }, { passive: false });
    this.#canvas.addEventListener("keydown", (event) => {
      const pans = { ArrowLeft: [-80, 0], ArrowRight: [80, 0], ArrowUp: [0, -80], ArrowDown: [0, 80] };
      if (pans[event.key]) {
        event.preventDefault();
        this.panBy(...pans[event.key]);
      }
    });
  }

  #pick(px, py) {
    const cluster = this.#clusters.find((cluster) => Math.hypot(cluster.px - px, cluster.py - py) < cluster.radius);
    if (cluster) return this.zoomBy(1.5, cluster.px, cluster.py);
    let nearest = null;
    let nearest_px = 18;
    for (const vehicle of this.vehicles.values()) {
      if (vehicle.x === undefined || vehicle.hidden) continue;
      const [x, y] = this.#pixel(vehicle.x, vehicle.y);
      const distance = Math.hypot(x - px, y - py);
      if (distance < nearest_px) {
        nearest = vehicle;
        nearest_px = distance;
      }
    }
    this.onSelect(nearest?.id ?? null);
  }

  // Drawing

  #resize() {
    const ratio = window.devicePixelRatio || 1;
    this.#width = this.#canvas.clientWidth;
    this.#height = this.#canvas.clientHeight;
    this.#canvas.width = this.#width * ratio;
    this.#canvas.height = this.#height * ratio;
    this.#context.setTransform(ratio, 0, 0, ratio, 0, 0);
    this.redraw();
  }

  #pixel(x, y) {
    const scale = 256 * 2 ** this.#zoom;
    return [(x - this.#x) * scale + this.#width / 2, (y - this.#y) * scale + this.#height / 2];
  }

  #draw(now) {
    const style = getComputedStyle(document.documentElement);
    const context = this.#context;
    const chosen = this.selected && this.vehicles.get(this.selected);
    if (this.follows && chosen?.x !== undefined) {
      this.#x = chosen.x;
      this.#y = chosen.y;
    }
    context.fillStyle = style.getPropertyValue("--back");
    context.fillRect(0, 0, this.#width, this.#height);
    if (this.#tiles) this.#drawTiles();
    this.#drawFences(style);
    this.#drawRoutes(style);
    this.#drawStops(style);
    const left = Math.max(0, (this.#animatesUntil - now) / 700);
    this.#drawVehicles(style, left);
    if (chosen) this.#drawChosen(chosen, style);
    this.#drawScale(style);
  }

  #drawTiles() {
    const level = Math.max(0, Math.min(19, Math.round(this.#zoom)));
    const count = 2 ** level;
    const size = 256 * 2 ** (this.#zoom - level);
    const [left, top] = this.#pixel(0, 0);
    for (let row = Math.floor(-top / size); row * size + top < this.#height; row += 1) {
      for (let column = Math.floor(-left / size); column * size + left < this.#width; column += 1) {
        if (row < 0 || row >= count) continue;
        const image = this.#tile(level, ((column % count) + count) % count, row);
        if (image.complete && image.naturalWidth) {
          this.#context.drawImage(image, column * size + left, row * size + top, size + 0.5, size + 0.5);
        }
      }
    }
  }

  #tile(z, x, y) {
    const url = this.#tiles.replace("{z}", z).replace("{x}", x).replace("{y}", y);
    let image = this.#tileImages.get(url);
    if (!image) {
      if (this.#tileImages.size > 400) this.#tileImages.clear();
      image = new Image();
      image.onload = () => this.redraw();
      image.src = url;
      this.#tileImages.set(url, image);
    }
    return image;
  }

  #isInSight([x, y], margin = 40) {
    return x > -margin && y > -margin && x < this.#width + margin && y < this.#height + margin;
  }

  #drawFences(style) {
    const context = this.#context;
    const scale = 256 * 2 ** this.#zoom;
    for (const fence of this.fences) {
      const [west, north] = this.#pixel(fence.box[0], fence.box[1]);
      const [east, south] = this.#pixel(fence.box[2], fence.box[3]);
      if (east < -50 || south < -50 || west > this.#width + 50 || north > this.#height + 50) continue;
      const colour = fenceColours[fence.kind] ?? "#607d8b";
      context.strokeStyle = colour;
      context.fillStyle = colour + (fence.kind === "zone" ? "12" : "2e");
      context.setLineDash(fence.kind === "no_go" ? [6, 4] : []);
      context.lineWidth = fence.kind === "no_go" ? 2 : 1.2;
      context.beginPath();
      for (const ring of fence.rings) {
        ring.forEach((place, index) => {
          const [x, y] = this.#pixel(place[0], place[1]);
          if (index) context.lineTo(x, y); else context.moveTo(x, y);
        });
        if (!fence.isLine) context.closePath();
      }
      for (const point of fence.points) {
        const [x, y] = this.#pixel(point[0], point[1]);
        const radius = Math.max(3, fence.radius * scale);
        context.moveTo(x + radius, y);
        context.arc(x, y, radius, 0, 2 * Math.PI);
      }
      if (fence.isLine) {
        context.lineCap = context.lineJoin = "round";
        context.lineWidth = Math.max(2, 2 * fence.radius * scale);
        context.strokeStyle = colour + "40";
      } else {
        context.fill("evenodd");
      }
      context.stroke();
      context.setLineDash([]);
      if (fence.name && (east - west > 60 || (fence.points.length && this.#zoom > 14))) {
        context.fillStyle = style.getPropertyValue("--faint");
        context.font = "11px system-ui, sans-serif";
        context.textAlign = "center";
        context.fillText(fence.name, (west + east) / 2, (north + south) / 2 + (fence.points.length ? 16 : 4), 220);
      }
    }
  }

  /** The path of the chosen vehicle's route stands out; the others are there from near. */
  #drawRoutes(style) {
    const context = this.#context;
    context.strokeStyle = style.getPropertyValue("--accent");
    context.lineJoin = context.lineCap = "round";
    for (const { vehicle, line } of this.routes) {
      const isChosen = vehicle === this.selected;
      if (!isChosen && (this.#zoom < 11 || this.vehicles.get(vehicle)?.hidden)) continue;
      context.globalAlpha = isChosen ? 0.55 : 0.2;
      context.lineWidth = isChosen ? 5 : 2.5;
      context.beginPath();
      for (const place of line) context.lineTo(...this.#pixel(place[0], place[1]));
      context.stroke();
    }
    context.globalAlpha = 1;
  }

  #drawStops(style) {
    const context = this.#context;
    const mine = [];
    for (const stop of this.stops.values()) {
      if (stop.x === undefined) continue;
      const place = this.#pixel(stop.x, stop.y);
      if (stop.vehicle === this.selected) mine.push({ stop, place });
      if (!this.#isInSight(place)) continue;
      context.fillStyle = stop.at_risk ? "#c62828" : stopColours[stop.status] ?? style.getPropertyValue("--accent");
      context.strokeStyle = style.getPropertyValue("--panel");
      context.lineWidth = 1.5;
      context.beginPath();
      context.rect(place[0] - 5, place[1] - 5, 10, 10);
      context.fill();
      context.stroke();
    }
    if (mine.length < 2) return;
    mine.sort((a, b) => inOrder(a.stop, b.stop));
    // Where the way over the ground is known, that is drawn instead.
    if (!this.routes.some(({ vehicle }) => vehicle === this.selected)) {
      context.strokeStyle = style.getPropertyValue("--accent");
      context.setLineDash([4, 6]);
      context.beginPath();
      for (const { place } of mine) context.lineTo(place[0], place[1]);
      context.stroke();
      context.setLineDash([]);
    }
    context.fillStyle = style.getPropertyValue("--text");
    context.font = "11px system-ui, sans-serif";
    context.textAlign = "center";
    mine.forEach(({ place }, index) => context.fillText(index + 1, place[0], place[1] - 9));
  }

  #drawVehicles(style, left) {
    const shown = [];
    for (const vehicle of this.vehicles.values()) {
      if (vehicle.x === undefined || vehicle.hidden) continue;
      // Gliding from where it was: `left` is what is left of the way.
      const eased = left * left;
      const isMoving = left > 0 && vehicle.fromX !== undefined;
      const place = this.#pixel(
        isMoving ? vehicle.x + (vehicle.fromX - vehicle.x) * eased : vehicle.x,
        isMoving ? vehicle.y + (vehicle.fromY - vehicle.y) * eased : vehicle.y);
      if (this.#isInSight(place)) shown.push([vehicle, place]);
    }
    this.#clusters = [];
    if (shown.length > clustersFrom) return this.#drawClusters(shown, style);
    if (this.#zoom > 10) for (const [vehicle, place] of shown) this.#drawTrail(vehicle, place);
    for (const [vehicle, place] of shown) this.#drawVehicle(vehicle, place, style);
  }

  #drawTrail(vehicle, end) {
    const trail = vehicle.trail;
    if (!trail?.length) return;
    const isChosen = vehicle.id === this.selected;
    const context = this.#context;
    context.strokeStyle = colours[vehicle.state] + (isChosen ? "dd" : "66");
    context.lineWidth = isChosen ? 3 : 1.5;
    context.lineJoin = "round";
    context.beginPath();
    for (const place of isChosen ? trail : trail.slice(-12)) context.lineTo(...this.#pixel(place[0], place[1]));
    context.lineTo(...end);
    context.stroke();
  }

  #drawVehicle(vehicle, [x, y], style) {
    const context = this.#context;
    const size = this.#zoom > 13 ? 9 : this.#zoom > 10 ? 7 : 5;
    context.save();
    context.translate(x, y);
    context.fillStyle = colours[vehicle.state] ?? colours.offline;
    context.strokeStyle = style.getPropertyValue("--panel");
    context.lineWidth = 1.2;
    context.beginPath();
    if (vehicle.state === "moving" && vehicle.heading_deg !== undefined) {
      context.rotate(vehicle.heading_deg * Math.PI / 180);
      context.moveTo(0, -size * 1.3);
      context.lineTo(size * 0.9, size);
      context.lineTo(0, size * 0.5);
      context.lineTo(-size * 0.9, size);
      context.closePath();
    } else if (vehicle.state === "idling" || vehicle.state === "parked") {
      context.rect(-size * 0.75, -size * 0.75, size * 1.5, size * 1.5);
    } else if (vehicle.state === "lost") {
      context.rotate(Math.PI / 4);
      context.rect(-size * 0.75, -size * 0.75, size * 1.5, size * 1.5);
    } else {
      context.arc(0, 0, size * 0.8, 0, 2 * Math.PI);
    }
    context.fill();
    context.stroke();
    context.restore();
    if (this.#zoom > 13.5) {
      context.fillStyle = style.getPropertyValue("--text");
      context.font = "11px system-ui, sans-serif";
      context.textAlign = "left";
      context.fillText(vehicle.id, x + size + 4, y + 4);
    }
  }

  #drawClusters(shown, style) {
    const cells = new Map();
    for (const [vehicle, [x, y]] of shown) {
      const key = Math.floor(x / cell_px) * 100000 + Math.floor(y / cell_px);
      const cell = cells.get(key);
      if (cell) {
        cell.count += 1;
        cell.x += x;
        cell.y += y;
        if (vehicle.state === "moving") cell.moving += 1;
      } else {
        cells.set(key, { count: 1, x, y, moving: vehicle.state === "moving" ? 1 : 0, vehicle });
      }
    }
    const context = this.#context;
    for (const cell of cells.values()) {
      const [px, py] = [cell.x / cell.count, cell.y / cell.count];
      if (cell.count === 1) {
        this.#drawVehicle(cell.vehicle, [px, py], style);
        continue;
      }
      const radius = Math.min(21, 8 + 1.7 * Math.log2(cell.count));
      this.#clusters.push({ px, py, radius });
      context.beginPath();
      context.arc(px, py, radius, 0, 2 * Math.PI);
      context.fillStyle = colours.parked + "cc";
      context.fill();
      context.beginPath();
      context.moveTo(px, py);
      context.arc(px, py, radius, -Math.PI / 2, -Math.PI / 2 + 2 * Math.PI * cell.moving / cell.count);
      context.fillStyle = colours.moving;
      context.fill();
      context.fillStyle = "#fff";
      context.font = "bold 11px system-ui, sans-serif";
      context.textAlign = "center";
      context.fillText(cell.count > 9999 ? `${Math.round(cell.count / 1000)}k` : cell.count, px, py + 4);
    }
  }

  #drawChosen(vehicle, style) {
    if (vehicle.x === undefined) return;
    const place = this.#pixel(vehicle.x, vehicle.y);
    if (this.#clusters.length) this.#drawTrail(vehicle, place);
    const context = this.#context;
    context.strokeStyle = style.getPropertyValue("--accent");
    context.lineWidth = 2.5;
    context.beginPath();
    context.arc(place[0], place[1], 16, 0, 2 * Math.PI);
    context.stroke();
    if (this.#clusters.length) this.#drawVehicle(vehicle, place, style);
  }

  #drawScale(style) {
    const lat = Math.atan(Math.sinh(Math.PI * (1 - 2 * this.#y)));
    const metresPerPixel = earth_m * Math.cos(lat) / (256 * 2 ** this.#zoom);
    const raw = metresPerPixel * 110;
    const power = 10 ** Math.floor(Math.log10(raw));
    const length_m = [5, 2, 1].map((digit) => digit * power).find((length) => length <= raw) ?? power;
    const length_px = length_m / metresPerPixel;
    const context = this.#context;
    context.strokeStyle = context.fillStyle = style.getPropertyValue("--faint");
    context.lineWidth = 1.5;
    context.beginPath();
    context.moveTo(10, 12);
    context.lineTo(10, 18);
    context.lineTo(10 + length_px, 18);
    context.lineTo(10 + length_px, 12);
    context.stroke();
    context.font = "11px system-ui, sans-serif";
    context.textAlign = "left";
    context.fillText(length_m >= 1000 ? `${length_m / 1000} km` : `${length_m} m`, 14, 14);
  }
}

/** A feature as the map draws it: rings or lines, points with a radius, and the box around them. */
export function fence(feature) {
  const geometry = feature.geometry ?? {};
  const properties = feature.properties ?? {};
  const places = (list) => list.map(([lon, lat]) => project(lat, lon));
  const made = {
    id: feature.id, name: properties.name ?? "", kind: properties.kind ?? "", rings: [], points: [], isLine: false,
    radius: 0, box: [1, 1, 0, 0],
  };
  switch (geometry.type) {
    case "Polygon": made.rings = geometry.coordinates.map(places); break;
    case "MultiPolygon": made.rings = geometry.coordinates.flat().map(places); break;
    case "LineString": made.rings = [places(geometry.coordinates)]; made.isLine = true; break;
    case "MultiLineString": made.rings = geometry.coordinates.map(places); made.isLine = true; break;
    case "Point": made.points = places([geometry.coordinates]); break;
    case "MultiPoint": made.points = places(geometry.coordinates); break;
    default: return null;
  }
  const first = made.rings[0]?.[0] ?? made.points[0];
  if (!first) return null;
  const lat = Math.atan(Math.sinh(Math.PI * (1 - 2 * first[1])));
  made.radius = (properties.radius_m ?? properties.buffer_m ?? 0) / (earth_m * Math.cos(lat));
  for (const [x, y] of [...made.rings.flat(), ...made.points]) {
    const box = made.box;
    made.box = [
      Math.min(box[0], x - made.radius), Math.min(box[1], y - made.radius), Math.max(box[2], x + made.radius),
      Math.max(box[3], y + made.radius),
    ];
  }
  return made;
}

export const fenceKinds = Object.entries(fenceColours);

"""####),
        PageFile(name: "stream.js", type: "text/javascript; charset=utf-8", content: ####"""
// Server-sent events over fetch: unlike EventSource it can send a token, and says why it was refused.

let token = sessionStorage.getItem("token") ?? "";
if (location.hash.startsWith("#token=")) {
  token = decodeURIComponent(location.hash.slice(7));
  sessionStorage.setItem("token", token);
  history.replaceState(null, "", location.pathname + location.search);
}

export function setToken(next) {
  token = next;
  sessionStorage.setItem("token", next);
}

export function request(path, more = {}) {
  const headers = { ...(more.headers ?? {}) };
  if (token) headers.Authorization = `Bearer ${token}`;
  return fetch(path, { ...more, headers, cache: more.cache ?? "default" });
}

/** The JSON at a path; null where it cannot be had. */
export async function ask(path) {
  try {
    const response = await request(path);
    return response.ok ? await response.json() : null;
  } catch {
    return null;
  }
}

/**
 * Follows a stream: from where it was when it breaks off, and not at all while nobody sees the page.
 * `on` has a function for each event, and `state` for "here", "away", "paused" and the status of a refusal.
 */
export class Stream {
  #path;
  #on;
  #lastID = "";
  #abort = null;
  #timer = 0;
  #wait_ms = 500;
  #isClosed = false;

  constructor(path, on) {
    this.#path = path;
    this.#on = on;
    document.addEventListener("visibilitychange", this.#look);
    this.#look();
  }

  close() {
    this.#isClosed = true;
    document.removeEventListener("visibilitychange", this.#look);
    clearTimeout(this.#timer);
    this.#abort?.abort();
  }

  #look = () => {
    clearTimeout(this.#timer);
    if (document.hidden) {
      this.#abort?.abort();
      this.#on.state("paused");
    } else if (!this.#abort) {
      this.#wait_ms = 500;
      this.#follow();
    }
  };

  async #follow() {
    const abort = new AbortController();
    this.#abort = abort;
    let status = 0;
    try {
      const headers = this.#lastID ? { "Last-Event-ID": this.#lastID } : {};
      const response = await request(this.#path, { headers, signal: abort.signal, cache: "no-store" });
      status = response.status;
      if (response.ok) {
        this.#on.state("here");
        await this.#read(response.body.getReader(), abort);
      }
    } catch {
      // Broken off, or nobody looks any more: what is next is decided below.
    }
    clearTimeout(this.#watch);
    this.#abort = null;
    if (this.#isClosed || document.hidden) return;
    this.#on.state(status >= 400 ? status : "away");
    this.#timer = setTimeout(() => this.#follow(), this.#wait_ms);
    this.#wait_ms = Math.min(this.#wait_ms * 2, 10000);
  }

  #watch = 0;

  async #read(reader, abort) {
    const decoder = new TextDecoder();
    let text = "";
    for (;;) {
      // There is a sign of life every 15 s: a connection without one is dead.
      clearTimeout(this.#watch);
      this.#watch = setTimeout(() => abort.abort(), 40000);
      const { done, value } = await reader.read();
      if (done) return;
      text += decoder.decode(value, { stream: true });
      let end;
      let start = 0;
      while ((end = text.indexOf("\n\n", start)) >= 0) {
        this.#take(text.slice(start, end));
        start = end + 2;
      }
      text = text.slice(start);
      this.#wait_ms = 500;
    }
  }

  #take(block) {
    let name = "message";
    let data = "";
    for (const line of block.split("\n")) {
      if (line.startsWith("event: ")) name = line.slice(7);
      else if (line.startsWith("data: ")) data += line.slice(6);
      else if (line.startsWith("id: ")) this.#lastID = line.slice(4);
    }
    if (data) this.#on[name]?.(JSON.parse(data));
  }
}

"""####),
        PageFile(name: "style.css", type: "text/css; charset=utf-8", content: ####"""
:root {
  color-scheme: light dark;
  --back: #f4f6f8; --panel: #ffffff; --text: #1c2733; --faint: #5f6f7f; --line: #d5dde5; --accent: #1463a5;
  --alert: #c62828; --chosen: #e3effa;
}
@media (prefers-color-scheme: dark) {
  :root {
    --back: #10171e; --panel: #18212b; --text: #e4ebf2; --faint: #93a4b5; --line: #2c3a48; --accent: #5aa9ea;
    --alert: #ff7b72; --chosen: #1f3346;
  }
}
* { box-sizing: border-box; }
html, body { height: 100%; margin: 0; }
body {
  display: flex; flex-direction: column; background: var(--back); color: var(--text);
  font: 14px/1.45 system-ui, "Noto Sans", "Noto Sans TC", "PingFang TC", "Microsoft JhengHei", sans-serif;
}
header {
  display: flex; align-items: center; gap: 12px; padding: 6px 12px; background: var(--panel);
  border-bottom: 1px solid var(--line);
}
h1 { font-size: 16px; margin: 0; color: var(--accent); }
h2 { font-size: 14px; margin: 0; }
#figures { flex: 1; color: var(--faint); white-space: nowrap; overflow: hidden; text-overflow: ellipsis; }
#connection::before { content: "●"; margin-right: 4px; }
#connection.here { color: #2e8b57; }
#connection.away { color: var(--alert); }
button, select, input {
  font: inherit; color: inherit; background: var(--panel); border: 1px solid var(--line); border-radius: 6px;
  padding: 3px 8px;
}
button { cursor: pointer; }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 1px; }
main { flex: 1; display: grid; grid-template-columns: 250px 1fr 320px; min-height: 0; }
#vehicles, #side {
  display: flex; flex-direction: column; gap: 6px; padding: 8px; min-height: 0; background: var(--panel);
}
#vehicles { border-right: 1px solid var(--line); }
#side { border-left: 1px solid var(--line); }
#states { display: flex; flex-wrap: wrap; gap: 4px; }
#states button { padding: 1px 7px; font-size: 12px; border-radius: 10px; opacity: .55; }
#states button[aria-pressed="true"] { opacity: 1; background: var(--chosen); }
#states button::before, #list button::before {
  content: ""; display: inline-block; width: 9px; height: 9px; margin-right: 5px; border-radius: 50%;
  background: currentColor;
}
.moving::before { background: #1e8e3e !important; }
.idling::before { background: #e08a00 !important; border-radius: 2px !important; }
.parked::before { background: #3367d6 !important; border-radius: 2px !important; }
.lost::before { background: #8e24aa !important; transform: rotate(45deg); border-radius: 0 !important; }
.offline::before { background: #80868b !important; }
ul, ol { list-style: none; margin: 0; padding: 0; overflow-y: auto; flex: 1; }
#list button { width: 100%; text-align: left; border: 0; border-radius: 4px; padding: 3px 6px; display: flex;
  align-items: center; }
#list button[aria-current="true"] { background: var(--chosen); }
#list .speed { margin-left: auto; color: var(--faint); font-size: 12px; }
#map { position: relative; min-width: 0; min-height: 0; }
#canvas { position: absolute; inset: 0; width: 100%; height: 100%; touch-action: none; cursor: grab; }
#tools { position: absolute; top: 10px; right: 10px; display: flex; flex-direction: column; gap: 4px; }
#tools button { width: 32px; height: 32px; font-size: 16px; padding: 0; }
#legend, #credit {
  position: absolute; bottom: 6px; font-size: 11px; color: var(--faint); background: var(--panel); opacity: .9;
  border-radius: 4px; padding: 1px 6px;
}
#legend { left: 6px; }
#credit { right: 6px; }
#legend span { margin-right: 8px; }
#legend span::before {
  content: ""; display: inline-block; width: 9px; height: 9px; margin-right: 4px; border-radius: 2px;
  background: currentColor;
}
.kind-depot::before { background: #1463a5 !important; }
.kind-customer::before { background: #00897b !important; border-radius: 50% !important; }
.kind-zone::before { background: #7e8c9a !important; }
.kind-no_go::before { background: #c62828 !important; }
.kind-corridor::before { background: #8d6e63 !important; }
.kind-filling_plant::before { background: #ef6c00 !important; }
#credit:empty, #legend:empty { display: none; }
#notice {
  position: absolute; left: 50%; top: 12px; transform: translateX(-50%); background: var(--alert); color: #fff;
  border-radius: 6px; padding: 4px 12px;
}
.heading { display: flex; justify-content: space-between; align-items: center; }
#events li { border-left: 3px solid var(--line); padding: 2px 8px; margin-bottom: 4px; }
#events li.alert { border-color: var(--alert); }
#events li.good { border-color: #1e8e3e; }
#events button { border: 0; padding: 0; background: none; color: var(--accent); }
#events time, .faint { color: var(--faint); font-size: 12px; }
#details { border-bottom: 1px solid var(--line); padding-bottom: 8px; max-height: 55%; overflow-y: auto; }
#details dl { display: grid; grid-template-columns: auto 1fr; gap: 1px 10px; margin: 6px 0; }
#details dt { color: var(--faint); }
#details dd { margin: 0; overflow-wrap: anywhere; }
#details .row { display: flex; gap: 6px; align-items: center; }
#details .row h2 { flex: 1; }
#details table { border-collapse: collapse; width: 100%; font-size: 12px; }
#details td, #details th { text-align: left; padding: 1px 4px; border-top: 1px solid var(--line); }
#details td button { border: 0; padding: 0; background: none; color: var(--accent); text-align: left; }
#details tr.alert td { color: var(--alert); }
dialog { border: 1px solid var(--line); border-radius: 8px; background: var(--panel); color: var(--text); }
@media (max-width: 900px) {
  main { grid-template-columns: 1fr; grid-template-rows: 55vh auto auto; overflow-y: auto; }
  #map { grid-row: 1; }
  #list, #events { max-height: 40vh; }
  #figures { display: none; }
}

"""####),
        PageFile(name: "words.js", type: "text/javascript; charset=utf-8", content: ####"""
// What the page says, in the viewer's language.

const words = {
  en: {
    fleet: "Fleet", vehicles: "Vehicles", search: "Search vehicles", states: "States", group: "Group", map: "Map",
    allGroups: "All groups", happenings: "Events", alertsOnly: "Alerts only", zoomIn: "Zoom in", zoomOut: "Zoom out",
    fit: "Show all", units: "Units", connected: "live", away: "not connected", paused: "paused", token: "Token",
    enter: "Enter", moving: "moving", idling: "idling", parked: "parked", lost: "no position", offline: "offline",
    follow: "Follow", unfollow: "Stop following", close: "Close", speed: "Speed", heading: "Heading", time: "Position of",
    seen: "Last heard", inside: "Inside", fuel: "Fuel", odometer: "Odometer", battery: "Battery", cargo: "Cargo",
    ignition: "Ignition", on: "on", off: "off", state: "State", more: "more", stops: "Stops", stop: "Stop",
    promise: "Promised", eta: "ETA", status: "Status", perSecond: "messages/s", lag: "lag", tooMany: "too many connections",
    help: "Arrows move, + − zoom, 0 shows all, / searches, F follows, L changes the language, Esc closes",
    fences: { depot: "depot", customer: "customer", zone: "zone", no_go: "no entry", corridor: "corridor",
      filling_plant: "filling plant" },
    events: {},
  },
  "zh-Hant": {
    fleet: "車隊", vehicles: "車輛", search: "搜尋車輛", states: "狀態", group: "群組", map: "地圖", allGroups: "所有群組",
    happenings: "事件", alertsOnly: "只看警報", zoomIn: "放大", zoomOut: "縮小", fit: "顯示全部", units: "單位",
    connected: "即時", away: "未連線", paused: "暫停", token: "權杖", enter: "進入", moving: "行駛中", idling: "怠速",
    parked: "停放", lost: "無定位", offline: "離線", follow: "跟隨", unfollow: "停止跟隨", close: "關閉", speed: "車速",
    heading: "方向", time: "定位時間", seen: "最後回報", inside: "所在圍欄", fuel: "油量", odometer: "里程", battery: "電壓",
    cargo: "貨艙溫度", ignition: "引擎", on: "開", off: "關", state: "狀態", more: "更多", stops: "停靠點", stop: "停靠點",
    promise: "約定時段", eta: "預計到達", status: "狀態", perSecond: "則/秒", lag: "延遲", tooMany: "連線過多",
    help: "方向鍵移動，+ − 縮放，0 顯示全部，/ 搜尋，F 跟隨，L 切換語言，Esc 關閉",
    fences: { depot: "配送站", customer: "客戶", zone: "配送區", no_go: "禁行區", corridor: "廊道", filling_plant: "灌裝場" },
    events: {
      "vehicle.online": "上線", "vehicle.offline": "離線", "vehicle.trip_started": "行程開始",
      "vehicle.trip_ended": "行程結束", "vehicle.idle_started": "開始怠速", "vehicle.idle_ended": "結束怠速",
      "vehicle.parked": "停放", "vehicle.position_rejected": "定位不可信", "vehicle.position_stale": "失去定位",
      "vehicle.position_recovered": "恢復定位", "vehicle.clock_skewed": "時鐘偏差", "vehicle.daily_summary": "每日摘要",
      "geofence.entered": "進入", "geofence.exited": "離開", "geofence.crossed": "穿越", "geofence.dwelled": "停留",
      "geofence.prohibited_entered": "闖入禁行區", "geofence.outside_hours": "非開放時間",
      "safety.speeding_started": "超速", "safety.speeding_ended": "超速結束", "safety.harsh_braking": "急煞車",
      "safety.harsh_acceleration": "急加速", "safety.harsh_cornering": "急轉彎", "safety.crash_suspected": "疑似事故",
      "safety.sos": "求救", "safety.tamper": "設備遭破壞", "safety.tow_suspected": "疑似拖吊",
      "safety.driving_hours_exceeded": "超時駕駛", "condition.fuel_dropped": "油量驟降", "condition.refuelled": "加油",
      "condition.temperature_exceeded": "溫度超限", "condition.temperature_restored": "溫度恢復",
      "condition.battery_low": "電壓過低", "condition.dtc_raised": "故障碼", "condition.maintenance_due": "需保養",
      "condition.door_opened_outside_stop": "途中開門", "condition.engine_started": "引擎啟動",
      "condition.engine_stopped": "引擎熄火", "delivery.assigned": "已派單", "delivery.en_route": "配送中",
      "delivery.approaching": "即將到達", "delivery.planned": "已排定",
      "delivery.loaded": "已裝車", "delivery.servicing": "作業中", "delivery.service_started": "開始作業",
      "delivery.reschedule_requested": "要求改期", "delivery.at_risk_cleared": "可準時", "delivery.disputed": "紀錄不符",
      "delivery.proof_missing": "缺少簽收", "route.departed_depot": "離開配送站", "route.returned_to_depot": "返回配送站",
      "route.rejoined": "回到路線", "route.out_of_sequence": "順序不符", "finance.cod_collected": "已收貨款", "delivery.arrived": "已到達", "delivery.delivered": "已送達",
      "delivery.partially_delivered": "部分送達", "delivery.failed": "配送失敗", "delivery.refused": "客戶拒收",
      "delivery.departed": "已離開", "delivery.at_risk": "可能遲到", "delivery.cancelled": "已取消",
      "eta.updated": "預計到達更新", "route.deviated": "偏離路線", "route.completed": "路線完成",
      "system.gps_outage": "大範圍定位中斷", "system.source_lagging": "資料來源延遲",
    },
  },
};

export let language = localStorage.getItem("language")
  ?? (navigator.language.toLowerCase().startsWith("zh") ? "zh-Hant" : "en");
export let units = localStorage.getItem("units") ?? (/-(US|GB|LR|MM)$/.test(navigator.language) ? "mi" : "km");

export function say(word) {
  return words[language][word] ?? words.en[word] ?? word;
}

/** The kind of a geofence, or an event's type, for people. */
export function sayFence(kind) {
  return words[language].fences[kind] ?? kind.replaceAll("_", " ");
}

export function sayEvent(type) {
  return words[language].events[type] ?? type.slice(type.indexOf(".") + 1).replaceAll("_", " ");
}

/** Changes the language and every text of the page that says of itself what it is. */
export function setLanguage(next) {
  language = next;
  localStorage.setItem("language", next);
  document.documentElement.lang = next;
  for (const element of document.querySelectorAll("[data-text]")) element.textContent = say(element.dataset.text);
  for (const element of document.querySelectorAll("[data-label]")) element.ariaLabel = say(element.dataset.label);
  for (const element of document.querySelectorAll("[data-hint]")) element.placeholder = say(element.dataset.hint);
  for (const element of document.querySelectorAll("[data-tip]")) {
    element.title = say(element.dataset.tip);
    element.ariaLabel = element.title;
  }
  const button = document.getElementById("language");
  button.textContent = next === "en" ? "繁體中文" : "English";
  button.lang = next === "en" ? "zh-Hant" : "en";
  document.getElementById("canvas").title = say("help");
}

export function setUnits(next) {
  units = next;
  localStorage.setItem("units", next);
  document.getElementById("units").textContent = next;
}

/** A speed for people; nothing where there is none. */
export function saySpeed(speed_kmh) {
  if (speed_kmh === undefined || speed_kmh === null) return "";
  return units === "mi" ? `${Math.round(speed_kmh / 1.609344)} mph` : `${Math.round(speed_kmh)} km/h`;
}

export function sayDistance(distance_km) {
  return units === "mi" ? `${(distance_km / 1.609344).toFixed(1)} mi` : `${distance_km.toFixed(1)} km`;
}

/** A time in the viewer's zone, with the day where it is another one. */
export function sayTime(time) {
  const date = new Date(time);
  if (Number.isNaN(date.getTime())) return "";
  const isToday = date.toDateString() === new Date().toDateString();
  const clock = { hour: "2-digit", minute: "2-digit", second: "2-digit", hour12: false };
  const locale = language === "en" ? "en-GB" : "zh-TW";
  return isToday
    ? date.toLocaleTimeString(locale, clock)
    : date.toLocaleString(locale, { ...clock, month: "numeric", day: "numeric" });
}

"""####),
    ]
}
