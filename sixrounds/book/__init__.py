"""The rendered book: outputs of executed notebooks in, HTML pages out.

`build_book(root)` does all of it. `status`, `claims` and `questions` make a page each, from what
was measured, from a table and from a list. `transcript` proves that a guide's commands print what
it shows. `extension` is loaded by Sphinx. Needs the "author" and "book" extras.
"""
