"""The few loops that Python is too slow for, in C, and nothing else.

Each C file stands beside the Python that calls it and has no memory of its own: arrays come in,
arrays are filled. What it computes the tests tell again, slowly and obviously, in Python.
"""
