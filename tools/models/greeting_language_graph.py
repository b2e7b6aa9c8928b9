"""The graph of models/greeting-language: text to characters, to n-gram weights, to a language."""

import numpy as np
from onnx import TensorProto, helper
from sklearn.linear_model import LogisticRegression

from character_ngrams import LONGEST, folded_characters
from estimator_nodes import ML_DOMAIN, linear_classifier_node, make_model

UNKNOWN, SPACE = 0, 1


def as_onnx(pipeline, name):
    """A fitted TfidfVectorizer over `character_ngrams` and a LogisticRegression: text [batch] to label and probabilities."""
    vectorizer, classifier = (step for _, step in pipeline.steps)
    ngrams = sorted(vectorizer.vocabulary_, key=lambda ngram: (len(ngram), ngram))
    columns = [vectorizer.vocabulary_[ngram] for ngram in ngrams]
    ids = {character: position for position, character in enumerate(sorted({*"".join(ngrams)}), start=SPACE)}
    folded = {original: ids[character] for original, character in folded_characters(ids).items()}
    if ids[" "] != SPACE:
        raise ValueError("the space must be the alphabet's first character: it is what rows are padded with")
    nodes = [
        # An empty row in front keeps the tokenizer's output two-dimensional when there are no texts at all.
        helper.make_node("Concat", ["empty_text", "text"], ["texts"], axis=0),
        helper.make_node(
            "Tokenizer",
            ["texts"],
            ["characters"],
            domain="com.microsoft",
            separators=[""],
            mark=0,
            mincharnum=1,
            pad_value=" ",
        ),
        helper.make_node(
            "LabelEncoder",
            ["characters"],
            ["ids"],
            domain=ML_DOMAIN,
            keys_strings=list(folded),
            values_int64s=list(folded.values()),
            default_int64=UNKNOWN,
        ),
        helper.make_node("Pad", ["ids", "one_each_side", "space"], ["padded_ids"]),
        helper.make_node(
            "TfIdfVectorizer",
            ["padded_ids"],
            ["tf_idf"],
            mode="TFIDF",
            min_gram_length=1,
            max_gram_length=LONGEST,
            max_skip_count=0,
            pool_int64s=[ids[character] for ngram in ngrams for character in ngram],
            ngram_counts=_pool_starts(ngrams),
            ngram_indexes=list(range(len(ngrams))),
            weights=vectorizer.idf_[columns].astype(np.float32),
        ),
        helper.make_node("Normalizer", ["tf_idf"], ["features"], domain=ML_DOMAIN, norm="L2"),
        linear_classifier_node(_reordered(classifier, columns), "features", ["all_labels", "all_probabilities"]),
        helper.make_node("Slice", ["all_labels", "first", "end", "rows"], ["label"]),
        helper.make_node("Slice", ["all_probabilities", "first", "end", "rows"], ["probabilities"]),
    ]
    integers = {
        "one_each_side": [0, 1, 0, 1],
        "space": [SPACE],
        "first": [1],
        "end": [np.iinfo(np.int64).max],
        "rows": [0],
    }
    graph = helper.make_graph(
        nodes,
        name,
        [helper.make_tensor_value_info("text", TensorProto.STRING, ["batch"], "any text, composed (NFC) if accented")],
        [
            helper.make_tensor_value_info("label", TensorProto.STRING, ["batch"], "the most probable language"),
            helper.make_tensor_value_info(
                "probabilities", TensorProto.FLOAT, ["batch", len(classifier.classes_)], ", ".join(classifier.classes_)
            ),
        ],
        [
            helper.make_tensor("empty_text", TensorProto.STRING, [1], [b""]),
            *(helper.make_tensor(key, TensorProto.INT64, [len(data)], data) for key, data in integers.items()),
        ],
        # ONNX's shape inference knows nothing of the operator that makes them, and needs their type.
        value_info=[helper.make_tensor_value_info("characters", TensorProto.STRING, ["texts", "characters"])],
    )
    return make_model(graph, "slipway tools/models/greeting_language.py", [helper.make_opsetid("com.microsoft", 1)])


def _pool_starts(ngrams):
    """Where the n-grams of each length begin in the pool, counted in characters."""
    lengths = [len(ngram) for ngram in ngrams]
    return [sum(length for length in lengths if length < size) for size in range(1, LONGEST + 1)]


def _reordered(classifier, columns):
    reordered = LogisticRegression()
    reordered.classes_, reordered.intercept_ = classifier.classes_, classifier.intercept_
    reordered.coef_ = classifier.coef_[:, columns]
    return reordered
