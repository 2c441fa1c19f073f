// Rows of a table in pieces: each is made when it comes near the view, and keeps its height when it goes.
(() => {
  "use strict";
  const page = (window.logreport ??= {});
  const { make } = page.dom;
  const PIECE = 40, NEAR = "1200px", HEIGHT = 36;

  // A function that fills a table behind its first `kept` bodies: with a row for each value, made by its place.
  page.pieces = (table, kept = 0) => {
    let watcher;
    return (values, rowOf, columns) => {
      watcher?.disconnect();
      const heights = new Map(), parts = new Map();
      const room = (body, count) => {
        const cell = make("td", { colSpan: columns });
        cell.style.height = `${heights.get(body) ?? count * HEIGHT}px`;
        body.replaceChildren(make("tr", { className: "room", ariaHidden: "true" }, cell));
      };
      for (let from = 0; from < values.length; from += PIECE) parts.set(make("tbody"), [values.slice(from, from + PIECE), from]);
      watcher = new IntersectionObserver((entries) => {
        for (const { target, isIntersecting } of entries) {
          const [own, from] = parts.get(target);
          const empty = target.firstChild.className === "room";
          if (isIntersecting && empty) target.replaceChildren(...own.map((value, n) => rowOf(value, from + n)));
          else if (!isIntersecting && !empty && !target.contains(document.activeElement)) {
            heights.set(target, target.offsetHeight);
            room(target, own.length);
          }
        }
      }, { rootMargin: NEAR });
      for (const [body, [own]] of parts) { room(body, own.length); watcher.observe(body); }
      [...table.tBodies].slice(kept).forEach((body) => body.remove());
      table.append(...parts.keys());
      if (!values.length && !kept) table.append(make("tbody", {}, make("tr", {}, make("td", { colSpan: columns }, "No run has all that was chosen."))));
    };
  };
})();
