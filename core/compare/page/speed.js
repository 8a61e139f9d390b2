"use strict";
// Tokens a second with their intervals, and ratios to the base with theirs.

const kRow = 46;
const kTextAt = 14;
const kMarkAt = 31;

function drawSpeed(into) {
  if (!speedCases.length) {
    into.append(el("p", { class: "note" }, "Not measured in this run."));
    return;
  }
  const percent = format.percent(1 - report.speed.alpha);
  into.append(el("p", { class: "note" },
    `Median of ${format.count(report.speed.repeats, "round")}, arms in random order; the bar is its ${percent} interval, ` +
    "each tick below a sample. More is better."));
  into.append(el("div", { class: "figures" }, speedCases.map(speedChart)));
  const compared = speedCases.flatMap((test) =>
    (test.comparisons || []).filter((found) => isNumber(found.ratio)).map((found) => ({ test, found })));
  if (compared.length) into.append(forestChart(compared));
  into.append(speedTable());
}

function speedChart(test) {
  const rows = (test.arms || []).filter((own) => isNumber(dig(own, "tokens_per_second", "value")));
  const caption = [`${test.label} `, el("span", {}, "tokens/s")];
  if (!rows.length) return el("figure", {}, el("figcaption", {}, caption), el("p", { class: "note" }, "Not measured."));
  const description = `${test.label}, tokens a second: ` +
    rows.map((own) => `${own.arm} ${format.figures(own.tokens_per_second.value)}`).join(", ");
  return chart(caption, description, (svg, width) => {
    const most = Math.max(...rows.flatMap((own) => [own.tokens_per_second.high, ...(own.samples || [])]));
    const x = d3.scaleLinear().domain([0, most]).nice(4).range([8, width - 24]);
    const height = rows.length * kRow;
    bottomAxis(svg, x, x.ticks(width < 420 ? 3 : 5), format.tick, 0, height);
    rows.forEach((own, index) => {
      const row = svg.append("g").attr("transform", `translate(0,${index * kRow})`);
      const speed = own.tokens_per_second;
      const label = row.append("text").attr("y", kTextAt).attr("x", 8);
      const value = row.append("text").attr("class", "aside").attr("y", kTextAt).attr("x", width)
                       .attr("text-anchor", "end")
                       .text(`${format.figures(speed.value)} (${format.figures(speed.low)} to ${format.figures(speed.high)})`);
      fitText(label, own.arm, width - 24 - value.node().getComputedTextLength());
      row.append("line").attr("class", "interval").attr("x1", x(speed.low)).attr("x2", x(speed.high))
         .attr("y1", kMarkAt).attr("y2", kMarkAt).style("stroke", armColour(own.arm));
      for (const sample of own.samples || [])
        row.append("line").attr("class", "sample").attr("x1", x(sample)).attr("x2", x(sample))
           .attr("y1", kMarkAt + 6).attr("y2", kMarkAt + 12).style("stroke", armColour(own.arm));
      mark(row, own.arm, x(speed.value), kMarkAt,
           `${own.arm}, ${test.label}: ${format.figures(speed.value)} tokens/s, ` +
           `${format.figures(speed.low)} to ${format.figures(speed.high)}`)
        .attr("data-case", test.label).attr("data-value", speed.value);
    });
    return height + 24;
  });
}

/// Every comparison on one logarithmic scale: thick the interval of the ratio, thin what another run
/// of the same length may come to.
function forestChart(compared) {
  const description = "Ratios of speeds to " + base + ": " + compared.map(({ test, found }) =>
    `${test.label} ${found.arm} ${format.ratio(found.ratio)} ${found.verdict}`).join(", ");
  const caption = [`Ratio to ${base} `,
                   el("span", {}, "thick: interval, all comparisons together; thin: where another run may end up")];
  return chart(caption, description, (svg, width) => {
    const ends = compared.flatMap(({ found }) => [found.low, found.high, dig(found, "rerun", "low"), dig(found, "rerun", "high")])
                         .filter((end) => isNumber(end) && end > 0);
    const x = d3.scaleLog().domain([Math.min(0.9, ...ends), Math.max(1.1, ...ends)]).range([8, width - 12]);
    const height = compared.length * kRow;
    bottomAxis(svg, x, logTicks(x.domain()), format.tick, 0, height);
    svg.append("line").attr("class", "none").attr("x1", x(1)).attr("x2", x(1)).attr("y2", height);
    compared.forEach(({ test, found }, index) => {
      const row = svg.append("g").attr("transform", `translate(0,${index * kRow})`);
      const label = row.append("text").attr("y", kTextAt).attr("x", 8);
      const value = row.append("text").attr("class", found.verdict).attr("y", kTextAt).attr("x", width)
                       .attr("text-anchor", "end")
                       .text(`${format.ratio(found.ratio)} (${intervalText(found)}) ${verdictText(found)}`);
      fitText(label, `${test.label} ${found.arm}`, width - 24 - value.node().getComputedTextLength());
      const line = (name, from) => row.append("line").attr("class", name).attr("x1", x(from.low)).attr("x2", x(from.high))
        .attr("y1", kMarkAt).attr("y2", kMarkAt).style("stroke", armColour(found.arm));
      if (isNumber(dig(found, "rerun", "low"))) line("whisker", found.rerun);
      line("interval", found);
      mark(row, found.arm, x(found.ratio), kMarkAt,
           `${test.label}, ${found.arm}: ${format.ratio(found.ratio)} times ${base}, ${intervalText(found)}, ${found.verdict}`)
        .attr("data-case", test.label).attr("data-value", found.ratio);
    });
    return height + 24;
  });
}

function speedTable() {
  const rows = speedCases.flatMap((test) => (test.arms || []).map((own) =>
    ({ test: test.label, own, speed: own.tokens_per_second || {}, found: comparisonOf(test, own.arm) })));
  const number = (title, value, text) => ({ title, number: true, value, text: (row) => text(value(row)) });
  return sortableTable("Speed of every test and arm", [
    { title: "Test", value: (row) => row.test },
    { title: "Arm", value: (row) => row.own.arm, element: (row) => armName(row.own.arm) },
    number("Tokens/s", (row) => row.speed.value, format.figures),
    number("from", (row) => row.speed.low, format.figures),
    number("to", (row) => row.speed.high, format.figures),
    number(`Ratio to ${base}`, (row) => row.found.ratio, format.ratio),
    number("from", (row) => row.found.low, format.ratio),
    number("to", (row) => row.found.high, format.ratio),
    number("p", (row) => row.found.p, format.small),
    { title: "Verdict", nowrap: true, value: (row) => (row.own.arm === base ? "the base" : row.found.verdict || "not measured"),
      element: (row) => (row.own.arm === base ? "the base"
        : el("span", { class: kClasses[row.found.verdict] || null }, verdictText(row.found))) },
    number("Of bytes/s", (row) => row.own.bandwidth_share, format.percent),
    number("Of FLOP/s", (row) => row.own.flops_share, format.percent),
    number("Overhead", (row) => row.own.overhead_share, format.percent),
    { title: "Disturbed", number: true, value: (row) => row.own.disturbed,
      text: (row) => (isNumber(row.own.disturbed) ? `${row.own.disturbed} of ${row.own.n}` : "–") },
  ], rows);
}
