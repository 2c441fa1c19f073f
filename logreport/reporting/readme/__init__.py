"""Tables for a README: `pivots` arranges measured values, `markdown_table.FORMATS` write them, `markers` puts them between markers."""
