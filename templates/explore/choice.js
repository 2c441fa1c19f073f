// What a reader has chosen: filters, words, baseline, order; kept in the address behind a `?` in its hash.
(() => {
  "use strict";
  const page = (window.logreport ??= {});
  const chosen = { facets: new Map(), words: "", baseline: null, sort: "" };
  const listeners = [];
  let wanted = [];

  function anchor() {
    return decodeURIComponent(location.hash.slice(1).split("?")[0]);
  }

  function address() {
    const given = new URLSearchParams();
    const { runs } = page.data();
    if (chosen.baseline !== null) given.set("baseline", runs.facet("device").values[chosen.baseline]);
    // In one order, whatever was pressed first: the same view has the same address.
    for (const { key, values } of runs?.facets ?? []) {
      [...(chosen.facets.get(key) ?? [])].sort((a, b) => a - b).forEach((place) => given.append(key, values[place]));
    }
    if (chosen.words) given.set("text", chosen.words);
    if (chosen.sort) given.set("sort", chosen.sort);
    for (const [key, value] of Object.entries(page.shown ?? {})) given.set(key, value);
    const query = given.toString();
    return `#${encodeURIComponent(anchor())}${query ? `?${query}` : ""}`;
  }

  // Take what an address says; a value that no run has is left out.
  function read() {
    const query = location.hash.split("?").slice(1).join("?");
    if (!query) return false;
    const given = new URLSearchParams(query);
    const { runs } = page.data();
    chosen.facets.clear();
    for (const { key, values } of runs.facets) {
      const places = given.getAll(key).map((value) => values.indexOf(value)).filter((place) => place >= 0);
      if (places.length) chosen.facets.set(key, new Set(places));
    }
    const baseline = runs.facet("device").values.indexOf(given.get("baseline") ?? "");
    chosen.baseline = baseline >= 0 && page.against(baseline).length ? baseline : null;
    chosen.words = given.get("text") ?? "";
    chosen.sort = given.get("sort") ?? "";
    page.shown = Object.fromEntries(["pair", "runs"].filter((key) => given.has(key)).map((key) => [key, given.get(key)]));
    return true;
  }

  function prepare() {
    wanted = chosen.words.toLowerCase().split(/\s+/).filter(Boolean);
  }

  // Whether a phase is among those chosen; `except` is a facet that is not asked.
  function passes(i, except) {
    const { runs } = page.data();
    for (const [key, places] of chosen.facets) {
      if (key !== except && !runs.places(key, i).some((place) => places.has(place))) return false;
    }
    return wanted.every((word) => runs.text(i).includes(word));
  }

  // Write the address; whoever opens it sees what is seen now.
  function note() {
    const now = address();
    if (now !== (location.hash || "#")) history.replaceState(null, "", now === "#" ? location.pathname + location.search : now);
  }

  function tell() {
    prepare();
    note();
    // The bar stays under the hand that chose, whatever comes and goes above it.
    const bar = document.activeElement.closest(".choice"), top = bar?.getBoundingClientRect().top;
    listeners.forEach((listener) => listener());
    if (bar) scrollBy({ top: bar.getBoundingClientRect().top - top, behavior: "instant" });
  }

  const left = (all) => all.filter((one) => [one.side, one.baseline].every((side) => side.some((i) => passes(i, "device"))));
  page.choice = {
    chosen, anchor, read, passes,
    // Comparisons both of whose sides are among the runs chosen; the devices are not asked.
    // Where no batch size that both ran is left, each is at its best.
    met: ({ met, atBest }) => {
      const same = left(met);
      return same.length ? same : left(atBest);
    },
    // Beside those with a shared batch size, those without.
    ofOtherBatches: ({ met, atBest }) => (left(met).length ? left(atBest) : []),
    // Whether two devices are left: both are chosen, or are the baseline; of a single one that is chosen, all that it met.
    leaves: ({ side, baseline: other }, baseline) => {
      const devices = chosen.facets.get("device"), both = [side, other];
      if (devices?.size === 1) return both.some((device) => devices.has(device));
      return !devices || both.every((device) => device === baseline || devices.has(device));
    },
    filtered: () => chosen.facets.size > 0 || wanted.length > 0,
    baseline: () => chosen.baseline ?? page.data().runs.baseline,
    onChange: (listener) => listeners.push(listener),
    note, tell,
    clear: () => { chosen.facets.clear(); chosen.words = ""; tell(); },
  };
})();
