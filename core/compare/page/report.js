"use strict";
// What the page shows: the report of `sirocco compare --json` as it is, and ways to look into it. Any
// part may be absent: an arm that failed early has little, and a run may leave out speed or numbers.

const report = JSON.parse(document.getElementById("report").textContent);

const arms = report.arms || [];
const speedCases = report.speed ? report.speed.cases || [] : [];
const emulated = report.speed ? report.speed.emulated || [] : [];
const base = report.speed ? report.speed.base : arms.length ? arms[0].label : "";
const against = report.numbers ? report.numbers.against || report.numbers.reference || "the reference" : "";

/// dig(arm, "plan", "memory", "total"): undefined where there is none.
function dig(from, ...path) {
  return path.reduce((at, name) => (at === null || at === undefined ? undefined : at[name]), from);
}

const armIndex = (label) => arms.findIndex((arm) => arm.label === label);
const numbersOf = (label) =>
  (dig(report, "numbers", "arms") || []).find((own) => own.arm === label) || {};
const figuresOf = (test, label) => (test.arms || []).find((own) => own.arm === label) || {};
const comparisonOf = (test, label) => (test.comparisons || []).find((own) => own.arm === label) || {};

/// Of a compared value: the worse of its two steps; infinite where one is not finite.
function nmseOf(value) {
  const steps = [dig(value, "prompt", "nmse"), dig(value, "single", "nmse")];
  return Math.max(...steps.map((nmse) => (isNumber(nmse) ? nmse : Infinity)));
}
/// The worst of an arm's values in "alone" or "observed".
function worstOf(label, inputs) {
  const values = dig(numbersOf(label), inputs, "values") || [];
  return values.reduce((worst, value) => (!worst || nmseOf(value) > nmseOf(worst) ? value : worst), null);
}
const isOutside = (label) => dig(numbersOf(label), "timed", "outside") === true;
const fallbacksOf = (arm) => (dig(arm, "plan", "explain") || []).filter((node) => node.fallback);
