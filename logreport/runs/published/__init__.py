"""Results that a document states: they are never mixed with measured runs.

`Page` finds in what no log explains the text of the document. `add_published` cuts that into blocks; `grid_of` reads a
table as rows of cells, `published_rows` says of each column and row whether it holds results, names or neither;
`result_in` reads a list's item. `quantities` reads numbers with units, `names` models and devices, and `Context` knows
what the headings, captions and commands above say of a value.
"""
