"""The rendered book: outputs of executed notebooks in, HTML pages out.

`build_book(root)` does all of it. `write_status(root, notebooks)` makes the status page alone.
`extension` is loaded by Sphinx. Needs the "author" and "book" extras.
"""
