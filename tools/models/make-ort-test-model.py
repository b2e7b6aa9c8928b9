"""Makes test/models/onnx/control_flow.ort from the .onnx beside it. Needs the onnxruntime package of PyPI.

Usage: python3 tools/models/make-ort-test-model.py
"""

import pathlib

import onnxruntime

MODELS = pathlib.Path(__file__).resolve().parents[2] / "test" / "models" / "onnx"

options = onnxruntime.SessionOptions()
options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_BASIC
options.optimized_model_filepath = str(MODELS / "control_flow.ort")
options.add_session_config_entry("session.save_model_format", "ORT")
onnxruntime.InferenceSession(MODELS / "control_flow.onnx", options, providers=["CPUExecutionProvider"])
