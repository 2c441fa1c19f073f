"""What `compare` prints: old against new, and whether a limit is kept.

A set-up of two labels comes as a `Matched` from `analysis.comparison.labelled`. `verdicts.judge` holds the interval of
its ratio against the limit and makes a `Row` of it, with the exit status that it alone would give;
`Verdicts.exit_status` is that of all. `renderers` writes them as a table, as markdown or as JSON.
"""
