// The leaderboard against the device that a reader has chosen, over the workloads that pass the filters.
(() => {
  "use strict";
  const page = (window.logreport ??= {});
  const { button, draw, make, marks, missing, named } = page.dom;
  const { fixed, geometricMean, interval, ratioColumn, MISSING, TIMES } = page.numbers;
  const NOTHING = "no interval: the logs hold too few measurements for one";

  // Every device that shares a workload with the baseline, the fastest first; the baseline itself is one of them.
  function standings(baseline) {
    const found = page.against(baseline).flatMap((two) => {
      const all = page.choice.leaves(two, baseline) ? page.choice.met(two) : [], met = page.counted(all);
      return met.length ? [{ device: two.side, two, met, left: all.length - met.length, ratio: geometricMean(met.map((one) => one.ratio)) }] : [];
    });
    if (found.length) found.push({ device: baseline, met: null, left: 0, ratio: 1 });
    const name = (one) => page.data().runs.facet("device").values[one.device];
    return found.sort((a, b) => b.ratio - a.ratio || (name(a) < name(b) ? -1 : 1));
  }

  function bar(share) {
    const end = Number((share * 99).toFixed(2));
    return draw("svg", { class: "bar", viewBox: "0 0 100 10", preserveAspectRatio: "none", "aria-hidden": "true" },
      draw("rect", { class: "base", x: 0, y: 0, width: 0.6, height: 10, fill: "currentColor" }),
      draw("rect", { class: "length", x: 0, y: 2, width: end, height: 6 }));
  }

  // How batch sizes are, said once: what holds for most of some devices, and what a row of the others says.
  function batches(best, count) {
    if (count && 2 * best >= count) {
      return [`, each device at its best batch size${best < count - 1 ? " unless it is said that these are the same" : ""}`, ["same batch sizes", ""]];
    }
    if (best > 1) return [", at the same batch sizes unless it is said that each device is at its best", ["", "each at its best"]];
    return ["", undefined];
  }

  function cells(one, text, top, baseline, said) {
    const { runs } = page.data();
    const name = runs.facet("device").values[one.device];
    const device = button("", () => {
      page.choice.chosen.baseline = one.device === runs.baseline ? null : one.device;
      page.choice.tell();
      document.querySelector(`#table-leaderboard [data-device="${one.device}"]`)?.focus();
    }, { className: "link", title: `Divide by ${name}`, data: { device: one.device }, aria: { pressed: String(!one.met) } });
    device.append(...named(one.device));
    if (!one.met) return [device, bar(one.ratio / top), text, missing("the baseline itself is 1×"), missing("the baseline itself is 1×"), missing("the baseline itself is 1×"), page.choice.chosen.baseline === null ? "baseline" : "baseline, chosen by you"];
    const ratios = one.met.map((met) => met.ratio);
    const sure = interval(...page.sure(one.met), TIMES);
    const pair = button(text, () => page.dialogs.pair(one.device, baseline), { className: "link number", title: `${name} against ${runs.facet("device").values[baseline]}, workload by workload` });
    return [
      device, bar(one.ratio / top), make("span", {}, marks(errors(one.met)), one.ratio === top ? make("strong", {}, pair) : pair),
      sure === MISSING ? missing(NOTHING) : sure,
      ratios.length > 1 ? make("span", {}, marks(oddOf(one.met)), interval(Math.min(...ratios), Math.max(...ratios), TIMES)) : missing("one workload only"),
      fixed(ratios.length, 0), page.differs(one.met, one.two, said),
    ];
  }

  // The findings of one severity about all runs of some comparisons.
  function findingsOf(met, severity) {
    const { findings, runs } = page.data();
    const found = new Set(met.flatMap((one) => [...one.side, ...one.baseline].flatMap((i) => runs.findings[i]).sort((a, b) => a - b)));
    return [...found].filter((n) => findings[n][0] === severity);
  }

  // The errors of all runs that a mean is made of, and the warnings about its ends.
  const errors = (met) => findingsOf(met, "error").sort((a, b) => a - b);
  const oddOf = (met) => {
    const ratios = met.map((one) => one.ratio), ends = [Math.min(...ratios), Math.max(...ratios)];
    return findingsOf(met.filter((one) => ends.includes(one.ratio)), "warning");
  };

  const COLUMNS = ["Device", "Against the baseline", "Speedup", "95 % interval", "Least to most", "Workloads", "What differs"];
  const NUMERIC = new Set([2, 3, 4, 5]);

  function show(table, note, heads) {
    const { runs } = page.data();
    const baseline = page.choice.baseline();
    const found = standings(baseline);
    const texts = ratioColumn(found.map((one) => one.ratio));
    const top = found.reduce((most, one) => Math.max(most, one.ratio), 0);
    const [how, said] = batches(found.filter((one) => one.met?.[0].best).length, found.length);
    const rows = found.map((one, n) => {
      const made = cells(one, texts[n], top, baseline, said);
      const row = make("tr", { className: one.met ? "" : "base" });
      heads.forEach((at, n) => row.append(n === 0 ? make("th", { scope: "row" }, made[at]) : make("td", { className: NUMERIC.has(at) ? "num" : "" }, made[at])));
      return row;
    });
    const empty = make("tr", {}, make("td", { colSpan: heads.length }, `No workload of the runs chosen was run on ${runs.facet("device").values[baseline]} and on another device.`));
    table.tBodies[0].replaceChildren(...(rows.length ? rows : [empty]));
    const name = runs.facet("device").values[baseline];
    const own = runs.facet("device").values[runs.baseline];
    const which = page.choice.chosen.baseline === null ? "" : `, chosen by you (the report divides by ${own})`;
    const some = page.choice.filtered() ? "; of the comparisons of the report only those of the runs chosen" : "";
    note.textContent = `Geometric mean of the speedups against ${name}${which} over the workloads that both ran${how}; the interval says how well they were measured${some}.${page.leftOut(found.reduce((sum, one) => sum + one.left, 0), "comparison")} Press a device to divide by it, a speedup to see its workloads.`;
    note.classList.toggle("chosen", page.choice.chosen.baseline !== null);
  }

  page.leaderboard = () => {
    const table = document.getElementById("table-leaderboard");
    if (!table || page.data().runs.baseline === null) return;
    const titles = [...table.tHead.rows[0].cells].map((head) => head.firstChild.textContent.trim());
    const heads = COLUMNS.flatMap((title, at) => (titles.includes(title) ? [at] : []));
    if (heads.length !== titles.length) return;
    const note = make("p", { className: "caption", id: "leaderboard-note" });
    table.closest(".box").after(note);
    const notes = note.nextElementSibling;
    if (notes?.classList.contains("notes")) notes.hidden = true;
    page.choice.onChange(() => show(table, note, heads));
  };
  page.oddOf = oddOf;
})();
