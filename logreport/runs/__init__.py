"""From records to runs to rows of the tables.

One line on its way: `read` takes the sources in order, and has small logs scanned together (`scanned_together`); `read_source`
feeds the records of a source to `Segmenter`, which cuts them into runs, while `Ledger` counts what every line is. A `Run`
holds ranges of records, not matches: steps go from there to the tables column by column. `build_tables` gives each run to
`building.build_run`: the script's file in `scripts/` says what its lines mean, `machine/` what it ran on (`told_by`, once
for each distinct sequence of lines), `run_record_facts` what its runner's record adds. What a document publishes goes
through `published/`. `RecordRows` makes the records, for `read` at the end of a source and for `streaming` while it is
read; `explaining` says of each line what became of it.
"""
