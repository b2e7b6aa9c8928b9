#!/bin/sh
# Removes what this platform does not load from an installed onnxruntime-node: other platforms' libraries, the CUDA and
# TensorRT providers (which Slipway does not use), sources and install scripts.
# Usage: keep-one-platform.sh node_modules/onnxruntime-node
set -eu
package=${1:?expected the path of an installed onnxruntime-node}
platform=$(node --print 'process.platform + "/" + process.arch')

for folder in "$package"/bin/napi-v*/*/*; do
  case $folder in
    */"$platform") kept=$folder ;;
    *) rm -r "$folder" ;;
  esac
done
if [ ! -f "${kept:-}/onnxruntime_binding.node" ]; then
  echo "keep-one-platform.sh: $package has no build for $platform" >&2
  exit 1
fi
rm -f "$kept"/libonnxruntime_providers_*
rm -rf "${package:?}/script" "${package:?}/lib"
find "$package/bin" -type d -empty -delete
