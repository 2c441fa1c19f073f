"""One file a section of a report: from a `Study` to tables, charts and sentences as frozen data.

`facts.gather` arranges the tables once (`Facts`); each section reads that: `answers` the first sentences, `comparison`
the speedups, `speeds`, `scaling`, `history`, `runs`, `machines`, `published`.
"""
