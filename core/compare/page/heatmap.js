"use strict";
// Where numbers drift: layers down, ops across, a map an arm. A cell is a power of ten, so that it reads
// without its colour; its colour says how far below the bound it is.

const kInputs = {
  alone: "each node alone, on the reference's inputs",
  observed: "the whole model, as errors add up",
};
/// Classes of a cell by NMSE over its bound; the last but one ends at the bound.
const kHeat = [
  { most: 0, text: "exact" },
  { most: 1e-4, text: "to 1e-4 of the bound" },
  { most: 1e-3, text: "to 1e-3" },
  { most: 1e-2, text: "to 1e-2" },
  { most: 1e-1, text: "to 1e-1" },
  { most: 1, text: "to the bound" },
];

function heatClass(cell) {
  if (cell.values.some((value) => value.outside)) return "heat-out";
  const share = cell.nmse === 0 ? 0 : Math.max(...cell.values.map((value) => nmseOf(value) / value.bound));
  const found = kHeat.findIndex((step) => share <= step.most);
  return found < 0 ? "heat-out" : `heat-${found}`;
}

function heatText(cell) {
  if (cell.nmse === 0) return "0";
  const power = Number.isFinite(cell.nmse) ? String(Math.floor(Math.log10(cell.nmse))).replace("-", "−") : "∞";
  return heatClass(cell) === "heat-out" ? `${power}!` : power;
}

function drawDrift(into) {
  const compared = arms.filter((arm) => Object.keys(kInputs).some((inputs) => dig(numbersOf(arm.label), inputs, "values")));
  if (!compared.length) {
    into.append(el("p", { class: "note" }, "No node was compared in this run."));
    return;
  }
  into.append(el("p", { class: "note" },
    "The power of ten of the NMSE, the worst of a cell's nodes. A ! marks what is out of bounds. Arrow keys move " +
    "through a map; the box below says what a cell stands for."));
  const maps = el("div", { class: "maps" });
  const readout = el("output", { class: "readout", id: "drift-readout", "aria-live": "polite" },
                     "Point at a cell or reach it by keyboard to read its values.");
  const details = el("details", { id: "drift-values" }, el("summary", {}, "Every value as a table"));
  let chosen = "alone";
  const show = () => {
    maps.replaceChildren(...compared.map((arm) => heatMap(arm.label, chosen, readout)).filter(Boolean));
    fillValues(details, compared, chosen);
  };
  details.addEventListener("toggle", () => fillValues(details, compared, chosen));
  const choice = el("fieldset", { class: "screen" }, el("legend", {}, "Inputs"), Object.entries(kInputs).map(([inputs, text]) => {
    const radio = el("input", { type: "radio", name: "inputs", value: inputs });
    radio.checked = inputs === chosen;
    radio.addEventListener("change", () => { chosen = inputs; show(); });
    return el("label", {}, radio, text);
  }));
  into.append(choice, heatScale(compared), maps, readout, details);
  show();
}

function heatScale(compared) {
  const bounds = new Set(compared.flatMap((arm) => Object.keys(kInputs).flatMap((inputs) =>
    (dig(numbersOf(arm.label), inputs, "values") || []).map((value) => value.bound))));
  const steps = kHeat.map((step, index) => el("li", { class: `heat-${index}` }, step.text));
  const bound = bounds.size === 1 ? ` (${format.nmse([...bounds][0])})` : "";
  return el("ul", { class: "scale", "aria-label": "Colours" }, steps,
            el("li", { class: "heat-out bound" }, `beyond the bound${bound} !`));
}

/// The cells of a map by layer (-1: outside the layers) and op, in the order of the graph.
function heatCells(values) {
  const layers = [...new Set(values.map((value) => value.layer))].sort((a, b) => a - b);
  const ops = [...new Set(values.map((value) => value.op))];
  const cells = new Map();
  for (const value of values) {
    const key = `${value.layer} ${value.op}`;
    const cell = cells.get(key) || { layer: value.layer, op: value.op, values: [], nmse: 0 };
    cell.values.push(value);
    cell.nmse = Math.max(cell.nmse, nmseOf(value));
    cells.set(key, cell);
  }
  return { layers, ops, at: (layer, op) => cells.get(`${layer} ${op}`) };
}

const layerName = (layer) => (layer < 0 ? "outside" : String(layer));

function heatMap(label, inputs, readout) {
  const values = dig(numbersOf(label), inputs, "values");
  if (!values) return null;
  const { layers, ops, at } = heatCells(values);
  const places = [];
  const body = layers.map((layer) => el("tr", {}, el("th", { scope: "row" }, layerName(layer)), ops.map((op) => {
    const cell = at(layer, op);
    if (!cell) return el("td");
    const place = el("td", { class: `filled ${heatClass(cell)}`, "data-nmse": Number.isFinite(cell.nmse) ? cell.nmse : "not finite",
                             "data-layer": layer, "data-op": op,
                             "aria-label": `${label}, layer ${layerName(layer)}, ${op}: NMSE ${format.nmse(cell.nmse)}` },
                     heatText(cell));
    places.push({ place, cell });
    return place;
  })));
  const elements = places.map((entry) => entry.place);
  // The next filled cell of the same op, up or down.
  const vertical = (index, step) => {
    for (let next = index + step; next >= 0 && next < places.length; next += step)
      if (places[next].cell.op === places[index].cell.op) return next;
    return index;
  };
  rove(elements, vertical, (element) => {
    const { cell } = places[elements.indexOf(element)];
    readout.textContent = cellText(label, cell);
  });
  const table = el("table", { class: "heat", "data-arm": label },
                   el("thead", {}, el("tr", {}, el("th", { scope: "col" }, "layer"), ops.map((op) => el("th", { scope: "col" }, op)))),
                   el("tbody", {}, body));
  return el("figure", {}, el("figcaption", {}, armName(label)),
            el("div", { class: "scroll" }, table));
}

function cellText(label, cell) {
  const place = cell.layer < 0 ? "outside the layers" : `layer ${cell.layer}`;
  const lines = cell.values.map((value) =>
    `${value.value}: NMSE ${format.nmse(dig(value, "prompt", "nmse"))} in one step, ` +
    `${format.nmse(dig(value, "single", "nmse"))} one by one; largest difference ${format.small(dig(value, "prompt", "max_abs"))}; ` +
    `bound ${format.nmse(value.bound)}${value.outside ? ", OUT OF BOUNDS" : ""}`);
  return [`${label}, ${place}, ${cell.op}`, ...lines].join("\n");
}

/// Made when it is opened: a large model has thousands of values.
function fillValues(details, compared, inputs) {
  if (!details.open) return;
  const rows = compared.flatMap((arm) => (dig(numbersOf(arm.label), inputs, "values") || []).map((value) => ({ arm: arm.label, value })));
  const number = (title, path, text) => ({ title, number: true, value: (row) => dig(row.value, ...path), text: (row) => text(dig(row.value, ...path)) });
  const table = sortableTable(`Every value: ${kInputs[inputs]}`, [
    { title: "Value", value: (row) => row.value.value },
    { title: "Op", value: (row) => row.value.op },
    { title: "Layer", number: true, value: (row) => row.value.layer, text: (row) => layerName(row.value.layer) },
    { title: "Arm", value: (row) => row.arm, element: (row) => armName(row.arm) },
    { title: "Dtype", value: (row) => row.value.dtype },
    number("NMSE, one step", ["prompt", "nmse"], format.nmse),
    number("NMSE, one by one", ["single", "nmse"], format.nmse),
    number("Largest difference", ["prompt", "max_abs"], format.small),
    number("Cosine", ["prompt", "cosine"], format.cosine),
    number("Bound", ["bound"], format.nmse),
    { title: "Verdict", nowrap: true, value: (row) => (row.value.outside ? "out of bounds" : "within"),
      element: (row) => el("span", { class: row.value.outside ? "bad" : null }, row.value.outside ? "✕ out of bounds" : "within") },
  ], rows);
  details.replaceChildren(details.firstElementChild, table);
}
