"""gensim's callbacks: objects whose methods are called while a model trains."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from fastw2v.compat.gensim.models.word2vec import Word2Vec


class CallbackAny2Vec:
    """What a callback is: its methods do nothing until they are overridden.

    ``Word2Vec`` asks for no base class.
    """

    def on_train_begin(self, model: Word2Vec) -> None:
        """Before training."""

    def on_epoch_begin(self, model: Word2Vec) -> None:
        """Before each epoch."""

    def on_epoch_end(self, model: Word2Vec) -> None:
        """After each epoch, with the vectors of then."""

    def on_train_end(self, model: Word2Vec) -> None:
        """After training."""
