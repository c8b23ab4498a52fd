"""The reliability matrix: faults put where they hurt, counted, and what each was answered with."""
