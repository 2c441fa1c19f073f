"""From a report to bytes: HTML, PDF, markdown.

`limits.fit` cuts a report to what a format can hold; `page` fills the templates, `render_html` and `render_pdf` make a
file of that, `render_markdown` writes markdown. A chart that cannot be drawn is a failure in words (`drawable`).
"""
