"""Makes models/greeting-language: TF-IDF over characters and a linear classifier, text to language inside one graph."""

import json
import pathlib

import numpy as np
import sklearn
from sklearn.base import clone
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import classification_report
from sklearn.model_selection import StratifiedKFold, cross_val_score, train_test_split
from sklearn.pipeline import make_pipeline

from character_ngrams import LONGEST, character_ngrams
from greeting_language_graph import as_onnx
from shipped_model import sample_case, save_card, save_model, save_samples, save_settings, shortest

NAME = "greeting-language"
FRAMEWORK = f"scikit-learn {sklearn.__version__}"
PHRASES = pathlib.Path(__file__).parent / "greeting_phrases"
HELD_OUT = 0.2
SAMPLE_ROWS = 14
EDGE_TEXTS = ["", " ", "¡¿?!", "42", "HELLO EVERYONE", "👩‍👩‍👧 hello", "안녕하세요", "cafe\u0301", "Bonjour\tle\nmonde"]
CARD_TEXTS = ["Good morning, everybody", "Hola, ¿cómo estás?", "ありがとう"]


def main():
    phrases, languages = read_phrases()
    train_x, test_x, train_y, test_y = train_test_split(
        phrases, languages, test_size=HELD_OUT, stratify=languages, random_state=0
    )
    pipeline = make_pipeline(
        TfidfVectorizer(analyzer=character_ngrams), LogisticRegression(C=30, fit_intercept=False, max_iter=1000)
    ).fit(train_x, train_y)
    accuracy = pipeline.score(test_x, test_y)
    folds = StratifiedKFold(5, shuffle=True, random_state=0)
    cross_validated = cross_val_score(clone(pipeline), phrases, languages, cv=folds).mean()
    classes = pipeline.classes_.tolist()
    save_model(
        NAME,
        1,
        as_onnx(pipeline, NAME),
        description="TF-IDF of character n-grams and a linear classifier: the language of a greeting.",
        properties={
            "class_labels": {"probabilities": classes},
            "framework": FRAMEWORK,
            "held_out_accuracy": f"{accuracy:.4f}",
            "training_data": f"{len(train_x)} phrases written for this model",
        },
    )
    texts = np.array([*test_x[:SAMPLE_ROWS], *EDGE_TEXTS], object)
    save_samples(
        NAME,
        [
            sample_case(
                1,
                FRAMEWORK,
                inputs={"text": texts},
                expected={
                    "label": pipeline.predict(texts),
                    "probabilities": pipeline.predict_proba(texts).astype(np.float32),
                },
                truth=np.array([*test_y[:SAMPLE_ROWS], *[None for _ in EDGE_TEXTS]], object),
                absolute=2e-6,
            )
        ],
    )
    save_settings(
        NAME,
        {
            "description": "The language of a greeting or a short everyday phrase.",
            "classLabels": {"probabilities": classes},
        },
    )
    report = classification_report(test_y, pipeline.predict(test_x), output_dict=True, zero_division=0)
    scores = {"accuracy": accuracy, "cross_validated_accuracy": cross_validated}
    save_card(NAME, card(pipeline, scores, {name: report[name] for name in classes}, (len(train_x), len(test_x))))
    return {1: scores}


def read_phrases():
    phrases, languages = [], []
    for file in sorted(PHRASES.glob("*.txt")):
        lines = file.read_text(encoding="utf-8").splitlines()
        phrases += lines
        languages += [file.stem.capitalize()] * len(lines)
    if len(set(phrases)) != len(phrases):
        raise ValueError(f"{PHRASES} holds a phrase twice, which could put it into both training and held-out phrases")
    return np.array(phrases, object), np.array(languages, object)


def card(pipeline, scores, report, counts):
    labels = pipeline.predict(CARD_TEXTS)
    probabilities = pipeline.predict_proba(CARD_TEXTS)
    answers = "\n".join(
        f"| {text} | {label} | {', '.join(f'{p:.6f}' for p in row)} |"
        for text, label, row in zip(CARD_TEXTS, labels, shortest(probabilities))
    )
    languages = "\n".join(
        f"| {name} | {score['recall']:.2f} | {score['precision']:.2f} |" for name, score in report.items()
    )
    return f"""
# greeting-language

The language of a greeting or a short everyday phrase: text in, label and probabilities out. Splitting into characters,
folding of case and punctuation, TF-IDF and the classifier are all inside the graph.

| | name | type | meaning |
| --- | --- | --- | --- |
| in | `text` | BYTES [batch] | any text, the empty one too; accents composed (NFC) |
| out | `label` | BYTES [batch] | the most probable language |
| out | `probabilities` | FP32 [batch, {len(report)}] | of {", ".join(report)} |

Held-out accuracy **{scores["accuracy"]:.3f}** on {counts[1]} phrases that the model was not trained on, {counts[1] // len(report)} a language
(five-fold cross-validation over all phrases gives {scores["cross_validated_accuracy"]:.3f}):

| language | recall | precision |
| --- | --- | --- |
{languages}

## Try it

```sh
curl -s localhost:8080/v1/models/greeting-language/predict -d '{json.dumps({"instances": CARD_TEXTS}, ensure_ascii=False)}'
```

What {FRAMEWORK} itself says to these texts (the graph computes in float32: last digits may differ):

| text | label | probabilities |
| --- | --- | --- |
{answers}

[samples.json](samples.json) keeps {SAMPLE_ROWS} held-out phrases, and texts at the edge (empty, emoji, other scripts), with
scikit-learn's predictions.

## Data, making, licence

{sum(counts)} phrases in {len(report)} languages, written for this model and kept in
[`tools/models/greeting_phrases/`](../../tools/models/greeting_phrases) under this project's licence: {counts[0]} trained it, {counts[1]}
were held out, stratified by language, no phrase twice. Many phrases say the same thing in each language, and the held-out
ones are of the same kind as the training ones.

Made by [`tools/models/greeting_language.py`](../../tools/models/greeting_language.py) with {FRAMEWORK}: n-grams of 1 to {LONGEST}
characters ([`character_ngrams.py`](../../tools/models/character_ngrams.py)), TF-IDF, logistic regression. In the graph the
characters come from onnxruntime's own `com.microsoft.Tokenizer`; no operator asks for a locale, so it runs on slim images.

## Use and limits

For demonstrations and tests of text models. One of the {len(report)} languages is always named; for text without a known character,
the empty one included, all have the same probability and the first is named, so look at the probability. Neighbouring
languages are mixed up most, Portuguese with Spanish and Italian above all. It is no detector for long or mixed text.
"""


if __name__ == "__main__":
    print(main())
