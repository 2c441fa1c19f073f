"""Grammars: load `.lark` files, lower them to regular expressions, match lines, explain a line."""
