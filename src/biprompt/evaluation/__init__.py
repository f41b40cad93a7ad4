"""Protocols that measure a model on a data set, and the reports made of them.

One module a protocol: a function of the module's name yields one frozen record an object, and
`summarize` beside it turns records into numbers. Records are kept on disk by `records`, so that an
interrupted run goes on; `accuracy` puts the protocols together.
"""
