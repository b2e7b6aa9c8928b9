interface Signature {
  readonly bytes: string;
  readonly at?: number;
  readonly text: string;
}

const exportHint = 'export the model to ONNX and serve that file';

/** What people most often put where an ONNX file belongs, by its first bytes (latin1). */
const signatures: readonly Signature[] = [
  {
    bytes: 'version https://git-lfs.github.com/spec',
    text: 'a Git LFS pointer; fetch the real file with `git lfs pull`',
  },
  { bytes: 'PK\x03\x04', text: `a ZIP archive (a PyTorch .pt or Keras .keras file, say); ${exportHint}` },
  { bytes: '\x1f\x8b', text: 'a gzip archive; unpack it first' },
  { bytes: '(\xb5/\xfd', text: 'a Zstandard archive; unpack it first' },
  { bytes: '\x89HDF\r\n', text: `an HDF5 file (a Keras .h5 file, say); ${exportHint}` },
  { bytes: '\x80\x02', text: `a Python pickle; ${exportHint}` },
  { bytes: '\x80\x03', text: `a Python pickle; ${exportHint}` },
  { bytes: '\x80\x04\x95', text: `a Python pickle; ${exportHint}` },
  { bytes: '\x80\x05\x95', text: `a Python pickle; ${exportHint}` },
  { bytes: 'TFL3', at: 4, text: 'a TensorFlow Lite model; convert it with tf2onnx' },
  { bytes: '{"', at: 8, text: `a safetensors file, which holds weights but no graph; ${exportHint}` },
  { bytes: 'GGUF', text: 'a GGUF model, which holds weights but no graph' },
  { bytes: '\x7fELF', text: 'a program' },
  { bytes: '%PDF', text: 'a PDF document' },
  { bytes: '\x89PNG', text: 'a PNG image' },
];

const markup = /^(\xef\xbb\xbf)?\s*<(!doctype|html|head|\?xml|[a-z]+[\s>])/i;
const json = /^(\xef\xbb\xbf)?\s*[[{]\s*["[{\]}\d-]/;

/** Says what a file is that starts with these bytes, when it plainly is no ONNX model. */
export function describeForeignFile(head: Uint8Array): string | undefined {
  const text = Buffer.from(head.buffer, head.byteOffset, head.byteLength).toString('latin1');
  const found = signatures.find(({ bytes, at = 0 }) => text.startsWith(bytes, at));
  if (found !== undefined) return found.text;
  if (markup.test(text)) return 'a web page or XML document; was an error page saved in place of the download?';
  if (json.test(text)) return 'a JSON document';
  return isProse(head) ? 'plain text' : undefined;
}

/** Protobuf of any length holds control bytes; text holds none but tabs and line ends. */
const isProse = (head: Uint8Array): boolean =>
  head.every((byte) => (byte >= 0x20 && byte < 0x7f) || byte === 0x09 || byte === 0x0a || byte === 0x0d);
