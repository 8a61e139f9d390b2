"use strict";
// How much of what the machine can do each test used. Both axes are relative to the probes that ran
// beside each sample, so that one roof holds for all arms: to the left of 1 the memory is the limit,
// to the right arithmetic.

const kHeight = 340;
const kMargin = { left: 52, right: 12, top: 22, bottom: 44 };

function rooflinePoints() {
  return speedCases.flatMap((test) => (test.arms || [])
    .filter((own) => own.bandwidth_share > 0 && own.flops_share > 0)
    .map((own) => ({ test: test.label, arm: own.arm, x: own.flops_share / own.bandwidth_share, y: own.flops_share,
                     bandwidth: own.bandwidth_share })));
}

function drawRoofline(into) {
  const points = rooflinePoints();
  if (!points.length) {
    into.append(el("p", { class: "note" }, "No probe of the machine ran beside this run."));
    return;
  }
  into.append(el("p", { class: "note" },
    "Work done as a share of what probes of memory and arithmetic reached in the same minutes. The closer to the roof, " +
    "the less is left to gain on this machine."));
  into.append(armLegend([...new Set(points.map((point) => point.arm))]));
  const description = "Share of the probes' bandwidth and arithmetic: " + points.map((point) =>
    `${point.test} ${point.arm} ${format.percent(point.bandwidth)} and ${format.percent(point.y)}`).join(", ");
  into.append(chart([], description, (svg, width) => drawRoof(svg, width, points)));
}

function drawRoof(svg, width, points) {
  const xs = points.map((point) => point.x), ys = points.map((point) => point.y);
  const x = d3.scaleLog().domain([Math.min(...xs) / 3, Math.max(3, ...xs.map((value) => 3 * value))])
              .range([kMargin.left, width - kMargin.right]);
  const low = Math.min(...ys) / 3;
  const y = d3.scaleLog().domain([low, Math.max(1.6, ...ys.map((value) => 1.6 * value))])
              .range([kHeight - kMargin.bottom, kMargin.top]);
  const decades = ([from, to]) => d3.range(Math.ceil(Math.log10(from)), Math.floor(Math.log10(to)) + 1)
                                    .map((power) => Number(`1e${power}`));
  bottomAxis(svg, x, decades(x.domain()), (value) => String(value), kMargin.top, kHeight - kMargin.bottom);
  svg.append("g").attr("class", "axis").attr("transform", `translate(${kMargin.left},0)`)
     .call(d3.axisLeft(y).tickValues(decades(y.domain())).tickFormat(format.percent)
             .tickSize(-(width - kMargin.left - kMargin.right)).tickPadding(6));
  const aside = (text, atX, atY, anchor) => svg.append("text").attr("class", "aside").attr("x", atX).attr("y", atY)
                                               .attr("text-anchor", anchor).text(text);
  aside("FLOP per byte, 1 where the roof bends", width - kMargin.right, kHeight - 6, "end");
  aside("FLOP/s, of the probe's", 0, 11, "start");

  // The roof is y = x up to 1: it enters the picture at the left edge or from below.
  const start = Math.max(x.domain()[0], low);
  svg.append("path").attr("class", "roof")
     .attr("d", `M${x(start)},${y(start)}L${x(1)},${y(1)}H${x(x.domain()[1])}`);
  aside("all of the arithmetic", width - kMargin.right, y(1) - 6, "end");
  const half = Math.sqrt(start);
  const slope = Math.atan2(y(1) - y(half), x(1) - x(half)) * 180 / Math.PI;
  aside("all of the bandwidth", 0, 0, "middle")
    .attr("transform", `translate(${x(half)},${y(half)}) rotate(${slope}) translate(0,-7)`);

  // One name a test: its points lie above each other.
  for (const test of new Set(points.map((point) => point.test))) {
    const own = points.filter((point) => point.test === test);
    const lowest = own.reduce((a, b) => (a.y < b.y ? a : b));
    svg.append("text").attr("x", x(lowest.x)).attr("y", y(lowest.y) + 20).attr("text-anchor", "middle").text(test);
  }
  for (const point of points)
    mark(svg, point.arm, x(point.x), y(point.y),
         `${point.test}, ${point.arm}: ${format.percent(point.bandwidth)} of the probe's bytes/s, ` +
         `${format.percent(point.y)} of its FLOP/s`)
      .attr("data-case", point.test).attr("data-bandwidth", point.bandwidth).attr("data-flops", point.y);
  return kHeight;
}
