// Small pieces of pages.
(() => {
  "use strict";
  const page = (window.logreport ??= {});
  const SVG = "http://www.w3.org/2000/svg";

  function make(tag, properties = {}, ...children) {
    const { aria = {}, data = {}, ...rest } = properties;
    const made = Object.assign(document.createElement(tag), rest);
    for (const [name, value] of Object.entries(aria)) made.setAttribute(`aria-${name}`, value);
    Object.assign(made.dataset, data);
    made.append(...children.filter((child) => child !== null && child !== ""));
    return made;
  }

  function draw(tag, attributes = {}, ...children) {
    const made = document.createElementNS(SVG, tag);
    for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
    made.append(...children);
    return made;
  }

  const button = (text, onclick, properties = {}) => make("button", { type: "button", onclick, ...properties }, text);

  // The mark of a device before its name; none for one that the report gives no mark.
  function named(device) {
    const { runs } = page.data();
    const mark = runs.marks[device];
    const name = runs.facet("device").values[device] || "unknown device";
    if (!mark) return [name];
    return [swatch(mark), name];
  }

  const swatch = ([fill, d]) => draw("svg", { class: "swatch", viewBox: "0 0 10 10", width: 10, height: 10, "aria-hidden": "true" }, draw("path", { fill, d }));

  const missing = (why) => make("span", { className: "missing", title: why }, page.numbers.MISSING);

  // Marks of findings, as the report has them beside its numbers.
  function marks(numbers, most = 2) {
    const { findings } = page.data();
    const shown = numbers.slice(0, most).map((n) => {
      const [severity, , message] = findings[n];
      const href = document.getElementById(`finding-${n}`) ? `#finding-${n}` : "#findings";
      return make("a", { className: `mark ${severity}`, href, title: `${severity}: ${message}` },
        make("span", { className: "sr" }, `${severity} `), `${severity[0].toUpperCase()}${n}`);
    });
    if (numbers.length > most) shown.push(make("a", { className: "mark", href: "#findings" }, `+${numbers.length - most}`));
    return numbers.length === 0 ? "" : make("span", { className: "marks" }, ...shown.flatMap((mark) => [mark, " "]));
  }

  page.dom = { all: (selector, within = document) => [...within.querySelectorAll(selector)], button, draw, make, marks, missing, named, swatch };
})();
