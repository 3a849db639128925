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
