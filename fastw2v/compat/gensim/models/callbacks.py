"""gensim's callbacks: objects whose methods are called while a model trains."""


class CallbackAny2Vec:
    """What a callback is: its methods do nothing until they are overridden.

    ``Word2Vec`` asks for no base class.
    """

    def on_train_begin(self, model):
        """Before training."""

    def on_epoch_begin(self, model):
        """Before each epoch."""

    def on_epoch_end(self, model):
        """After each epoch, with the vectors of then."""

    def on_train_end(self, model):
        """After training."""
