// What a reader's browser adds to the report. Without it the page says the same; sorting is sortable-tablesort's.
(() => {
  "use strict";
  const root = document.documentElement;
  const all = (selector, within = document) => [...within.querySelectorAll(selector)];
  const make = (tag, properties, ...children) => {
    const made = Object.assign(document.createElement(tag), properties);
    made.append(...children);
    return made;
  };
  const stored = (value) => {
    try {
      if (value) localStorage.setItem("logreport-theme", value);
      return localStorage.getItem("logreport-theme");
    } catch { return null; }
  };
  if (["light", "dark"].includes(stored())) root.dataset.theme = stored();

  // What a cell says, without its marks.
  const said = (cell) => {
    const copy = cell.cloneNode(true);
    all(".marks, .swatch, .order", copy).forEach((part) => part.remove());
    return copy.textContent.trim().replace(/\s+/g, " ");
  };
  const sortKey = (cell) => {
    const text = said(cell);
    if (text === "\u2014") return "";
    const number = cell.classList.contains("num") && /^\u2212?[\d\u202f ]+(\.\d+)?/.exec(text);
    return number ? number[0].replace(/[\u202f ]/g, "").replace("\u2212", "-") : text;
  };

  function theme() {
    const dark = () => (root.dataset.theme || (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light")) === "dark";
    const button = make("button", { type: "button", className: "theme", textContent: "Dark theme" });
    const show = () => button.setAttribute("aria-pressed", String(dark()));
    button.onclick = () => { root.dataset.theme = stored(dark() ? "light" : "dark") || (dark() ? "light" : "dark"); show(); };
    show();
    (document.querySelector("nav") || document.querySelector("header")).append(button);
  }

  function markdown(table) {
    const escaped = (text) => text.replace(/[\\|`*_<>\[\]]/g, "\\$&");
    const line = (cells) => `| ${cells.map((cell) => escaped(said(cell))).join(" | ")} |`;
    const heads = [...table.tHead.rows[0].cells];
    const rows = [...table.tBodies[0].rows].filter((row) => !row.hidden);
    const rule = heads.map((cell) => (cell.classList.contains("num") ? "--:" : ":--"));
    return [line(heads), `| ${rule.join(" | ")} |`, ...rows.map((row) => line([...row.cells]))].join("\n") + "\n";
  }

  async function copy(text) {
    try { return await navigator.clipboard.writeText(text); } catch { /* an old way, for pages without a clipboard */ }
    const area = make("textarea", { value: text });
    document.body.append(area);
    area.select();
    const copied = document.execCommand("copy");
    area.remove();
    if (!copied) throw new Error("not copied");
  }

  function tools(table) {
    const name = table.caption.textContent;
    const rows = [...table.tBodies[0].rows];
    const told = make("span", { className: "told", role: "status" });
    const reset = make("button", { type: "button", textContent: "Original order", hidden: true });
    const copying = make("button", { type: "button", textContent: "Copy as markdown" });
    copying.setAttribute("aria-label", `Copy as markdown: ${name}`);
    copying.onclick = () => copy(markdown(table)).then(() => { told.textContent = "Copied"; }, () => { told.textContent = "The browser does not let this page copy"; });
    reset.onclick = () => {
      table.tBodies[0].append(...rows);
      table.classList.remove("sorted", "loose");
      all("th[aria-sort]", table).forEach((head) => head.removeAttribute("aria-sort"));
      reset.hidden = true;
      table.querySelector("button").focus();
    };
    const bar = make("div", { className: "tools" }, told, reset, copying);
    if (table.dataset.live === "rows") return;
    table.closest(".box").before(bar);
    // Neither what is made anew nor the first rows of many: these are no whole to be ordered.
    if (table.dataset.live || table.closest(".box").nextElementSibling?.querySelector(".rest")) return;
    if (rows.length > 3) bar.prepend(filter(rows, name, told, reset));
    if (rows.length > 1) sorting(table, reset);
  }

  // In a sorted or filtered table each row says its group again.
  function filter(rows, name, told, reset) {
    const input = make("input", { type: "search", placeholder: "Filter" });
    input.setAttribute("aria-label", `Filter: ${name}`);
    let texts;
    input.oninput = () => {
      texts ||= rows.map((row) => [...row.cells].map(said).join(" ").toLowerCase());
      const words = input.value.toLowerCase().split(/\s+/).filter(Boolean);
      rows.forEach((row, n) => { row.hidden = !words.every((word) => texts[n].includes(word)); });
      const shown = rows.filter((row) => !row.hidden).length;
      rows[0].closest("table").classList.toggle("loose", words.length > 0 || !reset.hidden);
      told.textContent = words.length ? `${shown} of ${rows.length} rows` : "";
    };
    return input;
  }

  function sorting(table, reset) {
    table.classList.add("sortable", "n-last");
    for (const head of table.tHead.rows[0].cells) {
      const button = make("button", { type: "button", className: "sort" }, ...head.childNodes);
      button.append(make("span", { className: "order", ariaHidden: "true" }));
      button.onclick = () => table.classList.toggle("asc", !head.classList.contains("num"));
      head.append(button);
    }
    table.addEventListener("sort-start", () => {
      for (const row of table.tBodies[0].rows) for (const cell of row.cells) cell.dataset.sort ??= sortKey(cell);
      table.classList.add("sorted", "loose");
      reset.hidden = false;
    });
  }

  function devices() {
    const chips = all(".devices button");
    let chosen = null;
    const light = (device) => {
      root.classList.toggle("lit", device !== null);
      all("[data-dev]").forEach((part) => part.classList.toggle("on", part.dataset.dev === device));
    };
    chips.forEach((chip) => {
      chip.onclick = () => {
        chosen = chosen === chip.dataset.dev ? null : chip.dataset.dev;
        chips.forEach((other) => other.setAttribute("aria-pressed", String(other.dataset.dev === chosen)));
        light(chosen);
      };
      chip.parentElement.hidden = false;
    });
    const at = (event) => event.target.closest?.("[data-dev]:not(button)")?.dataset.dev;
    addEventListener("pointerover", (event) => { if (chosen === null && at(event)) light(at(event)); });
    addEventListener("pointerout", (event) => { if (chosen === null && at(event)) light(null); });
  }

  // Cited lines may be folded away; a link to one of them opens the fold.
  function unfold() {
    const target = document.getElementById(decodeURIComponent(location.hash.slice(1).split("?")[0]));
    let fold = target?.closest("details:not([open])");
    if (!fold) return;
    for (; fold; fold = fold.parentElement.closest("details:not([open])")) fold.open = true;
    target.scrollIntoView();
  }

  addEventListener("hashchange", unfold);
  addEventListener("DOMContentLoaded", () => {
    unfold();
    theme();
    all("main table").forEach(tools);
    devices();
    root.classList.add("ready");
  });
})();
