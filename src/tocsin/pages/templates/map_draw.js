// Draws: ground, areas within minutes, streets, closures, names, stations. Colours come from the style sheet, so they follow its modes.

const probe = document.createElement("span");
document.body.append(probe);
let ink = {};
function readInk() {
  const names = ["land", "green", "water", "building", "rail", "street", "major", "motorway", "casing", "text", "halo", "quiet",
    "closed", "station", "station-rim", "on-station", "sign", "on-sign", "iso0", "iso1", "iso2", "iso3", "iso4"];
  ink = {};
  for (const name of names) {
    probe.style.color = `var(--map-${name})`;
    ink[name] = getComputedStyle(probe).color;
  }
  hatches.clear();
  ask();
}

// ---- tiles

const loaded = new Map();
function tileAt(z, x, y) {
  const key = `${z}/${x}/${y}`;
  if (!archive.place.has(key)) return null;
  if (!loaded.has(key)) {
    loaded.set(key, "waiting");
    loadTile(z, x, y).then((tile) => { loaded.set(key, tile); ask(); });
  }
  return loaded.get(key);
}

function visibleTiles() {
  const z = Math.max(0, Math.min(told.tiles.most_zoom, Math.floor(view.zoom + 0.3)));
  const across = 2 ** z, half = [view.width / 2 / scale(), view.height / 2 / scale()];
  const from = [Math.floor((view.x - half[0]) * across), Math.floor((view.y - half[1]) * across)];
  const to = [Math.floor((view.x + half[0]) * across), Math.floor((view.y + half[1]) * across)];
  const found = new Set();
  for (let x = Math.max(0, from[0]); x <= Math.min(across - 1, to[0]); x++) {
    for (let y = Math.max(0, from[1]); y <= Math.min(across - 1, to[1]); y++) {
      let tile = tileAt(z, x, y);
      // until a tile is there, the nearest one above it that is
      for (let up = 1; tile === "waiting" && up <= z; up++) {
        const above = loaded.get(`${z - up}/${x >> up}/${y >> up}`);
        if (above && above !== "waiting") tile = above;
      }
      if (tile && tile !== "waiting") found.add(tile);
    }
  }
  return [...found];
}

const unit = (tile) => scale() / 2 ** tile.z / EXTENT;
function enter(tile) {
  const [left, top] = onScreen(tile.x / 2 ** tile.z, tile.y / 2 ** tile.z), one = unit(tile) * ratio;
  pen.setTransform(one, 0, 0, one, left * ratio, top * ratio);
}

const FILLS = [["green", "green"], ["water", "water"], ["buildings", "building"]];
const RIVERS = { river: 2.2, canal: 1.8, stream: 1 };

function drawGround(tiles) {
  for (const [layer, colour] of FILLS) {
    pen.fillStyle = ink[colour];
    for (const tile of tiles) {
      enter(tile);
      for (const path of (tile.paths[layer] || new Map()).values()) pen.fill(path);
    }
  }
  pen.strokeStyle = ink.water; pen.lineCap = pen.lineJoin = "round";
  for (const tile of tiles) {
    enter(tile);
    for (const [kind, path] of tile.paths.waterways || new Map()) {
      pen.lineWidth = ((RIVERS[kind] || 1) * grow(0.5)) / unit(tile);
      pen.stroke(path);
    }
  }
}

// ---- streets

const WIDTH = { motorway: 3.4, trunk: 3.2, primary: 2.8, secondary: 2.3, tertiary: 1.8, unclassified: 1.3, residential: 1.2, road: 1.2 };
const ORDER = ["service", "busway", "living_street", "road", "residential", "unclassified", "tertiary_link", "tertiary", "secondary_link",
  "secondary", "primary_link", "primary", "trunk_link", "trunk", "motorway_link", "motorway"];
const grow = (steep) => 2 ** ((view.zoom - 12) * steep);
const widthOf = (kind) => (WIDTH[kind] || (WIDTH[kind.replace("_link", "")] || 1.5) * 0.62) * Math.max(0.55, grow(view.zoom > 12 ? 0.62 : 0.3));
const colourOf = (kind) => (/^(motorway|trunk)/.test(kind) ? ink.motorway : /^(primary|secondary)/.test(kind) ? ink.major : ink.street);

function drawStreets(tiles) {
  pen.lineJoin = pen.lineCap = "round";
  const rim = view.zoom > 11.5 ? 1.4 : 1;
  for (const pass of ["casing", "fill"]) {
    for (const kind of [...new Set(tiles.flatMap((tile) => [...(tile.paths.streets || new Map()).keys()]))].sort((a, b) => ORDER.indexOf(a) - ORDER.indexOf(b))) {
      for (const tile of tiles) {
        const path = tile.paths.streets && tile.paths.streets.get(kind);
        if (!path) continue;
        enter(tile);
        pen.strokeStyle = pass === "casing" ? ink.casing : colourOf(kind);
        pen.lineWidth = (widthOf(kind) + (pass === "casing" ? rim : 0)) / unit(tile);
        pen.stroke(path);
      }
    }
  }
}

function drawRailways(tiles) {
  pen.lineCap = "butt";
  for (const tile of tiles) {
    enter(tile);
    for (const path of (tile.paths.railways || new Map()).values()) {
      const one = 1 / unit(tile);
      pen.strokeStyle = ink.rail;
      pen.lineWidth = 1.2 * one; pen.stroke(path);
      pen.setLineDash([one, 6 * one]); pen.lineWidth = 4.5 * one; pen.stroke(path); pen.setLineDash([]);
    }
  }
}

// ---- our own layers: projected once, in parts of the world's width

const projected = (points) => points.map(([lon, lat]) => project(lon, lat));
const areas = told.isochrones.features.map(({ properties, geometry }) => ({
  ...properties, rings: geometry.coordinates.flat().map(projected), outer: geometry.coordinates.map((one) => projected(one[0])),
}));
// Points of an outline that runs apart from the next smaller area's: only there does a number of minutes say which line it means.
const APART = 80 / 40075016.7;
areas.forEach((area, nth) => {
  const taken = new Set(), key = (x, y) => `${x},${y}`, cell = (one) => Math.floor(one / APART);
  for (const ring of areas[nth + 1] ? areas[nth + 1].rings : []) for (const [x, y] of ring) taken.add(key(cell(x), cell(y)));
  const around = [-1, 0, 1];
  area.own = area.outer.flat().filter(([x, y]) => !around.some((dx) => around.some((dy) => taken.has(key(cell(x) + dx, cell(y) + dy)))));
});
const closures = told.closures.features.map(({ geometry }) => projected(geometry.coordinates));
const stations = told.stations.features.map(({ properties, geometry }) => ({ ...properties, at: project(...geometry.coordinates) }));

function trace(points) {
  for (let at = 0; at < points.length; at++) {
    const [x, y] = onScreen(...points[at]);
    if (at) pen.lineTo(x, y); else pen.moveTo(x, y);
  }
}

// One pattern for each step, so that steps stay apart without colour: none, dots, slanted lines, lines the other way, a grid.
const hatches = new Map();
function hatch(step) {
  if (step === 0) return null;
  if (!hatches.has(step)) {
    const sheet = document.createElement("canvas"), side = Math.round(10 * ratio);
    sheet.width = sheet.height = side;
    const one = sheet.getContext("2d");
    one.strokeStyle = one.fillStyle = ink[`iso${step}`]; one.lineWidth = 1.1 * ratio;
    one.beginPath();
    if (step === 1) one.arc(side / 2, side / 2, 1.2 * ratio, 0, 7);
    if (step === 2 || step === 4) { one.moveTo(-2, side + 2); one.lineTo(side + 2, -2); one.moveTo(-2, 2); one.lineTo(2, -2); one.moveTo(side - 2, side + 2); one.lineTo(side + 2, side - 2); }
    if (step === 3 || step === 4) { one.moveTo(-2, -2); one.lineTo(side + 2, side + 2); one.moveTo(side - 2, -2); one.lineTo(side + 2, 2); one.moveTo(-2, side - 2); one.lineTo(2, side + 2); }
    if (step === 1) one.fill(); else one.stroke();
    hatches.set(step, pen.createPattern(sheet, "repeat"));
  }
  return hatches.get(step);
}
const DASHES = [[], [9, 4], [2, 4], [9, 4, 2, 4], [14, 6]];

function eachArea(ringsOf, paint) {
  pen.setTransform(ratio, 0, 0, ratio, 0, 0);
  areas.forEach((area, nth) => {
    const step = Math.min(areas.length - 1 - nth, 4);  // the greatest area comes first and is the last step
    pen.beginPath();
    for (const ring of ringsOf(area, nth)) { trace(ring); pen.closePath(); }
    paint(area, step);
  });
}

function drawAreas() {
  // of each area what the next smaller one does not hold: it lies within, so by the even-odd rule it is a hole
  const band = (area, nth) => [...area.rings, ...(areas[nth + 1] ? areas[nth + 1].rings : [])];
  eachArea(band, (area, step) => {
    pen.globalAlpha = 0.3; pen.fillStyle = ink[`iso${step}`]; pen.fill("evenodd"); pen.globalAlpha = 1;
    const pattern = hatch(step);
    if (pattern) { pen.globalAlpha = 0.5; pen.fillStyle = pattern; pen.fill("evenodd"); pen.globalAlpha = 1; }
  });
}

function drawEdges() {
  eachArea((area) => area.rings, (area, step) => {
    pen.lineJoin = "round"; pen.strokeStyle = ink.halo; pen.lineWidth = 4; pen.stroke();
    pen.setLineDash(DASHES[step]); pen.lineCap = "butt"; pen.strokeStyle = ink[`iso${step}`]; pen.lineWidth = 2.2; pen.stroke(); pen.setLineDash([]);
  });
}

function drawClosures() {
  pen.setTransform(ratio, 0, 0, ratio, 0, 0);
  for (const line of closures) {
    pen.beginPath(); trace(line);
    pen.lineCap = "butt";
    pen.strokeStyle = ink.halo; pen.lineWidth = 9; pen.stroke();
    pen.strokeStyle = ink.closed; pen.lineWidth = 6; pen.setLineDash([6, 4]); pen.stroke(); pen.setLineDash([]);
    const [x, y] = onScreen(...line[line.length >> 1]);
    sign(x, y, "×", ink.closed, ink.halo, "round");
  }
}

function sign(x, y, letter, fill, letterInk, shape, rim = ink["station-rim"]) {
  pen.beginPath();
  if (shape === "round") pen.arc(x, y, 9, 0, 7); else pen.rect(x - 8.5, y - 8.5, 17, 17);
  pen.fillStyle = fill; pen.fill(); pen.strokeStyle = rim; pen.lineWidth = 1.8; pen.stroke();
  pen.fillStyle = letterInk; pen.font = `700 12px ${FONT}`; pen.textAlign = "center"; pen.textBaseline = "middle";
  pen.fillText(letter, x, y + 0.5);
}

function draw() {
  pen.setTransform(ratio, 0, 0, ratio, 0, 0);
  pen.fillStyle = ink.land; pen.fillRect(0, 0, view.width, view.height);
  const tiles = visibleTiles();
  drawGround(tiles); drawAreas(); drawRailways(tiles); drawStreets(tiles); drawEdges(); drawClosures();
  drawNames(tiles);
  drawScale();
}
