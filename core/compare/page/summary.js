"use strict";
// First what a reader decides by: who is faster, whether numbers hold, and what went wrong.

const kGlyphs = { faster: "▲", slower: "▼", "no difference seen": "=", "too noisy": "?" };
const kClasses = { faster: "good", slower: "bad" };

function verdictText(found) {
  if (!found.verdict) return "not measured";
  const glyph = kGlyphs[found.verdict];
  return `${glyph ? `${glyph} ` : ""}${found.verdict}`;
}

const intervalText = (from) => (isNumber(from.low) ? `${format.ratio(from.low)} to ${format.ratio(from.high)}` : "–");

/// "B is faster than A at pp32 (3.141 times its speed) and tg8 (1.768 times its speed)."
function speedSentences() {
  const others = arms.filter((arm) => arm.label !== base && !emulated.includes(arm.label));
  return others.map((arm) => {
    const found = speedCases.map((test) => ({ test: test.label, ...comparisonOf(test, arm.label) }));
    const parts = ["faster", "slower"].map((verdict) => {
      const cases = found.filter((one) => one.verdict === verdict);
      if (!cases.length) return null;
      return `${verdict} than ${base} at ` +
             format.list(cases.map((one) => `${one.test} (${format.ratio(one.ratio)} times its speed)`));
    }).filter(Boolean);
    if (parts.length) return `${arm.label} is ${parts.join(", and ")}.`;
    const noisy = found.filter((one) => one.verdict === "too noisy").length;
    if (noisy) return `${arm.label}: too noisy to tell from ${base}.`;
    if (found.some((one) => one.verdict === "no difference seen")) return `${arm.label}: no difference from ${base} seen.`;
    return null;
  }).filter(Boolean);
}

function numbersSentence() {
  const compared = arms.filter((arm) => numbersOf(arm.label).timed);
  if (!compared.length) return null;
  const outside = compared.filter((arm) => isOutside(arm.label)).map((arm) => arm.label);
  if (outside.length) return `Out of bounds against ${against}: ${format.list(outside)}.`;
  return compared.length === 1 ? `${compared[0].label} is within bounds of ${against}.`
                               : `All ${compared.length} arms compared are within bounds of ${against}.`;
}

/// What a reader must not miss, worst first: {kind, text}.
function problems() {
  const found = [];
  const add = (text, kind = "problem") => text && found.push({ kind, text });
  for (const arm of arms)
    if (arm.status !== "ok") add(`${arm.label}: ${arm.status || "not run"}${arm.problem ? `: ${arm.problem}` : ""}`);
  add(dig(report, "numbers", "problem") && `${against}: ${report.numbers.problem}`);
  for (const arm of arms) {
    const own = numbersOf(arm.label);
    const first = dig(own, "alone", "first_outside");
    if (first) add(`${arm.label}: first node out of bounds by itself: ${first}`);
    if (own.bisect)
      add(`${arm.label}: bisected: ${own.bisect.text}. NMSE ${format.nmse(own.bisect.before)} before, ` +
          `${format.nmse(own.bisect.after)} with it given back to ${against}; ${format.count(own.bisect.measured, "run")}.`);
  }
  for (const gate of report.gates || []) add(`Gate failed: ${gate}`);
  if (report.interrupted) add("The run was interrupted: what was there by then is shown.");
  if (report.saved)
    add(`Saved: ${report.saved.arm}, ${format.ratio(report.saved.ratio)} times as fast as ${report.saved.base} over all tests.`,
        "saved");
  for (const label of emulated) add(`${label} is emulated: its speed means nothing and was not taken.`, "remark");
  if (speedCases.some((test) => (test.arms || []).some((own) => own.probe_exceeded)))
    add("A share above 100 %: the probe was disturbed or is not what bounds this machine. Read the ratios, not the shares.",
        "remark");
  const disturbed = speedCases.flatMap((test) => test.arms || []).reduce((sum, own) => sum + (own.disturbed || 0), 0);
  const samples = speedCases.flatMap((test) => test.arms || []).reduce((sum, own) => sum + (own.n || 0), 0);
  if (disturbed) add(`${disturbed} of ${samples} samples were disturbed by other work on the machine.`, "remark");
  return found;
}

function armCard(arm) {
  const own = numbersOf(arm.label);
  const tests = speedCases.filter((test) => isNumber(dig(figuresOf(test, arm.label), "tokens_per_second", "value")));
  const rows = tests.map((test) => {
    const found = comparisonOf(test, arm.label);
    const isBase = arm.label === base;
    return el("tr", {}, el("th", { scope: "row" }, test.label),
              el("td", { class: "number" }, `${format.figures(figuresOf(test, arm.label).tokens_per_second.value)}/s`),
              el("td", { class: "number" }, isBase || !isNumber(found.ratio) ? "" : `× ${format.ratio(found.ratio)}`),
              el("td", { class: kClasses[found.verdict] || null }, isBase ? "base" : verdictText(found)));
  });
  const facts = [];
  const fact = (name, value) => facts.push(el("dt", {}, name), el("dd", {}, value));
  if (arm.status !== "ok") fact("Status", el("span", { class: "bad" }, `✕ ${arm.status || "not run"}`));
  if (own.timed)
    fact("Outputs", el("span", {},
      el("span", { class: isOutside(arm.label) ? "bad" : "good" }, isOutside(arm.label) ? "✕ out of bounds" : "✓ within bounds"),
      el("br"), `NMSE ${format.nmse(own.timed.nmse)} of ${format.nmse(own.timed.bound)}`));
  const kl = dig(own, "logits", "comparison", "kl", "value");
  if (isNumber(kl)) fact("Mean KL", `${format.small(kl)} nats`);
  const line = dig(arm, "plan", "placement", "line");
  const fallen = fallbacksOf(arm).length;
  if (line) fact("Placement", fallen ? `${line}; ${format.count(fallen, "fallback")}` : line);
  if (isNumber(arm.load_seconds) && !emulated.includes(arm.label)) fact("Load", `${format.seconds(arm.load_seconds)} s`);
  if (isNumber(dig(arm, "memory", "peak_bytes"))) fact("Peak memory", format.bytes(arm.memory.peak_bytes));
  const role = emulated.includes(arm.label) ? " emulated, not timed" : "";
  return el("article", { class: "card" },
            el("h3", {}, armName(arm.label), role ? el("span", { class: "role" }, role) : null),
            rows.length ? el("table", {}, el("tbody", {}, rows)) : null, el("dl", {}, facts));
}

function drawSummary(into) {
  const sentences = [...speedSentences(), numbersSentence()].filter(Boolean);
  if (sentences.length) into.append(el("p", { class: "lead" }, sentences.join(" ")));
  const list = problems();
  if (list.length)
    into.append(el("ul", { class: "problems" },
                   list.map(({ kind, text }) => el("li", { class: kind === "problem" ? null : kind }, text))));
  into.append(el("div", { class: "cards" }, arms.map(armCard)));
}
