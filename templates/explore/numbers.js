// Numbers as the report writes them: reporting/text/formatting.py in the browser, for what a reader has it work out.
(() => {
  "use strict";
  const THIN = "\u202f", MINUS = "\u2212", DASH = "\u2013", TIMES = "\u00d7", MISSING = "\u2014";
  const MOST_DECIMALS = 9, MOST_DIGITS = 5;
  const usable = (value) => typeof value === "number" && Number.isFinite(value);

  function fixed(value, decimals) {
    const [whole, part] = Math.abs(value).toFixed(decimals).split(".");
    const sign = value < 0 || Object.is(value, -0) ? MINUS : "";
    return sign + whole.replace(/\B(?=(\d{3})+$)/g, THIN) + (part ? `.${part}` : "");
  }

  function decimalsFor(value, digits = 3) {
    if (!value || !Number.isFinite(value)) return 0;
    const exponent = Number(Math.abs(value).toExponential(digits - 1).split("e")[1]);
    return Math.min(Math.max(digits - 1 - exponent, 0), MOST_DECIMALS);
  }

  function sharedDecimals(values, most = MOST_DECIMALS) {
    const shown = values.filter((value) => usable(value) && value).map(Math.abs);
    if (!shown.length) return 0;
    const largest = shown.reduce((a, b) => Math.max(a, b)), least = shown.reduce((a, b) => Math.min(a, b));
    const room = Math.max(MOST_DIGITS - 1 - Math.floor(Math.log10(largest)), 0);
    const wanted = shown.reduce((a, value) => Math.max(a, decimalsFor(value)), 0);
    const decimals = Math.min(wanted, room, most);
    return decimals >= decimalsFor(least, 2) || decimals === most ? decimals : null;
  }

  const number = (value) => (usable(value) ? fixed(value, decimalsFor(value)) : MISSING);

  function ratioDecimals(value) {
    const most = Number(value.toFixed(2)) ? Math.max(2, decimalsFor(value, 2)) : MOST_DECIMALS;
    return Math.min(decimalsFor(value), most);
  }

  const ratio = (value) => (usable(value) ? fixed(value, ratioDecimals(value)) + TIMES : MISSING);

  function ratioColumn(values) {
    const decimals = sharedDecimals(values, 2);
    const own = decimals === null || values.some((value) => value && usable(value) && decimalsFor(value, 2) > 2);
    return values.map((value) => (own || !usable(value) ? ratio(value) : fixed(value, decimals) + TIMES));
  }

  function toldFrom1(value, decimals) {
    while (decimals < MOST_DECIMALS && value !== 1 && fixed(value, decimals) === fixed(1, decimals)) decimals += 1;
    return decimals;
  }

  function interval(low, high, unit = "", decimals = null) {
    if (!usable(low) || !usable(high)) return MISSING;
    if (decimals === null) {
      decimals = Math.min(decimalsFor(low), decimalsFor(high) + 1);
      if (unit === TIMES && Number(low.toFixed(2))) decimals = Math.min(decimals, 2);
    }
    while (decimals < MOST_DECIMALS && low !== high && fixed(low, decimals) === fixed(high, decimals)) decimals += 1;
    if (unit === TIMES && !(low <= 1 && 1 <= high)) decimals = Math.max(toldFrom1(low, decimals), toldFrom1(high, decimals));
    return `${fixed(low, decimals)}${DASH}${fixed(high, decimals)}${unit}`;
  }

  const geometricMean = (values) => Math.exp(values.reduce((sum, value) => sum + Math.log(value), 0) / values.length);

  function median(values) {
    const ordered = [...values].sort((a, b) => a - b), half = ordered.length >> 1;
    return ordered.length % 2 ? ordered[half] : (ordered[half - 1] + ordered[half]) / 2;
  }

  (window.logreport ??= {}).numbers = { MISSING, TIMES, fixed, geometricMean, interval, median, number, ratio, ratioColumn, sharedDecimals, usable };
})();
