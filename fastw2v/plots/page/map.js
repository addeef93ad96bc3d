"use strict";
(() => {
  // ---- what is shown -------------------------------------------------------------------------------------------------
  const data = JSON.parse(document.getElementById("data").textContent);
  const decode = (text, Kind) => new Kind(Uint8Array.from(atob(text), (c) => c.charCodeAt(0)).buffer);
  const words = data.words, n = words.length, per = data.neighbors;
  const x = decode(data.x, Float32Array), y = decode(data.y, Float32Array); // the longer side is from 0 to 1, y upwards
  const nearest = decode(data.nearest, Uint16Array), cosines = decode(data.cosines, Int16Array);
  const labels = decode(data.labels, Uint8Array);
  const ids = data.ids || words; // what a title stands for
  const lower = words.map((word, i) => (ids[i] === word ? word : `${word} ${ids[i]}`).toLowerCase());
  const tree = d3.quadtree().x((i) => x[i]).y((i) => y[i]).addAll(d3.range(n));
  const extent = [d3.max(x), d3.max(y)];
  const number = new Intl.NumberFormat("en");
  const RAMP = 14; // shades of frequency
  const SMALL = n > 5000 ? 1.6 : n > 1500 ? 2 : 2.6; // pixels: half a dot, before it is zoomed
  const FONT = 'system-ui, -apple-system, "Segoe UI", "Noto Sans", "Liberation Sans", sans-serif';

  const $ = (id) => document.getElementById(id);
  const canvas = $("map"), context = canvas.getContext("2d"), root = document.documentElement;
  const calm = matchMedia("(prefers-reduced-motion: reduce)"), darkness = matchMedia("(prefers-color-scheme: dark)");
  const state = { by: "cluster", word: null, group: null, over: null, at: d3.zoomIdentity };
  let width = 0, height = 0, unit = 1, left = 0, bottom = 0, ink = {};

  // ---- colours -------------------------------------------------------------------------------------------------------
  const dark = () => root.dataset.theme === "dark";
  const shade = (part) => d3.interpolateViridis(dark() ? 1 - 0.8 * part : 0.02 + 0.86 * part); // 0: the most frequent
  const rampOf = (i) => Math.min(RAMP - 1, Math.floor((RAMP * Math.log(i + 1)) / Math.log(n + 1)));
  const bucket = (i) => (state.by === "cluster" ? labels[i] : rampOf(i));
  const colours = () => (state.by === "cluster" ? d3.schemeObservable10 : d3.range(RAMP).map((r) => shade(r / (RAMP - 1))));

  function setTheme(theme) {
    root.dataset.theme = theme;
    const style = getComputedStyle(root);
    ink = Object.fromEntries(["paper", "ink", "soft", "accent"].map((name) => [name, style.getPropertyValue("--" + name).trim()]));
    showLegend();
    schedule();
  }

  // ---- places: from data to the screen and back ------------------------------------------------------------------------
  const sx = (i) => state.at.applyX(left + x[i] * unit);
  const sy = (i) => state.at.applyY(bottom - y[i] * unit);

  function free() { // the part of the window that the card leaves
    const card = $("card").getBoundingClientRect();
    return card.width > width * 0.7
      ? { left: 44, top: 24, right: width - 56, bottom: Math.max(height * 0.5, card.top) - 24 }
      : { left: card.right + 36, top: 36, right: width - 64, bottom: height - 56 };
  }

  function resize() {
    const ratio = window.devicePixelRatio || 1;
    width = window.innerWidth;
    height = window.innerHeight;
    canvas.width = Math.round(width * ratio);
    canvas.height = Math.round(height * ratio);
    sprites.clear();
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    const room = free(), w = room.right - room.left, h = room.bottom - room.top;
    unit = Math.max(60, Math.min(w / Math.max(extent[0], 1e-9), h / Math.max(extent[1], 1e-9)));
    left = room.left + (w - extent[0] * unit) / 2;
    bottom = room.bottom - (h - extent[1] * unit) / 2;
    schedule();
  }

  // ---- drawing -------------------------------------------------------------------------------------------------------
  const MANY = 5000, SETTLED = 120; // words; milliseconds after which a map of more of them is drawn sharply again
  const picture = document.createElement("canvas"), pen = picture.getContext("2d"); // the last complete drawing
  let scheduled = false, stale = true, drawnAt = null, moving = 0;
  function schedule(changed = true) { // changed: more than the word under the pointer, or the place while moving
    stale ||= changed;
    if (!scheduled) requestAnimationFrame(draw);
    scheduled = true;
  }

  function move(to) {
    state.at = to;
    const by = drawnAt && to.k / drawnAt.k;
    const copies = n > MANY && !stale && by > 0.5 && by < 2;
    clearTimeout(moving);
    if (copies) moving = setTimeout(schedule, SETTLED);
    schedule(!copies);
  }

  const lit = () => (state.word === null ? null : [state.word, ...neighbours(state.word).map((found) => found.i)]);
  const neighbours = (i) => d3.range(per).map((j) => ({ i: nearest[i * per + j], cosine: cosines[i * per + j] / 10000 }));
  const shines = (i, set) => (set ? set.has(i) : state.group === null || labels[i] === state.group);
  const inside = (px, py, margin) => px > -margin && py > -margin && px < width + margin && py < height + margin;
  const larger = (i) => (i < n * 0.03 ? 1.35 : i < n * 0.2 ? 1.1 : 0.9);
  const radius = (i) => Math.round(4 * larger(i) * Math.min(5, SMALL * Math.pow(state.at.k, 0.3))) / 4;

  function draw() {
    scheduled = false;
    context.clearRect(0, 0, width, height);
    if (stale) drawAll();
    else { // the last drawing, moved and scaled
      const { x: x0, y: y0, k: k0 } = drawnAt, { x: x1, y: y1, k: k1 } = state.at, by = k1 / k0;
      context.drawImage(picture, x1 - x0 * by, y1 - y0 * by, width * by, height * by);
    }
    if (state.over !== null) drawOver();
  }

  function drawAll() {
    const chosen = lit(), set = chosen && new Set(chosen);
    drawDots(set);
    if (chosen) drawTies(chosen);
    drawLabels(set, chosen);
    picture.width = canvas.width;
    picture.height = canvas.height;
    pen.drawImage(canvas, 0, 0);
    drawnAt = state.at;
    stale = false;
  }

  const sprites = new Map(); // dots drawn once: copying one is several times faster than drawing a circle
  function sprite(colour, r) {
    const key = colour + r;
    if (!sprites.has(key)) {
      const ratio = window.devicePixelRatio || 1, dot = document.createElement("canvas"), pen = dot.getContext("2d");
      dot.width = dot.height = Math.ceil((2 * r + 2) * ratio);
      pen.fillStyle = colour;
      pen.arc(dot.width / 2, dot.width / 2, r * ratio, 0, 2 * Math.PI);
      pen.fill();
      sprites.set(key, { dot, side: dot.width / ratio });
    }
    return sprites.get(key);
  }

  function drawDots(set) {
    const tints = colours();
    for (const full of [false, true]) {
      context.globalAlpha = full ? 0.9 : dark() ? 0.22 : 0.18;
      for (let i = n - 1; i >= 0; i--) { // the most frequent on top
        const px = sx(i), py = sy(i);
        if (!inside(px, py, 8) || shines(i, set) !== full) continue;
        const { dot, side } = sprite(tints[bucket(i) % tints.length], radius(i) * (set && full ? 1.6 : 1));
        context.drawImage(dot, px - side / 2, py - side / 2, side, side);
      }
    }
    context.globalAlpha = 1;
  }

  function drawTies([word, ...others]) {
    context.strokeStyle = ink.soft;
    context.lineWidth = 1;
    context.globalAlpha = 0.55;
    context.beginPath();
    for (const i of others) {
      context.moveTo(sx(word), sy(word));
      context.lineTo(sx(i), sy(i));
    }
    context.stroke();
    context.globalAlpha = 1;
  }

  const widths = new Map();
  function widthOf(i, font) { // context.font is set
    const key = font + i;
    if (!widths.has(key)) widths.set(key, context.measureText(words[i]).width);
    return widths.get(key);
  }

  function write(text, px, py, colour) {
    context.lineJoin = "round";
    context.lineWidth = 3.5;
    context.strokeStyle = ink.paper;
    context.strokeText(text, px, py);
    context.fillStyle = colour;
    context.fillText(text, px, py);
  }

  // Labels go to a grid whose cells are fixed to the map, not to the window: moving the map changes no label.
  const CELL = [6, 7], MARGIN = 140;
  function drawLabels(set, chosen) {
    const columns = Math.ceil((width + 2 * MARGIN) / CELL[0]) + 2, rows = Math.ceil((height + 2 * MARGIN) / CELL[1]) + 2;
    const taken = new Uint8Array(columns * rows);
    const c0 = Math.floor((-MARGIN - state.at.x) / CELL[0]), r0 = Math.floor((-MARGIN - state.at.y) / CELL[1]);
    const fits = (x0, y0, x1, y1, force) => {
      const ca = Math.floor((x0 - state.at.x) / CELL[0]) - c0, cb = Math.floor((x1 - state.at.x) / CELL[0]) - c0;
      const ra = Math.floor((y0 - state.at.y) / CELL[1]) - r0, rb = Math.floor((y1 - state.at.y) / CELL[1]) - r0;
      if (ca < 0 || ra < 0 || cb >= columns || rb >= rows) return force;
      for (let r = ra; !force && r <= rb; r++) for (let c = ca; c <= cb; c++) if (taken[r * columns + c]) return false;
      for (let r = ra; r <= rb; r++) taken.fill(1, r * columns + ca, r * columns + cb + 1);
      return true;
    };
    const put = (i, font, size, force) => {
      const px = sx(i), py = sy(i), w = widthOf(i, font), gap = radius(i) + 4, h = size / 2 + 1;
      const places = [[px + gap, py], [px - gap - w, py], [px - w / 2, py - gap - h], [px - w / 2, py + gap + h]];
      for (const [lx, ly] of places) if (fits(lx, ly - h, lx + w, ly + h, false)) return [lx, ly];
      if (force) fits(px + gap, py - h, px + gap + w, py + h, true);
      return force ? places[0] : null;
    };
    context.textBaseline = "middle";
    if (chosen) {
      for (const [order, i] of chosen.entries()) {
        const size = order ? 13 : 17, font = `${order ? 500 : 700} ${size}px ${FONT}`;
        context.font = font;
        const place = inside(sx(i), sy(i), MARGIN) && put(i, font, size, order === 0);
        if (place) write(words[i], ...place, ink.ink);
      }
      return;
    }
    const size = 12.5, font = `${size}px ${FONT}`;
    context.font = font;
    for (let i = 0; i < n; i++) {
      if (!inside(sx(i), sy(i), MARGIN) || !shines(i, set)) continue;
      const place = put(i, font, size, false);
      if (place) write(words[i], ...place, ink.ink);
    }
  }

  function drawOver() {
    const i = state.over, r = radius(i) + 3;
    context.strokeStyle = ink.ink;
    context.lineWidth = 1.5;
    context.beginPath();
    context.arc(sx(i), sy(i), r, 0, 2 * Math.PI);
    context.stroke();
    const text = words[i], note = rank(i), big = `700 14px ${FONT}`, small = `12px ${FONT}`;
    context.font = big;
    const first = context.measureText(text).width;
    context.font = small;
    const w = first + 10 + context.measureText(note).width + 20, px = Math.min(sx(i) + r + 6, width - w - 8), py = Math.max(20, sy(i));
    context.fillStyle = ink.ink;
    context.beginPath();
    context.roundRect(Math.max(8, px), py - 14, w, 28, 7);
    context.fill();
    context.fillStyle = ink.paper;
    context.font = big;
    context.fillText(text, Math.max(8, px) + 10, py + 0.5);
    context.font = small;
    context.globalAlpha = 0.75;
    context.fillText(note, Math.max(8, px) + 20 + first, py + 0.5);
    context.globalAlpha = 1;
  }

  const id = (i) => (ids[i] === words[i] ? "" : `${ids[i]}, `);
  const rank = (i) => id(i) + (data.counts ? `${number.format(data.counts[i])} times` : `word no. ${number.format(i + 1)}`);

  // ---- moving --------------------------------------------------------------------------------------------------------
  const zoom = d3.zoom().scaleExtent([0.5, 400]).on("zoom", (event) => move(event.transform));
  const surface = d3.select(canvas).call(zoom).on("dblclick.zoom", null);
  const smoothly = (ms) => (calm.matches ? surface : surface.transition().duration(ms));
  const zoomBy = (factor) => {
    const room = free();
    smoothly(160).call(zoom.scaleBy, factor, [(room.left + room.right) / 2, (room.top + room.bottom) / 2]);
  };
  const panBy = (dx, dy) => surface.call(zoom.translateBy, dx / state.at.k, dy / state.at.k);
  const showAll = () => smoothly(450).call(zoom.transform, d3.zoomIdentity);

  function flyTo(list) { // so near that all of the list are in the free part of the window
    const room = free(), px = list.map((i) => left + x[i] * unit), py = list.map((i) => bottom - y[i] * unit);
    const [x0, x1] = d3.extent(px), [y0, y1] = d3.extent(py), w = room.right - room.left, h = room.bottom - room.top;
    const k = Math.max(1, Math.min(60, 0.72 * w / Math.max(x1 - x0, 1e-6), 0.82 * h / Math.max(y1 - y0, 1e-6)));
    const to = d3.zoomIdentity.translate((room.left + room.right) / 2, (room.top + room.bottom) / 2)
      .scale(k).translate(-(x0 + x1) / 2, -(y0 + y1) / 2);
    smoothly(700).call(zoom.transform, to);
  }

  // ---- choosing ------------------------------------------------------------------------------------------------------
  function element(tag, attributes = {}, ...children) {
    const made = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
    made.append(...children); // strings become text, never markup
    return made;
  }

  function choose(i, fly) {
    state.word = i;
    state.group = null;
    $("search").value = words[i];
    const found = neighbours(i), close = element("button", { type: "button", "aria-label": "Clear" }, "×");
    close.addEventListener("click", clear);
    const list = element("ol");
    for (const { i: other, cosine } of found) {
      const fill = element("i");
      fill.style.width = `${Math.max(0, cosine) * 100}%`;
      const button = element("button", { type: "button" }, element("span", { class: "word", dir: "auto" }, words[other]),
        element("span", { class: "bar" }, fill), element("span", { class: "cosine" }, cosine.toFixed(3)));
      button.addEventListener("click", () => { choose(other, true); $("chosen").querySelector("li button").focus(); });
      list.append(element("li", {}, button));
    }
    const of = `${rank(i)}; nearest${data.all ? "" : " on this map"}, by cosine`;
    $("chosen").replaceChildren(element("header", {}, element("h2", { dir: "auto" }, words[i]), close), element("p", { class: "of" }, of), list);
    $("chosen").hidden = false;
    $("card").scrollTop = 0;
    say(`${words[i]}: nearest ${found.slice(0, 3).map((f) => words[f.i]).join(", ")}`, true);
    remember("#" + encodeURIComponent(ids[i]));
    showLegend();
    if (fly) flyTo(lit());
    schedule();
  }

  function clear() {
    state.word = state.group = null;
    $("search").value = "";
    $("chosen").hidden = true;
    say("");
    remember(" ");
    showLegend();
    schedule();
  }

  function say(text, quietly = false) { // quietly: to those who listen, as those who look see it already
    $("said").textContent = text;
    $("said").style.cssText = quietly ? "position:absolute;clip-path:inset(50%)" : "";
  }

  function remember(hash) {
    try { history.replaceState(null, "", hash === " " ? location.pathname + location.search : hash); } catch { /* some browsers forbid it for files */ }
  }

  // ---- the legend ----------------------------------------------------------------------------------------------------
  function showLegend() {
    const legend = $("legend"), held = document.activeElement && document.activeElement.dataset.group;
    for (const button of $("by").children) button.setAttribute("aria-pressed", button.dataset.by === state.by);
    $("colours").hidden = state.word !== null;
    if (state.by === "frequency") {
      const ramp = element("div", { class: "ramp" });
      ramp.style.background = `linear-gradient(90deg, ${colours().join(",")})`;
      legend.replaceChildren(ramp, element("div", { class: "ends" }, element("span", {}, `frequent: ${words[0]}`), element("span", {}, "rare")));
      return;
    }
    const sizes = d3.rollup(labels, (list) => list.length, (group) => group);
    legend.replaceChildren(...data.groups.map((names, group) => {
      const dot = element("i");
      dot.style.background = d3.schemeObservable10[group % 10];
      const button = element("button", { type: "button", class: "group", "data-group": group, "aria-pressed": state.group === group },
        dot, element("span", { dir: "auto" }, names.join(", ")), element("b", {}, number.format(sizes.get(group))));
      button.addEventListener("click", () => {
        state.group = state.group === group ? null : group;
        showAll();
        showLegend();
        schedule();
      });
      return button;
    }));
    if (held) legend.children[held].focus();
  }

  // ---- searching -----------------------------------------------------------------------------------------------------
  const search = $("search"), matches = $("matches");
  let found = [], active = -1;

  function find(text) { // as it is written, then whatever begins with it, then whatever holds it; frequent words first
    const asked = text.trim().toLowerCase();
    if (!asked) return [];
    const kinds = [[], [], [], []];
    for (let i = 0; i < n; i++) {
      const at = lower[i].indexOf(asked);
      if (at >= 0) kinds[words[i] === text.trim() || ids[i] === text.trim() ? 0 : lower[i] === asked ? 1 : at === 0 ? 2 : 3].push(i);
    }
    return kinds.flat().slice(0, 8);
  }

  function showMatches(list) {
    found = list;
    active = list.length ? 0 : -1;
    matches.replaceChildren(...list.map((i, place) => {
      const item = element("li", { id: `match${place}`, role: "option", "aria-selected": place === 0, dir: "auto" }, words[i]);
      item.addEventListener("pointerdown", (event) => { event.preventDefault(); take(i); });
      return item;
    }));
    matches.hidden = !list.length;
    search.setAttribute("aria-expanded", list.length > 0);
    mark();
  }

  function mark() {
    [...matches.children].forEach((item, place) => item.setAttribute("aria-selected", place === active));
    if (active >= 0) search.setAttribute("aria-activedescendant", `match${active}`);
    else search.removeAttribute("aria-activedescendant");
  }

  function take(i) {
    showMatches([]);
    choose(i, true);
  }

  function sayUnknown(word) {
    say(`${word} is not among these ${number.format(n)} words.`);
  }

  search.addEventListener("input", () => { say(""); showMatches(find(search.value)); });
  search.addEventListener("focus", () => search.select());
  search.addEventListener("blur", () => showMatches([]));
  search.addEventListener("keydown", (event) => {
    if (event.isComposing) return;
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step && found.length) {
      event.preventDefault();
      active = (active + step + found.length) % found.length;
      mark();
    } else if (event.key === "Enter") {
      const best = found.length ? found[active] : find(search.value)[0];
      if (best !== undefined) take(best);
      else if (search.value.trim()) sayUnknown(search.value.trim());
    } else if (event.key === "Escape" && found.length) {
      event.stopPropagation();
      showMatches([]);
    }
  });

  // ---- hands on the map ----------------------------------------------------------------------------------------------
  function under(event) {
    const at = state.at.invert([event.clientX, event.clientY]), near = (event.pointerType === "touch" ? 22 : 12) / (unit * state.at.k);
    return tree.find((at[0] - left) / unit, (bottom - at[1]) / unit, near) ?? null;
  }

  function hover(i) {
    if (i === state.over) return;
    state.over = i;
    canvas.classList.toggle("over", i !== null);
    schedule(false);
  }

  canvas.addEventListener("pointermove", (event) => { if (event.pointerType !== "touch") hover(event.buttons ? null : under(event)); });
  canvas.addEventListener("pointerleave", () => hover(null));
  canvas.addEventListener("click", (event) => {
    const i = under(event);
    if (i !== null) choose(i, false);
    else if (state.word !== null || state.group !== null) clear();
  });

  const MOVES = { ArrowLeft: [80, 0], ArrowRight: [-80, 0], ArrowUp: [0, 80], ArrowDown: [0, -80] };
  canvas.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || !MOVES[event.key]) return;
    event.preventDefault();
    panBy(...MOVES[event.key].map((by) => (event.shiftKey ? 3 * by : by)));
  });
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "Escape") {
      clear();
      if (document.activeElement === search) canvas.focus({ preventScroll: true });
    }
    if (document.activeElement === search) return;
    if (event.key === "/") { event.preventDefault(); search.focus(); }
    if (event.key === "+" || event.key === "=") zoomBy(1.5);
    if (event.key === "-" || event.key === "_") zoomBy(1 / 1.5);
    if (event.key === "0" || event.key === "Home") showAll();
  });

  $("zoom").addEventListener("click", (event) => {
    const how = event.target.dataset.zoom;
    if (how === "all") showAll();
    else if (how) zoomBy(how === "in" ? 1.6 : 1 / 1.6);
  });
  $("by").addEventListener("click", (event) => {
    if (!event.target.dataset.by) return;
    state.by = event.target.dataset.by;
    state.group = null;
    showLegend();
    schedule();
  });
  $("theme").addEventListener("click", () => {
    setTheme(dark() ? "light" : "dark");
    try { localStorage.setItem("fastw2v-theme", root.dataset.theme); } catch { /* then it is not remembered */ }
  });
  darkness.addEventListener("change", () => setTheme(darkness.matches ? "dark" : "light"));
  window.addEventListener("resize", resize);
  window.addEventListener("hashchange", fromAddress);

  function fromAddress() { // map.html#king
    let asked = location.hash.slice(1);
    try { asked = decodeURIComponent(asked); } catch { /* as it stands */ }
    const i = asked ? ids.indexOf(asked) : -1;
    if (i >= 0) choose(i, true);
    else if (asked) sayUnknown(asked);
  }

  if (data.by) $("by").firstElementChild.textContent = data.by;
  let kept = null;
  try { kept = localStorage.getItem("fastw2v-theme"); } catch { /* none is remembered */ }
  setTheme(kept === "dark" || kept === "light" ? kept : darkness.matches ? "dark" : "light");
  resize();
  fromAddress();
})();
