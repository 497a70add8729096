"""Random streams that are as unlucky as `random.Random.random` can be."""

#: The smallest and the largest number that it can return, and some between.
UNLUCKY = (0.0, 2**-53, 0.25, 0.5 - 2**-54, 0.5, 1 - 2**-53)


class Constant:
    """A random stream that always returns the same number."""

    def __init__(self, number):
        self.number = number

    def random(self):
        return self.number
