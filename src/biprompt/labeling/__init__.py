"""Many images into a data set: planned, resumable, on several processes or machines.

The way of the data::

    images, prompts ──plan──▶ items ──Labeller──▶ lines ──Journal──▶ shards ──assemble──▶ data set
                             (Item)   (a model)   (bytes)

An `Item` is the unit of work: one image and what is asked of it, plain values that can be pickled.
A `Labeller` holds the model and turns an item into one line of JSON, which says the answers or why
there are none. A `Journal` keeps the lines, each item's once, whatever the order in which they
come. Who does the items is a matter of its own (`hand.Workers`): processes of one machine (`Crew`),
or others that `run.label` is told to hire. The data set is assembled from the journal alone and can
be assembled again, with other rules or formats. Every file goes through a `Storage`: a local
folder, or a URL.
"""
