"""From phases with a speed to ratios with a verdict.

A row of `phases` becomes a `Member` in `pooling.members`; `set_ups.pooled` puts it beside its repeats in a `SetUp`, under
the workload that they share. `likeness` says how far two set-ups are alike. `baseline.Baselines` chooses what the set-ups of
that workload are divided by, `SetUp.side` pools the speeds of each and `sides.names` tells them apart;
`speedups.comparison_of` divides, and `doubts` adds what was found about the runs.
`speedups.verdicts` then judges all comparisons together: `repeats.pool` gives the intervals, `ratios.holm` the p-values.
What is in no comparison goes to `incomparable.incomparable`. `fastest` and `labelled` do the same for every two
devices, like with like, and for old against new; `pairs` are many comparisons of the same two sides. A `SetUp`
has the speed that is shown wherever its runs are. All of it is values (`Comparison`,
`Difference`, `Remark`); reporting has the words.
"""
