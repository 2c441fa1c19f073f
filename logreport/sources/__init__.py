"""Bytes and lines from anywhere: files, folders, globs, standard input, documents."""
