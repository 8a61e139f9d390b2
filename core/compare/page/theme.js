"use strict";
// Before anything is painted: the reader's choice, else what the system asks for. Paper is light.

const theme = {
  system: matchMedia("(prefers-color-scheme: dark)"),
  chosen: null,
  printing: false,

  name() {
    return this.printing ? "light" : this.chosen || (this.system.matches ? "dark" : "light");
  },
  apply() {
    document.documentElement.dataset.theme = this.name();
    const button = document.getElementById("theme");
    if (button) button.setAttribute("aria-pressed", String(this.name() === "dark"));
  },
  toggle() {
    this.chosen = this.name() === "dark" ? "light" : "dark";
    try {
      localStorage.setItem("sirocco.theme", this.chosen);
    } catch (refused) {
      // A page from a file may have no storage; the choice then lasts as long as the page.
    }
    this.apply();
  },
  start() {
    try {
      const kept = localStorage.getItem("sirocco.theme");
      if (kept === "light" || kept === "dark") this.chosen = kept;
    } catch (refused) {
      this.chosen = null;
    }
    this.system.addEventListener("change", () => this.apply());
    addEventListener("beforeprint", () => { this.printing = true; this.apply(); });
    addEventListener("afterprint", () => { this.printing = false; this.apply(); });
    this.apply();
  },
};
theme.start();
