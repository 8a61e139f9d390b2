"use strict";
// Which device runs which node, in the order of the graph; the same in words.

function drawPlacement(into) {
  const placed = arms.filter((arm) => dig(arm, "plan", "explain"));
  if (!placed.length) {
    into.append(el("p", { class: "note" }, "No arm came as far as a placement."));
    return;
  }
  const devices = [...new Set(placed.flatMap((arm) => arm.plan.explain.map((node) => node.device)))];
  const colour = (device) => `var(--arm-${1 + (devices.indexOf(device) % kColours)})`;
  const number = (device) => String(1 + devices.indexOf(device));
  into.append(el("p", { class: "note" },
    "One cell a node, in the order of the graph, with its device's number. A hollow cell is a fallback: the first " +
    "backend declined that node."));
  into.append(el("ul", { class: "legend" }, devices.map((device) => {
    const swatch = el("span", { class: "device" }, number(device));
    swatch.style.setProperty("--device", colour(device));
    return el("li", {}, swatch, device);
  })));
  const readout = el("output", { class: "readout", id: "placement-readout", "aria-live": "polite" },
                     "Point at a node or reach it by keyboard to read where it runs and why.");
  into.append(...placed.map((arm) => placementStrip(arm, colour, number, readout)), readout);
}

function placementStrip(arm, colour, number, readout) {
  const nodes = arm.plan.explain;
  const cells = nodes.map((node) => {
    const cell = el("span", { role: "img", class: node.fallback ? "device fallback" : "device",
                              "aria-label": `${node.node}, ${node.op}: ${node.device}${node.fallback ? ", a fallback" : ""}` },
                    number(node.device));
    cell.style.setProperty("--device", colour(node.device));
    return cell;
  });
  const strip = el("div", { class: "strip", role: "group", "aria-label": `Nodes of ${arm.label}`, "data-arm": arm.label }, cells);
  const perRow = () => {
    const first = cells[0].offsetTop;
    const count = cells.findIndex((cell) => cell.offsetTop !== first);
    return count < 0 ? cells.length : count;
  };
  rove(cells, (index, step) => index + step * perRow(), (cell) => {
    readout.textContent = nodeText(arm.label, nodes[cells.indexOf(cell)]);
  });
  return el("div", {}, el("h3", {}, armName(arm.label)), strip, el("p", { class: "note" }, placementText(arm)));
}

function nodeText(label, node) {
  const verdicts = Object.entries(node.verdicts || {}).map(([device, verdict]) => `${device}: ${verdict}`);
  const copied = node.copied_bytes_per_token ? `; ${format.bytes(node.copied_bytes_per_token)} a token copied to it` : "";
  return [`${label}: ${node.node}, ${node.op}`,
          `on ${node.device}${node.fallback ? ", a fallback" : ""}: ${node.reason}${copied}`, ...verdicts].join("\n");
}

/// The strip in words, fallbacks by op.
function placementText(arm) {
  const parts = dig(arm, "plan", "placement", "sub_graphs");
  const text = `${arm.plan.placement.line}, ${format.count(parts, "sub-graph")}`;
  const fallen = fallbacksOf(arm);
  if (!fallen.length) return `${text}; no fallback.`;
  const byOp = new Map();
  for (const node of fallen) byOp.set(node.op, (byOp.get(node.op) || 0) + 1);
  const ops = [...byOp].map(([op, count]) => `${count} ${op}`);
  return `${text}; ${format.count(fallen.length, "fallback")}: ${format.list(ops)}.`;
}
