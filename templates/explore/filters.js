// The bar over the page: against which device, which runs, and how many these are.
(() => {
  "use strict";
  const page = (window.logreport ??= {});
  const { all, button, make } = page.dom;
  const { chosen } = page.choice;
  const unknown = (facet) => (facet.key === "finding" ? "none" : "not in the log");

  function baseline(runs) {
    const met = new Set(runs.together.flatMap((two) => [two.side, two.baseline]));
    if (met.size < 2) return null;
    const names = runs.facet("device").values;
    const options = names.flatMap((name, place) => (met.has(place)
      ? [make("option", { value: place }, name)] : []));
    const select = make("select", { id: "against" }, ...options);
    select.onchange = () => {
      const place = Number(select.value);
      chosen.baseline = place === runs.baseline ? null : place;
      page.choice.tell();
    };
    page.choice.onChange(() => { select.value = String(page.choice.baseline()); });
    return make("span", { className: "against" }, make("label", { htmlFor: "against" }, "Against"), select);
  }

  // One menu: a box for each value, and how many of the runs chosen otherwise have it.
  function menu(runs, facet) {
    const boxes = facet.values.map((value, place) => {
      const box = make("input", { type: "checkbox" });
      const count = make("span", { className: "count" });
      box.onchange = () => {
        const places = chosen.facets.get(facet.key) ?? new Set();
        if (box.checked) places.add(place); else places.delete(place);
        if (places.size) chosen.facets.set(facet.key, places); else chosen.facets.delete(facet.key);
        page.choice.tell();
      };
      return { box, count, label: make("label", {}, box, make("span", {}, value || unknown(facet)), count) };
    });
    const summary = make("summary", {}, facet.title);
    const menu_ = make("details", { className: "facet" }, summary,
      make("fieldset", {}, make("legend", { className: "sr" }, facet.title), ...boxes.map((one) => one.label)));
    const count = () => {
      const counts = facet.values.map(() => 0);
      for (let i = 0; i < runs.count; i += 1) {
        if (page.choice.passes(i, facet.key)) runs.places(facet.key, i).forEach((place) => { counts[place] += 1; });
      }
      boxes.forEach((one, place) => {
        one.count.textContent = String(counts[place]);
        one.label.classList.toggle("none", counts[place] === 0);
      });
    };
    menu_.ontoggle = () => {
      if (!menu_.open) return;
      all(".facet[open]").forEach((other) => { if (other !== menu_) other.open = false; });
      count();
    };
    page.choice.onChange(() => {
      const places = chosen.facets.get(facet.key);
      boxes.forEach((one, place) => { one.box.checked = places?.has(place) ?? false; });
      menu_.classList.toggle("on", Boolean(places));
      const one = places?.size === 1 ? facet.values[[...places][0]] || unknown(facet) : "";
      summary.textContent = one ? `${facet.title}: ${one}` : places ? `${facet.title}: ${places.size}` : facet.title;
      if (menu_.open) count();
    });
    return menu_;
  }

  function words() {
    const input = make("input", { type: "search", placeholder: "Words", aria: { label: "Words in device, model, file name, settings or findings" } });
    let later;
    input.oninput = () => {
      clearTimeout(later);
      later = setTimeout(() => { chosen.words = input.value.trim(); page.choice.tell(); }, 150);
    };
    page.choice.onChange(() => { if (document.activeElement !== input) input.value = chosen.words; });
    return input;
  }

  function bar() {
    const { runs } = page.data();
    const told = make("span", { className: "told", role: "status" });
    const show = button("", () => page.rows.show(), { className: "link" });
    const clear = button("Clear", () => page.choice.clear());
    const facets = runs.facets.filter((facet) => facet.values.length > 1).map((facet) => menu(runs, facet));
    const filters = make("div", { className: "facets", id: "facets" }, ...facets, words());
    const fold = button("Filters", () => {
      const open = made.classList.toggle("unfolded");
      fold.setAttribute("aria-expanded", String(open));
    }, { className: "fold-filters", aria: { expanded: "false", controls: "facets" } });
    const made = make("div", { className: "choice", role: "region", aria: { label: "Baseline and filters" } },
      baseline(runs), fold, filters, make("span", { className: "found" }, show, clear), told);
    page.choice.onChange(() => {
      let found = 0;
      for (let i = 0; i < runs.count; i += 1) found += page.choice.passes(i);
      const what = `${page.numbers.fixed(found, 0)}${found < runs.count ? ` of ${page.numbers.fixed(runs.count, 0)}` : ""}`;
      show.textContent = `${what} rows`;
      told.textContent = page.choice.filtered() ? `${what} measurements chosen` : "";
      clear.hidden = !page.choice.filtered();
    });
    addEventListener("keydown", (event) => {
      const open = document.querySelector(".facet[open]");
      if (event.key !== "Escape" || !open) return;
      open.open = false;
      open.querySelector("summary").focus();
    });
    addEventListener("pointerdown", (event) => {
      all(".facet[open]").forEach((open) => { if (!open.contains(event.target)) open.open = false; });
    });
    return made;
  }

  page.bar = bar;
})();
