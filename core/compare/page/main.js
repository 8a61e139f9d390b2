"use strict";
// Draws the page. A section that cannot be drawn says so in its place; the others still are.

function drawHead() {
  const model = report.model || "A model";
  const title = `${model}: ${arms.length === 1 ? arms[0].label : format.count(arms.length, "arm")} compared`;
  document.title = title;
  section("title").textContent = title;
  const machine = report.fingerprint || {};
  section("meta").textContent = [
    machine.cpu && `${machine.cpu}, ${format.count(machine.threads_usable ?? 0, "thread")}`,
    dig(report, "numbers", "numerics"),
    (report.created || "").replace("T", " ").replace("Z", " UTC"),
    machine.sirocco && `Sirocco ${machine.sirocco}`,
  ].filter(Boolean).join(" · ");
  section("theme").addEventListener("click", () => theme.toggle());
  theme.apply();
  document.querySelector("footer").textContent =
    "Written by sirocco compare --html. This page holds its whole report and asks no network for anything.";
}

const kSections = {
  summary: drawSummary,
  speed: drawSpeed,
  roofline: drawRoofline,
  numbers: drawNumbers,
  drift: drawDrift,
  placement: drawPlacement,
  arms: drawArms,
  machine: drawMachine,
};

drawHead();
for (const [name, draw] of Object.entries(kSections)) {
  try {
    draw(section(name));
  } catch (error) {
    console.error(name, error);
    section(name).append(el("p", { class: "bad" }, `This part of the report cannot be shown: ${error.message}`));
  }
}
