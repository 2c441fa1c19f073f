"""From the frozen data of a chart to SVG.

`draw` chooses by the kind of chart; `axes` makes empty axes, `svg` turns a figure into what a page or a paper can hold.
"""
