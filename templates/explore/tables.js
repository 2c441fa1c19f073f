// What else on the page is of the runs chosen: rows and columns of its tables, its findings, its runs one by one.
(() => {
  "use strict";
  const page = (window.logreport ??= {});
  const { all, button, make, marks, missing, swatch } = page.dom;

  // Whether something that is of certain values of facets is of any run chosen.
  function isMeant(about) {
    const { runs } = page.data();
    return [...about].every(([key, value]) => {
      const places = page.choice.chosen.facets.get(key);
      return !places || [...places].some((place) => runs.facet(key).values[place] === value);
    });
  }

  function tables(more) {
    const { runs } = page.data();
    const devices = page.choice.chosen.facets.get("device");
    const own = devices && new Set([...devices].map((place) => String(runs.marks[place]?.[2])));
    const isLeft = (device, about) => !(own && device !== undefined && !own.has(device)) && isMeant(about);
    more.forEach((fill) => fill(isLeft));
    charts(isLeft);
    for (const row of all("tbody:first-of-type tr:is([data-dev], [data-about])")) {
      if (!row.closest("[data-live]")) row.classList.toggle("left-out", !isLeft(row.dataset.dev, aboutOf(row)));
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
      const out = !isMeant(aboutOf(table)) || (table.tBodies.length === 1 && rows.every((row) => row.classList.contains("left-out")));
      const notes = box.nextElementSibling?.classList.contains("notes") ? [box.nextElementSibling] : [];
      const tools = box.previousElementSibling?.classList.contains("tools") ? [box.previousElementSibling] : [];
      [box, ...notes, ...tools].forEach((part) => part.classList.toggle("left-out", out));
    }
  }

  // Charts of other workloads; in the others, what belongs to devices that are not chosen is dimmed.
  function charts(isLeft) {
    for (const figure of all("main figure:not(.of-chosen, .of-all)")) {
      const drawn = all("svg [data-dev]", figure);
      drawn.forEach((part) => part.classList.toggle("off", !isLeft(part.dataset.dev, [])));
      const none = drawn.length > 0 && drawn.every((part) => part.classList.contains("off"));
      figure.classList.toggle("left-out", none || !isMeant(aboutOf(figure)));
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

  // A cell of a row that the page does not show by itself, as the template makes it.
  function content(cell) {
    const { runs, texts } = page.data();
    const [at, place = 0, why = -1, how = 0, device = -1, findings = [], href = ""] = Array.isArray(cell) ? cell : [cell];
    const text = texts[at], title = texts[why] ?? "";
    const parts = findings.length ? [marks(findings)] : [];
    const mark = runs.marks.find((one) => one?.[2] === device);
    if (mark) parts.push(swatch(mark), " ");
    if (how & 2) parts.push(missing(title));
    else if (href && document.getElementById(href)) parts.push(make("a", { href: `#${href}`, title }, text));
    else if (place) parts.push(button(text, () => page.dialogs.line(text, ...place), { className: "link number", title }));
    else parts.push(title ? make("span", { title }, text) : text);
    return [parts, how & 1 ? "best" : ""];
  }

  // The rows of a table behind those that the page has without a script.
  function others(table, rows) {
    const heads = [...table.tHead.rows[0].cells];
    const grouped = table.querySelector("tr.group") !== null;
    const { texts } = page.data();
    const rowOf = ([device, kind, , cells], loose) => {
      const row = make("tr", { className: [kind & 1 ? "group" : "", kind & 2 ? "base" : ""].join(" ").trim() });
      if (device !== null) row.dataset.dev = device;
      cells.forEach((cell, n) => {
        const [parts, best] = content(cell);
        const again = n === 0 && grouped && !(kind & 1) && !loose ? "again" : "";
        const name = [heads[n].className, best, again].filter(Boolean).join(" ");
        row.append(n ? make("td", { className: name }, ...parts) : make("th", { scope: "row", className: name }, ...parts));
      });
      return row;
    };
    const fill = page.pieces(table, 1);
    table.closest(".box").nextElementSibling?.querySelector(".rest")?.remove();
    return (isLeft) => {
      const left = rows.filter(([device, , about]) => isLeft(device === null ? undefined : String(device), new URLSearchParams(texts[about])));
      fill(left, (row) => rowOf(row, left.length < rows.length), heads.length);
    };
  }

  page.tables = () => {
    const more = Object.entries(page.data().rows).flatMap(([key, rows]) => {
      const table = document.getElementById(`table-${key}`);
      return table ? [others(table, rows)] : [];
    });
    const compared = document.getElementById("table-comparison");
    const note = make("p", { className: "caption chosen", hidden: true });
    compared?.closest(".box").before(note);
    page.choice.onChange(() => {
      tables(more);
      findingsAndRuns();
      const { runs } = page.data();
      const own = page.choice.chosen.baseline;
      note.hidden = own === null;
      note.textContent = own === null ? "" : `This table divides by the baselines of the report, not by ${runs.facet("device").values[own]}.`;
    });
  };
})();
