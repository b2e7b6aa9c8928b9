import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type JsonNode, plainValue } from '../../src/codecs/json-document.js';
import { readRows, readTensor, readTensorOfShape } from '../../src/codecs/json-tensor-reader.js';
import { type DataType, dataTypes, integerRanges, isIntegerType } from '../../src/core/data-type.js';
import { ServingError } from '../../src/core/serving-error.js';
import { allocate, type Tensor } from '../../src/core/tensor.js';
import { parseText, readText } from './read-text.js';

const subject = 'input "x"';

const readShaped = (text: string, dataType: DataType, shape: number[]): Tensor => {
  const document = parseText(text);
  return readTensorOfShape(document, document.root, { subject, dataType, shape });
};

const readAllRows = (texts: readonly string[], dataType: DataType): Tensor => {
  const document = parseText(`{"rows":[${texts.join(',')},null]}`);
  const { rows } = document.root as { rows: JsonNode[] };
  return readRows(document, rows.slice(0, -1), { subject, dataType });
};

const refuses = (read: () => unknown, message: string): void => {
  assert.throws(read, (error) => {
    assert.ok(error instanceof ServingError);
    assert.equal(error.code, 'INVALID_ARGUMENT');
    assert.equal(error.message, message);
    return true;
  });
};

test('the shape is what the nesting says', () => {
  const cases: [string, number[]][] = [
    ['5', []],
    ['[5]', [1]],
    ['[[1,2,3],[4,5,6]]', [2, 3]],
    ['[[[1]],[[2]]]', [2, 1, 1]],
    ['[ [ 1 , 2 ] , \n [ 3 , 4 ] ]', [2, 2]],
    ['[]', [0]],
    ['[[],[]]', [2, 0]],
    ['[[[]],[[]]]', [2, 1, 0]],
  ];
  for (const [text, shape] of cases) {
    const tensor = readText(text, 'FP32');
    assert.deepEqual(tensor.shape, shape, text);
    assert.equal(
      tensor.data.length,
      shape.reduce((product, size) => product * size, 1),
      text,
    );
  }
});

test('elements are in row-major order, whatever mixture of arrays they come in', () => {
  assert.deepEqual(Array.from(readText('[[1,2],["NaN",4],[5,-Infinity]]', 'FP32').data as Float32Array), [
    ...[1, 2, Number.NaN, 4, 5, Number.NEGATIVE_INFINITY],
  ]);
  assert.deepEqual(readText('[["1",2],[3,"4"]]', 'INT64').data, BigInt64Array.of(1n, 2n, 3n, 4n));
});

for (const dataType of dataTypes) {
  test(`${dataType}: data is the array that tensors of the type have`, () => {
    const text = dataType === 'BYTES' ? '["a","b"]' : dataType === 'BOOL' ? '[true,false]' : '[1,2]';
    const { data } = readText(text, dataType);
    assert.equal(Object.getPrototypeOf(data), Object.getPrototypeOf(allocate(dataType, 2)));
    assert.equal(data.length, 2);
  });

  test(`${dataType}: an empty array is a tensor without elements`, () => {
    assert.deepEqual(readText('[[],[]]', dataType), { dataType, shape: [2, 0], data: allocate(dataType, 0) });
  });
}

for (const dataType of Object.keys(integerRanges) as (keyof typeof integerRanges)[]) {
  const { min, max } = integerRanges[dataType];

  test(`${dataType}: the whole range is exact, alone and among others`, () => {
    const values = [min, min + 1n, max - 1n, max, 0n, 1n];
    const read = Array.from(readText(`[${values.join(', ')}]`, dataType).data as ArrayLike<number | bigint>, BigInt);
    assert.deepEqual(read, values);
    for (const value of values) {
      assert.equal(BigInt((readText(String(value), dataType).data as BigInt64Array)[0] as bigint), value);
    }
  });

  test(`${dataType}: minus zero is zero`, () => {
    assert.equal(Number(readText('[-0]', dataType).data[0]), 0);
  });

  test(`${dataType}: what lies beyond the range is refused with its place`, () => {
    for (const value of [min - 1n, max + 1n, max * 1000n, -(10n ** 30n)]) {
      refuses(
        () => readText(`[[0,1],[${value},1]]`, dataType),
        `${subject} at [1][0]: ${value} is out of the range of ${dataType}, ${min} to ${max}`,
      );
    }
  });

  test(`${dataType}: a number that is not written as an integer is refused`, () => {
    for (const text of ['1.0', '1.5', '1e2', '1E0', '-0.0', 'NaN', 'Infinity', '-Infinity']) {
      refuses(
        () => readText(`[1,${text}]`, dataType),
        `${subject} at [1]: expected an integer (${dataType}), got the number ${text}`,
      );
    }
  });
}

test('64-bit integers may come as strings of digits, the smaller types not', () => {
  assert.deepEqual(
    readText('["9223372036854775807","-9223372036854775808"]', 'INT64').data,
    BigInt64Array.of(2n ** 63n - 1n, -(2n ** 63n)),
  );
  assert.deepEqual(readText('["18446744073709551615"]', 'UINT64').data, BigUint64Array.of(2n ** 64n - 1n));
  refuses(
    () => readText('["9223372036854775808"]', 'INT64'),
    `${subject} at [0]: 9223372036854775808 is out of the range of INT64, -9223372036854775808 to 9223372036854775807`,
  );
  for (const text of ['"1.0"', '""', '" 1"', '"0x1"', '"1e3"', '"NaN"', `"${'1'.repeat(41)}"`]) {
    assert.throws(() => readText(`[${text}]`, 'INT64'), /expected an integer \(INT64\), got the string/);
  }
  refuses(() => readText('["1"]', 'INT32'), `${subject} at [0]: expected an integer (INT32), got the string "1"`);
});

test('floats take the three words as tokens and as strings, and no other string', () => {
  for (const dataType of ['FP64', 'FP32', 'FP16', 'BF16'] as const) {
    const tokens = readText('[NaN,Infinity,-Infinity,1]', dataType);
    assert.deepEqual(readText('["NaN","Infinity","-Infinity",1]', dataType), tokens);
  }
  assert.deepEqual(readText('[NaN,Infinity,-Infinity]', 'FP16').data, Uint16Array.of(0x7e00, 0x7c00, 0xfc00));
  assert.deepEqual(readText('[NaN,Infinity,-Infinity]', 'BF16').data, Uint16Array.of(0x7fc0, 0x7f80, 0xff80));
  refuses(() => readText('["1.5"]', 'FP32'), `${subject} at [0]: expected a number (FP32), got the string "1.5"`);
});

test('null, where a float is missing, is NaN', () => {
  for (const dataType of ['FP64', 'FP32', 'FP16', 'BF16'] as const) {
    assert.deepEqual(readText('[[null,1.5],[2,null]]', dataType), readText('[[NaN,1.5],[2,NaN]]', dataType));
    assert.deepEqual(readAllRows(['null', '7.25'], dataType), readAllRows(['NaN', '7.25'], dataType));
  }
});

test('a value of the wrong kind is refused with what it is and where', () => {
  const cases: [string, DataType, string][] = [
    ['[1,null]', 'INT32', ' at [1]: expected an integer (INT32), got null'],
    ['[true,null]', 'BOOL', ' at [1]: expected true or false (BOOL), got null'],
    ['["a",null]', 'BYTES', ' at [1]: expected a string or {"b64": "…"} (BYTES), got null'],
    ['[[1],[true]]', 'FP32', ' at [1][0]: expected a number (FP32), got true'],
    ['[{"a":1}]', 'INT8', ' at [0]: expected an integer (INT8), got an object'],
    ['"a"', 'FP64', ': expected a number (FP64), got the string "a"'],
    ['[1]', 'BOOL', ' at [0]: expected true or false (BOOL), got the number 1'],
    ['["true"]', 'BOOL', ' at [0]: expected true or false (BOOL), got the string "true"'],
    ['["a",2.50]', 'BYTES', ' at [1]: expected a string or {"b64": "…"} (BYTES), got the number 2.50'],
    ['[{"b64":1}]', 'BYTES', ' at [0]: expected a string or {"b64": "…"} (BYTES), got an object'],
    ['[{"b64":"","x":1}]', 'BYTES', ' at [0]: expected a string or {"b64": "…"} (BYTES), got an object'],
    [`["${'x'.repeat(50)}"]`, 'FP32', ` at [0]: expected a number (FP32), got the string "${'x'.repeat(40)}…"`],
    ['{"b64":"AAAA"}', 'FP32', ': expected a number (FP32), got an object'],
  ];
  for (const [text, dataType, message] of cases) refuses(() => readText(text, dataType), subject + message);
});

test('ragged arrays are refused with the place, within arrays of numbers and around them', () => {
  const rest = '; all must have one shape';
  const cases: [string, string][] = [
    ['[[1,2],[3]]', ' at [1]: ragged array: got an array of 1 where its neighbours are an array of 2'],
    ['[[1],[2,3]]', ' at [1]: ragged array: got an array of 2 where its neighbours are an array of 1'],
    ['[1,[2]]', ' at [1]: ragged array: got an array where its neighbours are a single value'],
    ['[[1],2]', ' at [1]: ragged array: got a single value where its neighbours are an array'],
    ['[[],1]', ' at [1]: ragged array: got a single value where its neighbours are an array'],
    [
      '[[[1,2],[3,4]],[[5,6],[7]]]',
      ' at [1][1]: ragged array: got an array of 1 where its neighbours are an array of 2',
    ],
    ['[[1,2],["NaN"]]', ' at [1]: ragged array: got an array of 1 where its neighbours are an array of 2'],
    ['[["NaN"],[[1]]]', ' at [1][0]: ragged array: got an array where its neighbours are a single value'],
  ];
  for (const [text, message] of cases) refuses(() => readText(text, 'FP32'), subject + message + rest);
});

test('rows become one tensor with the rows as first axis', () => {
  assert.deepEqual(readAllRows(['[1,2]', '[3,4]', '[5,6]'], 'FP32'), {
    dataType: 'FP32',
    shape: [3, 2],
    data: Float32Array.of(1, 2, 3, 4, 5, 6),
  });
  assert.deepEqual(readAllRows(['1', '2'], 'INT32'), { dataType: 'INT32', shape: [2], data: Int32Array.of(1, 2) });
  assert.deepEqual(readAllRows(['"a"', '{"b64":"YmM="}'], 'BYTES').data, ['a', 'bc']);
  assert.deepEqual(readAllRows(['[[],[]]'], 'FP32').shape, [1, 2, 0]);
});

test('rows of different shapes, and wrong elements in them, are refused with the row', () => {
  refuses(
    () => readAllRows(['[1,2]', '[3,4]', '[5]'], 'FP32'),
    `${subject} at [2]: ragged array: got an array of 1 where its neighbours are an array of 2; all must have one shape`,
  );
  refuses(
    () => readAllRows(['[1,2]', '[3,4.5]'], 'INT32'),
    `${subject} at [1][1]: expected an integer (INT32), got the number 4.5`,
  );
});

test('data for a given shape may be flat or nested in any way', () => {
  const expected = { dataType: 'FP32' as const, shape: [2, 3], data: Float32Array.of(1, 2, 3, 4, 5, 6) };
  for (const text of ['[1,2,3,4,5,6]', '[[1,2,3],[4,5,6]]', '[[1,2],[3,4],[5,6]]', '[1,[2,[3]],[[[4]]],5,6]']) {
    assert.deepEqual(readShaped(text, 'FP32', [2, 3]), expected);
  }
  assert.deepEqual(readShaped('7', 'FP32', []).data, Float32Array.of(7));
  assert.deepEqual(readShaped('[7]', 'FP32', []).data, Float32Array.of(7));
  assert.deepEqual(readShaped('[]', 'FP32', [0, 5]).data, new Float32Array());
  assert.deepEqual(readShaped('["a",["b"]]', 'BYTES', [2]).data, ['a', 'b']);
});

test('data that does not fill its shape is refused with both counts, before anything is allocated', () => {
  refuses(() => readShaped('[1,2,3]', 'FP32', [2, 2]), `${subject}: shape [2, 2] needs 4 elements, got 3`);
  refuses(
    () => readShaped('[1]', 'FP32', [1e9, 1e9]),
    `${subject}: shape [1000000000, 1000000000] needs 1000000000000000000 elements, got 1`,
  );
  refuses(() => readShaped('["a"]', 'BYTES', [2]), `${subject}: shape [2] needs 2 elements, got 1`);
  for (const size of [-1, 1.5, Number.NaN, 2 ** 60]) {
    refuses(
      () => readShaped('[1]', 'FP32', [1, size]),
      `${subject}: shape [1, ${size}] holds ${size}; sizes are whole numbers from 0 on`,
    );
  }
});

test('numeric data for a given shape may come as base64 of its raw bytes', () => {
  const b64 = Buffer.from(Float32Array.of(1.5, -2).buffer).toString('base64');
  assert.deepEqual(readShaped(`{"b64":"${b64}"}`, 'FP32', [2]).data, Float32Array.of(1.5, -2));
  refuses(() => readShaped(`{"b64":"${b64}"}`, 'FP32', [3]), `${subject}: FP32 of shape [3] needs 12 bytes, got 8`);
  refuses(() => readShaped('{"b64":"*"}', 'FP32', [1]), `${subject}: "b64" is not valid base64 (1 characters)`);
  assert.deepEqual(readShaped('{"b64":"YQ=="}', 'BYTES', [1]).data, ['a']);
});

test('strings that are no UTF-8 are refused with the place', () => {
  const cases: [string, string][] = [
    ['["\\ud800x"]', ' at [0]: the string holds half of a surrogate pair'],
    ['[["\\udc00"]]', ' at [0][0]: the string holds half of a surrogate pair'],
    ['[{"b64":"/w=="}]', ' at [0]: the bytes are not valid UTF-8, and string elements must be'],
    ['[{"b64":"a b"}]', ' at [0]: "b64" is not valid base64 (3 characters)'],
  ];
  for (const [text, message] of cases) refuses(() => readText(text, 'BYTES'), subject + message);
  assert.deepEqual(readText('["\\ud83d\\ude00","é\\n",""]', 'BYTES').data, ['😀', 'é\n', '']);
});

test('any nested array of numbers is read as JSON.parse reads it', () => {
  const tensor = fc
    .array(fc.integer({ min: 0, max: 4 }), { maxLength: 4 })
    .chain((shape) =>
      fc.tuple(fc.constant(shape), fc.infiniteStream(fc.double({ noNaN: true, noDefaultInfinity: true }))),
    );
  fc.assert(
    fc.property(tensor, fc.constantFrom(undefined, 1), ([shape, values], indent) => {
      const nested = (axis: number): unknown =>
        axis === shape.length
          ? values.next().value
          : Array.from({ length: shape[axis] as number }, () => nested(axis + 1));
      const text = JSON.stringify(nested(0), null, indent);
      const read = readText(text, 'FP64');
      assert.deepEqual(Array.from(read.data as Float64Array), [JSON.parse(text)].flat(Number.POSITIVE_INFINITY));
      const firstEmpty = shape.indexOf(0);
      assert.deepEqual(read.shape, firstEmpty < 0 ? shape : shape.slice(0, firstEmpty + 1));
    }),
    { numRuns: 500 },
  );
});

test('tensors do not share elements, however small they are', () => {
  const tensors = Array.from({ length: 3000 }, (_, i) => readText(`[${i},${i + 1},${i + 2}]`, 'FP32'));
  for (const [i, { data }] of tensors.entries()) assert.deepEqual(data, Float32Array.of(i, i + 1, i + 2));
});

test('reading one document does not disturb another', () => {
  const texts = ['[[1,2],[3,4]]', '[5,6,7]', '[8.25]'];
  const documents = texts.map(parseText);
  const read = (i: number) => {
    const document = documents[i] as (typeof documents)[number];
    return Array.from(readTensor(document, document.root, { subject, dataType: 'FP32' }).data as Float32Array);
  };
  assert.deepEqual([0, 2, 1, 0].map(read), [[1, 2, 3, 4], [8.25], [5, 6, 7], [1, 2, 3, 4]]);
  assert.deepEqual(
    documents.map((document) => plainValue(document, document.root)),
    texts.map((text) => JSON.parse(text)),
  );
});

test('every type refuses what belongs to others', () => {
  for (const dataType of dataTypes) {
    const wrong = dataType === 'BYTES' || dataType === 'BOOL' ? '3' : '"x"';
    assert.throws(() => readText(`[${wrong}]`, dataType), /input "x" at \[0\]: expected/);
    assert.equal(isIntegerType(dataType), dataType in integerRanges);
  }
});
