"""``with raises(Error, "words of the message")`` for both Pythons."""


class raises:
    """Expect an exception of a class, and optionally words in its message.

    The exception itself is ``error`` afterwards. Anything else passes through; nothing raised is
    an AssertionError.
    """

    def __init__(self, kind, *words):
        self.kind = kind
        self.words = words
        self.error = None

    def __enter__(self):
        return self

    def __exit__(self, kind, error, traceback):
        assert error is not None, "%s was not raised" % self.kind.__name__
        if not isinstance(error, self.kind):
            return False
        self.error = error
        for word in self.words:
            assert word in str(error), "%r is not in the message %r" % (word, str(error))
        return True
