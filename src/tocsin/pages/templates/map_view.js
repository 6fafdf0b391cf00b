// Where the reader looks: centre, zoom, and every way to change them. 512 CSS pixels are the world at zoom 0.

const canvas = document.getElementById("map"), pen = canvas.getContext("2d");
const status = document.getElementById("map-status");
const FONT = getComputedStyle(document.body).fontFamily;
const SIDE = 512, EXTENT = 4096, MOST_OVER = 4.5;
const LEAST_ZOOM = Math.max(0, told.home.zoom - 3), MOST_ZOOM = told.tiles.most_zoom + MOST_OVER;

const project = (lon, lat) => {
  const sine = Math.sin((lat * Math.PI) / 180);
  return [lon / 360 + 0.5, 0.5 - Math.atanh(sine) / (2 * Math.PI)];
};
const unproject = (x, y) => [(x - 0.5) * 360, (Math.asin(Math.tanh((0.5 - y) * 2 * Math.PI)) * 180) / Math.PI];

const view = { x: 0, y: 0, zoom: 0, width: 0, height: 0 };
const scale = () => SIDE * 2 ** view.zoom;
const onScreen = (x, y) => [(x - view.x) * scale() + view.width / 2, (y - view.y) * scale() + view.height / 2];

let isAsked = false;
function ask() {
  if (isAsked) return;
  isAsked = true;
  requestAnimationFrame(() => { isAsked = false; draw(); });
}

function goHome() {
  const [west, south, east, north] = told.home.bounds;
  const [left, top] = project(west, north), [right, bottom] = project(east, south);
  const fits = Math.min(view.width / (right - left), view.height / (bottom - top)) / SIDE;
  view.x = (left + right) / 2; view.y = (top + bottom) / 2;
  view.zoom = Math.min(Math.max(Math.log2(fits * 0.96), LEAST_ZOOM), MOST_ZOOM);
}

function pan(dx, dy) {
  view.x = Math.min(1, Math.max(0, view.x + dx / scale()));
  view.y = Math.min(1, Math.max(0, view.y + dy / scale()));
  ask();
}

function zoomAt(by, px = view.width / 2, py = view.height / 2) {
  const before = scale();
  view.zoom = Math.min(MOST_ZOOM, Math.max(LEAST_ZOOM, view.zoom + by));
  const dx = px - view.width / 2, dy = py - view.height / 2;
  view.x += dx / before - dx / scale(); view.y += dy / before - dy / scale();
  ask();
}

let waiting = 0;
function say() {
  clearTimeout(waiting);
  waiting = setTimeout(() => {
    const [lon, lat] = unproject(view.x, view.y);
    status.textContent = told.words.status
      .replace("{lon}", lon.toFixed(4)).replace("{lat}", lat.toFixed(4)).replace("{zoom}", view.zoom.toFixed(1));
  }, 400);
}

const STEP = 90;
const KEYS = {
  ArrowLeft: () => pan(-STEP, 0), ArrowRight: () => pan(STEP, 0), ArrowUp: () => pan(0, -STEP), ArrowDown: () => pan(0, STEP),
  "+": () => zoomAt(0.5), "=": () => zoomAt(0.5), "-": () => zoomAt(-0.5), _: () => zoomAt(-0.5),
  Home: () => { goHome(); ask(); }, 0: () => { goHome(); ask(); },
};
canvas.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || !KEYS[event.key]) return;
  event.preventDefault();
  KEYS[event.key]();
  say();
});
canvas.addEventListener("wheel", (event) => {
  event.preventDefault();
  const lines = event.deltaMode === 1 ? 20 : 1;
  zoomAt(Math.max(-1, Math.min(1, -event.deltaY * lines / 300)), event.offsetX, event.offsetY);
}, { passive: false });

const fingers = new Map();
const span = () => {
  const [a, b] = [...fingers.values()];
  return { x: (a.x + b.x) / 2, y: (a.y + b.y) / 2, wide: Math.hypot(a.x - b.x, a.y - b.y) };
};
canvas.addEventListener("pointerdown", (event) => {
  canvas.setPointerCapture(event.pointerId);
  fingers.set(event.pointerId, { x: event.offsetX, y: event.offsetY });
});
canvas.addEventListener("pointermove", (event) => {
  const last = fingers.get(event.pointerId);
  if (!last) return;
  const before = fingers.size === 2 ? span() : null;
  fingers.set(event.pointerId, { x: event.offsetX, y: event.offsetY });
  if (fingers.size === 1) pan(last.x - event.offsetX, last.y - event.offsetY);
  if (before) {
    const now = span();
    pan(before.x - now.x, before.y - now.y);
    zoomAt(Math.log2(now.wide / Math.max(before.wide, 1)), now.x, now.y);
  }
});
for (const kind of ["pointerup", "pointercancel"]) canvas.addEventListener(kind, (event) => { fingers.delete(event.pointerId); say(); });
canvas.addEventListener("dblclick", (event) => zoomAt(1, event.offsetX, event.offsetY));
for (const button of document.querySelectorAll("[data-map]")) {
  button.addEventListener("click", () => { KEYS[button.dataset.map](); say(); });
}

// #zoom/longitude/latitude in the page's address opens it there.
function goThere() {
  const [zoom, lon, lat] = location.hash.slice(1).split("/").map(Number);
  if (![zoom, lon, lat].every(Number.isFinite) || Math.abs(lat) > 85) return goHome();
  [view.x, view.y] = project(lon, lat);
  view.zoom = Math.min(MOST_ZOOM, Math.max(LEAST_ZOOM, zoom));
}

let ratio = 1;
function resize() {
  const box = canvas.getBoundingClientRect(), isFirst = view.width === 0;
  ratio = Math.min(window.devicePixelRatio || 1, 2);
  view.width = box.width; view.height = box.height;
  canvas.width = Math.round(box.width * ratio); canvas.height = Math.round(box.height * ratio);
  if (isFirst) goThere();
  draw();  // at once: a canvas of another size is empty
}
