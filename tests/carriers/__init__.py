"""Writers of test documents: one report in every carrier, by other libraries than those that read it."""
