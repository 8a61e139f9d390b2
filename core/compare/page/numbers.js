"use strict";
// How far each arm's numbers lie from the reference's.

function drawNumbers(into) {
  if (!report.numbers) {
    into.append(el("p", { class: "note" }, "Not compared in this run."));
    return;
  }
  const numbers = report.numbers;
  into.append(el("p", { class: "note" },
    `Against ${against}, ${format.count(numbers.prompt_tokens, "token")} in one step and ` +
    `${numbers.single_tokens} one by one${numbers.numerics ? `, in ${numbers.numerics}` : ""}. NMSE: squared error over ` +
    "squared reference, the worse of both. Alone: every node on the reference's inputs. Observed: every value kept, so " +
    "that errors add up. KL, top tokens and perplexity come from the logits over a text" +
    `${numbers.text ? `, ${numbers.text}` : ", where one is given"}.`));
  const rows = arms.map((arm) => ({ arm: arm.label, own: numbersOf(arm.label) }));
  const number = (title, value, text) => ({ title, number: true, value, text: (row) => text(value(row)) });
  const of = (...path) => (row) => dig(row.own, ...path);
  const logits = (...path) => of("logits", "comparison", ...path);
  // An absent stage has no NMSE; one that is there and null was not finite.
  const nmse = (title, stage, value) =>
    ({ title, number: true, value, text: (row) => (row.own[stage] ? format.nmse(value(row)) : "–") });
  const worst = (row) => worstOf(row.arm, "alone");
  into.append(sortableTable("Drift of every arm", [
    { title: "Arm", value: (row) => row.arm, element: (row) => armName(row.arm) },
    nmse("Outputs, as timed: NMSE", "timed", of("timed", "nmse")),
    nmse("Allowed", "timed", of("timed", "bound")),
    { title: "Verdict", nowrap: true,
      value: (row) => (!row.own.timed ? "not compared" : row.own.timed.outside ? "out of bounds" : "within bounds"),
      element: (row) => (!row.own.timed ? "not compared" : el("span", { class: row.own.timed.outside ? "bad" : "good" },
        row.own.timed.outside ? "✕ out of bounds" : "✓ within bounds")) },
    nmse("Worst node alone: NMSE", "alone", (row) => (worst(row) ? nmseOf(worst(row)) : null)),
    { title: "Worst node", value: (row) => dig(worst(row), "value"),
      text: (row) => (worst(row) ? `${worst(row).value} (${worst(row).op})` : "–") },
    { title: "First node out of bounds", value: of("alone", "first_outside"),
      text: (row) => (row.own.alone ? row.own.alone.first_outside || "none" : "–") },
    nmse("Timed against observed: NMSE", "observed", of("observed", "timed_against_observed", "nmse")),
    number("KL mean, nats", logits("kl", "value"), format.small),
    number("KL 99.9 %", logits("kl_distribution", "p99.9"), format.small),
    number("KL most", logits("kl_distribution", "maximum"), format.small),
    number("Same top token", logits("same_top", "value"), format.percent2),
    number("Of the top five", logits("top5", "value"), format.percent2),
    { title: "Perplexity difference", number: true, value: logits("difference", "value"),
      text: (row) => (isNumber(logits("difference", "value")(row))
        ? `${format.small(logits("difference", "value")(row))} ± ${format.small(logits("difference", "error")(row))}` : "–") },
  ], rows));
}
