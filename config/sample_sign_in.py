"""How one signs in to the sample firm: printed by `up`, and in the README."""

PASSWORD = "granite-heron-2317"  # noqa: S105  (of sample people alone)
SAMPLE_SIGN_IN = ("mei.chen@sample.example", PASSWORD)
SAMPLE_MANAGER = "jordan.ortiz@sample.example"
SAMPLE_ADMINISTRATOR = "priya.nair@sample.example"
