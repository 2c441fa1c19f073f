"""One file a section of a report: `section(facts)` returns it as frozen data, or None where there is nothing to say.

`facts.gather` arranges the tables once (`Facts`); each section reads that: `answers` (with `comparison` and
`leaderboard` and `pairs`), `heatmap`, `speeds` (with `published`), `scaling` (with `series`), `history`, `runs` (with `steps`),
`machines`, `findings`, `sources`. Where a part of a section may fail and leave the others, `Facts.blocks` makes each
part by itself. `explore` is no section: it arranges every phase and every two devices for the script of a page.
"""
