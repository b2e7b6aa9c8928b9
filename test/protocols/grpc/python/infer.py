"""Speaks to a server with stubs generated from the same definitions, as clients of Triton and TensorFlow Serving do.

python infer.py ADDRESS FOLDER_OF_DEFINITIONS
"""

import json
import os
import sys
import tempfile

import grpc
import numpy as np
from grpc_tools import protoc

address, schema = sys.argv[1:]
stubs = tempfile.mkdtemp()
files = ["open_inference", "model_config", "health", "tensorflow", "tensorflow_error", "tensorflow_serving"]
include = os.path.join(os.path.dirname(protoc.__file__), "_proto")
arguments = ["protoc", f"-I{schema}", f"-I{include}", f"--python_out={stubs}", f"--grpc_python_out={stubs}"]
assert protoc.main(arguments + [f"{name}.proto" for name in files]) == 0
sys.path.insert(0, stubs)

import health_pb2, health_pb2_grpc  # noqa: E402
import open_inference_pb2 as pb, open_inference_pb2_grpc as service  # noqa: E402
import tensorflow_pb2 as tf  # noqa: E402
import tensorflow_serving_pb2 as serving, tensorflow_serving_pb2_grpc as prediction  # noqa: E402

channel = grpc.insecure_channel(address, options=[("grpc.max_receive_message_length", -1)])
stub = service.GRPCInferenceServiceStub(channel)
told = {}

assert health_pb2_grpc.HealthStub(channel).Check(health_pb2.HealthCheckRequest()).status == 1
assert stub.ServerLive(pb.ServerLiveRequest()).live
assert stub.ModelReady(pb.ModelReadyRequest(name="iris")).ready
told["inputs"] = [i.name for i in stub.ModelMetadata(pb.ModelMetadataRequest(name="iris")).inputs]
told["config"] = stub.ModelConfig(pb.ModelConfigRequest(name="iris")).config.input[0].data_type

row = np.array([[5.1, 3.5, 1.4, 0.2]], dtype=np.float32)


def request(contents):
    asked = pb.ModelInferRequest(model_name="iris", id="mine")
    tensor = asked.inputs.add(name=told["inputs"][0], datatype="FP32", shape=row.shape)
    if contents == "raw":
        asked.raw_input_contents.append(row.tobytes())
    else:
        tensor.contents.fp32_contents.extend(row.flatten())
    return asked


def probabilities(response):
    names = [output.name for output in response.outputs]
    return np.frombuffer(response.raw_output_contents[names.index("probabilities")], dtype=np.float32).tolist()


told["raw"] = probabilities(stub.ModelInfer(request("raw")))
told["typed"] = probabilities(stub.ModelInfer(request("typed"), compression=grpc.Compression.Gzip))
stream = stub.ModelStreamInfer(iter([request("raw"), request("typed")]))
told["stream"] = [probabilities(answer.infer_response) for answer in stream]
told["statistics"] = len(stub.ModelStatistics(pb.ModelStatisticsRequest(name="iris")).model_stats)

tensor = tf.TensorProto(dtype=tf.DT_FLOAT, tensor_content=row.tobytes())
for size in row.shape:
    tensor.tensor_shape.dim.add(size=size)
asked = serving.PredictRequest(model_spec=serving.ModelSpec(name="iris"), inputs={told["inputs"][0]: tensor})
answer = prediction.PredictionServiceStub(channel).Predict(asked)
told["predict"] = list(answer.outputs["probabilities"].float_val)

try:
    stub.ModelInfer(pb.ModelInferRequest(model_name="nobody"))
except grpc.RpcError as error:
    told["error"] = [error.code().name, error.details()]

print(json.dumps(told))
