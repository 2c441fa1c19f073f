"""The machine in C: the same matches as `re`, ten times as fast, where a compiler was there when logreport was installed.

`regex.parse` reads the lowered pattern as `re` does. `assembling.assemble` writes instructions for it, going by what
`ahead.Ahead` says of the bytes that can come next, and `filtering.positions_of` makes the automaton that says which lines can
match at all. Both are arrays (`program.program_of`), which grammar/loading keeps beside the lowered form. `library.Machine`
gives them to logreport/kernel, which knows no grammar, and a text to scan; it answers with arrays of places, of
which `columns.tables` makes typed columns, and `records.Placer` records: it numbers the forms of lines and writes them for
run_id where the text is; `opening` gives it the fields of objects as places, too. The lines that no kind matches are screened
by several patterns at once, whose automaton `pattern_automaton` makes.

`re` stays the reference: a test holds both equal. It reads where there is no library, where LOGREPORT_ENGINE is `python`, and
what the machine gives up: a text of more than a gigabyte, a stack that is full, a pattern that it has no instruction for.
"""
