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
