// The 95 % interval of a geometric mean: analysis/comparison/repeats.py and ratios.py in the browser, for the workloads
// that a reader has left. Names and constants are theirs; a test holds both equal.
(() => {
  "use strict";
  const GAP = 12 * 3600, SESSION = 0.9 ** 2, RUN = 1 - SESSION, LEVEL = 0.05, Z = 1.959963984540054, NORMAL_DF = 1e6;
  const PRIOR_DF = 1, MOST_LENT = 6, LIKELY = 0.95, PRIOR_DF_MEAN = 2;
  const sum = (values) => values.reduce((found, value) => found + value, 0);
  const mean = (values) => sum(values) / values.length;
  const each = (name, units) => units.map((unit) => unit[name]);

  // Lanczos' approximation, g = 7.
  function logGamma(x) {
    const terms = [676.5203681218851, -1259.1392167224028, 771.32342877765313, -176.61502916214059, 12.507343278686905, -0.13857109526572012, 9.9843695780195716e-6, 1.5056327351493116e-7];
    if (x < 0.5) return Math.log(Math.PI / Math.sin(Math.PI * x)) - logGamma(1 - x);
    const t = x + 6.5;
    const series = terms.reduce((found, term, n) => found + term / (x + n), 0.99999999999980993);
    return 0.5 * Math.log(2 * Math.PI) + (x - 0.5) * Math.log(t) - t + Math.log(series);
  }

  // The regularised incomplete beta function, by its continued fraction (Lentz).
  function beta(x, a, b) {
    if (x <= 0 || x >= 1) return x >= 1 ? 1 : 0;
    if (x > (a + 1) / (a + b + 2)) return 1 - beta(1 - x, b, a);
    const tiny = (value) => (Math.abs(value) < 1e-300 ? 1e-300 : value);
    let d = 1 / tiny(1 - (a + b) * x / (a + 1)), c = 1, found = d;
    for (let m = 1; m < 10000; m += 1) {
      let step = 1;
      for (const term of [m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m)), -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))]) {
        d = 1 / tiny(1 + term * d);
        c = tiny(1 + term / c);
        step = d * c;
        found *= step;
      }
      if (Math.abs(step - 1) < 1e-15) break;
    }
    return Math.exp(logGamma(a + b) - logGamma(a) - logGamma(b) + a * Math.log(x) + b * Math.log1p(-x)) / a * found;
  }

  // The 97.5 % point of Student's t, by bisection on t²/(df + t²).
  const points = new Map();
  function student(df) {
    if (df >= NORMAL_DF) return Z;
    if (!points.has(df)) {
      let [low, high] = [0, 1];
      for (let n = 0; n < 80; n += 1) {
        const middle = (low + high) / 2;
        if (beta(middle, 0.5, df / 2) < 1 - LEVEL) low = middle; else high = middle;
      }
      points.set(df, Math.sqrt(df * low / (1 - low)));
    }
    return points.get(df);
  }

  function satterthwaite(parts) {
    const total = sum(each("variance", parts));
    const shares = total && sum(parts.map(({ variance, df }) => (variance / total) ** 2 / df));
    return shares > 0 ? 1 / shares : Infinity;
  }

  function ratio(a, b) {
    return { log: a.value - b.value, variance: a.variance + b.variance, df: satterthwaite([a, b]) };
  }

  function average(runs) {
    const count = runs.length;
    return {
      value: mean(each("value", runs)), variance: sum(each("variance", runs)) / count ** 2, df: satterthwaite(runs),
      normal: sum(each("normal", runs)) / count ** 2, known: runs.every((run) => run.known),
    };
  }

  // Of one side, the runs of each workload: the mean of each of its sessions.
  function bySession(workloads) {
    const starts = workloads.flat().map((run) => run.at).filter((at) => at !== null).sort((a, b) => a - b);
    const later = starts.filter((at, n) => n && at - starts[n - 1] > GAP);
    return workloads.map((runs) => {
      const found = new Map();
      for (const run of runs) {
        const session = run.at === null ? 0 : later.filter((at) => at <= run.at).length;
        found.set(session, [...(found.get(session) ?? []), run]);
      }
      return new Map([...found].map(([session, own]) => [session, average(own)]));
    });
  }

  function spread(side, base) {
    const sides = [side, base], means = sides.map((units) => mean(each("value", units)));
    return {
      log: means[0] - means[1],
      shares: 1 / side.length + 1 / base.length,
      squares: sum(sides.flatMap((units, n) => units.map((unit) => (unit.value - means[n]) ** 2))),
      df: side.length + base.length - 2,
      own: mean(sides.map((units) => mean(units.map((unit) => unit.variance + unit.normal)))),
      known: sides.flat().every((unit) => unit.known),
    };
  }

  function moderated(spreads, prior) {
    const lenders = spreads.filter((one) => one.known);
    const df = sum(each("df", lenders)), squares = sum(each("squares", lenders));
    return spreads.map((one) => {
      const own = [Math.max(one.squares / one.df, one.own), one.df];
      if (!one.known && !(one.df && one.shares <= 1)) return null;
      const [variance, df_] = one.known ? withOthers(one, own, prior, df - one.df, Math.max(0, squares - one.squares)) : own;
      return { log: one.log, variance: variance * one.shares, df: df_ };
    });
  }

  function withOthers(one, own, prior, df, squares) {
    const centre = (PRIOR_DF * (prior + one.own) + squares) / (PRIOR_DF + df);
    const weight = Math.min(MOST_LENT, PRIOR_DF + df);
    // The spread lies beyond that quantile of F.
    if (one.df && beta(one.squares / (one.squares + weight * centre), one.df / 2, weight / 2) > LIKELY) return own;
    return [Math.max((weight * centre + one.squares) / (weight + one.df), one.own), weight + one.df];
  }

  function meanOf(ratios, normal) {
    if (ratios.includes(null)) return null;
    return { log: mean(each("log", ratios)), variance: sum(each("variance", ratios)) / ratios.length ** 2, df: satterthwaite(ratios), normal };
  }

  function withoutRepeats(pairs, assumed) {
    if (pairs.flat().some((run) => !run.known)) return null;
    const rounding = sum(each("normal", pairs.flat())) / pairs.length ** 2;
    return meanOf(pairs.map((pair) => ratio(...pair)), 2 * assumed * (SESSION + RUN / pairs.length) + rounding);
  }

  function ofSessions(dated, assumed) {
    const ratios = moderated(dated.map((pair) => spread(...pair.map((units) => [...units.values()]))), assumed);
    const sides = [0, 1].map((n) => dated.map((pair) => pair[n]));
    const sessions = sides.map((side) => new Set(side.flatMap((units) => [...units.keys()])));
    if (sides.some((side, n) => side.some((units) => units.size < sessions[n].size))) {
      return meanOf(ratios, assumed * SESSION * (1 / sessions[0].size + 1 / sessions[1].size));
    }
    const all = spread(...sides.map((side, n) => [...sessions[n]].map((session) => average(side.map((units) => units.get(session))))));
    const found = meanOf(ratios, 0), df = PRIOR_DF_MEAN + all.df;
    const variance = (PRIOR_DF_MEAN * assumed + all.squares) / df * all.shares;
    return found && { ...found, variance: Math.max(variance, found.variance), df };
  }

  function pooled(workloads, assumed) {
    if (workloads.flat().every((runs) => runs.length === 1)) return withoutRepeats(workloads.map((pair) => pair.flat()), assumed);
    const [ours, theirs] = [0, 1].map((n) => bySession(workloads.map((pair) => pair[n])));
    const dated = ours.map((units, n) => [units, theirs[n]]);
    if (dated.flat().some((units) => units.size > 1)) return ofSessions(dated, assumed);
    return meanOf(moderated(workloads.map((pair) => spread(...pair)), assumed * RUN), 2 * assumed * SESSION);
  }

  // Both ends of the interval of the mean over workloads, of each the runs of both sides; nulls where it has none.
  // A run: ln of its speed, its variance with the df, what of it is normal, whether it is known, when it was (s or null).
  function meanInterval(workloads, variation) {
    const found = pooled(workloads, variation ** 2);
    if (found === null) return [null, null];
    const half = Math.sqrt(student(found.df) ** 2 * found.variance + Z ** 2 * found.normal);
    return [Math.exp(found.log - half), Math.exp(found.log + half)];
  }

  (window.logreport ??= {}).meanInterval = meanInterval;
})();
