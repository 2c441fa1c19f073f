// All measurements as one table: its rows are made in pieces as these come near the view, and taken away behind it.
(() => {
  "use strict";
  const page = (window.logreport ??= {});
  const { button, make, marks, missing, named } = page.dom;
  const { fixed, interval, number, ratioColumn, sharedDecimals, usable, MISSING, TIMES } = page.numbers;
  const NO_SPEED = "the log holds no speed for this run";
  const NOT_MET = "another set-up of this device was the one compared, or none with the baseline";

  // The ratio of each phase to the baseline, where it is a side of a comparison with it.
  function ratios(baseline) {
    const found = new Map();
    if (baseline === null) return found;
    for (const two of page.against(baseline)) {
      for (const one of two.met) {
        one.side.forEach((i) => found.set(i, one));
        one.baseline.forEach((i) => found.set(i, null));
      }
    }
    return found;
  }

  function columnsOf(runs) {
    const some = (key) => runs.facet(key).values.length > 1;
    const texts = (key) => (i) => runs.value(key, i) || missing("not in the log");
    const places = (key) => (i) => runs.places(key, i)[0];
    const plain = (key, title, more = {}) => (some(key) ? [{ key, title, cell: texts(key), order: places(key), ...more }] : []);
    const shown = { decimals: sharedDecimals(runs.speed), ratios: new Map(), texts: new Map() };
    const speed = (value) => (shown.decimals === null ? number(value) : fixed(value, shown.decimals));
    const columns = [
      { key: "model", title: "Workload", cell: (i) => `${runs.value("model", i)} ${runs.value("phase", i)}`.trim(), order: (i) => runs.places("model", i)[0] * 100 + runs.places("phase", i)[0] },
      { key: "device", title: "Device", cell: (i) => make("span", {}, ...named(runs.places("device", i)[0])), order: places("device") },
      ...plain("precision", "Precision"),
      ...plain("batch", "Batch", { numeric: true }),
      ...plain("devices", "Devices", { numeric: true }),
      ...plain("release", "Release"),
      ...plain("xla", "XLA"),
      ...plain("data", "Data"),
      {
        key: "speed", title: "Speed", unit: runs.unit, numeric: true, down: true, order: (i) => runs.speed[i],
        cell: (i) => (usable(runs.speed[i])
          ? button(speed(runs.speed[i]), () => page.dialogs.measurement(i), { className: "link number", title: "The line that says so" })
          : missing(NO_SPEED)),
      },
      {
        key: "interval", title: "95 % interval", unit: "within the run", numeric: true, order: (i) => (usable(runs.high[i]) ? (runs.high[i] - runs.low[i]) / runs.speed[i] : null),
        cell: (i) => { const text = interval(runs.low[i], runs.high[i], "", shown.decimals); return text === MISSING ? missing("too few measurements for one") : text; },
      },
      ...(runs.baseline === null ? [] : [{
        key: "ratio", title: "Speedup", numeric: true, down: true, order: (i) => shown.ratios.get(i)?.ratio ?? null,
        cell: (i) => {
          if (!shown.ratios.has(i)) return missing(NOT_MET);
          const one = shown.ratios.get(i);
          return one === null ? "baseline" : button(shown.texts.get(i), () => page.dialogs.pair(runs.places("device", i)[0], page.choice.baseline()), { className: "link number", title: page.differs([one]) });
        },
      }]),
      { key: "finding", title: "Findings", cell: (i) => (runs.findings[i].length ? marks(runs.findings[i]) : ""), order: (i) => (runs.findings[i].length ? runs.findings[i][0] : null) },
      { key: "beside", title: "Beside", cell: (i) => {
        const on = page.dialogs.besides().includes(i);
        return button(on ? "Chosen" : "Choose", (event) => page.dialogs.choose(i, event.currentTarget), { className: "choose", aria: { pressed: String(on), label: `Set beside another: ${describe(runs, i)}` } });
      } },
    ];
    const update = () => {
      shown.ratios = ratios(page.choice.baseline());
      const known = [...shown.ratios].filter(([, one]) => one !== null);
      const texts_ = ratioColumn(known.map(([, one]) => one.ratio));
      shown.texts = new Map(known.map(([i], n) => [i, texts_[n]]));
    };
    return { columns, update };
  }

  const describe = (runs, i) => `${runs.value("model", i)} ${runs.value("phase", i)} on ${runs.value("device", i) || "unknown device"}`;

  // The places of the phases chosen, in the order chosen; what has no value stands last.
  function ordered(runs, columns) {
    const found = [];
    for (let i = 0; i < runs.count; i += 1) if (page.choice.passes(i)) found.push(i);
    const [key, way] = page.choice.chosen.sort.split(":");
    const column = columns.find((one) => one.key === key && one.order);
    if (!column) return found;
    const sign = way === "down" ? -1 : 1;
    const values = new Map(found.map((i) => [i, column.order(i)]));
    return found.sort((a, b) => {
      const [one, two] = [values.get(a), values.get(b)];
      if (one === null || two === null) return (one === null) - (two === null) || a - b;
      return sign * (one - two) || a - b;
    });
  }

  function rowOf(columns, i, number_) {
    const row = make("tr", { aria: { rowindex: String(number_ + 2) } });
    columns.forEach((column, at) => {
      const cell = at ? make("td", { data: { key: column.key } }) : make("th", { scope: "row", data: { key: column.key } });
      if (column.numeric) cell.className = "num";
      cell.append(column.cell(i));
      row.append(cell);
    });
    return row;
  }

  function head(column, sorted) {
    const cell = make("th", { scope: "col", className: column.numeric ? "num" : "", data: { key: column.key } });
    if (!column.order) { cell.append(column.title); return cell; }
    const [key, way] = sorted;
    const order = make("span", { className: "order", ariaHidden: "true" });
    const name = column.unit ? [column.title, " ", make("span", { className: "unit" }, column.unit)] : [column.title];
    const press = button("", () => {
      const first = column.down ? "down" : "up", other = first === "down" ? "up" : "down";
      page.choice.chosen.sort = key !== column.key ? `${column.key}:${first}` : way === first ? `${column.key}:${other}` : "";
      page.choice.tell();
      table.querySelector(`thead [data-key="${column.key}"] button`).focus();
    }, { className: "sort" });
    press.append(...name, order);
    if (key === column.key) cell.setAttribute("aria-sort", way === "down" ? "descending" : "ascending");
    cell.append(press);
    return cell;
  }

  let table, pieces;

  page.rows = {
    // Take the place of the table of runs, which holds the first of them only.
    begin() {
      const { runs } = page.data();
      const first = document.getElementById("table-runs");
      if (!first) return;
      const { columns, update } = columnsOf(runs);
      table = make("table", { className: "measurements", id: "measurements" }, make("caption", {}, "All measurements"), make("thead"));
      table.style.setProperty("--columns", columns.length);
      pieces = page.pieces(table);
      const box = make("div", { className: "box", tabIndex: 0, role: "region", aria: { label: "All measurements" } }, table);
      const old = first.closest(".box");
      old.before(box);
      const notes = old.nextElementSibling?.classList.contains("notes") ? [old.nextElementSibling] : [];
      [old, ...notes].forEach((part) => part.classList.add("on-paper"));
      page.choice.onChange(() => {
        update();
        const sorted = page.choice.chosen.sort.split(":");
        const places = ordered(runs, columns);
        table.tHead.replaceChildren(make("tr", { aria: { rowindex: "1" } }, ...columns.map((column) => head(column, sorted))));
        table.setAttribute("aria-rowcount", String(places.length + 1));
        const some = places.length < runs.count ? `${fixed(places.length, 0)} of ${fixed(runs.count, 0)} measurements` : `All ${fixed(runs.count, 0)} measurements`;
        const base = page.choice.baseline();
        table.caption.textContent = base === null ? some : `${some}; speedup against ${runs.facet("device").values[base]}${page.choice.chosen.baseline === null ? "" : ", chosen by you"}`;
        pieces(places, (i, n) => rowOf(columns, i, n), columns.length);
      });
    },
    show() {
      for (let fold = table?.closest("details"); fold; fold = fold.parentElement.closest("details")) fold.open = true;
      table?.scrollIntoView({ behavior: "instant" });
    },
    describe: (i) => describe(page.data().runs, i),
  };
})();
