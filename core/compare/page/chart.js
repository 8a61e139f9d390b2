"use strict";
// What the charts share: the arms' colours and shapes, axes, and drawing anew when the width changes.

const kColours = 8;
/// Outlines within a circle of 5: arms are told apart by shape as well as by colour.
const kShapes = [
  "M0-4.5A4.5 4.5 0 1 1 0 4.5A4.5 4.5 0 1 1 0-4.5Z",
  "M-4-4H4V4H-4Z",
  "M0-5.5L5.5 0L0 5.5L-5.5 0Z",
  "M0-5L5 4H-5Z",
  "M0 5L5-4H-5Z",
  "M-1.7-5H1.7V-1.7H5V1.7H1.7V5H-1.7V1.7H-5V-1.7H-1.7Z",
];

const armColour = (label) => `var(--arm-${1 + (Math.max(0, armIndex(label)) % kColours)})`;
const armShape = (label) => kShapes[Math.max(0, armIndex(label)) % kShapes.length];

function armSymbol(label) {
  const svg = d3.create("svg").attr("class", "symbol").attr("viewBox", "-6 -6 12 12").attr("aria-hidden", "true");
  svg.append("path").attr("d", armShape(label)).style("fill", armColour(label));
  return svg.node();
}

function armLegend(labels) {
  return el("ul", { class: "legend" }, labels.map((label) => el("li", {}, armName(label))));
}

/// A figure whose SVG `draw(svg, width)` fills and gives a height to; again whenever it gets another
/// width. `description` is what a screen reader says of the whole.
function chart(caption, description, draw) {
  const figure = el("figure", {}, el("figcaption", {}, caption));
  const svg = d3.create("svg").attr("role", "group").attr("aria-label", description);
  figure.append(svg.node());
  let drawn = 0;
  const redraw = () => {
    const width = Math.floor(figure.clientWidth);
    if (width < 1 || width === drawn) return;
    drawn = width;
    svg.selectAll("*").remove();
    const height = draw(svg, width);
    svg.attr("width", width).attr("height", height).attr("viewBox", `0 0 ${width} ${height}`);
  };
  // In a frame of its own: drawing inside the observer would change what it observes.
  new ResizeObserver(() => requestAnimationFrame(redraw)).observe(figure);
  return figure;
}

/// Grid lines with their values below, from `top` to `bottom`.
function bottomAxis(svg, scale, values, text, top, bottom) {
  svg.append("g").attr("class", "axis").attr("transform", `translate(0,${bottom})`)
     .call(d3.axisBottom(scale).tickValues(values).tickFormat(text).tickSize(top - bottom).tickPadding(6));
}

/// A mark of an arm at a place, which the keyboard reaches and which says what it stands for.
function mark(svg, label, x, y, description) {
  const path = svg.append("path").attr("class", "mark").attr("d", armShape(label))
                  .attr("transform", `translate(${x},${y})`).style("fill", armColour(label))
                  .attr("data-arm", label).attr("role", "img").attr("aria-label", description);
  path.append("title").text(description);
  return path;
}

/// 1, 2 and 5 times powers of ten inside a logarithmic scale's domain; evenly spread values where it
/// spans less than that would mark.
function logTicks([low, high]) {
  const ticks = [];
  for (let power = Math.floor(Math.log10(low)); power <= Math.ceil(Math.log10(high)); ++power)
    for (const step of [1, 2, 5]) ticks.push(Number(`${step}e${power}`));
  const inside = ticks.filter((tick) => tick >= low && tick <= high);
  return inside.length >= 3 ? inside : d3.scaleLinear().domain([low, high]).ticks(4);
}

/// Text that ends in "…" where it is longer than `width` pixels.
function fitText(text, full, width) {
  text.text(full);
  let shown = full;
  while (shown.length > 4 && text.node().getComputedTextLength() > width) {
    shown = shown.slice(0, -1);
    text.text(`${shown}…`);
  }
  if (shown !== full) text.append("title").text(full);
}
