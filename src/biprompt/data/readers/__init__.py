"""Readers of published data sets, each in its official layout; `registry` lists them.

A reader looks at indices only: lists of names, JSON, folders. It checks that every file it names
is there, so that an unfinished download is found at once and not after an hour. Pixels are decoded
by the samples it returns, one at a time.
"""
