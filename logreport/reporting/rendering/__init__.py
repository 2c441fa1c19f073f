"""From a report to bytes: HTML, PDF, markdown.

`limits` makes of a report what a format can show; `page` fills the templates, `render_html` and `render_pdf` make a
file of that, `render_markdown` writes markdown. Each is one loop over sections and their blocks.
"""
