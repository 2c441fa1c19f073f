"""What `compare` says: `judge` holds comparisons of labels against a limit, the renderers write text, markdown and JSON."""
