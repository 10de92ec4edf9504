"""Commands that are no stages: a user calls them by hand, and no arrow of the pipeline leads to them."""

BY_HAND = ("claims", "decode", "doctor", "edit", "morph", "plan", "replicates", "sweep")
