"""Two sides on one workload: may they be compared, by how much do they differ, how sure is that?

`members` gives every phase that has a speed, `pooled` puts repeats of one set-up together. `compare` chooses a baseline
for each workload and makes a `Comparison` for each side; `compare_devices` sets the fastest set-ups of devices side by
side; `compare_labels` sets old against new. `repeats.pool` says how sure: one variance over all workloads of a pair;
`verdicts` corrects for the number of comparisons (Holm). What cannot be compared comes from `incomparable`.
"""
