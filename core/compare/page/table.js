"use strict";
// Tables whose columns sort.

/// A name with its arm's colour and shape.
function armName(label) {
  return el("span", { class: "arm-name" }, armSymbol(label), el("span", {}, label));
}

/// `columns`: {title, value(row), text(row), number, element(row)}; a click on a title sorts by
/// value, numbers downwards first. Values that are absent come last either way. The whole scrolls
/// sideways where it is too wide.
function sortableTable(caption, columns, rows) {
  const body = el("tbody");
  const line = (row) => el("tr", {}, columns.map((column, index) => {
    const value = column.value(row);
    const attributes = { class: column.number ? "number" : column.nowrap ? "nowrap" : null,
                         "data-value": value === undefined || value === null ? null : String(value) };
    const content = column.element ? column.element(row) : column.text ? column.text(row) : String(value ?? "–");
    if (index > 0) return el("td", attributes, content);
    return el("th", { ...attributes, scope: "row" }, content);
  }));
  const lines = rows.map((row) => ({ row, element: line(row) }));
  body.append(...lines.map((entry) => entry.element));

  const heads = columns.map((column) => {
    const head = el("th", { scope: "col", class: column.number ? "number" : null },
                    el("button", { type: "button" }, column.title));
    head.firstChild.addEventListener("click", () => {
      const now = head.getAttribute("aria-sort");
      const up = now ? now === "descending" : !column.number;
      heads.forEach((other) => other.removeAttribute("aria-sort"));
      head.setAttribute("aria-sort", up ? "ascending" : "descending");
      lines.sort((a, b) => inOrder(column.value(a.row), column.value(b.row), up));
      body.append(...lines.map((entry) => entry.element));
    });
    return head;
  });
  return scrolling(caption, el("table", {}, el("caption", {}, caption), el("thead", {}, el("tr", {}, heads)), body));
}

function inOrder(a, b, up) {
  const none = (value) => value === undefined || value === null || Number.isNaN(value);
  if (none(a) || none(b)) return none(a) - none(b);
  const order = typeof a === "number" && typeof b === "number" ? a - b
              : String(a).localeCompare(String(b), "en", { numeric: true });
  return up ? order : -order;
}

/// A region that the keyboard can reach and scroll.
function scrolling(label, content) {
  return el("div", { class: "scroll", role: "region", tabindex: "0", "aria-label": label }, content);
}
