"""Many processes, or a Dask cluster, for whoever has units of work.

`in_batches` puts units together, `spread` hands the batches out, few at a time, and gives back what each came to, and
`Totals.gather` adds that up; a worker that dies takes one unit with it. `Processes` are new interpreters that import nothing of the program that asks; `OnCluster` is the same
on other machines.
"""
