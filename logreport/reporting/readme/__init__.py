"""Tables for a README: `pivots` arranges measured values, `to_markdown` writes them, `markers` puts them between markers."""
