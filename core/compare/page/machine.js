"use strict";
// The arms as they were loaded, and what they ran on: without it no figure can be compared with another's.

function drawArms(into) {
  const number = (title, value, text) => ({ title, number: true, value, text: (row) => text(value(row)) });
  const of = (...path) => (arm) => dig(arm, ...path);
  // How long an emulation takes says nothing.
  const timed = (...path) => (arm) => (emulated.includes(arm.label) ? undefined : dig(arm, ...path));
  const device = (arm) => (arm.devices || []).map((one) =>
    `${one.device} (${one.plugin} ${one.version}${one.features ? `, ${one.features}` : ""})`).join("; ");
  const digests = (arm) => (arm.devices || []).map((one) => (one.sha1 || "").slice(0, 12)).join(" ");
  // The most that a device held, where its backend says so.
  const held = (arm) => (dig(arm, "memory", "devices") || []).filter((one) => isNumber(one.peak_bytes))
    .map((one) => `${one.name} ${format.bytes(one.peak_bytes)}`).join(", ");
  // Weights, state and arena of every device that has nodes.
  const planned = (arm) => (dig(arm, "plan", "devices") || []).filter((one) => one.nodes > 0)
    .map((one) => `${one.name} ${format.bytes(one.weights + one.state + one.arena)}`).join(", ");
  // What the machine, or the device through its own plain product, reached in this run; 0: no probe ran.
  const probe = (title, from) => ({ title, number: true, value: (arm) => dig(from(arm), "bandwidth") || undefined,
    text: (arm) => (dig(from(arm), "bandwidth") ? `${format.figures(from(arm).bandwidth / 1e9)}, ${format.figures(from(arm).flops / 1e9)}` : "–") });
  into.append(sortableTable("Every arm", [
    { title: "Arm", value: (arm) => arm.label, element: (arm) => armName(arm.label) },
    { title: "Status", value: (arm) => arm.status,
      element: (arm) => el("span", { class: arm.status === "ok" ? "good" : "bad" }, arm.status === "ok" ? "✓ ok" : `✕ ${arm.status}`) },
    number("Load, s", timed("load_seconds"), format.seconds),
    number("Cold start to first token, s", timed("first_token_seconds"), format.seconds),
    number("Peak memory of the process", of("memory", "peak_bytes"), format.bytes),
    number("Planned memory", of("plan", "memory", "total"), format.bytes),
    number("Weights packed", of("plan", "memory", "weights_packed"), format.bytes),
    number("Sub-graphs", of("plan", "placement", "sub_graphs"), (value) => String(value ?? "–")),
    number("Fallbacks", of("plan", "placement", "fallback_nodes"), (value) => String(value ?? "–")),
    number("Threads", of("threads"), (value) => String(value ?? "–")),
    { title: "Most taken on devices", value: held },
    { title: "Planned on devices, mapped weights included", value: planned },
    probe("Probe: GB/s, GFLOP/s", of("memory")),
    probe("Own product: GB/s, GFLOP/s", of("memory", "devices", 0)),
    { title: "Device", value: device },
    { title: "Plugin SHA-1", nowrap: true, value: digests },
  ], arms));
}

function drawMachine(into) {
  const machine = report.fingerprint || {};
  const list = el("dl");
  const fact = (name, value) => {
    if (value !== undefined && value !== null && value !== "") list.append(el("dt", {}, name), el("dd", {}, String(value)));
  };
  fact("Processor", machine.cpu);
  fact("Instructions", (machine.features || []).join(", "));
  fact("Threads", machine.threads_usable !== undefined ? `${machine.threads_usable} of ${machine.threads_online} usable` : "");
  fact("Governor", machine.governor);
  fact("Load", (machine.load || []).map(format.figures).join(", "));
  fact("Memory", machine.memory_bytes ? format.bytes(machine.memory_bytes) : "");
  fact("Memory limit", machine.memory_limit ? format.bytes(machine.memory_limit) : "");
  fact("Huge pages", machine.huge_pages);
  fact("Kernel", machine.kernel);
  fact("Sirocco", machine.sirocco ? `${machine.sirocco}, plugin ABI ${machine.abi}` : "");
  fact("Compiler", machine.compiler);
  fact("Build", machine.build);
  fact("Model", report.model);
  fact("Measured", report.created);
  const save = el("button", { type: "button", class: "screen", id: "save" }, "Save the report as JSON");
  save.addEventListener("click", () => {
    const link = el("a", { download: "report.json",
                           href: URL.createObjectURL(new Blob([JSON.stringify(report, null, 2)], { type: "application/json" })) });
    link.click();
    URL.revokeObjectURL(link.href);
  });
  into.append(list, save);
}
