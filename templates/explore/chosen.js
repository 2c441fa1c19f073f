// What comes first among the runs chosen: a sentence over the answers, and a chart in place of that of all runs.
(() => {
  "use strict";
  const page = (window.logreport ??= {});
  const { button, draw, make, marks, named } = page.dom;
  const { geometricMean, interval, median, ratio, MISSING, TIMES } = page.numbers;
  const MOST = 16; // bars
  const name = (device) => page.data().runs.facet("device").values[device] || "unknown device";

  // Some comparisons of two devices: their mean, its interval, and whether it leaves 1 out.
  function meanOf(two, met) {
    const [low, high] = page.sure(met);
    return { two, met, ratio: geometricMean(met.map((one) => one.ratio)), low, high, shown: low === null || low > 1 || high < 1 };
  }

  // Every two devices that are left, divided by the baseline where it is one of them.
  function pairs(baseline) {
    return page.data().runs.together.flatMap((found) => {
      const two = found.side === baseline ? page.turned(found) : found;
      const met = page.choice.leaves(two, baseline) ? page.counted(page.choice.met(two)) : [];
      return met.length ? [{ two, met }] : [];
    });
  }

  const where = (met) => (met.length > 1 ? `over ${met.length} workloads` : `on ${page.workload(met[0])}`);

  // Which of two devices is faster: what is said first, where that holds, and the rest of the sentence.
  function told(mean) {
    const { two, met, low, high, shown, ratio: value } = mean.ratio < 1 ? meanOf(page.turned(mean.two), mean.met.map(page.turnedOne)) : mean;
    const [side, other, much, sure] = [name(two.side), name(two.baseline), ratio(value), interval(low, high, TIMES)];
    const head = shown ? `${side} is ${much} as fast as ${other}` : `no difference is shown between ${side} and ${other}`;
    const ratios = met.map((one) => one.ratio), many = met.length > 1;
    const how = [
      `${many ? "geometric mean" : ""}${shown ? "" : ` ${much}`}`.trim(), met.length > 2 ? `median ${ratio(median(ratios))}` : "",
      sure === MISSING ? "" : `95 % interval ${sure}`,
    ].filter(Boolean);
    const spread = many ? `: from ${ratio(Math.min(...ratios))} to ${ratio(Math.max(...ratios))}` : "";
    const differs = page.differs(met, two, ["", ""]);
    const best = many && met[0].best ? ", each device at its best batch size" : "";
    return [head, ` ${where(met)}${best}`, `${how.length ? ` (${how.join(", ")})` : ""}${spread}.${differs ? ` What differs: ${differs}.` : ""}${page.leftOut(page.choice.met(two).length - met.length, "workload")}${page.ofOtherBatches(met, page.choice.ofOtherBatches(two))} `, marks(page.oddOf(met))];
  }

  // The first device of those that met the baseline; where none did, the two that share most workloads.
  function sentence(found, baseline) {
    if (!found.length) return ["No workload of the runs chosen was run on two devices."];
    const means = found.filter(({ two }) => two.baseline === baseline).map(({ two, met }) => meanOf(two, met));
    if (!means.length) {
      const most = found.reduce((best, one) => (one.met.length > best.met.length ? one : best));
      const [head, ...rest] = told(meanOf(most.two, most.met));
      return ["Of the runs chosen: ", make("strong", {}, head), ...rest];
    }
    const top = means.reduce((best, one) => (one.ratio > best.ratio ? one : best));
    const [head, ...rest] = told(top);
    const first = means.length > 1 ? ` ${name(top.ratio < 1 ? baseline : top.two.side)} comes first of ${means.length + 1} devices:` : "";
    return [`Of the runs chosen${first ? "," : ":"}${first} `, make("strong", {}, head), ...rest];
  }

  // A bar for each comparison; of too many one for every two devices, those with most workloads.
  function bars(found) {
    const each = found.flatMap(({ two, met }) => met.map((one) => meanOf(two, [one])));
    const made = each.length > MOST ? found.map(({ two, met }) => meanOf(two, met)) : each;
    const shown = [...made].sort((a, b) => b.met.length - a.met.length).slice(0, MOST).sort((a, b) => b.ratio - a.ratio);
    const how = [
      made === each ? "" : "geometric means over the workloads that both ran",
      shown.length < made.length ? `${shown.length} of ${made.length} pairs, those with most workloads` : "",
    ];
    return [shown, how.filter(Boolean).map((text) => `${text}; `).join("")];
  }

  function barOf(bar, x) {
    const { runs } = page.data();
    const { two, met, low, high } = bar;
    const [colour] = runs.marks[two.side] ?? ["currentColor"];
    const box = (from, to, y, height, fill, more = {}) => draw("rect", { x: Math.min(from, to), y, width: Math.max(Math.abs(to - from), 0.4), height, fill, ...more });
    const image = draw("svg", { class: "bar", viewBox: "0 0 100 10", preserveAspectRatio: "none", "aria-hidden": "true" },
      box(x(1), x(bar.ratio), 2, 6, colour, { opacity: 0.3 }), box(x(bar.ratio) - 0.6, x(bar.ratio) + 0.6, 1, 8, colour),
      ...(low === null ? [] : [box(x(low), x(high), 4.5, 1, "currentColor")]), box(x(1), x(1), 0, 10, "currentColor"));
    const details = [where(met), `against ${name(two.baseline)}`, page.differs(met, two, ["", met.length > 1 ? "each at its best batch size" : ""])];
    const press = button(ratio(bar.ratio), () => page.dialogs.pair(two.side, two.baseline), { className: "link number", title: "Workload by workload" });
    return make("li", {}, make("strong", {}, ...named(two.side)), make("span", { className: "caption" }, details.filter(Boolean).join(" · ")), image, press);
  }

  function fill(figure, found) {
    const [shown, how] = bars(found);
    const ends = shown.flatMap((bar) => [bar.ratio, bar.low ?? 1, bar.high ?? 1]);
    const low = Math.min(0.9, ...ends.map((end) => end * 0.9)), high = Math.max(1.2, ...ends.map((end) => end * 1.1));
    const x = (value) => 100 * Math.log(value / low) / Math.log(high / low);
    const sure = shown.filter((bar) => bar.shown);
    const most = sure.length && sure.reduce((best, bar) => (Math.abs(Math.log(bar.ratio)) > Math.abs(Math.log(best.ratio)) ? bar : best));
    const title = most ? `${told(most)[0]} ${where(most.met)}: the largest difference` : "Nothing is shown to be faster than its baseline";
    const caption = `Of the runs chosen; ${how}logarithmic scale.${shown.some((bar) => bar.low !== null) ? " Lines are 95 % intervals." : ""}`;
    figure.replaceChildren(make("figcaption", {}, make("h2", {}, title)), make("ul", { className: "bars" }, ...shown.map((bar) => barOf(bar, x))), make("p", { className: "caption" }, caption));
    figure.hidden = !shown.length;
  }

  page.chosen = (section) => {
    const note = make("p", { className: "chosen", id: "of-chosen", aria: { live: "polite" } });
    section.prepend(note);
    // Where no two devices met, the chart is of something else.
    const areDevices = page.data().runs.together.length > 0;
    const whole = areDevices && section.querySelector(".speedupchart");
    const own = make("figure", { className: "of-chosen", hidden: true });
    if (whole) { whole.classList.add("of-all"); whole.before(own); }
    page.choice.onChange(() => {
      const baseline = page.choice.baseline(), isFiltered = page.choice.filtered();
      const isOther = isFiltered || page.choice.chosen.baseline !== null;
      const found = isOther ? pairs(baseline) : [];
      const rest = make("span", { className: "caption" }, " The other sentences of this page are about all runs.");
      note.replaceChildren(...(isFiltered ? [...(areDevices ? sentence(found, baseline) : []), rest] : []));
      if (whole) whole.classList.toggle("left-out", isOther);
      if (whole && isOther) fill(own, found); else own.hidden = true;
    });
  };
})();
