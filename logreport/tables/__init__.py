"""What was read, column by column: the noun of the flow, made by runs and read by all above.

`schema` names every table and column with its type and unit, and nowhere else does. A `Tables` holds the columns of all
sources: `add` appends a row, `rows` gives them back, `frame` makes a DataFrame. `findings.add` puts a doubt beside them:
its code and the values of its words; severity and words stand in the one catalogue, `findings.KINDS`. A `Reading` is the
tables with the inputs that could not be read; `hide_secrets` and `redact` take secrets and names out of it; `EXPORTERS`
turn it into bytes. `conditions.condition` reads what a user says of runs (`--where`, `--baseline`, labels), and
`Tables.choose` leaves those for which it holds.
"""
