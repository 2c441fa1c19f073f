// What else on the page is of the runs chosen: rows and columns of its tables, its findings, its runs one by one.
(() => {
  "use strict";
  const page = (window.logreport ??= {});
  const { all, make } = page.dom;

  // Whether something that is of certain values of facets is of any run chosen.
  function isMeant(about) {
    const { runs } = page.data();
    return [...about].every(([key, value]) => {
      const places = page.choice.chosen.facets.get(key);
      return !places || [...places].some((place) => runs.facet(key).values[place] === value);
    });
  }

  function tables() {
    const { runs } = page.data();
    const devices = page.choice.chosen.facets.get("device");
    const marks = devices && new Set([...devices].map((place) => String(runs.marks[place]?.[2])));
    for (const row of all("tbody tr:is([data-dev], [data-about])")) {
      if (row.closest("[data-live]")) continue;
      const elsewhere = marks && row.dataset.dev !== undefined && !marks.has(row.dataset.dev);
      row.classList.toggle("left-out", Boolean(elsewhere) || !isMeant(aboutOf(row)));
    }
    // Where rows are left out, each says its group again.
    for (const table of all("main table:not([data-live])")) {
      if (table.querySelector(".again")) table.classList.toggle("loose", table.classList.contains("sorted") || table.querySelector("tr.left-out") !== null);
    }
    for (const head of all("thead th[data-about]")) {
      const out = !isMeant(aboutOf(head)), at = head.cellIndex;
      for (const row of head.closest("table").rows) row.cells[at]?.classList.toggle("left-out", out);
    }
    // A table of which nothing is left is left out.
    for (const table of all("main table:not([data-live], .measurements)")) {
      const rows = [...table.tBodies[0].rows], box = table.closest(".box");
      const out = !isMeant(aboutOf(table)) || rows.every((row) => row.classList.contains("left-out"));
      const notes = box.nextElementSibling?.classList.contains("notes") ? [box.nextElementSibling] : [];
      const tools = box.previousElementSibling?.classList.contains("tools") ? [box.previousElementSibling] : [];
      [box, ...notes, ...tools].forEach((part) => part.classList.toggle("left-out", out));
    }
  }

  const aboutOf = (part) => new URLSearchParams(part.dataset.about ?? "");

  function findingsAndRuns() {
    const { runs } = page.data();
    const concerned = new Set(runs.findings.flat()), meant = new Set(), ids = new Set();
    for (let i = 0; i < runs.count; i += 1) {
      if (!page.choice.passes(i)) continue;
      ids.add(`run-${runs.run[i]}`);
      runs.findings[i].forEach((n) => meant.add(n));
    }
    for (const item of all(".findings li[id]")) {
      const n = Number(item.id.split("-")[1]);
      item.classList.toggle("left-out", concerned.has(n) && !meant.has(n));
    }
    for (const group of all(".findings > li:not([id])")) {
      group.classList.toggle("left-out", all("li[id]", group).every((item) => item.classList.contains("left-out")));
    }
    for (const card of all("article[id^='run-']")) card.classList.toggle("left-out", !ids.has(card.id));
  }

  page.tables = () => {
    const compared = document.getElementById("table-comparison");
    const note = make("p", { className: "caption chosen", hidden: true });
    compared?.closest(".box").before(note);
    page.choice.onChange(() => {
      tables();
      findingsAndRuns();
      const { runs } = page.data();
      const own = page.choice.chosen.baseline;
      note.hidden = own === null;
      note.textContent = own === null ? "" : `This table divides by the baselines of the report, not by ${runs.facet("device").values[own]}.`;
    });
  };
})();
