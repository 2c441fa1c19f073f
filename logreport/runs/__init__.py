"""From records to runs to rows of the tables.

One line on its way: `read` takes the sources one by one; `read_source` scans a source (`Engine.scan`) and feeds the matches
to `Segmenter`, which cuts them into runs, while `Ledger` counts every line that no kind matched. `build_tables` gives
each run to `building.build_run`: the script's file in `scripts/` says what its lines mean, `machine/` what it ran on,
`run_record_facts` what its runner's record adds. What a document publishes goes through `published/`. `streaming` does
the same for records that are handed on while the source is read; `explaining` says of each line what became of it.
"""
