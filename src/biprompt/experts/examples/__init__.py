"""The example expert: a thing marked in other images, found in this one, without training.

`support` gathers what the examples show, `prior` compares the image with it place by place (masked
average pooling and PFENet's similarity prior), `drawing` turns that into prompts for the decoder,
`judging` estimates how good each proposal is and whether the thing is there at all, and `expert`
runs the whole. A model with an example expert of its own, such as SegGPT, is asked instead.
"""
