"""A day of quotes and fills made up from a seed, and ways to measure the one by the other."""
