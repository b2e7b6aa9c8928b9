#!/usr/bin/env python3
"""Writes the tiny models of test/models/chaos/ that the chaos tests serve.

Needs the Python package onnx (Debian: python3-onnx). Usage: make-chaos-test-models.py [DIRECTORY]
"""

import pathlib
import sys

import numpy
import onnx
from onnx import TensorProto, helper, numpy_helper

OPSET = 17

DIRECTORY = pathlib.Path(
    sys.argv[1] if len(sys.argv) > 1 else pathlib.Path(__file__).parents[2] / "test" / "models" / "chaos"
)


def value(name, kind, shape):
    return helper.make_tensor_value_info(name, kind, shape)


def constant(name, number, kind=numpy.int64):
    return numpy_helper.from_array(numpy.array(number, kind), name)


def save(name, nodes, inputs, outputs, initializers=()):
    graph = helper.make_graph(nodes, name, inputs, outputs, initializer=list(initializers))
    model = helper.make_model(graph, producer_name="slipway-tests", opset_imports=[helper.make_opsetid("", OPSET)])
    model.ir_version = 8
    onnx.save(model, DIRECTORY / f"{name}.onnx")


def spin():
    """Each row `x` comes back doubled, after as many loop steps as the largest row says: any run time, none at all for
    0 and below, endless for 2 ** 62."""
    body = helper.make_graph(
        [helper.make_node("Identity", ["go"], ["go_on"]), helper.make_node("Add", ["total", "one"], ["next_total"])],
        "body",
        [value("step", TensorProto.INT64, []), value("go", TensorProto.BOOL, []), value("total", TensorProto.INT64, [])],
        [value("go_on", TensorProto.BOOL, []), value("next_total", TensorProto.INT64, [])],
    )
    save(
        "spin",
        [
            helper.make_node("ReduceMax", ["x"], ["steps"], keepdims=0),
            helper.make_node("Loop", ["steps", "", "zero"], ["total"], body=body),
            # Never above zero: the answer depends on the loop, but not on its length.
            helper.make_node("Min", ["total", "zero"], ["nothing"]),
            helper.make_node("Mul", ["x", "two"], ["doubled"]),
            helper.make_node("Add", ["doubled", "nothing"], ["y"]),
        ],
        [value("x", TensorProto.INT64, ["n"])],
        [value("y", TensorProto.INT64, ["n"])],
        [constant("zero", 0), constant("one", 1), constant("two", 2)],
    )


def divide():
    """Integer division: the type's least number by -1 ends the process with SIGFPE, whatever else is in the batch.
    Divisions of 32 bits would not do: the engine computes eight of them with vector instructions, which wrap around."""
    save(
        "divide",
        [helper.make_node("Div", ["a", "b"], ["y"])],
        [value("a", TensorProto.INT64, ["n"]), value("b", TensorProto.INT64, ["n"])],
        [value("y", TensorProto.INT64, ["n"])],
    )


def ones():
    """How many elements a tensor of the shape asked for has, by making one: an allocation of any size."""
    save(
        "ones",
        [
            helper.make_node(
                "ConstantOfShape", ["shape"], ["ones"], value=numpy_helper.from_array(numpy.array([1], numpy.int64))
            ),
            helper.make_node("ReduceSum", ["ones"], ["count"], keepdims=0),
        ],
        [value("shape", TensorProto.INT64, ["rank"])],
        [value("count", TensorProto.INT64, [])],
    )


def times():
    """Rows times 1, 2 and 3: whichever version answers, the answer tells which one it was."""
    for factor in (1, 2, 3):
        save(
            f"times-{factor}",
            [helper.make_node("Mul", ["x", "factor"], ["y"])],
            [value("x", TensorProto.FLOAT, ["n", 2])],
            [value("y", TensorProto.FLOAT, ["n", 2])],
            [constant("factor", factor, numpy.float32)],
        )


def crash_at_load():
    """Ends the process that loads it: the engine divides its constants at once, and the quotient raises SIGFPE."""
    save(
        "crash-at-load",
        [
            helper.make_node("Div", ["least", "minus_one"], ["quotient"]),
            helper.make_node("Mul", ["x", "quotient"], ["y"]),
        ],
        [value("x", TensorProto.INT32, ["n"])],
        [value("y", TensorProto.INT32, ["n"])],
        [constant("least", -(2**31), numpy.int32), constant("minus_one", -1, numpy.int32)],
    )


def crash_at_run():
    """Ends its process with whatever it is given: the quotient is computed from the input, which counts for nothing."""
    save(
        "crash-at-run",
        [
            helper.make_node("Min", ["x", "least"], ["least_of_all"]),
            helper.make_node("Div", ["least_of_all", "minus_one"], ["y"]),
        ],
        [value("x", TensorProto.INT64, ["n"])],
        [value("y", TensorProto.INT64, ["n"])],
        [constant("least", -(2**63)), constant("minus_one", -1)],
    )


if __name__ == "__main__":
    DIRECTORY.mkdir(parents=True, exist_ok=True)
    for make in (spin, divide, ones, times, crash_at_load, crash_at_run):
        make()
