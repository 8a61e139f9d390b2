"use strict";
// Numbers as people read them. What is not a number is said in words, never left blank.

const isNumber = (value) => typeof value === "number" && Number.isFinite(value);

const format = {
  /// Four figures, never in powers of ten: 10090, 2618, 62.51, 0.1235
  figures(value) {
    if (!isNumber(value)) return "–";
    if (value === 0) return "0";
    const digits = Math.max(0, 3 - Math.floor(Math.log10(Math.abs(value))));
    return value.toFixed(Math.min(digits, 12));
  },
  /// The same without what an axis does not need: 0.05, 10000
  tick: (value) => String(Number(value.toPrecision(4))),
  ratio: (value) => (isNumber(value) ? value.toFixed(3) : "–"),
  /// null stands for infinite or not a number in a report
  nmse: (value) => (value === 0 ? "0" : isNumber(value) ? value.toExponential(1) : "not finite"),
  small: (value) => (value === 0 ? "0" : isNumber(value) ? value.toExponential(2) : "–"),
  seconds: (value) => (isNumber(value) ? value.toFixed(3) : "–"),
  /// Whole percents, with figures below 10
  percent(value) {
    if (!isNumber(value)) return "–";
    const percent = 100 * value;
    return `${percent >= 10 || percent === 0 ? percent.toFixed(0) : percent.toPrecision(2)} %`;
  },
  percent2: (value) => (isNumber(value) ? `${(100 * value).toFixed(2)} %` : "–"),
  bytes(value) {
    if (!isNumber(value)) return "–";
    let unit = 0;
    while (value >= 1024 && unit < 4) {
      value /= 1024;
      ++unit;
    }
    return `${unit ? value.toFixed(1) : value} ${["B", "KiB", "MiB", "GiB", "TiB"][unit]}`;
  },
  count: (n, what) => `${n} ${what}${n === 1 ? "" : "s"}`,
  /// "a, b and c"
  list: (names) => (names.length < 2 ? names.join("")
                                     : `${names.slice(0, -1).join(", ")} and ${names.at(-1)}`),
  cosine: (value) => (isNumber(value) ? value.toFixed(9) : "–"),
};
