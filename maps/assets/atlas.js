/*
 * Atlas draws one map from one small specification, and redraws it from the next.
 *
 * Geometry comes by URL (or from the element #atlas-data of a self-contained page) and stays
 * drawn as long as its URL stays; a new specification then only changes styles. Every text
 * goes through textContent, never through markup.
 *
 * The specification is written by maps/spec.py, which says what each field means.
 */
(function () {
  "use strict";

  const POLYGONS = ["areas", "cells", "gaps"];
  const GROUND = ["green", "water", "streets", "districts"];
  const OUTLINES = [...GROUND, "drawn"];
  const FETCHED = ["surface", ...OUTLINES, ...POLYGONS, "points", "names"];
  const STACK = ["green", "areas", "water", "cells", "streets", "districts", "gaps", "selection", "drawn", "points"];
  const NARROW = 480;
  const MARK = 25;
  // What a reader can switch, in this order, and what is off until somebody asks for it.
  const SWITCHED = ["cells", "surface", "marks", "gaps", "points", "areas", "districts", "names",
    "streets", "water", "green"];
  const OFF_AT_FIRST = ["districts"];

  // ---------------------------------------------------------------- texts

  function element(tag, className, text) {
    const node = document.createElement(tag);
    if (className) node.className = className;
    if (text !== undefined) node.textContent = text;
    return node;
  }

  function tip(lines) {
    const box = element("div", lines.length ? "atlas-lines" : "atlas-none");
    lines.forEach((line, row) => box.append(element(row ? "div" : "strong", "", line)));
    return box;
  }

  // ---------------------------------------------------------------- colours and symbols

  const hatches = new Map();

  function hatch(fill, line) {
    const key = fill + line;
    if (!hatches.has(key)) {
      const tile = document.createElement("canvas");
      tile.width = tile.height = 8;
      const pen = tile.getContext("2d");
      pen.fillStyle = fill;
      pen.fillRect(0, 0, 8, 8);
      pen.strokeStyle = line;
      pen.lineWidth = 1.4;
      for (const shift of [-8, 0, 8]) {
        pen.beginPath();
        pen.moveTo(shift - 1, 9);
        pen.lineTo(shift + 9, -1);
        pen.stroke();
      }
      hatches.set(key, pen.createPattern(tile, "repeat"));
    }
    return hatches.get(key);
  }

  function paintOf(style) {
    return {
      fill: Boolean(style.fill),
      fillColor: style.hatch ? hatch(style.fill, style.hatch) : style.fill,
      fillOpacity: style.opacity,
      stroke: Boolean(style.line),
      color: style.line,
      weight: style.width,
      dashArray: style.dash || null,
    };
  }

  const CORNERS = {
    square: [[-0.86, -0.86], [0.86, -0.86], [0.86, 0.86], [-0.86, 0.86]],
    diamond: [[0, -1.2], [1.2, 0], [0, 1.2], [-1.2, 0]],
    triangle: [[0, -1.2], [1.12, 0.85], [-1.12, 0.85]],
    cross: [
      [-0.4, -1.1], [0.4, -1.1], [0.4, -0.4], [1.1, -0.4], [1.1, 0.4], [0.4, 0.4],
      [0.4, 1.1], [-0.4, 1.1], [-0.4, 0.4], [-1.1, 0.4], [-1.1, -0.4], [-0.4, -0.4],
    ],
  };

  function outline(pen, shape, x, y, r) {
    pen.beginPath();
    if (CORNERS[shape]) CORNERS[shape].forEach(([dx, dy]) => pen.lineTo(x + dx * r, y + dy * r));
    else pen.arc(x, y, r, 0, 2 * Math.PI);
    pen.closePath();
  }

  // What is hollow shows this: the colour of paper, or of the night.
  const PAPER = "#ffffff", DARK = "#0e141d";
  let paper = PAPER;

  // A map in a file of its own is on white paper.
  const DARK_PAGE = matchMedia("screen and (prefers-color-scheme: dark)");
  const onDarkPage = () => DARK_PAGE.matches && !document.body.classList.contains("atlas-page");

  // look: full (open) · dotted (unknown) · hollow (closed) · dashed (planned)
  function drawSymbol(pen, { shape, colour, look }, x, y, r) {
    const solid = look === "full" || look === "dotted";
    pen.save();
    outline(pen, shape, x, y, r);
    pen.lineJoin = "round";
    pen.lineWidth = Math.min(2.4, 0.55 * r) + (solid ? 0 : 1.6);
    pen.strokeStyle = solid ? PAPER : paper;
    pen.stroke();
    pen.fillStyle = solid ? colour : paper;
    pen.fill();
    if (!solid) {
      pen.lineWidth = Math.min(1.6, 0.4 * r);
      pen.strokeStyle = paper === PAPER ? colour : "#aab6c6";
      if (look === "dashed") pen.setLineDash([2.5, 2]);
      pen.stroke();
    }
    if (look === "dotted" && r >= 2) {
      outline(pen, "circle", x, y, r * 0.36);
      pen.fillStyle = "#ffffff";
      pen.fill();
    }
    pen.restore();
  }

  const stamps = new Map();

  // Thousands of equal symbols are drawn once and then stamped.
  function stamp(look, radius) {
    const key = [look.shape, look.colour, look.look, radius, paper].join();
    if (!stamps.has(key)) {
      const side = 2 * Math.ceil(1.2 * radius + 3);
      const canvas = document.createElement("canvas");
      canvas.width = canvas.height = side * SHARPNESS;
      const pen = canvas.getContext("2d");
      pen.scale(SHARPNESS, SHARPNESS);
      drawSymbol(pen, look, side / 2, side / 2, radius);
      stamps.set(key, { canvas, side });
    }
    return stamps.get(key);
  }

  const SHARPNESS = L.Browser.retina ? 2 : 1;

  // Of the distance between symbols, so much is a symbol's radius at most: more would hide what
  // they lie on.
  const ROOM = 0.28;

  function metresOf(place) {
    const { lat } = place.getLatLng();
    return (40075016.7 * Math.cos((lat * Math.PI) / 180)) / CRS.scale(place._map.getZoom());
  }

  const Place = L.CircleMarker.extend({
    _updateBounds() {
      const zoom = this._map.getZoom();
      const room = this.options.spacing ? (ROOM * this.options.spacing) / metresOf(this) : 7.5;
      this._radius = Math.max(1.25, Math.min(room, 7.5, Math.max(1.3, 2.2 + 0.75 * (zoom - 11))));
      L.CircleMarker.prototype._updateBounds.call(this);
    },
    _updatePath() {
      const renderer = this._renderer;
      if (!renderer._drawing || this._empty()) return;
      const { canvas, side } = stamp(this.options, this._radius);
      const { x, y } = this._point;
      renderer._ctx.drawImage(canvas, x - side / 2, y - side / 2, side, side);
    },
  });

  const CRS = L.CRS.EPSG3857;
  const GRID_ZOOM = 17;
  const GRID = CRS.scale(GRID_ZOOM);

  // From a first corner and steps to corners, x and y in turn.
  function walk(steps) {
    const ring = new Float64Array(steps);
    for (let at = 2; at < ring.length; at += 1) ring[at] += ring[at - 2];
    return ring;
  }

  function pairs(ring, make) {
    const made = [];
    for (let at = 0; at < ring.length; at += 2) made.push(make(ring[at], ring[at + 1]));
    return made;
  }

  // A polygon whose rings stand on the grid of maps/geometry.py: it is scaled and not
  // projected, corners that fall on one pixel are drawn as one, and the canvas does the clipping.
  const Region = L.Polygon.extend({
    options: { noClip: true },
    initialize(steps, options) {
      L.setOptions(this, options);
      this._grid = steps.map(walk);
    },
    getLatLngs() {
      const place = (x, y) => CRS.pointToLatLng(new L.Point(x, y), GRID_ZOOM);
      return this._grid.map((ring) => pairs(ring, place));
    },
    isEmpty() {
      return !this._grid.length;
    },
    _project() {
      const scale = CRS.scale(this._map.getZoom()) / GRID;
      const { x: left, y: top } = this._map.getPixelOrigin();
      this._rawPxBounds = new L.Bounds();
      this._rings = this._grid.map((ring) => {
        const points = [];
        let last = null;
        for (let at = 0; at < ring.length; at += 2) {
          const x = Math.round(ring[at] * scale - left);
          const y = Math.round(ring[at + 1] * scale - top);
          if (last && last.x === x && last.y === y) continue;
          points.push((last = new L.Point(x, y)));
          this._rawPxBounds.extend(last);
        }
        return points;
      });
      this._updateBounds();
    },
    // Nothing has no bounds: a layer may be empty, and takes a new style all the same.
    _updateBounds() {
      if (this._grid.length) L.Polygon.prototype._updateBounds.call(this);
    },
  });

  // Leaflet, and whoever was told of a click, read these two of any polygon: what the base class
  // keeps, a region works out from its grid when it is asked.
  Object.defineProperties(Region.prototype, {
    _latlngs: { get() { return this.getLatLngs(); } },
    _bounds: { get() { return L.latLngBounds(this.getLatLngs().flat()); } },
  });

  // ---------------------------------------------------------------- data

  let contents;

  function embedded(url) {
    if (!contents) {
      const node = document.getElementById("atlas-data");
      contents = node ? JSON.parse(node.textContent) : {};
    }
    return contents[url];
  }

  async function load(url) {
    if (embedded(url)) return embedded(url);
    const answer = await fetch(url);
    if (!answer.ok) throw new Error(`${answer.status} ${url}`);
    return answer.json();
  }

  function loadImage(url) {
    const source = embedded(url) || url;
    return new Promise((resolve, reject) => {
      const image = new Image();
      image.onload = () => resolve(source);
      image.onerror = () => reject(new Error(url));
      image.src = source;
    });
  }

  // ---------------------------------------------------------------- parts of the map

  function buildPolygons(data, slot) {
    slot.shapes = data.map((rings, row) => {
      const shape = new Region(rings);
      shape.atlasRow = row;
      return shape;
    });
    slot.painted = [];
    const lines = ({ atlasRow: row }) => tip((slot.lines || [])[row] || []);
    return L.featureGroup(slot.shapes).bindTooltip(lines, TIP);
  }

  // Gaps of one class look alike and say nothing: they are one shape, and what is below can be
  // pointed at.
  function buildGaps(data, slot) {
    const { classes, styles } = slot.part;
    const of = (row) => (classes ? parseInt(classes[row], 36) : 0);
    slot.shapes = styles.map((_, index) => {
      const rings = data.filter((_, row) => of(row) === index).flat();
      return new Region(rings, { interactive: false });
    });
    slot.painted = [];
    return L.featureGroup(slot.shapes);
  }

  function paintPolygons(slot) {
    const { classes, styles } = slot.part;
    const paints = styles.map(paintOf);
    const marks = styles.map((style) => JSON.stringify(style));
    slot.shapes.forEach((shape, row) => {
      const index = classes ? parseInt(classes[row], 36) : 0;
      if (slot.painted[row] === marks[index]) return;
      slot.painted[row] = marks[index];
      shape.setStyle(paints[index]);
    });
  }

  // From afar hundreds of gaps would hide what lies under them: they are drawn fainter.
  function paintGaps(slot) {
    const near = Math.max(0.35, Math.min(1, (slot.map.getZoom() - 8) / 3.5));
    slot.part.styles.forEach((style, index) => {
      const mark = JSON.stringify([style, near]);
      if (slot.painted[index] === mark) return;
      slot.painted[index] = mark;
      const paint = paintOf(style);
      const { fillOpacity, weight } = paint;
      const faint = { fillOpacity: fillOpacity * near, weight: weight * near, opacity: near };
      slot.shapes[index].setStyle({ ...paint, ...faint });
    });
  }

  function repaintGaps(map) {
    const { gaps } = map.atlas.slots;
    if (gaps && gaps.layer) paintGaps(gaps);
  }

  function buildPoints(data, slot) {
    slot.shapes = data.lon.map((lon, row) => {
      const place = new Place([data.lat[row], lon], { spacing: data.spacing });
      place.atlasRow = row;
      return place;
    });
    const lines = ({ atlasRow: row }) => {
      const kind = slot.part.kinds[data.kind[row]].label;
      const status = slot.part.statuses[data.status[row]].label;
      const details = data.details ? data.details[row] : [];
      return tip([data.name[row] || kind, `${kind} · ${status}`, ...details]);
    };
    slot.data = data;
    slot.painted = null;
    return L.featureGroup(slot.shapes).bindTooltip(lines, TIP);
  }

  function paintPoints(slot) {
    const { data, part, shapes } = slot;
    const painted = JSON.stringify([part.kinds, part.statuses, paper]);
    if (slot.painted === painted) return;
    slot.painted = painted;
    shapes.forEach((place, row) => {
      const { colour, shape } = part.kinds[data.kind[row]];
      place.setStyle({ colour, shape, look: part.statuses[data.status[row]].look });
    });
  }

  // The ground says nothing either: each part of it is one shape of one look.
  function paintGround(slot) {
    const { styles, dark } = slot.part;
    const style = (onDarkPage() && dark) || styles[0];
    slot.shapes[0].setStyle({ ...paintOf(style), opacity: style.opacity });
  }

  function repaintGround(map) {
    OUTLINES.map((name) => map.atlas.slots[name])
      .filter((slot) => slot && slot.layer)
      .forEach(paintGround);
  }

  // ---------------------------------------------------------------- names

  const AIR = 3;
  const MOST_NAMES = 60;
  // A name is written once what it names is so many times as wide on the map as its text.
  const WIDER = 1.6;
  const ruler = document.createElement("canvas").getContext("2d");

  // Names come by weight: each is written where no weightier one and no numbered place stands.
  const Names = L.Layer.extend({
    initialize(data) {
      this._data = data;
    },
    onAdd(map) {
      this._box = element("div", "atlas-names leaflet-zoom-hide");
      this._box.setAttribute("aria-hidden", "true");
      map.getPane("names").append(this._box);
      map.on("moveend zoomend resize", this.write, this);
      this.write();
    },
    onRemove(map) {
      map.off("moveend zoomend resize", this.write, this);
      this._box.remove();
    },
    write() {
      const { text, lon, lat, size, district } = this._data;
      const map = this._map;
      const view = map.getBounds();
      const perMetre = CRS.scale(map.getZoom()) / (40075016.7 * Math.cos((map.getCenter().lat * Math.PI) / 180));
      const taken = marked(map);
      const told = new Set();
      const written = [];
      for (let row = 0; row < text.length && written.length < MOST_NAMES; row += 1) {
        if (told.has(text[row]) || !view.contains([lat[row], lon[row]])) continue;
        const look = district[row] ? "atlas-district" : "atlas-place";
        ruler.font = district[row] ? DISTRICT_FONT : PLACE_FONT;
        const half = ruler.measureText(text[row]).width / 2;
        if (size[row] * perMetre < 2 * half * WIDER) continue;
        const at = map.latLngToLayerPoint([lat[row], lon[row]]);
        const box = [at.x - half - AIR, at.y - 9, at.x + half + AIR, at.y + 9];
        if (taken.some((other) => overlap(box, other))) continue;
        taken.push(box);
        told.add(text[row]);
        const name = element("span", look, text[row]);
        L.DomUtil.setPosition(name, at);
        written.push(name);
      }
      this._box.replaceChildren(...written);
    },
  });

  const DISTRICT_FONT = "600 14px sans-serif", PLACE_FONT = "12px sans-serif";

  function overlap([left, top, right, bottom], [west, north, east, south]) {
    return left < east && right > west && top < south && bottom > north;
  }

  function marked(map) {
    const { layer } = map.atlas.slots.marks || {};
    const boxes = [];
    if (!layer || !map.hasLayer(layer)) return boxes;
    layer.eachLayer((mark) => {
      if (mark.getElement().style.display === "none") return;
      const { x, y } = map.latLngToLayerPoint(mark.getLatLng());
      boxes.push([x - MARK / 2, y - 31, x + MARK / 2, y]);
    });
    return boxes;
  }

  const TIP = { sticky: true, className: "atlas-tip", opacity: 1, direction: "auto" };

  const PARTS = {
    surface: {
      load: loadImage,
      build: (source, slot) => L.imageOverlay(source, slot.part.bounds, { pane: "surface" }),
      paint: (slot, layer) => layer.setOpacity(slot.part.opacity),
    },
    points: { load, build: buildPoints, paint: paintPoints },
  };
  POLYGONS.forEach((name) => {
    PARTS[name] = { load, build: buildPolygons, paint: paintPolygons };
  });
  PARTS.gaps.build = buildGaps;
  PARTS.gaps.paint = paintGaps;
  OUTLINES.forEach((name) => {
    PARTS[name] = { load, build: buildGaps, paint: paintGround };
  });
  PARTS.names = { load, build: (data) => new Names(data), paint: () => {} };

  function replace(map, slot, layer) {
    if (slot.layer) slot.layer.remove();
    slot.layer = layer ? layer.addTo(map) : null;
  }

  async function fill(map, name, slot) {
    const { url } = slot.part;
    const data = await PARTS[name].load(url);
    if (slot.url !== url) return;
    const layer = PARTS[name].build(data, slot);
    PARTS[name].paint(slot, layer);
    replace(map, slot, layer);
  }

  // The lines under the pointer come last: nothing that is drawn waits for them.
  async function readLines(slot) {
    const part = slot && slot.part;
    if (!part || slot.text === part.text) return;
    const lines = part.text ? await load(part.text) : null;
    if (slot.part !== part) return;
    slot.text = part.text;
    slot.lines = lines;
    const shown = slot.layer && slot.layer.getTooltip();
    if (shown && shown.isOpen()) shown.update();
  }

  async function update(map, name, part, painted) {
    const slot = (map.atlas.slots[name] = map.atlas.slots[name] || { map });
    slot.part = part;
    if (!part || slot.text !== part.text) slot.lines = slot.text = null;
    if (!part || map.atlas.hidden.has(name)) {
      slot.url = null;
      replace(map, slot, null);
      return;
    }
    if (slot.url !== part.url) {
      slot.url = part.url;
      slot.loading = fill(map, name, slot);
    }
    try {
      await slot.loading;
      if (slot.part !== part) return;
      PARTS[name].paint(slot, slot.layer);
      painted();
    } catch (error) {
      if (slot.part === part) slot.url = null;
      throw error;
    }
  }

  // ---------------------------------------------------------------- selection, order, view

  function select(map, areas) {
    const slot = (map.atlas.slots.selection = map.atlas.slots.selection || {});
    const shapes = areas && map.atlas.slots.areas.shapes;
    const chosen = shapes && shapes[areas.selected];
    const second = shapes && shapes[areas.second];
    const halo = { interactive: false, fill: false, color: "#ffffff", weight: 7 };
    const rim = { interactive: false, fill: false, color: "#111827", weight: 3 };
    const rings = (shape, style) => L.polygon(shape.getLatLngs(), style);
    const both = [[chosen, rim], [second, { ...rim, dashArray: "7 5" }]].filter(([shape]) => shape);
    const drawn = both.flatMap(([shape, style]) => [rings(shape, halo), rings(shape, style)]);
    replace(map, slot, drawn.length ? L.featureGroup(drawn) : null);
  }

  function restack(map) {
    STACK.forEach((name) => {
      const slot = map.atlas.slots[name];
      if (slot && slot.layer) slot.layer.bringToFront();
    });
  }

  // The legend stands in the corner: what is shown keeps clear of it on the side that leaves more
  // room; a legend that would take more than half of the map is let over it.
  function besideLegend(map, bounds, legend) {
    const { x: width, y: height } = map.getSize();
    const beside = [Math.min(legend.offsetWidth + 24, width / 2), 28];
    const above = [16, Math.min(legend.offsetHeight + 24, height / 2)];
    const zoomOf = ([right, below]) => map.getBoundsZoom(bounds, false, L.point(48 + right, 16 + below));
    const covered = legend.offsetWidth + 24 > width / 2;
    return !covered && zoomOf(beside) > zoomOf(above) ? beside : above;
  }

  function roomOf(map) {
    const legend = map.getContainer().querySelector(".atlas-legend[open]");
    const { x, y } = map.getSize();
    return [x, y, legend && legend.offsetWidth, legend && legend.offsetHeight].join();
  }

  function goTo(map, bounds, animate) {
    const legend = map.getContainer().querySelector(".atlas-legend[open]");
    const wide = map.getSize().x > NARROW;
    const clear = legend && wide ? besideLegend(map, bounds, legend) : [16, 28];
    const calm = window.matchMedia("(prefers-reduced-motion: reduce)").matches;
    map.atlas.aim = bounds;
    map.atlas.room = roomOf(map);
    if (map._animatingZoom) {  // Leaflet would forget where it is sent while it is on its way
      map.once("zoomend", () => { if (map.atlas.aim === bounds) goTo(map, bounds, animate); });
      return;
    }
    map.fitBounds(bounds, {
      paddingTopLeft: [wide ? 48 : 16, 16],
      paddingBottomRight: clear,
      animate: animate && !calm,
      maxZoom: 16,
    });
  }

  function fit(map, view) {
    if (!view || view.nonce === map.atlas.nonce) return;
    goTo(map, view.bounds, map.atlas.nonce !== null);
    map.atlas.nonce = view.nonce;
  }

  // A line over the map that says how something is done.
  function hintOn(map) {
    const box = element("div", "atlas-hint");
    box.hidden = true;
    box.setAttribute("role", "status");
    map.getContainer().append(box);
    return {
      show(text) { box.textContent = text; box.hidden = false; },
      hide() { box.hidden = true; },
    };
  }

  // A page scrolls under a map that nobody has touched: the wheel zooms after a click, until the
  // pointer leaves the map, or with Ctrl; else a hint says so.
  function tameWheel(map) {
    const container = map.getContainer();
    const { hint } = map.atlas;
    let awake = false;
    let timer;
    const still = () => { if (!map.atlas.heard) hint.hide(); };
    container.addEventListener("pointerdown", () => { awake = true; still(); }, true);
    container.addEventListener("mouseleave", () => { awake = false; still(); });
    container.addEventListener("wheel", (event) => {
      if (awake || event.ctrlKey || event.metaKey) {
        map.atlas.aim = null;
        return;
      }
      event.stopPropagation();
      if (map.atlas.heard) return;
      hint.show(map.atlas.words.wheel);
      clearTimeout(timer);
      timer = setTimeout(still, 1500);
    }, { capture: true, passive: true });
  }

  // A frame takes its size late, and style sheets come when they come: as long as the
  // reader has not moved the map, it keeps to what it was sent to.
  function keepAim(map) {
    const container = map.getContainer();
    for (const name of ["pointerdown", "keydown"]) {
      container.addEventListener(name, () => { map.atlas.aim = null; }, true);
    }
    const watch = new ResizeObserver(() => {
      map.invalidateSize();
      if (map.atlas.aim && map.atlas.room !== roomOf(map)) goTo(map, map.atlas.aim, false);
    });
    watch.observe(container);
    return watch;
  }

  function stylesLoaded() {
    const waiting = [...document.querySelectorAll("link[rel=stylesheet]")].filter((l) => !l.sheet);
    const settled = (link) => new Promise((resolve) => {
      link.addEventListener("load", resolve);
      link.addEventListener("error", resolve);
    });
    return Promise.all(waiting.map(settled));
  }

  // ---------------------------------------------------------------- marks, tiles, words

  function numbered(mark) {
    const face = element("span", "", mark.label);
    const icon = L.divIcon({ className: "atlas-mark", html: face, iconSize: [24, 31], iconAnchor: [12, 31] });
    const options = { icon, alt: mark.title, bubblingMouseEvents: true };
    const marker = L.marker([mark.lat, mark.lon], options);
    marker.atlasMark = mark;
    marker.atlasBelow = [];
    const lines = () => [marker, ...marker.atlasBelow].map((each) => each.atlasMark);
    return marker.bindTooltip(() => {
      const [first, ...others] = lines();
      return tip([first.title, ...others.map(({ label, title }) => `${label} · ${title}`)]);
    }, TIP);
  }

  function drawMarks(map, marks) {
    const slot = (map.atlas.slots.marks = map.atlas.slots.marks || {});
    const shown = marks && !map.atlas.hidden.has("marks");
    replace(map, slot, shown ? L.featureGroup(marks.map(numbered)) : null);
    makeRoom(map);
  }

  // A mark that would lie on one of better rank waits for a closer look; the one that stands says
  // how many it covers, and under the pointer which: none is lost without a word.
  function makeRoom(map) {
    const { layer } = map.atlas.slots.marks;
    const shown = [];
    if (!layer) return;
    layer.eachLayer((mark) => {
      const at = map.project(mark.getLatLng());
      const over = shown.find(({ x, y }) => Math.abs(x - at.x) < MARK && Math.abs(y - at.y) < MARK);
      mark.getElement().style.display = over ? "none" : "";
      mark.atlasBelow = [];
      if (over) over.mark.atlasBelow.push(mark);
      else shown.push({ x: at.x, y: at.y, mark });
    });
    shown.forEach(({ mark }) => {
      const face = mark.getElement().firstChild;
      const more = mark.atlasBelow.length;
      face.replaceChildren(mark.atlasMark.label, ...(more ? [element("b", "atlas-more", `+${more}`)] : []));
    });
  }

  function drawTiles(map, tiles) {
    const slot = (map.atlas.slots.tiles = map.atlas.slots.tiles || {});
    if (slot.url === (tiles && tiles.url)) return;
    slot.url = tiles && tiles.url;
    if (!tiles) return replace(map, slot, null);
    const attribution = element("span", "", tiles.attribution).innerHTML;
    replace(map, slot, L.tileLayer(tiles.url, { attribution, maxZoom: map.getMaxZoom() }));
  }

  function setWords(map, language, words) {
    document.documentElement.lang = language;
    const controls = { ".leaflet-control-zoom-in": words.zoom_in,
      ".leaflet-control-zoom-out": words.zoom_out, ".atlas-home": words.home };
    Object.entries(controls).forEach(([selector, text]) => {
      const node = map.getContainer().querySelector(selector);
      node.title = text;
      node.setAttribute("aria-label", text);
    });
    map.getContainer().setAttribute("aria-label", words.map);
    map.atlas.units = words;
    map.whenReady(() => map.atlas.scale._update());
  }

  function report(map, outcomes, words) {
    const container = map.getContainer();
    const failures = outcomes.filter(({ status }) => status === "rejected");
    container.querySelectorAll(".atlas-failed").forEach((node) => node.remove());
    if (!failures.length) return;
    const box = element("div", "atlas-failed", words.failed);
    box.setAttribute("role", "alert");
    failures.forEach(({ reason }) => box.append(element("small", "", reason.message)));
    container.append(box);
  }

  // ---------------------------------------------------------------- legend

  // A line, an outline or a veil: what lies below it shows.
  const SHEER = 0.5;

  function swatch(row) {
    const ratio = window.devicePixelRatio || 1;
    const sheer = row.shape === "line" || (!row.shape && (!row.fill || row.opacity < SHEER));
    const canvas = element("canvas", sheer ? "atlas-swatch atlas-sheer" : "atlas-swatch");
    canvas.width = 24 * ratio;
    canvas.height = 16 * ratio;
    const pen = canvas.getContext("2d");
    pen.scale(ratio, ratio);
    if (row.shape === "line") {
      pen.lineWidth = row.width + 0.5;
      pen.strokeStyle = row.line;
      pen.beginPath();
      pen.moveTo(1, 8);
      pen.lineTo(23, 8);
      pen.stroke();
      return canvas;
    }
    if (row.shape) {
      drawSymbol(pen, { shape: row.shape, colour: row.fill, look: row.look }, 12, 8, 5);
      return canvas;
    }
    const paint = paintOf(row);
    pen.globalAlpha = paint.fillOpacity;
    pen.fillStyle = paint.fillColor;
    if (paint.fill) pen.fillRect(1, 1, 22, 14);
    pen.globalAlpha = 1;
    pen.lineWidth = Math.min(row.width, 2);
    pen.strokeStyle = row.line;
    if (row.dash) pen.setLineDash(row.dash.split(" ").map(Number));
    if (paint.stroke) pen.strokeRect(1.5, 1.5, 21, 13);
    return canvas;
  }

  function legendRow(row) {
    if (row.heading) return element("div", "atlas-heading", row.label);
    const line = element("div", "atlas-row");
    line.append(swatch(row), element("span", "", row.label));
    return line;
  }

  function drawLegend(map, { legend, areas }) {
    const corner = map.getContainer().querySelector(".leaflet-bottom.leaflet-right");
    const old = corner.querySelector(".atlas-legend");
    const open = old ? old.open : map.getSize().x > NARROW;
    if (old) {
      map.atlas.watch.unobserve(old);
      old.remove();
    }
    if (!legend) return;
    const filled = areas && areas.styles.some((style) => style.fill);
    const look = filled ? "atlas-legend atlas-over" : "atlas-legend";
    const box = element("details", `${look} leaflet-control`);
    box.open = open;
    box.append(element("summary", "", legend.title));
    if (legend.units) box.append(element("div", "atlas-units", legend.units));
    const rows = element("div", "atlas-rows");
    rows.append(...legend.rows.map(legendRow));
    box.append(rows);
    if (legend.note) box.append(element("div", "atlas-note", legend.note));
    L.DomEvent.disableClickPropagation(box);
    L.DomEvent.disableScrollPropagation(box);
    corner.prepend(box);
    map.atlas.watch.observe(box);
  }

  // ---------------------------------------------------------------- the switch of layers

  function layerBox(map, name, label) {
    const line = element("label");
    const box = element("input");
    box.type = "checkbox";
    box.name = name;
    box.checked = !map.atlas.hidden.has(name);
    box.addEventListener("change", () => {
      if (box.checked) map.atlas.hidden.delete(name);
      else map.atlas.hidden.add(name);
      drawParts(map).catch((error) => console.error(error));
    });
    line.append(box, element("span", "", label));
    return line;
  }

  function drawLayers(map, spec) {
    const box = map.atlas.layers;
    const there = SWITCHED.filter((name) => spec[name] && (spec.layers || {})[name]);
    box.hidden = !there.length;
    if (!there.length) return;
    box.querySelector("summary").title = spec.layers.title;
    box.querySelector("summary").setAttribute("aria-label", spec.layers.title);
    const list = box.querySelector("div");
    list.replaceChildren(...there.map((name) => layerBox(map, name, spec.layers[name])));
  }

  const Layers = L.Control.extend({
    options: { position: "topleft" },
    onAdd(map) {
      const box = element("details", "atlas-layers");
      box.append(element("summary", "", "☰"), element("div"));
      box.hidden = true;
      L.DomEvent.disableClickPropagation(box);
      L.DomEvent.disableScrollPropagation(box);
      map.atlas.layers = box;
      return box;
    },
  });

  // ---------------------------------------------------------------- drawing an area

  // What a reader did by hand goes to whoever listens the way a drawing does; `stamp` tells one
  // deed from the next.
  function tell(map, deed) {
    const feature = { type: "Feature", geometry: null, properties: { ...deed, stamp: Date.now() } };
    map.fire("draw:created", { layer: { toGeoJSON: () => feature } });
  }

  const place = ({ lng, lat }) => `${lng.toFixed(5)},${lat.toFixed(5)}`;

  // The text of `analysis/geometry/drawn_area.py`.
  function textOf(shape) {
    if (shape.getRadius) return `${Math.max(1, Math.round(shape.getRadius()))}@${place(shape.getLatLng())}`;
    return shape.getLatLngs()[0].map(place).join(";");
  }

  let fetched;

  // The library is fetched when a reader first draws, and sees no layer but those it makes.
  function fetchDrawing(map) {
    const [script, style] = map.atlas.drawing;
    fetched = fetched || new Promise((resolve, reject) => {
      const sheet = element("link");
      Object.assign(sheet, { rel: "stylesheet", href: style });
      const code = element("script");
      Object.assign(code, { src: script, onload: resolve, onerror: () => reject(new Error(script)) });
      document.head.append(sheet, code);
    });
    return fetched.then(() => {
      if (map.pm) return;
      L.PM.setOptIn(true);
      map.options.pmIgnore = false;
      L.PM.reInitLayer(map);
      map.pm.setGlobalOptions({ tooltips: false, allowSelfIntersection: false, snappable: false });
      map.on("pm:create", ({ layer }) => {
        layer.remove();
        tell(map, { area: textOf(layer) });
      });
      map.on("pm:drawend", () => endDrawing(map));
    });
  }

  // While an area is drawn a click is a corner of it, and of nobody else's concern.
  async function startDrawing(map, shape) {
    await fetchDrawing(map);
    if (map.pm.globalDrawModeEnabled()) map.pm.disableDraw();
    map.atlas.heard = map._events.click;
    delete map._events.click;
    map.getContainer().classList.add("atlas-drawing");
    map.atlas.draw.querySelector(`[name=${shape}]`).setAttribute("aria-pressed", "true");
    map.atlas.hint.show(map.atlas.spec.tools[`by_${shape}`]);
    map.pm.enableDraw(shape === "polygon" ? "Polygon" : "Circle", { finishOn: "dblclick" });
  }

  function endDrawing(map) {
    const { heard } = map.atlas;
    if (heard) setTimeout(() => { map._events.click = heard; }); // after the click that ended it
    map.atlas.heard = null;
    map.getContainer().classList.remove("atlas-drawing");
    map.atlas.draw.querySelectorAll("button").forEach((each) => each.setAttribute("aria-pressed", "false"));
    map.atlas.hint.hide();
  }

  const Draw = L.Control.extend({
    options: { position: "topleft" },
    onAdd(map) {
      const box = element("div", "leaflet-bar atlas-draw");
      for (const [name, sign] of [["polygon", "⬠"], ["circle", "◯"]]) {
        const button = element("button", "", sign);
        Object.assign(button, { type: "button", name });
        button.setAttribute("aria-pressed", "false");
        button.addEventListener("click", () => {
          if (button.getAttribute("aria-pressed") === "true") return map.pm.disableDraw();
          startDrawing(map, name).catch((error) => console.error(error));
        });
        box.append(button);
      }
      box.hidden = true;
      L.DomEvent.disableClickPropagation(box);
      document.addEventListener("keydown", ({ key }) => {
        if (key === "Escape" && map.atlas.heard) map.pm.disableDraw();
      });
      map.atlas.draw = box;
      return box;
    },
  });

  function drawTools(map, tools) {
    const box = map.atlas.draw;
    box.hidden = !tools || !tools.polygon;
    if (box.hidden) return;
    box.querySelectorAll("button").forEach((button) => {
      button.title = tools[button.name];
      button.setAttribute("aria-label", tools[button.name]);
    });
  }

  // With Shift a click compares the community there with the one chosen.
  function hearShift(map) {
    map.getContainer().addEventListener("click", (event) => {
      if (!event.shiftKey || map.atlas.heard || map.atlas.draw.hidden) return;
      if (event.target.closest(".leaflet-control")) return;
      event.stopPropagation();
      tell(map, { beside: `1@${place(map.mouseEventToLatLng(event))}` });
    }, true);
  }

  // ---------------------------------------------------------------- the two entries

  const Home = L.Control.extend({
    options: { position: "topleft" },
    onAdd(map) {
      const bar = element("div", "leaflet-bar");
      const button = element("a", "atlas-home", "⌂");
      button.href = "#";
      button.setAttribute("role", "button");
      L.DomEvent.disableClickPropagation(bar);
      L.DomEvent.on(button, "click", (event) => {
        L.DomEvent.preventDefault(event);
        goTo(map, map.atlas.home, true);
      });
      bar.append(button);
      return bar;
    },
  });

  // The scale bar writes its unit in the reader's language.
  const Scale = L.Control.Scale.extend({
    _updateMetric(longest) {
      const metres = this._getRoundNum(longest);
      const { metre, kilometre } = this._map.atlas.units;
      const label = metres < 1000 ? `${metres} ${metre}` : `${metres / 1000} ${kilometre}`;
      this._updateScale(this._mScale, "", metres / longest);
      this._mScale.textContent = label;
    },
  });

  function create(container, options) {
    const { home, tame, drawing, ...others } = options;
    const renderer = L.canvas({ padding: 0.3, tolerance: 2 });
    const map = L.map(container, { ...others, renderer });
    map.atlas = { slots: {}, nonce: null, turn: 0, aim: null, home, units: {}, drawing, heard: null };
    map.atlas.hidden = new Set(OFF_AT_FIRST);
    map.atlas.hint = hintOn(map);
    map.attributionControl.setPrefix(false);
    map.createPane("surface").style.zIndex = 350;
    map.createPane("names").style.zIndex = 450;
    map.addControl(new Home());
    map.addControl(new Layers());
    map.addControl(new Draw());
    hearShift(map);
    map.atlas.scale = new Scale({ imperial: false, maxWidth: 120, position: "topright" });
    map.addControl(map.atlas.scale);
    map.atlas.watch = keepAim(map);
    if (tame) tameWheel(map);
    map.on("zoomend", () => {
      if (map.atlas.slots.marks) makeRoom(map);
      repaintGaps(map);
    });
    DARK_PAGE.addEventListener("change", () => repaintGround(map));
    return map;
  }

  // A timer set in a frame runs after that frame has been painted.
  const painting = () => new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve)));

  // Draw what the specification has and the reader has not switched off.
  async function drawParts(map, painted = () => {}) {
    const { spec, turn } = map.atlas;
    drawMarks(map, spec.marks);
    const parts = await Promise.allSettled(
      FETCHED.map((name) => update(map, name, spec[name], () => painted(name))),
    );
    if (turn !== map.atlas.turn) return parts;
    select(map, spec.areas);
    restack(map);
    const { names } = map.atlas.slots;
    if (names.layer) names.layer.write(); // beside the marks of this map
    report(map, parts, spec.words);
    return parts;
  }

  async function show(map, spec) {
    const turn = ++map.atlas.turn;
    const told = document.documentElement.dataset;
    delete told.atlas;
    delete told.atlasAreas;
    await stylesLoaded();
    if (turn !== map.atlas.turn) return;
    paper = spec.night ? DARK : PAPER;
    map.getContainer().classList.toggle("atlas-night", Boolean(spec.night));
    map.getContainer().classList.toggle("atlas-bare", Boolean(spec.bare));
    map.atlas.words = spec.words;
    setWords(map, spec.language, spec.words);
    drawLegend(map, spec);
    drawTiles(map, spec.tiles);
    fit(map, spec.fit);
    map.atlas.spec = spec;
    drawLayers(map, spec);
    drawTools(map, spec.tools);
    const painted = (name) => {
      if (name === "areas" && turn === map.atlas.turn) told.atlasAreas = spec.id;
    };
    const parts = await drawParts(map, painted);
    if (turn !== map.atlas.turn) return;
    await painting();
    if (turn !== map.atlas.turn) return;
    told.atlas = spec.id;
    const lines = await Promise.allSettled(POLYGONS.map((name) => readLines(map.atlas.slots[name])));
    if (turn === map.atlas.turn) report(map, [...parts, ...lines], spec.words);
  }

  window.Atlas = { create, show };
})();
