"""Where values become words, at the end and nowhere else.

A speed of 977.1 gets its digits in `formatting.pair`. The comparison that it is in becomes a sentence in
`wording.answer`: `wording.workload_text` and `wording.the` name the workload and the devices, and what analysis
remarked about it, such as `Remark("holm", (30,))`, gets its words from `reasons.text`. Before all this
`short_names.Shortening` takes the folder that all sources share out of their names.
"""
