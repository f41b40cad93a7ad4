"""Label maps of named classes as files: what each is written as (`registry`), one module a format.

Unlike the formats of `biprompt.io.formats`, whose numbers are places in a list of objects, the
number of a class is the same in every file made with the same list of names.
"""
