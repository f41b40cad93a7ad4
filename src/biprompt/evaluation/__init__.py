"""Protocols that measure a model on a data set, and the reports made of them.

One module or folder a protocol: its measuring yields one frozen record an object, and `summarize`
beside it turns records into numbers. Records are kept on disk by `records` in the folder that
`runs` prepares, so that an interrupted run goes on; `sharding` shares the work among processes
without changing a byte of them. `accuracy` puts the protocols of the accuracy table together, and
`published` holds what the papers report.
"""
