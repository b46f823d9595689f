"""The function that `scaling` has compiled. Importing it imports numba."""

from emoconv.compiling import compile_inner


@compile_inner
def scale(row, factor, found):
    """Write the row times the factor into each row of `found`."""
    for n in range(len(found)):
        for i in range(len(row)):
            found[n, i] = row[i] * factor
