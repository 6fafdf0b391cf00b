// Names where they fit: those of stations and places upright, those of streets along their lines. None covers another.

let taken = [];
const isFree = (box) => taken.every((one) => box[2] < one[0] || one[2] < box[0] || box[3] < one[1] || one[3] < box[1]);
const isInside = (x, y) => x > -40 && y > -40 && x < view.width + 40 && y < view.height + 40;

function write(text, x, y) {
  pen.lineJoin = "round"; pen.lineWidth = 3.4; pen.strokeStyle = ink.halo; pen.strokeText(text, x, y);
  pen.fillStyle = ink.text; pen.fillText(text, x, y);
}

function drawNames(tiles) {
  taken = [];
  pen.setTransform(ratio, 0, 0, ratio, 0, 0);
  drawStations();
  drawSigns(tiles);
  if (view.zoom >= 12.5) drawStreetNames(tiles);
  drawMinutes();
}

function label(text, x, y, font, offsets) {
  pen.font = font; pen.textAlign = "left"; pen.textBaseline = "middle";
  const wide = pen.measureText(text).width;
  for (const [dx, dy, along] of offsets) {
    const left = x + dx - wide * along, box = [left - 2, y + dy - 9, left + wide + 2, y + dy + 9];
    if (isFree(box)) { taken.push(box); write(text, left, y + dy); return true; }
  }
  return false;
}
const AROUND = [[13, 0, 0], [-13, 0, 1], [0, -19, 0.5], [0, 20, 0.5]];

function drawStations() {
  for (const line of closures) { const [x, y] = onScreen(...line[line.length >> 1]); taken.push([x - 10, y - 10, x + 10, y + 10]); }
  const seen = stations.map((one) => ({ ...one, place: onScreen(...one.at) })).filter((one) => isInside(...one.place));
  for (const { place: [x, y] } of seen) { taken.push([x - 10, y - 10, x + 10, y + 10]); sign(x, y, told.words.station_sign, ink.station, ink["on-station"]); }
  for (const { name, place: [x, y] } of seen) label(name, x, y, `600 13px ${FONT}`, AROUND);
}

const PLACE_SIZE = { city: 20, town: 16, village: 14, suburb: 13, hamlet: 12, locality: 12 };
const PLACE_ORDER = Object.keys(PLACE_SIZE);

function drawSigns(tiles) {
  const signs = tiles.flatMap((tile) => tile.signs.map((one) => {
    const across = 2 ** tile.z;
    return { ...one, place: onScreen((tile.x + one.x / EXTENT) / across, (tile.y + one.y / EXTENT) / across) };
  })).filter((one) => isInside(...one.place));
  for (const { tags, place: [x, y] } of signs.filter((one) => one.layer === "points")) {
    const box = [x - 10, y - 10, x + 10, y + 10];
    if (!isFree(box)) continue;
    taken.push(box);
    sign(x, y, told.words.signs[tags.kind] || "", ink.sign, ink["on-sign"], "round", ink["on-sign"]);
    if (tags.name && view.zoom >= 14) label(tags.name, x, y, `500 12px ${FONT}`, AROUND);
  }
  const places = signs.filter((one) => one.layer === "places");
  places.sort((a, b) => PLACE_ORDER.indexOf(a.tags.kind) - PLACE_ORDER.indexOf(b.tags.kind) || (a.tags.name < b.tags.name ? -1 : 1));
  for (const { tags, place: [x, y] } of places) {
    label(tags.name, x, y, `${tags.kind === "city" || tags.kind === "town" ? 650 : 550} ${PLACE_SIZE[tags.kind]}px ${FONT}`, [[0, 0, 0.5]]);
  }
}

// The screen points of a line with the way run so far: [x, y, px].
function screenLine(tile, line) {
  const points = [], across = 2 ** tile.z;
  for (let at = 0; at < line.length; at += 2) {
    const [x, y] = onScreen((tile.x + line[at] / EXTENT) / across, (tile.y + line[at + 1] / EXTENT) / across), last = points[points.length - 1];
    points.push([x, y, last ? last[2] + Math.hypot(x - last[0], y - last[1]) : 0]);
  }
  return points;
}

function pointAt(points, px) {
  let at = 1;
  while (at < points.length - 1 && points[at][2] < px) at++;
  const [a, b] = [points[at - 1], points[at]], part = (px - a[2]) / Math.max(b[2] - a[2], 1e-6);
  return [a[0] + (b[0] - a[0]) * part, a[1] + (b[1] - a[1]) * part];
}

function drawStreetNames(tiles) {
  pen.font = `500 12px ${FONT}`; pen.textAlign = "center"; pen.textBaseline = "middle";
  const found = [], written = new Map();
  for (const tile of tiles) {
    for (const { tags, lines } of tile.named) {
      if (view.zoom < 14 && !/^(motorway|trunk|primary|secondary)/.test(tags.class || "")) continue;
      if (view.zoom < 15 && /^(service|living)/.test(tags.class || "")) continue;
      for (const line of lines) found.push({ name: tags.name, rank: ORDER.indexOf(tags.class), points: screenLine(tile, line) });
    }
  }
  found.sort((a, b) => b.rank - a.rank || b.points[b.points.length - 1][2] - a.points[a.points.length - 1][2]);
  for (const { name, points } of found) alongLine(name, points, written);
}

// A name stands on the line's straightest middle part; upright to the reader; the same name not again nearby.
function alongLine(name, points, written) {
  const length = points[points.length - 1][2], wide = pen.measureText(name).width + 10;
  if (wide > length) return;
  for (const part of [0.5, 0.3, 0.7]) {
    const from = length * part - wide / 2;
    if (from < 0 || from + wide > length) continue;
    const a = pointAt(points, from), m = pointAt(points, from + wide / 2), b = pointAt(points, from + wide);
    const chord = Math.hypot(b[0] - a[0], b[1] - a[1]);
    const off = Math.abs((b[0] - a[0]) * (m[1] - a[1]) - (b[1] - a[1]) * (m[0] - a[0])) / Math.max(chord, 1);
    if (chord < wide * 0.96 || off > 3 || !isInside(...m)) continue;
    if ((written.get(name) || []).some(([x, y]) => Math.hypot(x - m[0], y - m[1]) < 260)) continue;
    const turn = Math.atan2(b[1] - a[1], b[0] - a[0]), upright = Math.abs(turn) > Math.PI / 2 ? turn + Math.PI : turn;
    const boxes = [];
    for (let at = 0; at <= 1; at += Math.min(0.25, 12 / wide)) {
      const x = a[0] + (b[0] - a[0]) * at, y = a[1] + (b[1] - a[1]) * at;
      boxes.push([x - 6, y - 6, x + 6, y + 6]);
    }
    if (!boxes.every(isFree)) continue;
    taken.push(...boxes);
    written.set(name, [...(written.get(name) || []), m]);
    pen.save(); pen.translate((a[0] + b[0]) / 2, (a[1] + b[1]) / 2); pen.rotate(upright); write(name, 0, 0); pen.restore();
    return;
  }
}

// How many minutes an area stands for, on its northern edge, apart from those of the others.
function drawMinutes() {
  const placed = [];
  for (const area of areas) {
    let top = null;
    for (const point of area.own) {
      const [x, y] = onScreen(...point), isSeen = x > 80 && x < view.width - 40 && y > 14 && y < view.height - 40;
      if (isSeen && (!top || y < top[1]) && placed.every((one) => Math.hypot(x - one[0], y - one[1]) > 90)) top = [x, y];
    }
    if (!top) continue;
    placed.push(top);
    const text = told.words.minutes.replace("{n}", area.minutes);
    label(text, top[0], top[1], `650 13px ${FONT}`, [[0, 0, 0.5], [0, 16, 0.5], [40, 4, 0.5], [-40, 4, 0.5]]);
  }
}

// ---- the scale bar, a round length

const bar = document.getElementById("map-scale");
function drawScale() {
  const [, lat] = unproject(view.x, view.y);
  const metresPerPixel = (40075016.7 * Math.cos((lat * Math.PI) / 180)) / scale();
  const steps = [10, 20, 50, 100, 200, 500, 1e3, 2e3, 5e3, 1e4, 2e4, 5e4, 1e5, 2e5, 5e5, 1e6];
  const metres = steps.filter((one) => one / metresPerPixel <= 130).pop() || 10;
  bar.style.width = `${metres / metresPerPixel}px`;
  bar.textContent = metres < 1000 ? told.words.metres.replace("{n}", metres) : told.words.kilometres.replace("{n}", metres / 1000);
}

for (const query of ["(prefers-color-scheme: dark)", "(forced-colors: active)"]) matchMedia(query).addEventListener("change", readInk);
readInk();
new ResizeObserver(resize).observe(canvas);
resize();
