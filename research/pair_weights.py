"""Written by tools/train_stories.py; the order is that of research.pairs.FEATURES."""

BIAS = -9.793
WEIGHTS = (
    -0.185,  # whole vectors
    4.919,  # closer vectors
    13.597,  # title words
    1.634,  # rarest word shared
    -6.195,  # title words without names
    2.051,  # issuers
    -0.772,  # share a primary
    1.475,  # own words of one primary
    1.255,  # neither names an issuer
    4.529,  # near in time
    2.135,  # both of one company's results
    -0.505,  # one is a market wrap
    -3.765,  # one is a template
    -1.294,  # one is routine
    -0.930,  # routine alike
    -1.080,  # one is an opinion
    -0.905,  # one advises
    -2.337,  # one asks
    2.401,  # other language
    -1.606,  # same outlet
    -1.269,  # both from wires
    -0.781,  # one from a wire
)
