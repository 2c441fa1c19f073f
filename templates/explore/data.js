// The data of the page (reporting/rendering/explorer.py), taken apart when it is first asked for.
(() => {
  "use strict";
  const page = (window.logreport ??= {});

  function read() {
    const block = document.getElementById("data");
    const data = block ? JSON.parse(block.textContent) : { explorer: null, findings: {}, quotes: null, rows: {}, sources: [], texts: [] };
    return { ...data, runs: data.explorer ? runsOf(data) : null };
  }

  // Every phase of every run by its place, and every two devices.
  function runsOf({ explorer, findings, sources }) {
    const codes = [...new Set(explorer.phases.findings.flat().map((n) => findings[n][1]))].sort();
    const facets = [...explorer.facets, { key: "finding", title: "Findings", values: ["", ...codes] }];
    const at = new Map(facets.map((facet, n) => [facet.key, n]));
    const placesOf = explorer.phases.findings.map((own) => {
      const found = new Set(own.map((n) => codes.indexOf(findings[n][1]) + 1));
      return found.size ? [...found] : [0];
    });
    const count = explorer.phases.run.length;
    // The places of the values of a facet that a phase has: one, or of findings several.
    const places = (key, i) => (key === "finding" ? placesOf[i] : [explorer.facts[at.get(key)][i]]);
    const facet = (key) => facets[at.get(key)];
    const value = (key, i) => facet(key).values[explorer.facts[at.get(key)][i]];
    // Whether its model ran on real and on synthetic data.
    const data = new Map();
    explorer.facts[at.get("model")].forEach((model, i) => data.set(model, (data.get(model) ?? new Set()).add(value("data", i))));
    const hasBothData = (i) => ["real", "synthetic"].every((kind) => data.get(explorer.facts[at.get("model")][i]).has(kind));
    const texts = [];
    const text = (i) => (texts[i] ??= [
      ...explorer.facets.map(({ key }) => value(key, i)), sources[explorer.phases.source[i]],
      ...explorer.phases.findings[i].map((n) => findings[n][1]), ...explorer.settings.map((s) => s.values[s.at[i]]),
    ].join(" ").toLowerCase());
    return {
      ...explorer.phases, count, facets, facet, hasBothData, places, text, value,
      unit: explorer.unit, variation: explorer.variation, faster: explorer.faster, baseline: explorer.baseline, marks: explorer.marks, settings: explorer.settings,
      steps: (i) => explorer.steps[explorer.phases.steps[i]], windows: explorer.phases.windows,
      together: explorer.together.map((two) => twoOf(two, explorer)),
    };
  }

  function twoOf([side, baseline, atBest, apart, met, others], { unlike }) {
    const facts = (at) => unlike[at].map(([field, ahead, back]) => ({ field, ahead, back }));
    const all = (found, best) => found.map(([ours, theirs, speed, other, ratio, from, to, differs, isSound = 1, others = []]) => ({
      side: ours, baseline: theirs, speed, other, ratio, low: from, high: to, best, isSound: isSound === 1, unlike: facts(differs),
      otherwise: others.map(([isSide, times, apart]) => ({ isSide: isSide === 1, times, unlike: facts(apart) })),
    }));
    return { side, baseline, apart, met: all(met, atBest === 1), atBest: all(others, true) };
  }

  const inverse = (value) => (value === null ? null : 1 / value);

  // A comparison, and all of those of two devices, seen from the other side.
  const turnedOne = (one) => ({
    ...one, side: one.baseline, baseline: one.side, speed: one.other, other: one.speed,
    ratio: 1 / one.ratio, low: inverse(one.high), high: inverse(one.low),
    unlike: one.unlike.map(({ field, ahead, back }) => ({ field, ahead: back, back: ahead })),
    otherwise: one.otherwise.map((own) => ({ ...own, isSide: !own.isSide })),
  });
  const turned = (two) => ({ side: two.baseline, baseline: two.side, apart: [...two.apart].reverse(), met: two.met.map(turnedOne), atBest: two.atBest.map(turnedOne) });

  let held;
  page.data = () => (held ??= read());
  page.turned = turned;
  page.turnedOne = turnedOne;
  page.against = (baseline) => page.data().runs.together.flatMap((two) => {
    if (two.baseline === baseline) return [two];
    return two.side === baseline ? [turned(two)] : [];
  });

  // The ends of the 95 % interval of the mean of some comparisons of two devices; nulls where one of them has none.
  page.sure = (met) => {
    if (met.length === 1) return [met[0].low, met[0].high];
    if (met.some((one) => one.low === null)) return [null, null];
    const { runs } = page.data();
    const run = (i) => {
      const [variance, df, normal, at] = runs.error[i];
      return { value: Math.log(runs.speed[i]), variance: variance ?? 0, df: df ?? Infinity, normal, known: variance !== null, at };
    };
    return page.meanInterval(met.map((one) => [one.side.map(run), one.baseline.map(run)]), runs.variation);
  };

  // What both sides of a comparison ran.
  page.workload = ({ side: [i], baseline: [other], best }) => {
    const { runs } = page.data();
    const batch = runs.value("batch", i), precision = runs.value("precision", i);
    const inside = [
      batch && `batch ${batch}${best ? ` and ${runs.value("batch", other)}` : ""}`,
      precision === "fp32" ? "" : precision,
      Number(runs.value("devices", i)) > 1 ? `${runs.value("devices", i)} devices` : "",
      runs.hasBothData(i) ? `${runs.value("data", i)} data` : "",
    ].filter(Boolean).join(", ");
    return `${runs.value("model", i)} ${runs.value("phase", i)}${inside ? ` (${inside})` : ""}`;
  };

  // Of some comparisons of two devices those that a mean is made of: none with a doubted number, but where all have one.
  page.counted = (met) => {
    const sound = met.filter((one) => one.isSound);
    return sound.length ? sound : met;
  };

  // A sentence on those that are in no mean, to follow another one; empty for none.
  page.leftOut = (count, what) => (count ? ` ${count} ${what}${count === 1 ? "" : "s"} with a doubted number ${count === 1 ? "is" : "are"} left out.` : "");

  // A sentence on those that are in no mean because no batch size is shared.
  page.ofOtherBatches = (met, all) => {
    const found = page.counted(all);
    if (!found.length || found.length > met.length) return "";
    return ` On ${found.length} more workload${found.length === 1 ? "" : "s"} they share no batch size; each at its best it is ${page.numbers.ratio(page.numbers.geometricMean(found.map((one) => one.ratio)))}.`;
  };

  // What differs between the two sides of any of some comparisons of two devices, of many facts their names, and how
  // batch sizes are: `batches` is what is said where they are the same, and where each is at its best.
  page.differs = (met, two, batches = ["", "each at its best batch size"]) => {
    const batch = batches[Number(met.some((one) => one.best))];
    const isAll = two && met.length === page.counted(two.met).length && met[0].best === two.met[0].best;
    return [batch, ...(isAll ? [two.apart[0]] : apart(met))].filter(Boolean).join("; ");
  };

  const inShort = (unlike) => {
    const found = new Map(unlike.map((one) => [one.ahead, one]));
    const names = [...new Set([...found.values()].map((one) => one.field))];
    return (found.size <= 2 ? [...found.keys()] : names).join(", ");
  };

  // The facts in which set-ups differ and on how many workloads, and of a device that is far faster in another set-up, that
  // it is: as `apart` of reporting/sections/leaderboard.py says it of all workloads.
  function apart(met) {
    const { runs } = page.data();
    const count = met.filter((one) => one.unlike.length).length;
    const facts = `${inShort(met.flatMap((one) => one.unlike))}${count && count < met.length ? ` (on ${count})` : ""}`;
    const others = new Map();
    for (const one of met) {
      for (const own of one.otherwise) {
        const device = runs.value("device", (own.isSide ? one.side : one.baseline)[0]);
        others.set(device, [...(others.get(device) ?? []), own]);
      }
    }
    const faster = [...others].map(([device, own]) => {
      const times = Math.exp(own.reduce((sum, { times: one }) => sum + Math.log(one), 0) / met.length);
      const unlike = inShort(own.flatMap((one) => one.unlike));
      return times >= runs.faster ? `another set-up of ${device} is ${Number(times.toPrecision(3))}× as fast${unlike ? ` (${unlike})` : ""}` : "";
    });
    return [facts, ...faster];
  }

  // A line that a number comes from: its place, its text and what read it; null where the page does not hold it.
  page.quote = (source, line) => {
    const { quotes, sources } = page.data();
    const at = typeof source === "number" ? source : sources.indexOf(source);
    const place = quotes?.places[at]?.[line];
    if (!place) return null;
    const [first, count, kind] = place;
    const lines = Array.from({ length: count }, (_, n) => [first + n, quotes.texts[at][first + n]]);
    return { source: sources[at], line, lines, kind: quotes.kinds[kind] };
  };
})();
