/** Element types by the numbers that the host passes for them. */
export const int8: i32 = 0;
export const int16: i32 = 1;
export const int32: i32 = 2;
export const int64: i32 = 3;
export const uint8: i32 = 4;
export const uint16: i32 = 5;
export const uint32: i32 = 6;
export const uint64: i32 = 7;
export const float16: i32 = 8;
export const bfloat16: i32 = 9;
export const float32: i32 = 10;
export const float64: i32 = 11;
