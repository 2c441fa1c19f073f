// Begin: everything above is asked for here, once the page is there; nothing is read before the first paint.
(() => {
  "use strict";
  const page = (window.logreport ??= {});

  // The bar stands between the answers and all that it chooses of, and stays in view.
  function place(bar) {
    const section = document.getElementById("answer");
    const rest = page.dom.make("section", { aria: { label: "Devices and workloads" } }, ...[...section.children].slice(1));
    section.after(bar, rest);
    page.chosen(section);
    const measure = () => document.documentElement.style.setProperty("--bar", `${bar.offsetHeight}px`);
    new ResizeObserver(measure).observe(bar);
  }

  function begin() {
    document.addEventListener("click", (event) => {
      if (event.ctrlKey || event.metaKey || event.shiftKey) return;
      const link = event.target.closest?.("a.from"), mark = event.target.closest?.("a.mark");
      if ((link && page.dialogs.followed(link)) || (mark && page.dialogs.finding(mark))) event.preventDefault();
    });
    if (!page.data().runs) return;
    place(page.bar());
    page.leaderboard();
    page.rows.begin();
    page.tables();
    page.choice.read();
    page.choice.tell();
    page.dialogs.shown();
    addEventListener("hashchange", () => {
      page.choice.read();
      page.choice.tell();
      page.dialogs.shown();
    });
    document.documentElement.classList.add("explored");
    performance.mark("explored");
  }

  // After the first paint: the answer does not wait for the rows. Tables that are made anew get no controls before.
  addEventListener("DOMContentLoaded", () => {
    if (!document.getElementById("data")) return;
    for (const [key, how] of [["leaderboard", "values"], ["runs", "rows"]]) {
      const table = document.getElementById(`table-${key}`);
      if (table) table.dataset.live = how;
    }
    requestAnimationFrame(() => setTimeout(begin));
  });
})();
