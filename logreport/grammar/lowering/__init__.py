"""From `.lark` files to one regular expression.

`lower_file` reads a file with Lark's own loader and gives, for each rule below `start`, a `Kind`: paths of `nodes`.
`first_bytes` says what a terminal can begin with and whether it must be held together (`(?>…)`); `emit` lays all kinds
out as one pattern over a trie of their openings, and names with `words` what a text must hold where kinds of a last resort
need to be tried. The values of fields come back by `values`, by the type of their terminal.
"""
