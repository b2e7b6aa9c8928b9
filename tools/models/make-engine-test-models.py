#!/usr/bin/env python3
"""Writes the tiny models of test/models/engine/ that the engine's tests run.

Needs the Python package onnx (Debian: python3-onnx). Usage: make-engine-test-models.py [DIRECTORY]
"""

import pathlib
import sys

import numpy
import onnx
from onnx import TensorProto, helper, numpy_helper

OPSET = 17
INT4 = 22  # TensorProto.INT4, which older onnx packages do not name

DIRECTORY = pathlib.Path(
    sys.argv[1] if len(sys.argv) > 1 else pathlib.Path(__file__).parents[2] / "test" / "models" / "engine"
)

TYPES = {
    "bool": TensorProto.BOOL,
    "uint8": TensorProto.UINT8,
    "uint16": TensorProto.UINT16,
    "uint32": TensorProto.UINT32,
    "uint64": TensorProto.UINT64,
    "int8": TensorProto.INT8,
    "int16": TensorProto.INT16,
    "int32": TensorProto.INT32,
    "int64": TensorProto.INT64,
    "fp16": TensorProto.FLOAT16,
    "fp32": TensorProto.FLOAT,
    "fp64": TensorProto.DOUBLE,
    "bytes": TensorProto.STRING,
}


def value(name, kind, shape=None):
    return helper.make_tensor_value_info(name, kind, shape)


def save(name, nodes, inputs, outputs, initializers=(), opset=OPSET):
    graph = helper.make_graph(nodes, name, inputs, outputs, initializer=list(initializers))
    model = helper.make_model(graph, producer_name="slipway-tests", opset_imports=[helper.make_opsetid("", opset)])
    model.ir_version = 10 if opset > 17 else 8
    onnx.save(model, DIRECTORY / f"{name}.onnx")


def identities():
    """`x` of any shape comes back as `y`, once for every element type the engine takes."""
    for name, kind in TYPES.items():
        save(f"identity-{name}", [helper.make_node("Identity", ["x"], ["y"])], [value("x", kind)], [value("y", kind)])


def mlp():
    """A 4-16-3 network with a free batch axis."""
    random = numpy.random.default_rng(7)
    weights = {
        "w1": random.standard_normal((4, 16)),
        "b1": random.standard_normal(16),
        "w2": random.standard_normal((16, 3)),
        "b2": random.standard_normal(3),
    }
    save(
        "mlp",
        [
            helper.make_node("Gemm", ["x", "w1", "b1"], ["hidden"]),
            helper.make_node("Relu", ["hidden"], ["active"]),
            helper.make_node("Gemm", ["active", "w2", "b2"], ["y"]),
        ],
        [value("x", TensorProto.FLOAT, ["batch", 4])],
        [value("y", TensorProto.FLOAT, ["batch", 3])],
        [numpy_helper.from_array(array.astype(numpy.float32), name) for name, array in weights.items()],
    )


def row_sum():
    """Any number of columns into their sum, a row at a time: large inputs, small outputs."""
    axes = numpy_helper.from_array(numpy.array([1], numpy.int64), "axes")
    save(
        "row-sum",
        [helper.make_node("ReduceSum", ["x", "axes"], ["y"], keepdims=0)],
        [value("x", TensorProto.FLOAT, ["batch", "columns"])],
        [value("y", TensorProto.FLOAT, ["batch"])],
        [axes],
    )


def two_inputs():
    """Two inputs, two outputs: `sum` and `difference`; inputs of unequal shape are the model's own error."""
    save(
        "two-inputs",
        [helper.make_node("Add", ["a", "b"], ["sum"]), helper.make_node("Sub", ["a", "b"], ["difference"])],
        [value("a", TensorProto.FLOAT, ["n"]), value("b", TensorProto.FLOAT, ["m"])],
        [value("sum", TensorProto.FLOAT, ["n"]), value("difference", TensorProto.FLOAT, ["n"])],
    )


def divide():
    """Integer division: the type's minimum by -1 ends the process with SIGFPE."""
    save(
        "divide",
        [helper.make_node("Div", ["a", "b"], ["y"])],
        [value("a", TensorProto.INT32, ["n"]), value("b", TensorProto.INT32, ["n"])],
        [value("y", TensorProto.INT32, ["n"])],
    )


def count():
    """Counts to `n` one step at a time: as long a run as one likes, endless for a large `n`."""
    body = helper.make_graph(
        [
            helper.make_node("Identity", ["go"], ["go_on"]),
            helper.make_node("Add", ["total", "one"], ["next_total"]),
        ],
        "body",
        [value("step", TensorProto.INT64, []), value("go", TensorProto.BOOL, []), value("total", TensorProto.INT64, [])],
        [value("go_on", TensorProto.BOOL, []), value("next_total", TensorProto.INT64, [])],
    )
    save(
        "count",
        [helper.make_node("Loop", ["n", "", "zero"], ["y"], body=body)],
        [value("n", TensorProto.INT64, [])],
        [value("y", TensorProto.INT64, [])],
        [numpy_helper.from_array(numpy.array(number, numpy.int64), name) for name, number in (("zero", 0), ("one", 1))],
    )


def allocate():
    """Sums a tensor of zeros of the shape asked for: an allocation of any size for a few bytes of input."""
    save(
        "allocate",
        [
            helper.make_node("ConstantOfShape", ["shape"], ["zeros"]),
            helper.make_node("ReduceSum", ["zeros"], ["y"], keepdims=0),
        ],
        [value("shape", TensorProto.INT64, ["rank"])],
        [value("y", TensorProto.FLOAT, [])],
    )


def uppercase():
    """Needs the locale that exported scikit-learn text pipelines need."""
    save(
        "uppercase",
        [helper.make_node("StringNormalizer", ["x"], ["y"], case_change_action="UPPER", locale="en_US.UTF-8")],
        [value("x", TensorProto.STRING, ["n"])],
        [value("y", TensorProto.STRING, ["n"])],
    )


def int4_output():
    """The Node binding loads it, and would end the process at the first run."""
    save(
        "int4-output",
        [helper.make_node("Cast", ["x"], ["y"], to=INT4)],
        [value("x", TensorProto.FLOAT, ["n"])],
        [value("y", INT4, ["n"])],
        opset=21,
    )


def external_data():
    """Adds weights that lie in a file of their own, in a folder beside the model."""
    (DIRECTORY / "weights").mkdir(exist_ok=True)
    (DIRECTORY / "weights" / "shift.bin").write_bytes(numpy.array([1, 2, 3], numpy.float32).tobytes())
    shift = TensorProto(name="shift", data_type=TensorProto.FLOAT, dims=[3], data_location=TensorProto.EXTERNAL)
    shift.external_data.add(key="location", value="weights/shift.bin")
    save(
        "external-data",
        [helper.make_node("Add", ["x", "shift"], ["y"])],
        [value("x", TensorProto.FLOAT, [3])],
        [value("y", TensorProto.FLOAT, [3])],
        [shift],
    )


def broken():
    (DIRECTORY / "truncated.onnx").write_bytes((DIRECTORY / "mlp.onnx").read_bytes()[:200])
    (DIRECTORY / "empty.onnx").write_bytes(b"")
    save(
        "unknown-operator",
        [helper.make_node("NoSuchOperator", ["x"], ["y"])],
        [value("x", TensorProto.FLOAT, ["n"])],
        [value("y", TensorProto.FLOAT, ["n"])],
    )


if __name__ == "__main__":
    DIRECTORY.mkdir(parents=True, exist_ok=True)
    for make in (
        identities,
        mlp,
        row_sum,
        two_inputs,
        divide,
        count,
        allocate,
        uppercase,
        int4_output,
        external_data,
        broken,
    ):
        make()
