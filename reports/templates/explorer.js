// The explorer. Every formula in here was printed from a derived expression.
const MODELS = [
{% for model in explorer.models %}
{% set p = "({" ~ explorer.parameters | names ~ "}) => " %}
  {
    claim: {{ model.claim | tojson }}, title: {{ model.title | tojson }}, parameters: {{ model.parameters | tojson }},
    matrix: {{ p }}[{% for row in model.matrix %}[{{ row | map("javascript") | join(", ") }}], {% endfor %}],
    offset: {{ p }}[{{ model.offset | map("javascript") | join(", ") }}],
    initial: {{ p }}[{{ model.initial | map("javascript") | join(", ") }}],
    limit: {{ p }}{{ model.limit | javascript }},
    optimum: {% if model.optimum %}{{ p }}{{ model.optimum | javascript }}{% else %}null{% endif %},
    threshold: {% if model.threshold %}{{ p }}{{ model.threshold | javascript }}{% else %}null{% endif %},
  },
{% endfor %}
];
const BEST = ({n, m}) => {{ explorer.best | javascript }}, POOLED = ({n, m}) => {{ explorer.pooled | javascript }};
const RATIO = ({n, m}) => {{ explorer.ratio | javascript }};
const PARAMETERS = {{ explorer.parameters | tojson }};

// --- what is computed -----------------------------------------------------------------------------------------------
// Errors are in units of that of one real batch, the state at step 0.

/** The errors at the steps 0 .. last: s_t = M s_{t-1} + c. */
function path(model, p, last) {
  const M = model.matrix(p), c = model.offset(p), found = [1];
  let state = model.initial(p);
  const unit = state[0];
  for (let t = 1; t <= last; t++) {
    state = M.map((row, i) => row.reduce((sum, entry, j) => sum + entry * state[j], c[i]));
    found.push(state[0] / unit);
  }
  return found;
}
const error = (model, p, t) => path(model, p, t)[t];

/** The limit of the error, infinite at and below the threshold. */
function limit(model, p) {
  if (model.threshold && p.w <= model.threshold(p)) return Infinity;
  const value = model.limit(p) / model.initial(p)[0];
  return value >= 0 ? value : Infinity;
}

/** The weight of the least limit: in closed form, or by golden section around the best of a grid. */
function bestWeight(model, p) {
  if (model.optimum) return model.optimum(p);
  const at = (w) => limit(model, {...p, w}), grid = Array.from({length: 400}, (_, i) => (i + 1) / 400);
  const near = grid.reduce((a, b) => (at(b) < at(a) ? b : a));
  const golden = (Math.sqrt(5) - 1) / 2;
  let [low, high] = [Math.max(near - 1 / 400, 0), Math.min(near + 1 / 400, 1)];
  while (high - low > 1e-10) {
    const [a, b] = [high - golden * (high - low), low + golden * (high - low)];
    if (at(a) <= at(b)) high = b; else low = a;
  }
  return at(1) <= at(low) ? 1 : (low + high) / 2;
}

/** The weight above which the limit is below that of real data only, by bisection; null where no weight gains. */
function breakEven(model, p, best) {
  if (limit(model, {...p, w: best}) >= 1) return null;
  let [low, high] = [model.threshold ? model.threshold(p) : 0, best];
  while (high - low > 1e-10) {
    const middle = (low + high) / 2;
    if (limit(model, {...p, w: middle}) < 1) high = middle; else low = middle;
  }
  return high;
}

// --- how it is drawn ------------------------------------------------------------------------------------------------

const WIDE = 520, HIGH = 330, FRAME = {left: 46, right: 12, top: 28, bottom: 40};
const TOP = 2; // the greatest error on the axis
const superscript = (digits) => [...digits].map((digit) => "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"["-0123456789".indexOf(digit)]).join("");
const scientific = (x) => x.toExponential(2).replace(/e\+?(.*)/, (_, power) => `×10${superscript(power)}`);
const number = (x, decimals = 3) =>
  x === Infinity ? "diverges" : x >= 1e5 ? scientific(x) : x >= 100 ? x.toFixed(1) : x.toFixed(decimals);
/** Three decimals, or as many as it takes not to look like 0 or 1. */
const short = (x) => {
  for (let decimals = 3; decimals < 7; decimals++) {
    const rounded = Number(x.toFixed(decimals));
    if (rounded === x || (rounded !== 0 && rounded !== 1)) return String(rounded);
  }
  return String(Number(x.toFixed(7)));
};
const percent = (x) => !isFinite(x) ? "–" : x < -9.99 ? "< −999 %" :
  `${(100 * x).toFixed(1).replace(/^-0\.0$/, "0.0").replace("-", "−")} %`;

function canvas(last, ticks, label) {
  const {left, right, top, bottom} = FRAME;
  const x = (value) => left + (value / last) * (WIDE - left - right);
  const y = (value) => HIGH - bottom - (Math.min(value, TOP * 1.2) / TOP) * (HIGH - top - bottom);
  const parts = [];
  const text = (at, to, words, anchor, kind = "tick") =>
    parts.push(`<text x="${at.toFixed(1)}" y="${to.toFixed(1)}" text-anchor="${anchor}" class="${kind}">${words}</text>`);
  for (const tick of [0, 0.5, 1, 1.5, 2]) {
    parts.push(`<path class="${tick === 1 ? "unit" : "grid"}" d="M${left} ${y(tick)}H${WIDE - right}"/>`);
    text(left - 7, y(tick) + 4, tick, "end");
  }
  for (const tick of ticks) text(x(tick), HIGH - bottom + 18, tick, tick === last && tick > 99 ? "end" : "middle");
  text((left + WIDE - right) / 2, HIGH - 5, label, "middle", "label");
  text(left - 30, 14, "error, in units of real data only", "start", "label");
  const curve = (points) => {
    const pieces = [];
    let pen = "M";
    for (const [a, b] of points) {
      if (b === Infinity) { pen = "M"; continue; }
      pieces.push(`${pen}${x(a).toFixed(1)} ${y(b).toFixed(1)}`);
      pen = "L";
    }
    return pieces.join("");
  };
  return {
    parts, x, y, text,
    line: (points, kind) => parts.push(`<path class="${kind}" clip-path="url(#x-clip)" d="${curve(points)}"/>`),
    area: (points, kind) => {
      if (points.length) parts.push(`<path class="${kind}" d="M${x(points[0][0]).toFixed(1)} ${y(1)}${curve(points).replace("M", "L")}V${y(1)}Z"/>`);
    },
    dot: (a, b, kind) => { // an arrowhead at the top for what is above it
      const shape = b <= TOP ? `<circle class="${kind}" cx="${x(a).toFixed(1)}" cy="${y(b).toFixed(1)}" r="4.5"/>`
        : `<path class="beyond ${kind}" d="M${(x(a) - 6).toFixed(1)} ${top + 9}l6 -9 6 9z"/>`;
      parts.push(shape);
    },
    upright: (a, kind) => parts.push(`<path class="${kind}" d="M${x(a).toFixed(1)} ${top}V${HIGH - bottom}"/>`),
    band: (a, kind) => parts.push(`<rect class="${kind}" x="${left}" y="${top}" width="${(x(a) - left).toFixed(1)}" height="${HIGH - top - bottom}"/>`),
    frame: () => `<clipPath id="x-clip"><rect x="${left}" y="${top}" width="${WIDE - left - right}" height="${HIGH - top - bottom}"/></clipPath>` + parts.join(""),
  };
}

function drawWeights(svg, model, p, best, edge) {
  const view = canvas(1, [0, 0.2, 0.4, 0.6, 0.8, 1], "weight w on real data");
  const grid = Array.from({length: 251}, (_, i) => i / 250);
  const limits = grid.map((w) => [w, limit(model, {...p, w})]);
  if (model.threshold) view.band(model.threshold(p), "diverges");
  if (edge !== null) {
    view.upright(edge, "edge");
    const before = edge > 0.5;
    view.text(view.x(edge) + (before ? -5 : 5), HIGH - FRAME.bottom - 6, `gain above ${short(edge)}`, before ? "end" : "start");
  }
  view.area(limits.filter(([, value]) => value <= 1), "gain");
  view.line(grid.map((w) => [w, error(model, {...p, w}, p.t)]), "step");
  view.line(limits, "limit");
  view.upright(best, "best");
  const right = best > 0.5;
  view.text(view.x(best) + (right ? -6 : 6), FRAME.top + 11, `best ${short(best)}`, right ? "end" : "start", "best");
  const pooled = POOLED(p);
  view.dot(pooled, limit(model, {...p, w: pooled}), "naive");
  view.dot(p.w, limit(model, p), "yours");
  svg.innerHTML = view.frame();
}

function drawSteps(svg, model, p, best) {
  const last = Math.max(10, 2 * p.t), tenth = 10 ** Math.floor(Math.log10(last / 2));
  const width = [1, 2, 5, 10].map((x) => x * tenth).find((x) => last / x <= 6);
  const view = canvas(last, Array.from({length: Math.floor(last / width) + 1}, (_, i) => i * width), "step t");
  const points = (w) => path(model, {...p, w}, last).map((value, t) => [t, value]);
  view.line(points(POOLED(p)), "naive");
  view.line(points(best), "best");
  view.line(points(p.w), "yours");
  view.dot(p.t, error(model, p, p.t), "yours");
  svg.innerHTML = view.frame();
}

// --- what is said ---------------------------------------------------------------------------------------------------

function rows(model, p, best) {
  const paper = BEST(p), found = [["your weight", p.w], ["best for this error", best]];
  if (Math.abs(paper - best) > 1e-9) found.push(["w* of the Gaussian mean", paper]);
  found.push(["naive mixing, k/(1 + k)", POOLED(p)], ["real data only", 1]);
  return found.map(([words, w]) => [words, w, error(model, {...p, w}, p.t), limit(model, {...p, w})]);
}

function sentence(model, p, best) {
  const at = limit(model, p), least = limit(model, {...p, w: best}), naive = limit(model, {...p, w: POOLED(p)});
  const where = (value) => value === Infinity ? "diverges" :
    Math.abs(1 - value) < 5e-4 ? "is that of real data only" :
    value > 10 ? `is ${number(value)} times that of real data only` :
    `is ${percent(Math.abs(1 - value))} ${value < 1 ? "below" : "above"} that of real data only`;
  const edge = breakEven(model, p, best);
  const gain = edge === null ? " No weight gains over real data only." : ` Weights above ${short(edge)} gain.`;
  const collapse = model.threshold ? ` Up to ${short(model.threshold(p))} the error diverges.` : "";
  return `${model.title}, k = ${short(RATIO(p))}: at w = ${short(p.w)} the limiting error ${where(at)}. ` +
    `At the best weight, ${short(best)}, it ${where(least)}; with naive mixing, w = ${short(POOLED(p))}, it ${where(naive)}.` +
    gain + collapse;
}

// --- the controls ---------------------------------------------------------------------------------------------------

const root = document.querySelector(".explorer"), form = root.querySelector("form");
const state = {model: 0, ...Object.fromEntries(PARAMETERS.map(({name, first}) => [name, first]))};
const scales = Object.fromEntries(PARAMETERS.map(({name, low, high, whole, logarithmic}) => {
  const shift = low > 0 ? 0 : 1, round = whole ? Math.round : (x) => Number(x.toPrecision(3));
  const span = Math.log((high + shift) / (low + shift));
  return [name, {
    inside: (value) => Math.min(high, Math.max(low, whole ? Math.round(value) : value)),
    value: (at) => logarithmic ? round((low + shift) * Math.exp(span * at) - shift) : round(low + (high - low) * at),
    at: (value) => logarithmic ? Math.log((value + shift) / (low + shift)) / span : (value - low) / (high - low),
  }];
}));
const rowOf = (name) => form.querySelector(`[data-name="${name}"]`);
const query = () => {
  const model = MODELS[state.model];
  const used = PARAMETERS.filter(({name, common}) => common || model.parameters.includes(name));
  return "#explore?" + new URLSearchParams([["model", model.claim], ...used.map(({name}) => [name, state[name]])]);
};

function show() {
  const model = MODELS[state.model], best = bestWeight(model, state);
  drawWeights(document.getElementById("x-weight"), model, state, best, breakEven(model, state, best));
  drawSteps(document.getElementById("x-step"), model, state, best);
  for (const output of root.querySelectorAll(".x-t")) output.textContent = state.t;
  const naive = limit(model, {...state, w: POOLED(state)});
  document.querySelector("#x-table tbody").replaceChildren(...rows(model, state, best).map(([words, w, now, end]) => {
    const row = document.createElement("tr"), head = document.createElement("th");
    head.scope = "row";
    head.textContent = words;
    row.append(head, ...[number(w, 4), number(now, 4), number(end, 4), percent(1 - end), percent(1 - end / naive)].map((text) => {
      const cell = document.createElement("td");
      cell.className = "n";
      cell.textContent = text;
      return cell;
    }));
    return row;
  }));
  for (const {name, common} of PARAMETERS) {
    const [slider, field] = rowOf(name).querySelectorAll("input");
    rowOf(name).hidden = !common && !model.parameters.includes(name);
    slider.value = Math.round(1000 * scales[name].at(state[name]));
    slider.setAttribute("aria-valuetext", state[name]);
    if (document.activeElement !== field) field.value = state[name];
  }
  document.getElementById("x-model").value = state.model;
  for (const about of root.querySelectorAll(".about")) about.hidden = Number(about.dataset.model) !== state.model;
  for (const link of root.querySelectorAll(".x-link")) link.href = query();
}
const tell = () => {
  const model = MODELS[state.model];
  document.getElementById("x-said").textContent = sentence(model, state, bestWeight(model, state));
};

function recall() {
  if (!location.hash.startsWith("#explore?")) return;
  for (const [name, text] of new URLSearchParams(location.hash.slice("#explore?".length))) {
    const model = MODELS.findIndex(({claim}) => claim === text);
    if (name === "model" && model >= 0) state.model = model;
    else if (Object.hasOwn(scales, name) && text !== "" && !isNaN(text)) state[name] = scales[name].inside(Number(text));
  }
  document.getElementById("explore").scrollIntoView();
}

form.addEventListener("submit", (event) => event.preventDefault());
document.getElementById("x-model").addEventListener("input", (event) => { state.model = Number(event.target.value); show(); });
for (const {name} of PARAMETERS) {
  const [slider, field] = rowOf(name).querySelectorAll("input");
  slider.addEventListener("input", () => {
    const {value, at, inside} = scales[name], from = state[name], step = Math.sign(slider.value - Math.round(1000 * at(from)));
    state[name] = value(slider.value / 1000);
    if (state[name] === from) state[name] = inside(from + step); // a key must not be rounded away
    show();
  });
  field.addEventListener("input", () => {
    if (field.value === "" || isNaN(field.value)) return;
    state[name] = scales[name].inside(Number(field.value));
    show();
  });
  field.addEventListener("change", show);
}
form.addEventListener("change", tell);
addEventListener("hashchange", () => { recall(); show(); tell(); });
document.querySelector(".without-script").remove();
root.hidden = false;
recall();
show();
tell();
