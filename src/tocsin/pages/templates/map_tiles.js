"use strict";
// Reads the page's data, unpacks tiles and decodes them (Mapbox Vector Tile 2.1). Draws nothing.

const told = JSON.parse(document.getElementById("map-data").textContent);

const archive = (() => {
  const text = atob(told.tiles.data);
  const bytes = new Uint8Array(text.length);
  for (let at = 0; at < text.length; at++) bytes[at] = text.charCodeAt(at);
  const place = new Map();
  let start = 0;
  for (const [z, x, y, length] of told.tiles.index) {
    place.set(`${z}/${x}/${y}`, [start, length]);
    start += length;
  }
  return { bytes, place };
})();

async function unzip(bytes) {
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

class Reader {
  constructor(bytes, at = 0, end = bytes.length) { this.bytes = bytes; this.at = at; this.end = end; }
  number() {
    let value = 0, unit = 1, byte;
    do { byte = this.bytes[this.at++]; value += (byte & 127) * unit; unit *= 128; } while (byte > 127);
    return value;
  }
  signed() { const value = this.number(); return value % 2 ? -(value + 1) / 2 : value / 2; }
  block() { const length = this.number(); this.at += length; return new Reader(this.bytes, this.at - length, this.at); }
  text() { const one = this.block(); return new TextDecoder().decode(one.bytes.subarray(one.at, one.end)); }
  // field number → what take makes of it; every field that the page does not know is passed over
  fields(take) {
    while (this.at < this.end) {
      const key = this.number();
      if (!take(key >> 3)) {
        if ((key & 7) === 0) this.number(); else if ((key & 7) === 2) this.block(); else this.at += (key & 7) === 1 ? 8 : 4;
      }
    }
  }
}

function numbers(reader) {
  const found = [];
  while (reader.at < reader.end) found.push(reader.number());
  return found;
}

function decodeValue(reader) {
  let value = null;
  reader.fields((field) => {
    if (field === 1) { value = reader.text(); return true; }
    if (field === 5 || field === 4) { value = reader.number(); return true; }
    return false;
  });
  return value;
}

function decodeLines(reader) {
  const lines = [];
  let x = 0, y = 0, line = null;
  while (reader.at < reader.end) {
    const command = reader.number(), count = command >> 3;
    if ((command & 7) === 7) { line.isRing = true; continue; }
    for (let n = 0; n < count; n++) {
      x += reader.signed(); y += reader.signed();
      if ((command & 7) === 1) { line = []; lines.push(line); }
      line.push(x, y);
    }
  }
  return lines;
}

function decodeFeature(reader, keys, values) {
  const tags = {};
  let lines = [];
  reader.fields((field) => {
    if (field === 2) {
      const pairs = numbers(reader.block());
      for (let at = 0; at < pairs.length; at += 2) tags[keys[pairs[at]]] = values[pairs[at + 1]];
      return true;
    }
    if (field === 4) { lines = decodeLines(reader.block()); return true; }
    return false;
  });
  return { tags, lines };
}

function decodeLayer(reader) {
  const keys = [], values = [], raw = [];
  let name = "";
  reader.fields((field) => {
    if (field === 1) { name = reader.text(); return true; }
    if (field === 2) { raw.push(reader.block()); return true; }
    if (field === 3) { keys.push(reader.text()); return true; }
    if (field === 4) { values.push(decodeValue(reader.block())); return true; }
    return false;
  });
  return [name, raw.map((one) => decodeFeature(one, keys, values))];
}

function pathOf(lines) {
  const path = new Path2D();
  for (const line of lines) {
    path.moveTo(line[0], line[1]);
    for (let at = 2; at < line.length; at += 2) path.lineTo(line[at], line[at + 1]);
    if (line.isRing) path.closePath();
  }
  return path;
}

// A tile ready to be drawn: layer → kind → one path; and what carries a name.
async function loadTile(z, x, y) {
  const [start, length] = archive.place.get(`${z}/${x}/${y}`);
  const reader = new Reader(await unzip(archive.bytes.subarray(start, start + length)));
  const tile = { z, x, y, paths: {}, named: [], signs: [] };
  reader.fields((field) => {
    if (field !== 3) return false;
    const [name, features] = decodeLayer(reader.block());
    if (name === "places" || name === "points") {
      for (const { tags, lines } of features) for (const [px, py] of lines) tile.signs.push({ tags, layer: name, x: px, y: py });
      return true;
    }
    for (const { tags, lines } of features) {
      // rivers come as lines and as outlines: what is open has no inside to fill
      const layer = name === "water" && !lines[0].isRing ? "waterways" : name, kind = tags.class || tags.kind || "";
      const kinds = (tile.paths[layer] = tile.paths[layer] || new Map());
      if (!kinds.has(kind)) kinds.set(kind, new Path2D());
      kinds.get(kind).addPath(pathOf(lines));
      if (tags.name && name === "streets") tile.named.push({ tags, lines });
    }
    return true;
  });
  return tile;
}
