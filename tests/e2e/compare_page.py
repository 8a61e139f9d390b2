#!/usr/bin/env python3
"""The page of `sirocco compare --html`, as a browser shows it: numbers, charts, themes, a phone, the keyboard."""
import copy
import json
import os
import re
import sys

import browser
from command import BUILD, DEMO, SIROCCO, bad, call, check, good, run_tests

HOSTILE = "</script><img src=x onerror=\"document.title='gone'\"> & \u2028 \\ 'é"

REPORT = {}  # of the one run that all tests look at


def write_page(folder, report, name):
    source, page = folder / f"{name}.json", folder / f"{name}.html"
    source.write_text(json.dumps(report))
    good("compare", "--from", source, "--html", page)
    return page


def add_shares(report):
    """As probes would: they take long, and any share will do to look at."""
    shares = iter([(0.12, 0.41), (0.013, 0.052), (0.66, 0.09), (0.11, 0.014)])
    for test in report["speed"]["cases"]:
        for own in test["arms"]:
            own["bandwidth_share"], own["flops_share"] = next(shares)
    for arm in report["arms"]:
        device = {"name": "own", "peak_bytes": 3 << 20, "bandwidth": 38.5e9, "flops": 295e9}
        arm["memory"].update(bandwidth=40.25e9, flops=300.5e9, devices=[device])


def embedded(page):
    return json.loads(re.search(r'id="report">(.*?)</script>', page.read_text(), re.S).group(1))


def one_run(folder):
    """A run writes the page beside its other output, and nothing else."""
    page = folder / "page.html"
    run = good("compare", DEMO, "--backends", "cpu-onednn,reference", "-p", 16, "-n", 2, "-r", 12,
               "--prompt-tokens", 6, "--single-tokens", 1, "--no-probes", "--json", "--html", page)
    REPORT.update(json.loads(run.stdout))
    check(REPORT["exit_code"] == 0 and len(REPORT["arms"]) == 2, f"compare: {run.stdout[:300]}")
    check(embedded(page) == REPORT, "--html: another report than --json")
    add_shares(REPORT)
    check([file.name for file in folder.iterdir()] == ["page.html"], f"--html leaves {list(folder.iterdir())}")
    text = page.read_text()
    check("Mike Bostock" in text and "Redistribution" in text, "--html: the library's licence is not in the page")
    check(not re.search(r"""(src|href)=["'](?!#|data:)""", text.split("<main>")[0]), "--html: the page links something")


def figures(value):
    """As the page writes a speed: four figures, never in powers of ten."""
    digits = max(0, 3 - int(f"{value:e}".split("e")[1]))
    return f"{value:.{digits}f}"


TABLES = """[...document.querySelectorAll('section .scroll > table:not(.heat)')].map(table => ({
  section: table.closest('section').id,
  rows: [...table.tBodies[0].rows].map(row => [...row.cells].map(cell =>
    [cell.dataset.value === undefined ? null : cell.dataset.value, cell.textContent]))}))"""


def table_of(tab, section):
    return next(table["rows"] for table in tab.run(TABLES) if table["section"] == section)


def numbers_are_the_reports(tab):
    rows = table_of(tab, "speed")
    expected = [(test, own) for test in REPORT["speed"]["cases"] for own in test["arms"]]
    check(len(rows) == len(expected) == 4, f"speed: {len(rows)} rows")
    for row, (test, own) in zip(rows, expected):
        found = next((c for c in test["comparisons"] if c["arm"] == own["arm"]), {})
        speed = own["tokens_per_second"]
        check([row[0][0], row[1][0]] == [test["label"], own["arm"]], f"speed: {row[:2]}")
        values = [speed["value"], speed["low"], speed["high"], found.get("ratio"), found.get("low"),
                  found.get("high"), found.get("p"), None, own["bandwidth_share"], own["flops_share"],
                  own["overhead_share"], own["disturbed"]]
        for cell, value in zip(row[2:], values):
            if value is not None:
                check(float(cell[0]) == value, f"speed of {own['arm']}: {cell} is not {value}")
        check([cell[1] for cell in row[2:5]] == [figures(speed[k]) for k in ("value", "low", "high")],
              f"speed: written as {row[2:5]}")
        if found:
            check([cell[1] for cell in row[5:8]] == [f"{found[k]:.3f}" for k in ("ratio", "low", "high")],
                  f"ratio: written as {row[5:8]}")
            check(found["verdict"] in row[9][1], f"verdict: {row[9]}")
    for row, own in zip(table_of(tab, "numbers"), REPORT["numbers"]["arms"]):
        check(row[0][0] == own["arm"] and float(row[1][0]) == own["timed"]["nmse"], f"numbers: {row[:2]}")
        worst = max(max(v["prompt"]["nmse"], v["single"]["nmse"]) for v in own["alone"]["values"])
        check(float(row[4][0]) == worst, f"worst node: {row[4]}, expected {worst}")
    for row, arm in zip(table_of(tab, "arms"), REPORT["arms"]):
        check([row[0][0], row[1][0]] == [arm["label"], arm["status"]], f"arms: {row[:2]}")
        check(float(row[4][0]) == arm["memory"]["peak_bytes"], f"peak memory: {row[4]}")
        check(row[10][1] == "own 3.0 MiB", f"peak memory on devices: {row[10]}")
        check([row[12][1], row[13][1]] == ["40.25, 300.5", "38.50, 295.0"], f"probes: {row[12:14]}")
    shown = tab.run("document.body.innerText")
    for fact in (REPORT["fingerprint"]["cpu"], REPORT["fingerprint"]["kernel"], REPORT["created"],
                 *(arm["plan"]["placement"]["line"] for arm in REPORT["arms"])):
        check(fact in shown, f"the page does not say {fact!r}")


MARKS = """[...document.querySelectorAll('#SECTION figure')].map(figure => ({
  marks: [...figure.querySelectorAll('.mark')].map(mark => ({...mark.dataset,
    x: mark.getBoundingClientRect().x + mark.getBoundingClientRect().width / 2,
    y: mark.getBoundingClientRect().y + mark.getBoundingClientRect().height / 2})),
  ticks: [...figure.querySelectorAll('.axis .tick')].map(tick => ({text: tick.textContent,
    x: tick.querySelector('line').getBoundingClientRect().x})),
  size: figure.querySelector('svg').getBoundingClientRect().height}))"""


def charts_show_the_report(tab):
    """Marks lie where the axis says: the value read off the chart is the report's, to a pixel."""
    charts = tab.run(MARKS.replace("SECTION", "speed"))
    cases = REPORT["speed"]["cases"]
    check(len(charts) == len(cases) + 1, f"{len(charts)} charts of speed")
    for chart, test in zip(charts, cases):
        check(chart["size"] > 50, f"{test['label']}: a chart {chart['size']} pixels high")
        left, right = chart["ticks"][0], chart["ticks"][-1]
        scale = (right["x"] - left["x"]) / (float(right["text"]) - float(left["text"]))
        check(len(chart["marks"]) == len(test["arms"]), f"{test['label']}: {len(chart['marks'])} marks")
        for mark, own in zip(chart["marks"], test["arms"]):
            value = own["tokens_per_second"]["value"]
            expected = left["x"] + (value - float(left["text"])) * scale
            check(float(mark["value"]) == value and mark["arm"] == own["arm"], f"mark: {mark}, expected {own['arm']}")
            check(abs(mark["x"] - expected) < 1.5, f"{own['arm']} at {mark['x']}, expected {expected}")
    ratios = [c["ratio"] for test in cases for c in test["comparisons"]]
    check([float(m["value"]) for m in charts[-1]["marks"]] == ratios, f"ratios: {charts[-1]['marks']}")
    by_ratio = sorted(charts[-1]["marks"], key=lambda mark: float(mark["value"]))
    check([m["x"] for m in by_ratio] == sorted(m["x"] for m in by_ratio), "ratios: not in order")
    roof = tab.run(MARKS.replace("SECTION", "roofline"))[0]["marks"]
    shares = [(own["bandwidth_share"], own["flops_share"]) for test in cases for own in test["arms"]]
    check([(float(m["bandwidth"]), float(m["flops"])) for m in roof] == shares, f"roofline: {roof}")
    higher = sorted(roof, key=lambda mark: float(mark["flops"]))
    check([m["y"] for m in higher] == sorted((m["y"] for m in higher), reverse=True), "roofline: not in order")


def maps_show_the_report(tab):
    for inputs in ("alone", "observed"):
        tab.run(f"document.querySelector('input[value={inputs}]').click()")
        cells = tab.run("""[...document.querySelectorAll('.heat td.filled')].map(cell => [
            cell.closest('table').dataset.arm, Number(cell.dataset.layer), cell.dataset.op, Number(cell.dataset.nmse)])""")
        expected = {}
        for own in REPORT["numbers"]["arms"]:
            for value in own[inputs]["values"]:
                place = (own["arm"], value["layer"], value["op"])
                nmse = max(value["prompt"]["nmse"], value["single"]["nmse"])
                expected[place] = max(expected.get(place, 0), nmse)
        check({(arm, layer, op): nmse for arm, layer, op, nmse in cells} == expected, f"drift, {inputs}: other cells")
        check(len(cells) == len(expected) > 20, f"drift, {inputs}: {len(cells)} cells")
    tab.run("document.getElementById('drift-values').open = true")
    tab.settle()
    values = table_of(tab, "drift")
    check(len(values) == sum(len(own["observed"]["values"]) for own in REPORT["numbers"]["arms"]),
          f"every value: {len(values)} rows")
    strips = tab.run("[...document.querySelectorAll('.strip')].map(strip => strip.children.length)")
    check(strips == [len(arm["plan"]["explain"]) for arm in REPORT["arms"]], f"placement: {strips}")


# Text against the nearest background that is painted, by WCAG 2's formula.
CONTRAST = """(() => {
  const channel = value => (value /= 255) <= 0.03928 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  const luminance = ([r, g, b]) => 0.2126 * channel(r) + 0.7152 * channel(g) + 0.0722 * channel(b);
  const colour = text => text.match(/[\\d.]+/g).map(Number);
  const behind = element => {
    for (let at = element; at; at = at.parentElement) {
      const [r, g, b, alpha] = colour(getComputedStyle(at).backgroundColor);
      if (alpha === undefined || alpha > 0) return [r, g, b];
    }
    return [255, 255, 255];
  };
  const poor = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node; (node = walker.nextNode());) {
    const element = node.parentElement;
    if (!node.data.trim() || !element.checkVisibility() || element.closest('script, noscript, title')) continue;
    const style = getComputedStyle(element);
    const ink = luminance(colour(element.closest('svg') ? style.fill : style.color)), paper = luminance(behind(element));
    const ratio = (Math.max(ink, paper) + 0.05) / (Math.min(ink, paper) + 0.05);
    if (ratio < 4.5) poor.push(`${node.data.slice(0, 30)}: ${ratio.toFixed(2)}`);
  }
  const paper = luminance(behind(document.body));
  for (const mark of document.querySelectorAll('.mark')) {
    const ink = luminance(colour(getComputedStyle(mark).fill));
    const ratio = (Math.max(ink, paper) + 0.05) / (Math.min(ink, paper) + 0.05);
    if (ratio < 3) poor.push(`mark of ${mark.dataset.arm}: ${ratio.toFixed(2)}`);
  }
  return poor;
})()"""


def quiet(tab, page, what):
    check(not tab.complaints, f"{what}: the console says {tab.complaints}")
    check(set(tab.requests) <= {page.as_uri(), "data:,"}, f"{what}: the page asks for {tab.requests}")
    tab.complaints, tab.requests = [], []


def shown(folder):
    page = write_page(folder, REPORT, "page")
    with browser.Browser(folder) as tab:
        tab.open(page)
        numbers_are_the_reports(tab)
        charts_show_the_report(tab)
        maps_show_the_report(tab)
        quiet(tab, page, "light")
        for dark in (False, True):
            tab.open(page, dark=dark)
            theme = tab.run("document.documentElement.dataset.theme")
            check(theme == ("dark" if dark else "light"), f"theme: {theme}")
            paper = tab.run("getComputedStyle(document.body).backgroundColor")
            check((paper == "rgb(255, 255, 255)") == (not dark), f"{theme}: paper {paper}")
            check(tab.run(CONTRAST) == [], f"{theme}: poor contrast: {tab.run(CONTRAST)[:5]}")
            tab.run("document.getElementById('theme').click()")
            check(tab.run("document.documentElement.dataset.theme") != theme, "the button changes no theme")
            tab.run("document.getElementById('theme').click()")  # as it was, also in what is kept
            tab.run("localStorage.clear()")
            quiet(tab, page, theme)


def on_a_phone(folder):
    page = write_page(folder, REPORT, "page")
    with browser.Browser(folder) as tab:
        for width in (390, 320, 700):
            tab.open(page, width=width, height=844)
            tab.run("document.getElementById('drift-values').open = true")
            tab.settle()
            across = tab.run("document.documentElement.scrollWidth")
            check(across <= width, f"{width} pixels wide: the page scrolls over {across}")
            beyond = tab.run(f"""[...document.querySelectorAll('svg text, p, h1, h2, h3, li, button, .card, .readout')]
                .filter(e => !e.closest('.scroll, .skip') && e.getBoundingClientRect().right > {width} + 0.5)
                .map(e => e.textContent.slice(0, 40))""")
            check(beyond == [], f"{width} pixels wide: cut off: {beyond}")
            drawn = tab.run("[...document.querySelectorAll('figure > svg')].map(svg => svg.clientWidth)")
            check(drawn and all(0 < one <= width for one in drawn), f"{width} pixels wide: charts {drawn}")
            quiet(tab, page, f"{width} pixels wide")


FOCUSED = """(() => { const at = document.activeElement; return at.id || (at.closest('th') && 'sort') ||
  (at.closest('.heat') && 'cell') || (at.closest('.strip') && 'node') || (at.name === 'inputs' && 'inputs') || at.localName; })()"""


def by_keyboard(folder):
    page = write_page(folder, REPORT, "page")
    with browser.Browser(folder) as tab:
        tab.open(page)
        reached = []
        for _ in range(200):
            tab.key("Tab")
            place = tab.run(FOCUSED)
            if place == "body":
                break
            reached.append(place)
            if place == "theme" and reached.count("theme") == 1:
                tab.key("Enter")
                check(tab.run("document.documentElement.dataset.theme") == "dark", "Enter on the button: no other theme")
            if place == "sort" and reached.count("sort") == 3:  # Tokens/s
                column = "[...document.querySelectorAll('#speed tbody tr')].map(row => Number(row.cells[2].dataset.value))"
                speeds = tab.run(column)
                for state, wanted in (("descending", sorted(speeds, reverse=True)), ("ascending", sorted(speeds))):
                    tab.key("Enter")
                    check(tab.run("document.activeElement.closest('th').ariaSort") == state, f"sorting: not {state}")
                    check(tab.run(column) == wanted, f"{state}: {tab.run(column)}")
            if place == "cell" and reached.count("cell") == 1:
                first = tab.run("document.getElementById('drift-readout').textContent")
                tab.key("ArrowRight")
                second = tab.run("document.getElementById('drift-readout').textContent")
                value = REPORT["numbers"]["arms"][0]["alone"]["values"][0]
                check(value["value"] in first and "NMSE" in first and first != second, f"cells say {first!r}, {second!r}")
            if place == "node" and reached.count("node") == 1:
                tab.key("End")
                last = REPORT["arms"][0]["plan"]["explain"][-1]
                said = tab.run("document.getElementById('placement-readout').textContent")
                check(last["node"] in said and last["reason"] in said, f"the last node says {said!r}")
        arms = len(REPORT["arms"])
        check(reached.count("theme") == 1 and reached.count("save") == 1, f"tab reaches {reached}")
        check(reached.count("sort") == 14 + 14 + 16, f"tab reaches {reached.count('sort')} sort buttons")
        check(reached.count("cell") == reached.count("node") == arms, f"tab stops {reached}: one a map and strip expected")
        check(reached.count("inputs") == 1, f"tab reaches the inputs {reached.count('inputs')} times")
        quiet(tab, page, "keyboard")


def troubled(folder):
    """A failed arm, drift beyond bounds, gates, fallbacks; labels that would be markup."""
    report = copy.deepcopy(REPORT)
    report["arms"].append({"label": HOSTILE, "status": "failed", "problem": f"ended by SIGSEGV {HOSTILE}"})
    first = report["arms"][0]
    first["plan"]["explain"][5].update(fallback=True, device="elsewhere", reason="declined: no such op")
    own = report["numbers"]["arms"][0]
    own["timed"].update(nmse=None, outside=True)
    own["alone"]["first_outside"] = "layers.1/q"
    own["alone"]["values"][3]["outside"] = True
    own["alone"]["values"][3]["prompt"]["nmse"] = None
    own["bisect"] = {"kind": "op", "ops": ["rope"], "nodes": ["layers.1/q"], "before": None, "after": 1e-12,
                     "measured": 9, "text": "op rope, node layers.1/q"}
    own["logits"] = {"comparison": {"kl": {"value": 0.0123}, "kl_distribution": {"p99.9": 0.5, "maximum": 0.75},
                                    "same_top": {"value": 0.9949}, "top5": {"value": 0.99},
                                    "difference": {"value": 0.25, "error": 0.125}}}
    report["gates"] = ["tg2 is 0.5: fails tg<0.97"]
    report["saved"] = {"arm": "reference", "base": "cpu-onednn", "ratio": 1.25, "expected": []}
    report["interrupted"] = True
    page = write_page(folder, report, "troubled")
    check(embedded(page) == report, "a hostile label: another report in the page")
    with browser.Browser(folder) as tab:
        tab.open(page, width=390)
        shown_text = tab.run("document.body.innerText")
        said = tab.run("[...document.querySelectorAll('.problems li')].map(item => item.textContent)")
        for words in (f"{HOSTILE}: failed: ended by SIGSEGV", "layers.1/q", "op rope, node layers.1/q. NMSE not finite before",
                      "tg2 is 0.5: fails tg<0.97", "interrupted", "Saved: reference, 1.250 times"):
            check(any(words in item for item in said), f"the summary does not say {words!r}: {said}")
        for words in ("Out of bounds against reference: cpu-onednn", "1 fallback: 1 ", "1.23e-2", "99.49 %", "2.50e-1 ± 1.25e-1"):
            check(words in shown_text, f"the page does not say {words!r}")
        check(tab.run("document.querySelectorAll('img').length") == 0, "a label became an element")
        check("compared" in tab.run("document.title"), "a label ran")
        outside = tab.run("[...document.querySelectorAll('.heat-out[data-op]')].map(cell => cell.textContent)")
        check(outside == ["∞!"], f"cells out of bounds: {outside}")
        check(tab.run("document.querySelectorAll('.strip .fallback').length") == 1, "the fallback is not marked")
        check(tab.run("document.documentElement.scrollWidth") <= 390, "a long label makes the page scroll")
        check(tab.run(CONTRAST) == [], f"poor contrast: {tab.run(CONTRAST)[:5]}")
        quiet(tab, page, "troubled")


def partial(folder):
    """Reports of --no-speed, --no-numbers, --no-probes, and of a run in which nothing worked."""
    without = {"speed": {"speed": None}, "numbers": {"numbers": None},
               "everything": {"speed": None, "numbers": None,
                              "arms": [{"label": "a", "status": "failed", "problem": "not found"}]}}
    reports = {name: {**REPORT, **change} for name, change in without.items()}
    reports["probes"] = copy.deepcopy(REPORT)
    for test in reports["probes"]["speed"]["cases"]:
        for own in test["arms"]:
            del own["bandwidth_share"], own["flops_share"]
    with browser.Browser(folder) as tab:
        for name, report in reports.items():
            page = write_page(folder, report, name)
            tab.open(page)
            quiet(tab, page, f"without {name}")
            text = tab.run("document.body.innerText")
            check("cannot be shown" not in text and "undefined" not in text and "NaN" not in text,
                  f"without {name}: {text[:2000]}")
            for word in {"speed": ["Not measured in this run."], "numbers": ["Not compared in this run."],
                         "probes": ["No probe of the machine"], "everything": ["a: failed: not found"]}[name]:
                check(word in text, f"without {name}: not said: {word}")


def refused(folder):
    """Before anything is measured, and with the reason."""
    run = ["compare", DEMO, "--backends", "reference", "-p", 4, "-n", 1, "-r", 1]
    bad(1, ["nowhere"], *run, "--html", folder / "nowhere/page.html")
    bad(1, [str(folder)], *run, "--html", folder)
    source = folder / "report.json"
    source.write_text(json.dumps(REPORT))
    bad(1, ["nowhere"], "compare", "--from", source, "--html", folder / "nowhere/page.html")
    # As built where D3 was not installed.
    prefix = folder / "prefix"
    for part in ("bin", "lib/sirocco/plugins", "share/sirocco/page"):
        (prefix / part).mkdir(parents=True)
    os.link(SIROCCO, prefix / "bin/sirocco") if os.stat(SIROCCO).st_dev == os.stat(prefix).st_dev else \
        (prefix / "bin/sirocco").write_bytes(SIROCCO.read_bytes())
    (prefix / "bin/sirocco").chmod(0o755)
    for file in (BUILD / "share/sirocco/page").iterdir():
        if file.name != "d3.js":
            (prefix / "share/sirocco/page" / file.name).write_bytes(file.read_bytes())
    page = folder / "page.html"
    result = call("compare", "--from", source, "--html", page, executable=str(prefix / "bin/sirocco"))
    check(result.returncode == 1 and "d3.js" in result.stderr and "node-d3-scale" in result.stderr,
          f"without D3: exit {result.returncode}: {result.stderr}")
    check(not page.exists() and result.stdout == "", "without D3: something was written")


if __name__ == "__main__":
    if not browser.PROGRAM:
        print("SKIPPED: no chromium found to open the page with")
        sys.exit(77)
    if not (BUILD / "share/sirocco/page/d3.js").exists():
        print("SKIPPED: built without D3, so that there is no page")
        sys.exit(77)
    run_tests(one_run, shown, on_a_phone, by_keyboard, troubled, partial, refused)
