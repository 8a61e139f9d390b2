"use strict";
// Elements are made one by one and text is only ever text: labels, paths and messages of a report are
// not trusted.

/// el("p", {class: "note"}, "text", child…): attributes that are null are left out; null children too.
function el(name, attributes = {}, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes))
    if (value !== null && value !== undefined) element.setAttribute(key, value);
  for (const child of children.flat())
    if (child !== null && child !== undefined) element.append(child);
  return element;
}

function section(name) {
  return document.getElementById(name);
}

/// One stop of the tab key for all of `cells`; arrows, Home and End move inside. `columns(index)`: how
/// far up and down are. `show(cell)` is called for what is focused or pointed at.
function rove(cells, columns, show) {
  const focus = (index) => {
    const next = cells[index];
    if (!next) return;
    for (const cell of cells) cell.tabIndex = -1;
    next.tabIndex = 0;
    next.focus();
  };
  cells.forEach((cell, index) => {
    cell.tabIndex = index === 0 ? 0 : -1;
    cell.addEventListener("focus", () => show(cell));
    cell.addEventListener("pointerenter", () => show(cell));
    cell.addEventListener("click", () => focus(index));
    cell.addEventListener("keydown", (event) => {
      const steps = { ArrowRight: index + 1, ArrowLeft: index - 1, Home: 0, End: cells.length - 1,
                      ArrowDown: columns(index, 1), ArrowUp: columns(index, -1) };
      if (!(event.key in steps)) return;
      event.preventDefault();
      focus(steps[event.key]);
    });
  });
}
