"""Written by tools/train_stories.py; the order is that of research.pairs.FEATURES."""

BIAS = -9.846
WEIGHTS = (
    -0.576,  # whole vectors
    5.635,  # closer vectors
    13.801,  # title words
    1.626,  # rarest word shared
    -7.416,  # title words without names
    2.207,  # issuers
    -0.334,  # share a primary
    0.890,  # own words of one primary
    1.375,  # neither names an issuer
    4.565,  # near in time
    2.061,  # both of one company's results
    -0.525,  # one is a market wrap
    -3.651,  # one is a template
    -1.353,  # one is routine
    -0.995,  # routine alike
    -1.086,  # one is an opinion
    -0.921,  # one advises
    -2.362,  # one asks
    2.448,  # other language
    -1.590,  # same outlet
    -1.233,  # both from wires
    -0.789,  # one from a wire
)
