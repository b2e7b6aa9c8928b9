/** What files of other formats are, and what to do with them, by their endings. */
const formats: readonly (readonly [endings: readonly string[], text: string])[] = [
  [['.pt', '.pth'], 'a PyTorch file; export the model with torch.onnx.export'],
  [['.pkl', '.pickle', '.joblib'], 'a Python pickle, of scikit-learn perhaps; convert the model with skl2onnx'],
  [['.h5', '.hdf5', '.keras'], 'a Keras file; export the model with model.export("model.onnx", format="onnx")'],
  [['.pb'], 'a TensorFlow graph; convert the model with tf2onnx'],
  [['.tflite'], 'a TensorFlow Lite model; convert it with tf2onnx'],
  [['.safetensors'], 'a safetensors file, which holds weights but no graph; export the model to ONNX'],
  [['.gguf', '.ggml'], 'a GGUF model, which holds weights but no graph'],
  [['.ckpt'], 'a checkpoint, which holds weights but no graph; export the model to ONNX'],
  [['.plan', '.engine', '.trt'], 'a TensorRT plan; serve the ONNX file that it was made from'],
  [['.mar'], 'a TorchServe archive; export the model with torch.onnx.export'],
  [['.mlmodel', '.mlpackage'], 'a Core ML model; serve the model that it was made from as ONNX'],
  [['.pdmodel', '.pdiparams'], 'a PaddlePaddle model; convert it with paddle2onnx'],
  [['.caffemodel', '.prototxt'], 'a Caffe model; convert it to ONNX'],
  [['.zip', '.tar', '.gz', '.tgz', '.bz2', '.xz', '.zst', '.7z', '.rar'], 'an archive; unpack it'],
];

const byEnding = new Map(formats.flatMap(([endings, text]) => endings.map((ending) => [ending, text] as const)));

/** Says what a file of this name is instead of an ONNX model; undefined where the name does not tell. */
export const describeForeignModel = (name: string): string | undefined => byEnding.get(endingOf(name));

/** More that is often found beside models and is none. */
const strays: ReadonlyMap<string, string> = new Map([
  ['.txt', 'a text file; what belongs to a model lies in a folder of its own with it'],
  ['.csv', 'a table; what belongs to a model lies in a folder of its own with it'],
  ['.json', 'the settings of no model: no model has this name'],
  ['.pbtxt', "Triton's settings, which lie in the folder of a model"],
]);

/** The same of a file at the top of the models folder, which belongs to no model. */
export const describeStray = (name: string): string | undefined =>
  describeForeignModel(name) ?? strays.get(endingOf(name));

const endingOf = (name: string): string => /\.[^.]*$/.exec(name)?.[0].toLowerCase() ?? '';
