"""From chunks of whole lines to records.

`Engine.scan` runs the one pattern over a chunk: `  100  images/sec: 51.7 +/- 0.2 (jitter = 1.1)  7.4` becomes a `Match`
with its leaf, line and spans of fields. What is left over gets a second look: `Unwrapper` takes away what others put
around a line, `Joiner` puts broken lines together, `Comments` finds logs that were commented out. A `Scan` is what one
chunk gave: matches, gaps with their line numbers, and counts for the ledger.
"""
