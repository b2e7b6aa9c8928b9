"""Writes a model folder as the server reads it: the versions, the settings, the samples and the card."""

import json
import pathlib
import re

import numpy as np
import onnx

MODELS = pathlib.Path(__file__).resolve().parents[2] / "models"
MAX_BYTES = 1_000_000
DATATYPES = {"float32": "FP32", "int64": "INT64", "object": "BYTES"}


def save_model(name, version, model, *, description, properties):
    """Checks the graph, fills in its documentation and writes models/<name>/<version>/model.onnx."""
    model.doc_string = description
    model.model_version = version
    onnx.helper.set_model_props(
        model, {key: value if isinstance(value, str) else json.dumps(value) for key, value in properties.items()}
    )
    onnx.checker.check_model(model, full_check=True)
    content = model.SerializeToString(deterministic=True)
    if len(content) >= MAX_BYTES:
        raise ValueError(f"{name} version {version} has {len(content)} bytes; shipped models stay below {MAX_BYTES}")
    folder = MODELS / name / str(version)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "model.onnx").write_bytes(content)


def save_settings(name, settings):
    _write(MODELS / name / "model.json", {"$schema": "../../model.schema.json", **settings})


def save_samples(name, cases):
    """Keeps held-out rows with the framework's own predictions; each case is made by `sample_case`."""
    _write(MODELS / name / "samples.json", {"model": name, "cases": cases})


def save_card(name, text):
    (MODELS / name / "README.md").write_text(text.strip() + "\n", encoding="utf-8")


def sample_case(version, framework, *, inputs, expected, truth, absolute, relative=0.0):
    """`inputs` and `expected` map tensor names to arrays; a number may differ by absolute + relative * |expected|."""
    return {
        "version": version,
        "framework": framework,
        "inputs": [_tensor(*item) for item in inputs.items()],
        "expected": [_tensor(*item) for item in expected.items()],
        "tolerance": {"absolute": absolute, "relative": relative},
        "truth": _plain(truth),
    }


def shortest(values):
    """The numbers as JSON should show them: the shortest text that reads back to the same float32."""
    if isinstance(values, (list, tuple, np.ndarray)):
        return [shortest(value) for value in values]
    return float(str(np.float32(values))) if isinstance(values, (float, np.floating)) else values


def _tensor(name, array):
    return {
        "name": name,
        "datatype": DATATYPES[str(array.dtype)],
        "shape": list(array.shape),
        "data": _plain(array.reshape(-1)),
    }


def _plain(values):
    return shortest(values) if values.dtype.kind == "f" else values.tolist()


def _write(path, document):
    text = json.dumps(document, indent=2, ensure_ascii=False)
    # Arrays of plain values stand on one line: a tensor of 768 numbers is not worth 768 lines.
    text = re.sub(r"\[\n([^\[\]{}]*?)\n\s*\]", lambda match: "[" + re.sub(r"\n\s*", " ", match[1].strip()) + "]", text)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text + "\n", encoding="utf-8")
