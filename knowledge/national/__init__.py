"""Imports the national sheets of service-public.fr into the `national` layer (README.md, "National sheets").

`xml_file` reads a file safely, `sheet` says what a sheet is, `topics` what it is about, `convert` writes its
article, and `importer` puts all of them in place at once.
"""
