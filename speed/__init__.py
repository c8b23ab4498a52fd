"""Claims of speed, each a ratio of two things measured side by side in one run.

    python -m speed [NAME…] [--quick] [--json]

A claim is a file here. What is compared runs in fresh processes, in turns, as many times as there
are pairs; the figure is the median of the pairs' ratios, its spread the least and the greatest.
Answers that differ are an error, whatever the times. `--quick` is the same on less data: its
figures are true of that size, and nothing fails because of them.
"""
