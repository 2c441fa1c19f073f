// What opens over the page: the line behind a number, two devices on every workload, two runs side by side.
(() => {
  "use strict";
  const page = (window.logreport ??= {});
  const { all, button, draw, make, marks, missing, named } = page.dom;
  const { fixed, geometricMean, interval, number, ratio, ratioColumn, usable, MISSING, TIMES } = page.numbers;

  const MOST_RUNS = 10; // of a finding

  let sheet;
  function open(title, key, ...content) {
    sheet?.remove();
    const heading = make("h2", { id: "sheet-title" }, title);
    const close = button("Close", () => sheet.close(), { className: "close" });
    sheet = make("dialog", { className: "sheet", aria: { labelledby: "sheet-title" } },
      make("div", { className: "sheet-head" }, heading, close), ...content);
    sheet.onclose = () => { page.shown = {}; page.choice.note(); };
    sheet.onclick = (event) => { if (event.target === sheet) sheet.close(); };
    document.body.append(sheet);
    sheet.showModal();
    page.shown = key;
    page.choice.note();
    return sheet;
  }

  // The lines of a quote, the one meant among them; without a quote how to see it.
  function lines(source, line) {
    const { sources } = page.data();
    const name = typeof source === "number" ? sources[source] : source;
    const place = make("p", { className: "place" }, make("code", {}, line ? `${name}:${line}` : name));
    const found = page.quote(source, line);
    if (!found) return [place, make("p", { className: "caption" }, "The text of this line is not in this page. ", make("code", {}, "logreport explain FILE:LINE"), " shows it.")];
    const rows = found.lines.map(([n, text]) => {
      const row = make("li", { value: n, className: n === found.line ? "meant" : "" }, make("code", {}, text || " "));
      if (n === found.line) row.setAttribute("aria-current", "true");
      return row;
    });
    const read = found.kind ? ["Read by the rule ", make("code", {}, found.kind), "."] : ["No rule reads this line by itself: it is a part of a block or of a document."];
    return [place, make("ol", { className: "lines" }, ...rows), make("p", { className: "caption" }, ...read)];
  }

  // The place that a number of the page links to: it stands in the list of cited lines.
  function followed(link) {
    const item = document.getElementById(link.hash.slice(1).split("?")[0]);
    const place = item?.querySelector("code")?.textContent ?? "";
    const at = place.lastIndexOf(":");
    const source = place.slice(0, at), line = Number(place.slice(at + 1));
    if (at < 0 || !page.quote(source, line)) return false;
    const uses = item.querySelector("span:last-child")?.textContent;
    const why = link.title.replace(place, "").replace(/; $/, "");
    const where = make("a", { href: link.hash.split("?")[0] }, "In the list of cited lines");
    const own = all(".mark", link.closest("td, th") ?? make("p")).map(numberOf).filter(Boolean);
    const made = open(link.textContent.trim(), {}, uses ? make("p", {}, uses) : null, ...lines(source, line), why ? make("p", { className: "caption" }, why) : null, ...told(own), make("p", {}, where));
    where.onclick = () => made.close();
    return true;
  }

  const line = (title, source, number_) => open(title, {}, ...lines(source, number_));

  function measurement(i) {
    const { runs } = page.data();
    const facts = ["precision", "batch", "devices", "release", "xla", "data"].flatMap((key) => {
      const value = runs.value(key, i);
      return value ? [`${runs.facet(key).title.toLowerCase()} ${value}`] : [];
    });
    const sure = interval(runs.low[i], runs.high[i]);
    const speed = usable(runs.speed[i]) ? `: ${number(runs.speed[i])} ${runs.unit}` : "";
    open(`${page.rows.describe(i)}${speed}`, {},
      make("p", {}, facts.join(", ")), ...lines(runs.source[i], runs.line[i]),
      sure === MISSING ? null : make("p", {}, `95 % interval within the run ${sure} ${runs.unit}.`), ...doubts(i));
  }

  const told = (numbers) => numbers.map((n) => make("p", {}, marks([n]), page.data().findings[n][2]));
  const doubts = (i) => told(page.data().runs.findings[i]);

  // The number of the finding that a mark stands for; none for one that stands for several.
  const numberOf = (mark) => Number(/^\D\d+$/.test(mark.lastChild.data) && mark.lastChild.data.slice(1));

  // What a mark beside a number says, and of which runs; false for one that stands for several.
  function finding(mark) {
    const n = numberOf(mark), { findings, runs } = page.data();
    if (!findings[n]) return false;
    const [severity, code, message] = findings[n];
    const listed = document.getElementById(`finding-${n}`);
    const of = (runs?.findings ?? []).flatMap((own, i) => (own.includes(n) ? [i] : []));
    const some = of.slice(0, MOST_RUNS).map((i) => make("li", {}, button(page.rows.describe(i), () => measurement(i), { className: "link" })));
    if (of.length > MOST_RUNS) some.push(make("li", {}, `and ${of.length - MOST_RUNS} more`));
    const where = listed ? make("a", { href: `#finding-${n}` }, "In the list of findings") : "";
    const made = open(`${mark.lastChild.data}: ${severity}, ${code}`, {}, make("p", {}, `${message}.`), some.length ? make("ul", {}, ...some) : null, make("p", {}, where));
    where.onclick = () => made.close();
    return true;
  }

  // Two devices: the means by model and by precision and phase, and every workload behind them.
  function pair(one, other) {
    const { runs } = page.data();
    const names = runs.facet("device").values;
    const two = page.against(other).find((found) => found.side === one);
    const all = two ? page.choice.met(two) : [], met = page.counted(all);
    const every = [two?.met, two?.atBest].find((found) => found?.[0]?.best === all[0]?.best);
    const body = make("div");
    const title = met.length ? `${names[one]} is ${ratio(geometricMean(met.map((m) => m.ratio)))} as fast as ${names[other]}` : `${names[one]} and ${names[other]}`;
    body.append(chooser(one, other));
    if (!met.length) body.append(make("p", {}, two ? "No workload that both ran is among the runs chosen." : "No workload was run on both."));
    else body.append(...means(two, met, all.length, every.length), ...workloads(all, one, other));
    open(title, { pair: `${names[one]}~${names[other]}` }, body);
  }

  function chooser(one, other) {
    const { runs } = page.data();
    const met = new Set(runs.together.flatMap((two) => [two.side, two.baseline]));
    const names = runs.facet("device").values;
    const select = (label, place, then) => {
      const made = make("select", { aria: { label } }, ...names.flatMap((name, at) => (met.has(at) ? [make("option", { value: at }, name)] : [])));
      made.value = String(place);
      made.onchange = () => then(Number(made.value));
      return made;
    };
    return make("p", { className: "chooser" }, select("Device", one, (at) => pair(at, other)), " against ", select("Divided by", other, (at) => pair(one, at)),
      button("The other way round", () => pair(other, one)));
  }

  function means(two, met, count, every) {
    const { runs } = page.data();
    const sure = interval(...page.sure(met), TIMES);
    const ratios = met.map((m) => m.ratio);
    const told = [
      met.length > 1 ? `Geometric mean over ${fixed(met.length, 0)}${count < every ? ` of ${fixed(every, 0)}` : ""} workloads` : "One workload",
      sure === MISSING ? "" : `95 % interval ${sure}`,
      met.length > 1 ? `from ${ratio(Math.min(...ratios))} to ${ratio(Math.max(...ratios))}` : "",
      page.differs(met, two),
    ].filter(Boolean).join("; ");
    const kindOf = (m) => `${runs.value("precision", m.side[0])} ${runs.value("phase", m.side[0])}`.trim();
    const kinds = [...new Set(met.map(kindOf))].sort();
    const models = [...new Set(met.map((m) => runs.value("model", m.side[0])))].sort();
    const rows = models.map((model) => make("tr", {}, make("th", { scope: "row" }, model), ...kinds.map((kind) => {
      const own = met.filter((m) => runs.value("model", m.side[0]) === model && kindOf(m) === kind);
      const why = `${own.length} workload${own.length === 1 ? "" : "s"}`;
      return make("td", { className: "num", title: own.length ? why : "" }, own.length ? ratio(geometricMean(own.map((m) => m.ratio))) : missing("not run by both"));
    })));
    const table = make("table", { className: "plain means" }, make("caption", {}, "By model"),
      make("thead", {}, make("tr", {}, make("th", { scope: "col" }, "Model"), ...kinds.map((kind) => make("th", { scope: "col", className: "num" }, kind)))),
      make("tbody", {}, ...rows));
    return [make("p", {}, `${told}.${page.leftOut(count - met.length, "workload")}`), make("div", { className: "wide-box", tabIndex: 0, role: "region", aria: { label: "By model" } }, table)];
  }

  function workloads(met, one, other) {
    const { runs } = page.data();
    const names = runs.facet("device").values;
    const speedOf = (places, value) => make("span", {}, marks([...new Set(places.flatMap((i) => runs.findings[i]))], 1), button(number(value), () => measurement(places[0]), { className: "link number" }));
    const key = (m) => [runs.places("model", m.side[0])[0], runs.places("phase", m.side[0])[0], runs.places("precision", m.side[0])[0], runs.places("devices", m.side[0])[0], runs.places("batch", m.side[0])[0]];
    const order = (a, b) => key(a).reduce((found, value, n) => found || value - key(b)[n], 0);
    const sorted = [...met].sort(order);
    const texts = ratioColumn(sorted.map((m) => m.ratio));
    const rows = sorted.map((m, n) => {
      const sure = interval(m.low, m.high, TIMES);
      const cells = [texts[n], sure === MISSING ? missing("the logs hold too few measurements for one") : sure, speedOf(m.side, m.speed), speedOf(m.baseline, m.other)];
      return make("tr", {}, make("th", { scope: "row" }, page.workload(m)), ...cells.map((cell) => make("td", { className: "num" }, cell)), make("td", {}, m.unlike.map((d) => d.ahead).join(", ")));
    });
    const heads = ["Workload", "Speedup", "95 % interval", names[one], names[other], "What differs"];
    return [make("div", { className: "wide-box", tabIndex: 0, role: "region", aria: { label: "Workload by workload" } }, make("table", { className: "plain" }, make("caption", {}, `Workload by workload, ${runs.unit}`),
      make("thead", {}, make("tr", {}, ...heads.map((head, n) => make("th", { scope: "col", className: n > 0 && n < 5 ? "num" : "" }, head)))), make("tbody", {}, ...rows)))];
  }

  // Two runs that a reader has chosen, one after the other.
  let besides = [];
  function choose(i, pressed) {
    besides = besides.includes(i) ? besides.filter((one) => one !== i) : [...besides.slice(-1), i];
    all("button.choose").forEach((other) => { other.textContent = "Choose"; other.setAttribute("aria-pressed", "false"); });
    if (besides.includes(i)) { pressed.textContent = "Chosen"; pressed.setAttribute("aria-pressed", "true"); }
    if (besides.length === 2) side(...besides);
  }

  function side(a, b) {
    const { runs } = page.data();
    const facts = [
      ...runs.facets.filter((facet) => facet.key !== "finding").map((facet) => [facet.title, runs.value(facet.key, a), runs.value(facet.key, b)]),
      ...runs.settings.map((setting) => [setting.title, setting.values[setting.at[a]], setting.values[setting.at[b]]]),
    ].filter(([, one, other]) => one || other);
    const speeds = [a, b].map((i) => (usable(runs.speed[i]) ? `${number(runs.speed[i])} ${runs.unit}` : MISSING));
    const differ = facts.filter(([, one, other]) => one !== other);
    const same = facts.filter(([, one, other]) => one === other);
    const row = ([title, one, other]) => make("tr", {}, make("th", { scope: "row" }, title), make("td", {}, one || missing("not in the log")), make("td", {}, other || missing("not in the log")));
    const heads = make("thead", {}, make("tr", {}, make("th", { scope: "col" }, "Setting"), make("th", { scope: "col" }, "One"), make("th", { scope: "col" }, "Other")));
    const alike = ["model", "phase"].every((key) => runs.value(key, a) === runs.value(key, b));
    const times = alike && usable(runs.speed[a]) && usable(runs.speed[b]) ? [make("p", {}, `One is ${ratio(runs.speed[a] / runs.speed[b])} as fast as the other: the two speeds divided, with nothing said of how sure that is.`)] : [];
    const found = [a, b].map((i, n) => make("div", {}, make("h3", {}, n ? "Other" : "One"), ...lines(runs.source[i], runs.line[i]),
      make("h4", {}, "Findings"), ...(runs.findings[i].length ? doubts(i) : [make("p", {}, "None.")])));
    open("Two runs side by side", { runs: [a, b].map((i) => `${runs.run[i]}.${runs.value("phase", i)}`).join("~") },
      make("table", { className: "plain two" }, make("caption", {}, "What differs"), heads, make("tbody", {}, row(["Speed", ...speeds]), ...differ.map(row))),
      ...times, ...chart(a, b),
      make("details", {}, make("summary", {}, `${same.length} settings are the same`), make("dl", {}, ...same.map(([title, value]) => make("div", {}, make("dt", {}, title), make("dd", {}, value))))),
      make("div", { className: "both" }, ...found));
    besides = [];
    all("button.choose").forEach((other) => { other.textContent = "Choose"; other.setAttribute("aria-pressed", "false"); });
  }

  // The windows of both over their steps, from zero.
  function chart(a, b) {
    const { runs } = page.data();
    const series = [a, b].map((i) => runs.steps(i).map((step, n) => [step, runs.windows[i][n]]));
    if (series.some((points) => points.length < 2)) return [make("p", { className: "caption" }, "One of them has no windows to draw.")];
    const [width, height, left, right, bottom] = [720, 240, 60, 60, 30];
    const steps = series.flat().map(([step]) => step), speeds = series.flat().map(([, speed]) => speed);
    const last = Math.max(...steps), first = Math.min(0, ...steps), top = Math.max(...speeds) * 1.08;
    const x = (step) => left + (step - first) / (last - first) * (width - left - right);
    const y = (speed) => 8 + (1 - speed / top) * (height - bottom - 8);
    const ticks = [0, 0.5, 1].map((share) => share * Math.max(...speeds));
    const alt = `Speed of each window over the steps: ${series.map((points, n) => `${n ? "other" : "one"} from ${number(Math.min(...points.map(([, s]) => s)))} to ${number(Math.max(...points.map(([, s]) => s)))} ${runs.unit}`).join("; ")}.`;
    const image = draw("svg", { viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": alt, class: "windows" });
    for (const tick of ticks) {
      const text = draw("text", { x: left - 8, y: y(tick) + 4, "text-anchor": "end" });
      text.textContent = number(tick);
      image.append(draw("line", { x1: left, x2: width - right, y1: y(tick), y2: y(tick), class: "grid" }), text);
    }
    for (const [step, anchor] of [[first, "start"], [last, "end"]]) {
      const text = draw("text", { x: x(step), y: height - 8, "text-anchor": anchor });
      text.textContent = `step ${step}`;
      image.append(text);
    }
    series.forEach((points, n) => {
      const label = draw("text", { x: width - right + 8, y: y(points.at(-1)[1]) + (n ? 14 : -2), class: `of-${n}` });
      label.textContent = n ? "Other" : "One";
      image.append(draw("polyline", { class: `line of-${n}`, points: points.map(([s, v]) => `${x(s).toFixed(1)},${y(v).toFixed(1)}`).join(" ") }), label);
    });
    return [make("figure", {}, make("figcaption", {}, make("h3", {}, `Speed of each window, ${runs.unit}`)), image)];
  }

  // Open what an address names.
  function shown() {
    const { runs } = page.data();
    const given = page.shown ?? {};
    const names = runs.facet("device").values;
    const two = (given.pair ?? "").split("~").map((name) => names.indexOf(name));
    if (given.pair && two.length === 2 && two.every((place) => place >= 0)) return pair(...two);
    const keys = (given.runs ?? "").split("~");
    const at = keys.map((key) => runs.run.findIndex((run, i) => `${run}.${runs.value("phase", i)}` === key));
    if (given.runs && at.length === 2 && at.every((place) => place >= 0)) return side(...at);
    return undefined;
  }

  page.dialogs = { besides: () => besides, choose, finding, followed, line, measurement, pair, shown, side };
})();
