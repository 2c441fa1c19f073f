"""From chunks of whole lines to records.

`Engine.scan` runs the one pattern over the chunks of a source, `Engine.scan_whole` over many small sources in one text. What
is found becomes `Columns`: line, leaf and values of each record, by `re` as lists, by the machine in C as places in the text
(`native.records.Placed`). `Records` are rows of columns in an order: a slice of them is records too, a column of one of
their fields is a list of numbers or texts, and `  100  images/sec: 51.7 +/- 0.2 (jitter = 1.1)  7.4` is a `Match` only for
whoever asks for that one. Lines that differ in their times alone share a `Form`, and what a form says is asked of it once.

The columns of a long source stand on a `Shelf`, from which all but the newest go to a file until somebody asks for them.

What is left over gets a second look: `Unwrapper` takes away what others put around a line, `Joiner` puts broken lines
together, `Comments` finds logs that were commented out, `Objects` opens JSON in a field. A `Scan` is what one chunk gave:
records, gaps with their line numbers, and counts for the ledger.
"""
